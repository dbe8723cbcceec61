package console_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/console"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
)

const desks = 40

// large is a console of an office with forty desks, on loopback.
type large struct {
	b       *testing.B
	store   *store.Store
	url     string
	cookies [desks]string
	http    http.Client
}

func openLarge(b *testing.B, waiting int) *large {
	b.Helper()
	back := checkintest.Start(b, time.Now, io.Discard)
	text := bytes.Clone(office.Example)
	for n := range desks {
		text = fmt.Appendf(text, "\n[[room]]\nid = \"desk-%d\"\nname = \"Zimmer %d\"\n[[caseworker]]\nid = \"desk-%d\"\nname = \"Desk %d\"\nroom = \"desk-%d\"\n", n, n, n, n, n)
	}
	o, err := office.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	c, err := console.New(o, back.Store, back.Vault, console.Settings{}, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	l := &large{b: b, store: back.Store, http: http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 1000, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	l.serve(c)
	l.fill(o, waiting)
	for n := range desks {
		if err := l.store.SetPassword(b.Context(), name(n), "a hash"); err != nil {
			b.Fatal(err)
		}
		l.cookies[n] = l.session(name(n))
	}
	return l
}

func name(desk int) string { return fmt.Sprintf("desk-%d", desk%desks) }

func (l *large) serve(c *console.Console) {
	l.b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l.b.Fatal(err)
	}
	l.url = "http://" + listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Serve(ctx, listener, nil, grace) }()
	l.b.Cleanup(func() {
		l.http.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			l.b.Error(err)
		}
	})
}

// fill lets visitors wait, in turn at each desk.
func (l *large) fill(o *office.Office, waiting int) {
	l.b.Helper()
	now := time.Now()
	for n := range waiting {
		a := store.Admission{CheckIn: store.CheckIn{ID: fmt.Sprintf("0199b1f0-0000-7000-8000-%012d", n), Station: "station-1",
			ConfirmedAt: now.Add(-time.Duration(waiting-n) * time.Second), Service: "residence-permit", Language: "uk", Ticket: fmt.Sprintf("A-%d", n+1),
			Day: o.Day(now), Verdict: "genuine", Validity: "valid", Persons: 1, Documents: 1}, Today: o.Day(now), At: now, Request: []byte("request")}
		err := l.store.Admit(l.b.Context(), a, func([]store.Queued) store.Placement {
			return store.Placement{Decision: routing.Decision{Caseworker: name(n)}, Room: "Zimmer 1", Wait: time.Hour}
		})
		if err != nil {
			l.b.Fatal(err)
		}
	}
}

// session signs in by the store: a hundred hashes of passwords would be what is measured.
func (l *large) session(name string) (cookie string) {
	l.b.Helper()
	token := rand.Text()
	sum, now := sha256.Sum256([]byte(token)), time.Now()
	if err := l.store.BeginSession(l.b.Context(), sum[:], name, "a hash", now, now.Add(time.Hour)); err != nil {
		l.b.Fatal(err)
	}
	return "__Host-session=" + token
}

func (l *large) request(method, path, cookie string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(l.b.Context(), method, l.url+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Cookie", cookie)
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Accept-Encoding", "gzip")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	return l.http.Do(request)
}

// watched are open consoles, which read what they are sent.
type watched struct {
	updates chan time.Time // when each update came
	mu      sync.Mutex
	bytes   int
}

// watch opens consoles, and waits until each has its first snapshot.
func (l *large) watch(consoles int) *watched {
	l.b.Helper()
	w := &watched{updates: make(chan time.Time, 100*consoles)}
	ready := make(chan error, consoles)
	var reading sync.WaitGroup
	var open []io.Closer
	for n := range consoles {
		cookie := l.session(name(n))
		response, err := l.request(http.MethodGet, "/events", cookie)
		if err != nil {
			l.b.Fatal(err)
		}
		open = append(open, response.Body)
		reading.Go(func() { w.read(response.Body, ready) })
	}
	l.b.Cleanup(func() {
		for _, body := range open {
			body.Close()
		}
		reading.Wait()
	})
	for range consoles {
		if err := <-ready; err != nil {
			l.b.Fatal(err)
		}
	}
	return w
}

func (w *watched) read(body io.Reader, ready chan<- error) {
	lines := bufio.NewReaderSize(body, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			return
		}
		w.mu.Lock()
		w.bytes += len(line)
		w.mu.Unlock()
		switch {
		case bytes.HasPrefix(line, []byte("event: snapshot")):
			ready <- nil
		case bytes.HasPrefix(line, []byte("event: update")):
			select {
			case w.updates <- time.Now():
			default: // nobody counts them
			}
		}
	}
}

