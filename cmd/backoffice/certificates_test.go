package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/ca"
	"github.com/foyer-station/foyer/backoffice/demo"
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
	days    int // from now, when it was issued: it lasts a year
	longer  time.Duration
	foreign bool // by an authority that nobody knows
	host    string
	server  bool     // it names no station
	uris    []string // of a client's certificate, instead of the station's; an empty list for none
}

func (c certified) make(t *testing.T, dir string) (certificate, key string) {
	t.Helper()
	if c.foreign {
		dir = t.TempDir()
	}
	issued := time.Now().AddDate(0, 0, c.days).Add(c.longer)
	if c.uris != nil {
		return issue(t, dir, c.name, issued, c.uris)
	}
	authority, err := ca.OpenAuthority(dir, issued)
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

// issue makes a client's certificate that names whatever it likes, by the authority in a folder.
func issue(t *testing.T, dir, name string, at time.Time, names []string) (certificate, key string) {
	t.Helper()
	authority, err := tls.LoadX509KeyPair(filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca.key"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(at.UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: at.Add(-time.Hour),
		NotAfter: at.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	for _, text := range names {
		uri, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		template.URIs = append(template.URIs, uri)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, authority.Leaf, &own.PublicKey, authority.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		t.Fatal(err)
	}
	certificate, key = filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key")
	err = errors.Join(os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o400))
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
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
		"the station's names nobody": {here, certified{name: "nobody", uris: []string{}},
			"takes this station's certificate for no station's", "level=WARN msg=call method=GetOffice reason=\"client certificate: it names no station"},
		"the station's names two": {here, certified{name: "two", uris: []string{"foyer://utopia/a", "foyer://utopia/b"}},
			"takes this station's certificate for no station's", "client certificate: it names no station"},
		"the station's names something else": {here, certified{name: "else", uris: []string{"spiffe://utopia/station-1"}},
			"takes this station's certificate for no station's", "client certificate: it names no station"},
		"the station's names one that cannot be": {here, certified{name: "odd", uris: []string{"foyer://utopia/Gate_1"}},
			"takes this station's certificate for no station's", "is not [a-z0-9-]{1,40}"},
		"the station's is another office's": {here, certified{name: "elsewhere", uris: []string{"foyer://elsewhere/gate-1"}},
			"", "this back office serves utopia, the certificate is of elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			e := meet(t, c.office, c.station)
			wait(t, "the station's log", func() bool { return e.station.has(c.atStation) })
			wait(t, "the office's log", func() bool { return e.office.has(c.atOffice) })
			if !strings.Contains(e.CutOffBy().String(), c.atStation) || e.Linked() {
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
		return e.office.has("a station's certificate needs to be renewed\" station=gate-1 reason=\"expires on ")
	})
	wait(t, "the authority's", func() bool { return e.office.has("certificate=client_ca days_left=") })
	if shown := e.OfficeCertificate(); shown == nil || time.Until(shown.NotAfter) > 21*24*time.Hour {
		t.Error("the station does not know how long the office's certificate lasts")
	}
}

func TestACertificateThatIsRenewedCountsWithoutARestart(t *testing.T) {
	gate := certified{name: "gate-1", days: -400}
	e := meet(t, certified{name: "here", host: "127.0.0.1", server: true}, gate)
	wait(t, "the refusal", func() bool { return !e.CutOffBy().IsZero() })
	gate.days = 0
	gate.make(t, e.pki)
	wait(t, "the link", e.Linked)
	wait(t, "the station forgets why it was cut off", func() bool { return e.CutOffBy().IsZero() })
}

func TestACertificateThatRunsOutEndsItsOpenConnection(t *testing.T) {
	const aMoment = 8 * time.Second
	here, gate := certified{name: "here", host: "127.0.0.1", server: true}, certified{name: "gate-1"}
	t.Run("the station's", func(t *testing.T) {
		gate := gate
		gate.days, gate.longer = -365, aMoment
		e := meet(t, here, gate)
		wait(t, "the link", e.Linked)
		wait(t, "the station is told", func() bool { return strings.Contains(e.CutOffBy().String(), "this end's certificate has expired") })
		wait(t, "the office tells it", func() bool { return e.office.has("the other end's certificate expired on ") })
		gate.days, gate.longer = 0, 0
		gate.make(t, e.pki)
		wait(t, "the link, once it was renewed", e.Linked)
	})
	t.Run("the office's", func(t *testing.T) {
		here := here
		here.days, here.longer = -365, aMoment
		e := meet(t, here, gate)
		wait(t, "the link", e.Linked)
		wait(t, "the station tells it", func() bool { return strings.Contains(e.CutOffBy().String(), "the other end's certificate expired on ") })
		here.days, here.longer = 0, 0
		here.make(t, e.pki)
		wait(t, "the link, once it was renewed", e.Linked)
	})
}
