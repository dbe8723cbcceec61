package web_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/web"
)

// serve serves a handler over plain HTTP until the test ends.
func serve(t *testing.T, h http.HandlerFunc, stop func()) (url string, end func() error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- web.Serve(ctx, listener, nil, web.Secure(h), stop, slog.New(slog.NewTextHandler(t.Output(), nil)), 10*time.Second)
	}()
	t.Cleanup(cancel)
	return "http://" + listener.Addr().String(), func() error { cancel(); return <-ended }
}

func TestAnEventOfSeveralLinesArrivesWhole(t *testing.T) {
	stopped := make(chan struct{})
	url, end := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if err := web.OpenEvents(w, time.Second).Send("snapshot", []byte("\n<p>one\ntwo</p>\n")); err != nil {
			t.Error(err)
		}
		<-stopped
	}, func() { close(stopped) })
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	lines := bufio.NewScanner(r.Body)
	for _, want := range []string{"event: snapshot", "data: <p>one", "data: two</p>", ""} {
		if !lines.Scan() || lines.Text() != want {
			t.Errorf("got %q; want %q", lines.Text(), want)
		}
	}
	if err := end(); err != nil { // a stream that is open keeps nobody from ending
		t.Error(err)
	}
}

func TestNoPageMayBeKeptFramedOrSentFromElsewhere(t *testing.T) {
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		}
	}, func() {})
	post := func(body, site string) *http.Response {
		t.Helper()
		request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Sec-Fetch-Site", site)
		r, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		return r
	}
	r := post("", "same-origin")
	if r.StatusCode != http.StatusOK || r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("Referrer-Policy") != "no-referrer" ||
		!strings.Contains(r.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("status %d with %v", r.StatusCode, r.Header)
	}
	if r := post("", "cross-site"); r.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %d", r.StatusCode)
	}
	if r := post(strings.Repeat("x", 2<<10), "same-origin"); r.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("two kilobytes: %d", r.StatusCode)
	}
}
