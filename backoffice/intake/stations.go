package intake

import (
	"crypto/x509"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/foyer-station/foyer/proto/mutual"
)

// maxStations bounds the stations that are remembered: an office has a few.
const maxStations = 1000

// Station is what the office knows of one of its stations since the start.
type Station struct {
	Name        string
	Connections int       // that are open
	LastCall    time.Time // by the office's clock; zero before the first
}

// stations remembers who connected and called, and the certificate that each showed last.
type stations struct {
	office string
	now    func() time.Time // TLS goes by the machine's clock
	log    *slog.Logger

	mu   sync.Mutex
	last map[string]*seenStation
}

// seenStation is a station, and when somebody was last told that its certificate runs out.
type seenStation struct {
	Station
	certificate mutual.Certificate
	told        time.Time
}

func newStations(office string, log *slog.Logger) *stations {
	return &stations{office: office, now: time.Now, log: log, last: map[string]*seenStation{}}
}

// at gives the station of a name; nil when too many are known already. It is called with mu held.
func (s *stations) at(name string) *seenStation {
	seen, known := s.last[name]
	if !known && len(s.last) < maxStations {
		seen = &seenStation{Station: Station{Name: name}}
		s.last[name] = seen
	}
	return seen
}

// saw notes a call and the caller's certificate, and warns once a day while that runs out.
func (s *stations) saw(by caller, at time.Time) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.at(by.station)
	if seen == nil {
		return
	}
	seen.LastCall, seen.certificate = at, mutual.Of(by.station, by.certificate)
	if level, reason, _ := seen.certificate.Judge(now); level != mutual.Well && now.Sub(seen.told) >= 24*time.Hour {
		s.log.Warn("a station's certificate needs to be renewed", "station", by.station, "reason", reason)
		seen.told = now
	}
}

// connected notes that a station of this office is there, and gives its name; empty for a certificate of none.
func (s *stations) connected(certificate *x509.Certificate) string {
	office, name, err := mutual.StationOf(certificate.URIs)
	if err != nil || office != s.office {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(name)
	return name
}

// sorted lists the stations by name.
func (s *stations) sorted() []seenStation {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []seenStation
	for _, name := range slices.Sorted(maps.Keys(s.last)) {
		all = append(all, *s.last[name])
	}
	return all
}

// Stations are those that connected or called since the start, by name.
func (s *Service) Stations() []Station {
	var all []Station
	for _, seen := range s.stations.sorted() {
		seen.Connections = s.open.of(seen.Name)
		all = append(all, seen.Station)
	}
	return all
}

// StationCertificates are those that stations showed since the start, by the station's name.
func (s *Service) StationCertificates() []mutual.Certificate {
	var all []mutual.Certificate
	for _, seen := range s.stations.sorted() {
		if !seen.LastCall.IsZero() {
			all = append(all, seen.certificate)
		}
	}
	return all
}
