// Package reach finds out how far a back office is from a station, without the kiosk: how long a connection takes, how long TLS
// does, and what time it is there.
package reach

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/proto/mutual"
)

// Reached is how far one got. What was not reached is zero.
type Reached struct {
	Connect     time.Duration     // for the name to be looked up, and TCP to be connected
	Handshake   time.Duration     // for TLS on top
	Certificate *x509.Certificate // what the other end showed, also where it was refused for it
}

// Dial connects to an address, "backoffice.example:7443", makes a handshake as config says, and hangs up. It needs no certificate of
// its own: with TLS 1.3 a server refuses its client only after that. The error is the system's own, or TLS's.
func Dial(ctx context.Context, address string, config *tls.Config) (Reached, error) {
	var r Reached
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return r, err
	}
	began := time.Now()
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return r, err
	}
	defer raw.Close()
	r.Connect, began = time.Since(began), time.Now()
	config = config.Clone()
	config.ServerName, config.NextProtos = host, []string{"h2"} // as gRPC has it
	conn := tls.Client(raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		r.Certificate = mutual.Shown(err)
		return r, err
	}
	r.Handshake, r.Certificate = time.Since(began), conn.ConnectionState().PeerCertificates[0]
	return r, nil
}

// ErrNoTime says that a back office answers, and does not say what time it is.
var ErrNoTime = errors.New("the back office does not say what time it is")

// Ahead asks a back office for the time, as the station that config has the certificate of, and says how far this computer's clock is
// ahead of it, to half the time that the answer took. now is this computer's clock.
func Ahead(ctx context.Context, address string, config *tls.Config, now func() time.Time) (ahead, uncertain time.Duration, err error) {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(config)))
	if err != nil {
		return 0, 0, fmt.Errorf("ask for the time: %w", err)
	}
	defer conn.Close()
	client := stationv1.NewStationServiceClient(conn)
	ask := func() (*stationv1.GetOfficeResponse, error) {
		return client.GetOffice(ctx, &stationv1.GetOfficeRequest{Contract: stationv1.Contract})
	}
	if _, err := ask(); err != nil { // the first waits for the connection
		return 0, 0, fmt.Errorf("ask for the time: %w", err)
	}
	asked := now()
	office, err := ask()
	if err != nil {
		return 0, 0, fmt.Errorf("ask for the time: %w", err)
	}
	if !office.GetNow().IsValid() || office.GetNow().AsTime().Unix() == 0 {
		return 0, 0, ErrNoTime
	}
	uncertain = now().Sub(asked) / 2
	return asked.Add(uncertain).Round(0).Sub(office.GetNow().AsTime()), uncertain, nil
}
