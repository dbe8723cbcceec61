package intake

import (
	"log/slog"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc/credentials"

	"github.com/foyer-station/foyer/proto/mutual"
)

// Bounds of what strangers can have logged, and of the stations that are remembered: an office has a few.
const (
	refusalsAMinute = 10
	maxStations     = 1000
)

// edgeCredentials log why handshakes failed, which gRPC keeps to itself, and count who is connected. A connection ends when the
// certificate of its station does.
type edgeCredentials struct {
	credentials.TransportCredentials
	log      *slog.Logger
	now      func() time.Time
	in       *minute
	stations *stations
}

// minute counts what was logged in the minute that began.
type minute struct {
	mu          sync.Mutex
	began       time.Time
	told, quiet int
	all         int64 // refusals since the start
}

// ServerHandshake implements [credentials.TransportCredentials].
func (r edgeCredentials) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := r.TransportCredentials.ServerHandshake(raw)
	if err != nil {
		r.tell(err)
		return conn, info, err
	}
	if tls, ok := info.(credentials.TLSInfo); ok {
		conn = mutual.CloseWhenExpired(r.stations.connected(conn, tls.State), tls.State, r.now())
	}
	return conn, info, nil
}

// Clone implements [credentials.TransportCredentials].
func (r edgeCredentials) Clone() credentials.TransportCredentials {
	r.TransportCredentials = r.TransportCredentials.Clone()
	return r
}

// tell logs the reason, and the station that the refused certificate names: nobody vouches for that name. Who only knocks
// is not told of.
func (r edgeCredentials) tell(err error) {
	now := r.now()
	reason := mutual.Reason(err, now)
	if reason == "" {
		return
	}
	claimed := ""
	if shown := mutual.Shown(err); shown != nil {
		if office, station, err := mutual.StationOf(shown.URIs); err == nil {
			claimed = office + "/" + station
		}
	}
	r.in.mu.Lock()
	defer r.in.mu.Unlock()
	r.in.all++
	if now.Sub(r.in.began) >= time.Minute {
		if r.in.quiet > 0 {
			r.log.Warn("more connections were refused", "count", r.in.quiet)
		}
		r.in.began, r.in.told, r.in.quiet = now, 0, 0
	}
	if r.in.told++; r.in.told > refusalsAMinute {
		r.in.quiet++
		return
	}
	r.log.Warn("a connection was refused", "reason", reason, "claimed", claimed)
}
