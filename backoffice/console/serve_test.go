package console_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/foyer-station/foyer/backoffice/ca"
	"github.com/foyer-station/foyer/backoffice/console"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
)

const grace = 10 * time.Second

// serve serves the site's console as the back office does, until the test ends.
func (s *site) serve(t *testing.T, config *tls.Config) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.serveOn(t, listener, config)
}

func (s *site) serveOn(t *testing.T, listener net.Listener, config *tls.Config) {
	t.Helper()
	s.url = "http://" + listener.Addr().String()
	if config != nil {
		s.url = "https://" + listener.Addr().String()
	}
	ctx, stop := context.WithCancel(context.Background())
	ended, console := make(chan error, 1), s.console
	s.ended, s.end = ended, stop
	go func() { ended <- console.Serve(ctx, listener, config, grace) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the console ended with %v", err)
		}
	})
}

// certified makes a certificate for loopback.
func certified(t *testing.T) *tls.Config {
	t.Helper()
	dir := t.TempDir()
	authority, err := ca.OpenAuthority(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := authority.Server("server", "localhost", "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
}

// trusting lets a browser take any certificate, and speak HTTP/2 or not.
func trusting(two bool) *http.Transport {
	return &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: two}
}

// event is one server-sent event, and when it came.
type event struct {
	name, data string
	at         time.Time
}

// live is an open stream. Its events end with it.
type live struct {
	response *http.Response
	events   chan event
}

// listen opens a stream as a browser does.
func (b *browser) listen(path string) *live {
	b.t.Helper()
	request := b.request(http.MethodGet, path, nil)
	request.Header.Set("Accept", "text/event-stream")
	response, err := b.http.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	l := &live{response, make(chan event, 1000)}
	b.t.Cleanup(func() { response.Body.Close() })
	go l.read()
	return l
}

func (l *live) read() {
	defer close(l.events)
	lines := bufio.NewScanner(l.response.Body)
	lines.Buffer(nil, 1<<20)
	var e event
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "event":
			e.name = value
		case "data":
			e.data += value
		case "":
			e.at = time.Now()
			l.events <- e
			e = event{}
		}
	}
}

// next waits for an event of a name, and says whether it came before the stream ended.
func (l *live) next(t *testing.T, name string) (data string, ok bool) {
	t.Helper()
	e, ok := l.nextEvent(t, name)
	return e.data, ok
}

func (l *live) nextEvent(t *testing.T, name string) (e event, ok bool) {
	t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case e, open := <-l.events:
			if !open || e.name == name {
				return e, open
			}
		case <-late:
			t.Fatalf("no event %q in a minute", name)
		}
	}
}

// ways are the ways between a browser and the console: what the console speaks, and what speaks to it.
func ways(as setup) map[string]func(t *testing.T) *browser {
	plain := func(t *testing.T) *site { return openAs(t, time.Now, as) }
	overTLS := func(t *testing.T) *site {
		as := as
		as.tls = certified(t)
		return openAs(t, time.Now, as)
	}
	return map[string]func(t *testing.T) *browser{
		"HTTP/1.1":          func(t *testing.T) *browser { return plain(t).signedIn(t, "brandt") },
		"HTTP/1.1 over TLS": func(t *testing.T) *browser { return overTLS(t).throughTLS(t, false) },
		"HTTP/2":            func(t *testing.T) *browser { return overTLS(t).throughTLS(t, true) },
		"HTTP/2 to a proxy": func(t *testing.T) *browser {
			s := plain(t)
			s.url = proxy(t, s.url)
			return s.throughTLS(t, true)
		},
	}
}

func (s *site) throughTLS(t *testing.T, two bool) *browser {
	t.Helper()
	b := s.browser(t)
	b.http.Transport = trusting(two)
	b.signIn("brandt")
	return b
}

// proxy stands in front of a console as operations.md has it, and gives its address.
func proxy(t *testing.T, to string) string {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: httputil.NewSingleHostReverseProxy(target), TLSConfig: certified(t)}
	served := make(chan error, 1)
	go func() { served <- server.ServeTLS(listener, "", "") }()
	t.Cleanup(func() { server.Close(); <-served })
	return "https://" + listener.Addr().String()
}

func TestAQuietQueueStaysLive(t *testing.T) {
	t.Parallel()
	as := setup{Settings: console.Settings{Beat: 250 * time.Millisecond}}
	for way, open := range ways(as) {
		t.Run(way, func(t *testing.T) {
			stream := open(t).listen("/events")
			for i := range 8 {
				if _, ok := stream.next(t, "beat"); !ok {
					t.Fatalf("cut after %d beats", i)
				}
			}
		})
	}
}

