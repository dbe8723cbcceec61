package backoffice_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/demo"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

const password = "correct horse battery"

var passwordHash = sync.OnceValues(func() (string, error) { return staff.Hash(password) })

// clock stands still until it is set.
type clock struct {
	mu     sync.Mutex
	at     time.Time
	synced bool
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// set lets the clock jump.
func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

func (c *clock) clock() backoffice.Clock {
	began := time.Now()
	return backoffice.Clock{
		Now: c.Now, Elapsed: func() time.Duration { return time.Since(began) }, Synchronised: func() bool { return c.synced },
	}
}

// world is a back office in a folder, with its clock.
type world struct {
	*clock
	dir    string
	config backoffice.Config
	server *backoffice.Server
	stop   func()
}

// build makes an office in a folder without serving it.
func build(t *testing.T, dir string, at time.Time) *world {
	t.Helper()
	w := &world{clock: &clock{at: at}, dir: dir}
	var err error
	if w.config, _, err = demo.Prepare(t.Context(), dir, time.Now()); err != nil {
		t.Fatal(err)
	}
	w.config.Stations.Listen, w.config.Console.Listen = "127.0.0.1:0", "127.0.0.1:0"
	s := w.open(t)
	defer s.Close()
	hash, err := passwordHash()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"brandt", "reception"} { // who have accounts already
		if err := s.SetPassword(t.Context(), name, hash); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// open opens the database beside the server.
func (w *world) open(t *testing.T) *store.Store {
	t.Helper()
	s, err := backoffice.OpenStore(t.Context(), w.config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// serve serves until the test ends, or stop is called.
func (w *world) serve(t *testing.T) {
	t.Helper()
	server, err := backoffice.NewAt(t.Context(), w.config, w.clock.clock(), slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(server.Run(ctx), server.Close()) }()
	w.server = server
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the back office ended with %v", err)
		}
	})
	t.Cleanup(w.stop)
}

// station connects as station-1.
func (w *world) station(t *testing.T) *checkintest.Station {
	t.Helper()
	ca, err := os.ReadFile(filepath.Join(w.dir, "pki", "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	pair, err := tls.LoadX509KeyPair(filepath.Join(w.dir, "pki", "station-1.pem"), filepath.Join(w.dir, "pki", "station-1.key"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient(w.server.StationAddr(), grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{
		RootCAs: pool, Certificates: []tls.Certificate{pair},
	})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &checkintest.Station{StationServiceClient: stationv1.NewStationServiceClient(conn)}
}

func send(t *testing.T, station *checkintest.Station, c *checkintest.CheckIn) (ticket, day string) {
	t.Helper()
	request, _, err := station.Send(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return request.Ticket, request.Day
}

// browser is somebody who is signed in to the console.
type browser struct {
	t       *testing.T
	url     string
	cookies []*http.Cookie
}

func (w *world) signIn(t *testing.T, name string) *browser {
	t.Helper()
	b := &browser{t: t, url: w.server.ConsoleURL()}
	response, _ := b.do(http.MethodPost, "/sign-in", url.Values{"name": {name}, "password": {password}})
	if b.cookies = response.Cookies(); response.StatusCode != http.StatusSeeOther || len(b.cookies) == 0 {
		t.Fatalf("sign-in of %s: status %d", name, response.StatusCode)
	}
	return b
}

func (b *browser) do(method, path string, form url.Values) (*http.Response, string) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range b.cookies {
		request.AddCookie(c)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response, string(body)
}

// page reads the queue's page.
func (b *browser) page() string {
	b.t.Helper()
	response, body := b.do(http.MethodGet, "/", nil)
	if response.StatusCode != http.StatusOK {
		b.t.Fatalf("the queue's page: status %d", response.StatusCode)
	}
	return body
}

func (b *browser) post(path string, form url.Values) *http.Response {
	b.t.Helper()
	response, _ := b.do(http.MethodPost, path, form)
	return response
}

// until waits for a condition.
func until(t *testing.T, what string, come func() bool) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); !come(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never came to this: ", what)
		}
	}
}
