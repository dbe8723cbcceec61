package intake

import (
	"crypto/x509"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/proto/mutual"
)

// maxStations bounds the stations that are remembered: an office has a few.
const maxStations = 1000

// Station is what the office knows of one of its stations since the start.
type Station struct {
	Name        string
	Connections int       // that are open
	LastCall    time.Time // by the office's clock; zero before the first
	Contract    int32     // the newest that it speaks; 0 before it has said so
}

// stations remembers who connected and called, and the certificate that each showed last.
type stations struct {
	office string
	now    func() time.Time // TLS goes by the machine's clock
	log    *slog.Logger

	mu   sync.Mutex
	last map[string]*seenStation
}

// seenStation is a station, and when somebody was last told of what is the matter with it.
type seenStation struct {
	Station
	certificate mutual.Certificate
	told        time.Time // that its certificate runs out
	toldOld     time.Time // that it speaks an older contract
	toldNewer   time.Time // that it sent more than can be shown
}

// tellEvery is how often the log says that the same is still the matter with a station.
const tellEvery = 24 * time.Hour

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
	if level, reason, _ := seen.certificate.Judge(now); level != mutual.Well && now.Sub(seen.told) >= tellEvery {
		s.log.Warn("a station's certificate needs to be renewed", "station", by.station, "reason", reason.String())
		seen.told = now
	}
}

// speaks notes which contract a station speaks, and warns once a day of an older one.
func (s *stations) speaks(station string, contract int32) {
	contract = max(contract, 1) // which did not say so
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.at(station)
	if seen == nil {
		return
	}
	if seen.Contract = contract; contract < stationv1.Contract && now.Sub(seen.toldOld) >= tellEvery {
		s.log.Warn("a station speaks an older contract than this office: it is served, and should be updated",
			"station", station, "contract", contract, "newest", stationv1.Contract)
		seen.toldOld = now
	}
}

// sentNewer warns once a day of a station whose records have more than this office can show.
func (s *stations) sentNewer(station string) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if seen := s.at(station); seen != nil && now.Sub(seen.toldNewer) >= tellEvery {
		s.log.Warn("a station sent a record of a newer contract, not all of which can be shown: update this back office", "station", station)
		seen.toldNewer = now
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

// OutdatedStations are those that speak an older contract than this office and called within a day, by name. They are served, and
// should be updated.
func (s *Service) OutdatedStations() []string {
	var names []string
	for _, seen := range s.stations.sorted() {
		if 0 < seen.Contract && seen.Contract < stationv1.Contract && s.now().Sub(seen.LastCall) < tellEvery {
			names = append(names, seen.Name)
		}
	}
	return names
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
