package console_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/console"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
)

// clock is a clock that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// lively is a site whose live pages notice within a fraction of a second that their session has ended.
func lively(t *testing.T) (*site, *clock) {
	t.Helper()
	c := &clock{at: noon}
	return openAs(t, c.now, setup{Settings: console.Settings{Beat: 200 * time.Millisecond}}), c
}

func (l *live) wantEnded(t *testing.T, why string) {
	t.Helper()
	if got, told := l.next(t, "ended"); !told || got != why {
		t.Errorf("the page is told %q, not %q", got, why)
	}
	if _, more := l.next(t, "snapshot"); more {
		t.Error("and goes on")
	}
}

func TestSigningOutEndsEveryOpenPageOfTheSession(t *testing.T) {
	t.Parallel()
	// The pages are told; by themselves they would not look so soon.
	s := openAs(t, atNoon, setup{Settings: console.Settings{Beat: time.Hour}})
	id := s.send(t, checkintest.Genuine(noon))
	b, elsewhere := s.signedIn(t, "brandt"), s.signedIn(t, "brandt")
	pages := []*live{b.listen("/events"), b.listen("/visitor/" + id + "/events"), b.listen("/visitor/" + id + "/events")}
	other := elsewhere.listen("/events")
	for _, page := range append(pages, other) {
		page.next(t, "beat")
	}
	b.post("/sign-out", url.Values{})
	for _, page := range pages {
		page.wantEnded(t, "signed_out")
	}
	s.send(t, checkintest.Genuine(noon))
	if _, ok := other.next(t, "update"); !ok {
		t.Error("the same person is signed out of another browser")
	}
	for _, path := range []string{"/", "/visitor/" + id, "/visitor/" + id + "/file/0/view"} {
		if r := b.get(path); r.status != http.StatusSeeOther || strings.Contains(r.body, "Eriksson") {
			t.Errorf("%s after signing out: %d", path, r.status)
		}
	}
}

func TestAnIdleSessionLocksItsPagesWithoutAClick(t *testing.T) {
	t.Parallel()
	s, clock := lively(t)
	b := s.signedIn(t, "brandt")
	page := b.listen("/events")
	page.next(t, "beat")
	clock.pass(14*time.Minute + time.Second)
	if word, _ := page.next(t, "warning"); word != "soon" {
		t.Errorf("a minute before, the page is told %q", word)
	}
	clock.pass(time.Minute) // the live page alone is no sign that somebody is there
	page.wantEnded(t, "idle")
	if r := b.get("/"); r.header.Get("Location") != "/sign-in?why=idle" {
		t.Errorf("led to %q", r.header.Get("Location"))
	}
	if r := b.get("/sign-in?why=idle"); !strings.Contains(r.body, "länger nicht benutzt") {
		t.Error("the sign-in does not say why")
	}
}

func TestWhoWorksIsNotLockedOut(t *testing.T) {
	t.Parallel()
	s, clock := lively(t)
	id := s.send(t, checkintest.Genuine(noon))
	b := s.signedIn(t, "brandt")
	page := b.listen("/events")
	page.next(t, "beat")
	for _, work := range []func() answer{
		func() answer { return b.get("/visitor/" + id) },
		func() answer { return b.get("/visitor/" + id + "/file/0") },
		func() answer { return b.post("/session", url.Values{}) }, // a key or a click on a page that is read
		func() answer { return b.post("/next", url.Values{}) },
	} {
		clock.pass(14*time.Minute + time.Second)
		if word, _ := page.next(t, "warning"); word != "soon" {
			t.Errorf("the page is told %q", word)
		}
		if r := work(); r.status >= 400 || r.header.Get("Location") == "/sign-in?why=idle" {
			t.Fatalf("locked out: %d", r.status)
		}
		word, _ := page.next(t, "warning")
		for word == "soon" { // until it has looked again
			word, _ = page.next(t, "warning")
		}
		if word != "later" {
			t.Errorf("then it is told %q", word)
		}
	}
	clock.pass(10 * time.Hour)
	page.wantEnded(t, "expired")
}

func TestLivePagesThatComeAgainAreNoWork(t *testing.T) {
	t.Parallel()
	s, clock := lively(t)
	b := s.signedIn(t, "brandt")
	for range 4 {
		clock.pass(4 * time.Minute)
		again := b.do(http.MethodHead, "/events", nil, func(r *http.Request) { r.Header.Set("Accept", "text/event-stream") })
		if again.status == http.StatusUnauthorized {
			if why := b.do(http.MethodGet, "/events", nil, func(r *http.Request) { r.Header.Set("Accept", "text/event-stream") }); why.body != "idle" {
				t.Errorf("it is told %q", why.body)
			}
			return
		}
	}
	t.Error("coming again keeps the session alive")
}

func TestANewPasswordEndsTheOldSessions(t *testing.T) {
	t.Parallel()
	s, _ := lively(t)
	b, other := s.signedIn(t, "brandt"), s.signedIn(t, "yilmaz")
	page, theirs := b.listen("/events"), other.listen("/events")
	page.next(t, "beat")
	hash, err := passwordHash()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store.SetPassword(t.Context(), "brandt", hash); err != nil { // as backoffice user add does, which is another process
		t.Fatal(err)
	}
	page.wantEnded(t, "password")
	if _, ok := theirs.next(t, "beat"); !ok {
		t.Error("somebody else is signed out, too")
	}
}

