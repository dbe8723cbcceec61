package intake

import (
	"log/slog"
	"maps"
	"net"
	"slices"
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

// refusals logs why handshakes failed: gRPC keeps it to itself.
type refusals struct {
	credentials.TransportCredentials
	log *slog.Logger
	now func() time.Time
	in  *minute
}

// minute counts what was logged in the minute that began.
type minute struct {
	mu          sync.Mutex
	began       time.Time
	told, quiet int
}

// ServerHandshake implements [credentials.TransportCredentials].
func (r refusals) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := r.TransportCredentials.ServerHandshake(raw)
	if err != nil {
		r.tell(err)
	}
	return conn, info, err
}

// Clone implements [credentials.TransportCredentials].
func (r refusals) Clone() credentials.TransportCredentials {
	r.TransportCredentials = r.TransportCredentials.Clone()
	return r
}

// tell logs the reason, and the station that the refused certificate names: nobody vouches for that name. Who only knocks
// is not told of.
func (r refusals) tell(err error) {
	now := r.now()
	reason := mutual.Reason(err, now)
	if reason == "" {
		return
	}
	claimed := ""
	if shown := mutual.Shown(err); shown != nil {
		if office, station, err := parseSAN(shown.URIs); err == nil {
			claimed = office + "/" + station
		}
	}
	r.in.mu.Lock()
	defer r.in.mu.Unlock()
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

// certificates remembers the certificate that each station showed last.
type certificates struct {
	now func() time.Time
	log *slog.Logger

	mu   sync.Mutex
	last map[string]shown
}

// shown is a station's certificate, and when somebody was last told of it.
type shown struct {
	certificate mutual.Certificate
	told        time.Time
}

// saw notes a caller's certificate, and warns once a day while it runs out.
func (c *certificates) saw(by caller) {
	now := c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	before, known := c.last[by.station]
	if !known && len(c.last) >= maxStations {
		return
	}
	s := shown{certificate: mutual.Of(by.station, by.certificate), told: before.told}
	if level, reason, _ := s.certificate.Judge(now); level != mutual.Well && now.Sub(s.told) >= 24*time.Hour {
		c.log.Warn("a station's certificate runs out", "station", by.station, "reason", reason)
		s.told = now
	}
	c.last[by.station] = s
}

// StationCertificates are those that stations showed since the start, by the station's name.
func (s *Service) StationCertificates() []mutual.Certificate {
	s.certificates.mu.Lock()
	defer s.certificates.mu.Unlock()
	var all []mutual.Certificate
	for _, station := range slices.Sorted(maps.Keys(s.certificates.last)) {
		all = append(all, s.certificates.last[station].certificate)
	}
	return all
}
