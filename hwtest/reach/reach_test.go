package reach_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/foyer-station/foyer/backoffice/ca"
	"github.com/foyer-station/foyer/hwtest/reach"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/proto/mutual"
)

// office is a back office whose clock shows another time.
type office struct {
	stationv1.UnimplementedStationServiceServer
	now *timestamppb.Timestamp
}

func (o office) GetOffice(context.Context, *stationv1.GetOfficeRequest) (*stationv1.GetOfficeResponse, error) {
	return &stationv1.GetOfficeResponse{Now: o.now}, nil
}

// serve runs a back office that wants certificates, and gives its address and what a station calls it with.
func serve(t *testing.T, now *timestamppb.Timestamp) (string, *tls.Config) {
	t.Helper()
	dir := t.TempDir()
	authority, err := ca.OpenAuthority(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(authority.Server("server", "127.0.0.1"), authority.Station("mitte", "gate-1")); err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		t.Fatal("no authority", err)
	}
	pair := func(name string) tls.Certificate {
		c, err := tls.LoadX509KeyPair(filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key"))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{pair("server")}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS13,
	})))
	stationv1.RegisterStationServiceServer(server, office{now: now})
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() { server.Stop(); <-ended })
	return listener.Addr().String(), &tls.Config{Certificates: []tls.Certificate{pair("gate-1")}, RootCAs: pool, MinVersion: tls.VersionTLS13}
}

func TestABackOfficeIsReachedWithoutACertificateOfOnesOwn(t *testing.T) {
	address, config := serve(t, nil)
	config.Certificates = nil
	r, err := reach.Dial(t.Context(), address, config)
	if err != nil || r.Connect <= 0 || r.Handshake <= 0 || r.Certificate == nil {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestWhereTLSFailsTheConnectionIsMeasuredAndTheCertificateShown(t *testing.T) {
	address, config := serve(t, nil)
	config.RootCAs = x509.NewCertPool()
	r, err := reach.Dial(t.Context(), address, config)
	if r.Connect <= 0 || r.Handshake != 0 || r.Certificate == nil {
		t.Errorf("%+v", r)
	}
	if why := mutual.Reason(err, time.Now()); !strings.Contains(why, "unknown authority") {
		t.Errorf("%v: %q", err, why)
	}
}

func TestNobodyIsWaitedForBeyondTheContext(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r, err := reach.Dial(ctx, mute.Addr().String(), &tls.Config{})
	if !errors.Is(err, context.DeadlineExceeded) || r.Connect <= 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := reach.Dial(t.Context(), "no port", &tls.Config{}); err == nil {
		t.Error("an address without a port is called")
	}
}

func TestHowFarTheClockIsAheadIsAskedOfTheBackOffice(t *testing.T) {
	at := time.Now().Add(-10 * time.Minute)
	address, config := serve(t, timestamppb.New(at))
	ahead, uncertain, err := reach.Ahead(t.Context(), address, config, func() time.Time { return at.Add(10 * time.Minute) })
	if err != nil || ahead != 10*time.Minute || uncertain != 0 {
		t.Errorf("%s ahead, give or take %s, %v", ahead, uncertain, err)
	}
	address, config = serve(t, nil)
	if _, _, err := reach.Ahead(t.Context(), address, config, time.Now); !errors.Is(err, reach.ErrNoTime) {
		t.Errorf("an office without a clock: %v", err)
	}
}