func TestWhoIsNoLongerInTheOfficeFileIsSignedOut(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "brandt")
	without := *s.Office
	without.Caseworkers = without.Caseworkers[1:]
	restarted, err := console.New(&without, s.Store, s.Vault, console.Settings{}, atNoon, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.console = restarted
	s.serve(t, nil)
	if r := b.get("/"); r.header.Get("Location") != "/sign-in?why=office" {
		t.Errorf("led to %q", r.header.Get("Location"))
	}
	if r := b.do(http.MethodGet, "/events", nil, func(r *http.Request) { r.Header.Del("Accept") }); r.status != http.StatusUnauthorized || r.body != "office" {
		t.Errorf("an open page is told %d, %q", r.status, r.body)
	}
	if r := s.browser(t).try("brandt", password, ""); r.status != http.StatusUnauthorized {
		t.Errorf("signing in again: %d", r.status)
	}
}

func TestSigningInAnewEndsTheSessionOfThatBrowser(t *testing.T) {
	t.Parallel()
	s, _ := lively(t)
	b := s.signedIn(t, "brandt")
	page := b.listen("/events")
	page.next(t, "beat")
	b.signIn("okafor")
	page.wantEnded(t, "replaced")
	if r := b.get("/"); !strings.Contains(r.body, "Chidi Okafor") || strings.Contains(r.body, "Jana Brandt</span>") {
		t.Error("it is not okafor's session")
	}
}

func TestAFileThatIsErasedLeavesTheScreen(t *testing.T) {
	t.Parallel()
	s, _ := lively(t)
	id := s.send(t, checkintest.Genuine(noon))
	page := s.signedIn(t, "brandt").listen("/visitor/" + id + "/events")
	page.next(t, "beat")
	if err := s.Store.Forget(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	page.wantEnded(t, "erased")
}

func TestASessionHasSoManyLivePagesAndNoMore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limit int
		open  func(t *testing.T) *browser
	}{
		// A browser has six connections to a host, and needs one of them for everything else.
		"HTTP/1.1": {5, func(t *testing.T) *browser { return open(t, atNoon).signedIn(t, "brandt") }},
		"HTTP/2":   {24, func(t *testing.T) *browser { return openAs(t, atNoon, setup{tls: certified(t)}).throughTLS(t, true) }},
	} {
		t.Run(name, func(t *testing.T) {
			b := c.open(t)
			var pages []*live
			for range c.limit + 2 {
				page := b.listen("/events")
				page.next(t, "beat")
				pages = append(pages, page)
			}
			for _, page := range pages[:2] {
				page.wantEnded(t, "aside")
			}
			b.site.send(t, checkintest.Genuine(noon))
			for i, page := range pages[2:] {
				if html, ok := page.next(t, "update"); !ok {
					t.Errorf("page %d is not live: %.60s", i, html)
				}
			}
		})
	}
}

func TestAPictureIsShownOnAPageThatCanGoBlank(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	c := checkintest.Genuine(noon)
	id := s.send(t, c)
	b := s.signedIn(t, "brandt")
	picture := fmt.Sprintf("/visitor/%s/file/0", id)
	if body := b.get("/visitor/" + id).body; strings.Contains(body, `href="`+picture+`"`) || !strings.Contains(body, `href="`+picture+`/view"`) {
		t.Error("the visitor's page leads to the mere picture")
	}
	r := b.do(http.MethodGet, picture, nil, func(r *http.Request) { r.Header.Set("Sec-Fetch-Dest", "document") })
	if r.status != http.StatusSeeOther || r.header.Get("Location") != picture+"/view" {
		t.Errorf("opened as a page of its own it leads to %q: %d", r.header.Get("Location"), r.status)
	}
	page := b.get(picture + "/view")
	if page.status != http.StatusOK || !strings.Contains(page.body, `<img src="`+picture+`"`) || !strings.Contains(page.body, "sse-connect") {
		t.Errorf("the page is %d: %s", page.status, page.body)
	}
	for _, path := range []string{"/visitor/" + id + "/file/99/view", "/visitor/none/file/0/view"} {
		if r := b.get(path); r.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.status)
		}
	}
}

func TestWithoutScriptsAPageLeavesTheScreenAfterTheIdleTime(t *testing.T) {
	t.Parallel()
	body := open(t, atNoon).signedIn(t, "brandt").get("/").body
	if !strings.Contains(body, `<noscript><meta http-equiv="refresh" content="900;url=/sign-in?why=idle"></noscript>`) {
		t.Error("it stays")
	}
}

func TestNothingButAPageOpensAStream(t *testing.T) {
	t.Parallel()
	b := open(t, atNoon).signedIn(t, "brandt")
	if r := b.do(http.MethodHead, "/events", nil, nil); r.status != http.StatusOK {
		t.Errorf("HEAD: %d", r.status)
	}
	for _, method := range []string{http.MethodOptions, http.MethodPost, http.MethodPut, http.MethodTrace, http.MethodDelete} {
		if r := b.do(method, "/events", nil, nil); r.status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, r.status)
		}
	}
}

func TestASessionEndsWithTheWorkingDay(t *testing.T) {
	t.Parallel()
	now := noon
	s := open(t, func() time.Time { return now })
	b := s.signedIn(t, "brandt")
	now = noon.Add(10 * time.Hour)
	if r := b.get("/"); r.status != http.StatusSeeOther {
		t.Errorf("after ten hours: %d", r.status)
	}
}

func TestTheListIsLiveAndEndsWithTheConsole(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	stream := s.signedIn(t, "brandt").listen("/events")
	if html, _ := stream.next(t, "snapshot"); !strings.Contains(html, "Niemand wartet auf Sie") {
		t.Errorf("the first snapshot is %s", html)
	}
	s.send(t, checkintest.Genuine(noon))
	if html, _ := stream.next(t, "update"); !strings.Contains(html, "A-1") {
		t.Errorf("then it is told %s", html)
	}
	s.console.Stop()
	if _, ok := stream.next(t, "update"); ok {
		t.Error("it goes on")
	}
}