// spent is the time that all processors have spent on this process.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func at(sorted []time.Duration, share float64) float64 {
	return float64(sorted[int(share*float64(len(sorted)-1))].Microseconds()) / 1000
}

// BenchmarkEventToConsoles is one change of the queue until every open console has been sent it, with 300 waiting. The processor's time is
// that of server and consoles together.
func BenchmarkEventToConsoles(b *testing.B) {
	for _, consoles := range []int{40, 200, 500} {
		b.Run(fmt.Sprint(consoles), func(b *testing.B) {
			l := openLarge(b, 300)
			w := l.watch(consoles)
			var took []time.Duration
			before, sent := spent(b), w.bytes
			id := ""
			for b.Loop() {
				begun := time.Now()
				var err error
				if id == "" {
					id, err = l.store.CallNext(b.Context(), name(0), []string{name(0)}, begun)
				} else {
					err = l.store.Return(b.Context(), name(0), id, begun)
					id = ""
				}
				if err != nil {
					b.Fatal(err)
				}
				for range consoles {
					took = append(took, (<-w.updates).Sub(begun))
				}
			}
			slices.Sort(took)
			b.ReportMetric(at(took, 0.5), "p50-ms")
			b.ReportMetric(at(took, 0.99), "p99-ms")
			b.ReportMetric((spent(b)-before).Seconds()/float64(b.N), "cpu-s/event")
			w.mu.Lock()
			defer w.mu.Unlock()
			b.ReportMetric(float64(w.bytes-sent)/float64(b.N)/1024, "KiB/event")
		})
	}
}

// BenchmarkCallNext is forty desks that call and give back all at once, 2,000 waiting: with nobody's console open, and with everybody's.
func BenchmarkCallNext(b *testing.B) {
	for _, consoles := range []int{0, desks} {
		b.Run(fmt.Sprintf("%d consoles", consoles), func(b *testing.B) {
			l := openLarge(b, 2000)
			l.watch(consoles)
			calls := make(chan struct{})
			took := make(chan []time.Duration)
			for n := range desks {
				go func() { took <- l.desk(l.cookies[n], calls) }()
			}
			begun := time.Now()
			for b.Loop() {
				calls <- struct{}{}
			}
			close(calls)
			var all []time.Duration
			for range desks {
				all = append(all, <-took...)
			}
			slices.Sort(all)
			b.ReportMetric(float64(len(all))/time.Since(begun).Seconds(), "calls/s")
			b.ReportMetric(at(all, 0.5), "p50-ms")
			b.ReportMetric(at(all, 0.99), "p99-ms")
		})
	}
}

// desk calls the next visitor and gives them back, as often as it is told, and says how long each call took.
func (l *large) desk(cookie string, calls <-chan struct{}) (took []time.Duration) {
	for range calls {
		begun := time.Now()
		response, err := l.request(http.MethodPost, "/next", cookie)
		if err != nil {
			l.b.Error(err)
			continue
		}
		took = append(took, time.Since(begun))
		response.Body.Close()
		visitor := response.Header.Get("Location")
		if !strings.HasPrefix(visitor, "/visitor/") {
			l.b.Errorf("called, and led to %q", visitor)
			continue
		}
		if response, err = l.request(http.MethodPost, visitor+"/return", cookie); err != nil {
			l.b.Error(err)
			continue
		}
		response.Body.Close()
	}
	return took
}

// BenchmarkFirstPage is the waiting list as it is loaded, and what it and its assets weigh over the wire.
func BenchmarkFirstPage(b *testing.B) {
	for _, waiting := range []int{300, 2000} {
		b.Run(fmt.Sprint(waiting), func(b *testing.B) {
			l := openLarge(b, waiting)
			var page []byte
			for b.Loop() {
				page = l.load("/")
			}
			wire := len(page)
			for _, rest := range strings.Split(plain(b, page), `"/assets/`)[1:] {
				asset, _, _ := strings.Cut(rest, `"`)
				wire += len(l.load("/assets/" + asset))
			}
			b.ReportMetric(float64(len(page))/1024, "page-KiB")
			b.ReportMetric(float64(wire)/1024, "all-KiB")
		})
	}
}

// load gives an answer as it comes over the wire.
func (l *large) load(path string) []byte {
	response, err := l.request(http.MethodGet, path, l.cookies[0])
	if err != nil {
		l.b.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		l.b.Fatalf("%s: %d, %v", path, response.StatusCode, err)
	}
	return body
}

func plain(b *testing.B, zipped []byte) string {
	b.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		b.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}
