package main

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/demo"
	"github.com/foyer-station/foyer/backoffice/pki"
	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/link"
)

// lines is a log for several goroutines.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), text)
}

// ends are an office and a station over real TLS, each with its log.
type ends struct {
	*link.Link
	office, station lines
	pki             string // folder of the certificates
}

// meet serves an office with a certificate of its own, and a station's link with another, until the test ends. Each is made by
// the authority in a folder, as on a day so many days from now.
func meet(t *testing.T, office, station certified) *ends {
	t.Helper()
	dir := t.TempDir()
	config, _, err := demo.Prepare(t.Context(), dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pkiDir := filepath.Dir(config.Stations.ClientCA)
	config.Stations.Listen, config.Console.Listen = "127.0.0.1:0", "127.0.0.1:0"
	config.Stations.Certificate, config.Stations.Key = office.make(t, pkiDir)
	e := &ends{pki: pkiDir}
	server, err := backoffice.New(t.Context(), config, slog.New(slog.NewTextHandler(&e.office, nil)))
	if err != nil {
		t.Fatal(err)
	}
	certificate, key := station.make(t, pkiDir)
	settings, err := link.TLS(certificate, key, filepath.Join(pkiDir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := link.Dial(server.StationAddr(), settings)
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), filepath.Join(dir, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	e.Link, err = link.New(t.Context(), conn, j, link.Options{Interval: 50 * time.Millisecond, MinPause: 20 * time.Millisecond,
		MaxPause: 100 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&e.station, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { server.Run(ctx) })
	running.Go(func() { e.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait(); conn.Close(); j.Close(); server.Close() })
	return e
}

// certified is how a certificate is made.
type certified struct {
	name    string
	days    int  // from now, when it was issued: it lasts a year
	foreign bool // by an authority that nobody knows
	host    string
	server  bool // it names no station
}

func (c certified) make(t *testing.T, dir string) (certificate, key string) {
	t.Helper()
	if c.foreign {
		dir = t.TempDir()
	}
	authority, err := pki.OpenAuthority(dir, time.Now().AddDate(0, 0, c.days))
	if err == nil && c.server {
		err = authority.Server(c.name, c.host)
	} else if err == nil {
		err = authority.Station("utopia", c.name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, c.name+".pem"), filepath.Join(dir, c.name+".key")
}

func TestBothLogsSayWhyAStationAndItsOfficeDoNotMeet(t *testing.T) {
	here := certified{name: "here", host: "127.0.0.1", server: true}
	gate := certified{name: "gate-1"}
	with := func(c certified, change func(*certified)) certified { change(&c); return c }
	for name, c := range map[string]struct {
		office, station     certified
		atStation, atOffice string
	}{
		"the station's has expired": {here, with(gate, func(c *certified) { c.days = -400 }),
			"the other end says that this end's certificate has expired", "the other end's certificate expired on "},
		"the station's is not valid yet": {here, with(gate, func(c *certified) { c.days = 10 }),
			"or is not valid yet by its clock", "the other end's certificate is not valid before "},
		"the station's is a stranger's": {here, with(gate, func(c *certified) { c.foreign = true }),
			"does not know the authority that signed this end's certificate", "signed by an unknown authority"},
		"the station's is not for a station": {here, certified{name: "other", host: "localhost", server: true},
			"refuses", "not for this use"},
		"the office's has expired": {with(here, func(c *certified) { c.days = -400 }), gate,
			"the other end's certificate expired on ", "the other end refuses this end's certificate"},
		"the office's is a stranger's": {with(here, func(c *certified) { c.foreign = true }), gate,
			"signed by an unknown authority", "the other end refuses this end's certificate"},
		"the office's is for another name": {with(here, func(c *certified) { c.host = "office.example" }), gate,
			"the name does not match", "the other end refuses this end's certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			e := meet(t, c.office, c.station)
			wait(t, "the station's log", func() bool { return e.station.has(c.atStation) })
			wait(t, "the office's log", func() bool { return e.office.has(c.atOffice) })
			if !strings.Contains(e.CutOffBy(), c.atStation) || e.Linked() {
				t.Errorf("the technician is told %q", e.CutOffBy())
			}
		})
	}
}

func TestAnOfficeTellsInItsLogWhichCertificatesRunOut(t *testing.T) {
	e := meet(t, certified{name: "here", host: "127.0.0.1", server: true, days: -345}, certified{name: "gate-1", days: -360})
	wait(t, "the link", e.Linked)
	wait(t, "the office's own", func() bool { return e.office.has("certificate=back_office reason=\"expires on ") })
	wait(t, "the station's", func() bool {
		return e.office.has("a station's certificate runs out\" station=gate-1 reason=\"expires on ")
	})
	wait(t, "the authority's", func() bool { return e.office.has("certificate=client_ca days_left=") })
	if shown := e.OfficeCertificate(); shown == nil || time.Until(shown.NotAfter) > 21*24*time.Hour {
		t.Error("the station does not know how long the office's certificate lasts")
	}
}

func TestACertificateThatIsRenewedCountsWithoutARestart(t *testing.T) {
	gate := certified{name: "gate-1", days: -400}
	e := meet(t, certified{name: "here", host: "127.0.0.1", server: true}, gate)
	wait(t, "the refusal", func() bool { return e.CutOffBy() != "" })
	gate.days = 0
	gate.make(t, e.pki)
	wait(t, "the link", e.Linked)
	wait(t, "the station forgets why it was cut off", func() bool { return e.CutOffBy() == "" })
}
