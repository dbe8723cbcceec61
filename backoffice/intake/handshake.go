package intake

import (
	"errors"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/credentials"

	"github.com/foyer-station/foyer/backoffice/loglimit"
	"github.com/foyer-station/foyer/proto/mutual"
)

// refusalsAMinute is how many refused handshakes are told in the log: strangers cause them.
const refusalsAMinute = 10

// handshakes are the credentials through which stations connect: TLS, with a bound on what is open at once. They log why one
// failed, which gRPC keeps to itself. A connection ends when the certificate of its station does.
type handshakes struct {
	credentials.TransportCredentials
	log      *slog.Logger
	now      func() time.Time
	refused  *refusedHandshakes
	open     *connections
	stations *stations
}

// refusedHandshakes counts those since the start, and limits what the log says of them.
type refusedHandshakes struct {
	count atomic.Int64
	lines *loglimit.Limiter
}

func newRefusedHandshakes() *refusedHandshakes {
	return &refusedHandshakes{lines: loglimit.New(refusalsAMinute, time.Minute/refusalsAMinute, time.Now)}
}

// ServerHandshake implements [credentials.TransportCredentials].
func (h handshakes) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	from := addressOf(raw)
	if !h.open.begin(from) {
		return nil, nil, errors.Join(errManyHandshakes, raw.Close())
	}
	defer h.open.end(from)
	conn, info, err := h.TransportCredentials.ServerHandshake(raw)
	if err != nil {
		h.tell(err)
		return conn, info, err
	}
	tls, ok := info.(credentials.TLSInfo)
	if !ok || len(tls.State.PeerCertificates) == 0 { // no station: it gets no call through
		return conn, info, nil
	}
	certificate := tls.State.PeerCertificates[0]
	conn = h.open.add(fingerprint(certificate), h.stations.connected(certificate), conn, raw)
	return mutual.CloseWhenExpired(conn, tls.State, h.now()), info, nil
}

// Clone implements [credentials.TransportCredentials].
func (h handshakes) Clone() credentials.TransportCredentials {
	h.TransportCredentials = h.TransportCredentials.Clone()
	return h
}

// tell logs the reason, and the station that the refused certificate names: nobody vouches for that name. Who only knocks
// is not told of.
func (h handshakes) tell(err error) {
	reason := mutual.Reason(err, h.now())
	if reason == "" {
		return
	}
	claimed := ""
	if shown := mutual.Shown(err); shown != nil {
		if office, station, err := mutual.StationOf(shown.URIs); err == nil {
			claimed = office + "/" + station
		}
	}
	h.refused.count.Add(1)
	h.refused.lines.Warn(h.log, "a connection was refused", "reason", reason, "claimed", claimed)
}