func TestAQuietQueueStaysLiveForAMinute(t *testing.T) {
	streams := map[string]*live{}
	for way, open := range ways(setup{}) {
		streams[way] = open(t).listen("/events")
	}
	begun := time.Now()
	t.Parallel() // the minute passes while the others are tested
	for way, stream := range streams {
		if got := stream.response.Header.Get("X-Accel-Buffering"); got != "no" {
			t.Errorf("%s: X-Accel-Buffering is %q: a proxy may keep events back", way, got)
		}
		for at := begun; at.Sub(begun) < 65*time.Second; {
			beat, ok := stream.nextEvent(t, "beat")
			if !ok {
				t.Fatalf("%s: cut after %v", way, at.Sub(begun).Round(time.Second))
			}
			at = beat.at
		}
	}
}

func TestABrokenConnectionIsLoggedWithoutItsAddress(t *testing.T) {
	t.Parallel()
	var log checkintest.Log
	s := openAs(t, time.Now, setup{log: &log, tls: certified(t)})
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "this is no TLS")
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Log(err)
	}
	for begun := time.Now(); log.String() == ""; time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > time.Minute {
			t.Fatal("nothing is logged")
		}
	}
	if text := log.String(); !strings.Contains(text, "TLS handshake error from a client") || strings.Contains(text, "127.0.0.1") {
		t.Errorf("the log says %s", text)
	}
}

func TestStrangersWhoKnockAtTheConsoleFillNoLog(t *testing.T) {
	var log checkintest.Log
	s := openAs(t, time.Now, setup{log: &log, tls: certified(t)})
	for range 300 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "https://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, "this is no TLS")
		io.Copy(io.Discard, conn)
		conn.Close()
	}
	if lines := strings.Count(log.String(), "TLS handshake error"); lines < 10 || lines > 100 {
		t.Errorf("300 strangers left %d lines", lines)
	}
}

// full fills the queue, so that a snapshot has some hundred thousand bytes.
func (s *site) full(t *testing.T) {
	t.Helper()
	for range 60 {
		s.send(t, checkintest.Appointment(time.Now()))
	}
}

// silent opens a stream over HTTP/2, by hand: with a window of that many bytes, never widened, and no answer to a ping.
func (b *browser) silent(window uint32) *http2.Framer {
	b.t.Helper()
	conn, err := tls.Dial("tcp", strings.TrimPrefix(b.site.url, "https://"), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close() })
	framer := http2.NewFramer(conn, conn)
	_, prefaceErr := fmt.Fprint(conn, http2.ClientPreface)
	for _, err := range []error{
		prefaceErr, framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: window}),
		framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: b.headers("/events"), EndHeaders: true, EndStream: true}),
		conn.SetReadDeadline(time.Now().Add(2 * time.Minute)),
	} {
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return framer
}

func TestABrowserThatReadsNothingIsCutOff(t *testing.T) {
	t.Parallel()
	s := openAs(t, time.Now, setup{Settings: console.Settings{Beat: 250 * time.Millisecond}, tls: certified(t)})
	s.full(t)
	stream := s.throughTLS(t, true).silent(100) // the beginning of the snapshot, and no more
	for {
		frame, err := stream.ReadFrame()
		if err != nil {
			t.Fatalf("the stream was not reset: %v", err)
		}
		if _, reset := frame.(*http2.RSTStreamFrame); reset {
			return
		}
	}
}

func TestABrowserThatWentWithoutAWordIsForgottenWithinAMinute(t *testing.T) {
	s := openAs(t, time.Now, setup{tls: certified(t)})
	stream := s.throughTLS(t, true).silent(1 << 20)
	took := make(chan time.Duration, 1)
	go func() {
		begun := time.Now()
		for {
			if _, err := stream.ReadFrame(); err != nil {
				took <- time.Since(begun)
				return
			}
		}
	}()
	t.Parallel() // it takes a while, in which the others are tested
	if took := <-took; took > time.Minute {
		t.Errorf("it took %v", took)
	}
}

func TestTheConsoleEndsAtOnceWithPagesOpen(t *testing.T) {
	t.Parallel()
	for way, open := range ways(setup{}) {
		t.Run(way, func(t *testing.T) {
			b := open(t)
			streams := []*live{b.listen("/events"), b.listen("/events")}
			for _, stream := range streams {
				stream.next(t, "beat")
			}
			begun := time.Now()
			b.site.end()
			for _, stream := range streams {
				if why, told := stream.next(t, "ended"); told {
					t.Errorf("a page that will come again was told %q", why)
				}
			}
			err := <-b.site.ended
			b.site.ended <- err
			if took := time.Since(begun); took > grace/2 {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// headers are those of a page's own request, as HTTP/2 writes them.
func (b *browser) headers(path string) []byte {
	b.t.Helper()
	request := b.request(http.MethodGet, path, nil)
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, field := range []hpack.HeaderField{
		{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: request.URL.Host},
		{Name: ":path", Value: path}, {Name: "cookie", Value: request.Header.Get("Cookie")},
	} {
		if err := encoder.WriteField(field); err != nil {
			b.t.Fatal(err)
		}
	}
	return block.Bytes()
}
