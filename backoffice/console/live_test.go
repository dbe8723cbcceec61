package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/console"
	"github.com/foyer-station/foyer/backoffice/internal/browsertest"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
)

// wait lets visitors wait in a queue without sending them from a station, and gives their ids.
func (s *site) wait(t *testing.T, queue string, visitors int, at time.Time) (ids []string) {
	t.Helper()
	for n := range visitors {
		a := store.Admission{CheckIn: store.CheckIn{ID: fmt.Sprintf("0199b1f0-%.4x-7000-8000-%012d", queue, n), Station: "station-1",
			ConfirmedAt: at.Add(time.Duration(n-visitors) * time.Minute), Service: "residence-permit", Language: "uk", Ticket: fmt.Sprintf("%c-%d", queue[0]-32, n+1),
			Day: s.Office.Day(at), Verdict: "genuine", Validity: "valid", Persons: 1, Documents: 1}, Today: s.Office.Day(at), At: at, Request: []byte("request")}
		err := s.Store.Admit(t.Context(), a, func([]store.Queued) store.Placement {
			return store.Placement{Decision: routing.Decision{Caseworker: queue}, Room: "Zimmer 204", Wait: time.Hour}
		})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, a.ID)
	}
	return ids
}

func TestAPageIsSentOnlyWhatHasChanged(t *testing.T) {
	t.Parallel()
	s := openAs(t, atNoon, setup{Settings: console.Settings{Beat: time.Hour}})
	ids := s.wait(t, "brandt", 30, noon)
	page := s.signedIn(t, "brandt").listen("/events")
	whole, _ := page.next(t, "snapshot")
	for _, id := range ids {
		if !strings.Contains(whole, "call-"+id) {
			t.Errorf("the snapshot lacks %s", id)
		}
	}
	id := s.send(t, checkintest.Genuine(noon))
	update, _ := page.next(t, "update")
	if !strings.Contains(update, "call-"+id) || strings.Contains(update, "call-"+ids[0]) || len(update) > 8<<10 {
		t.Errorf("when one came it is told, in %d bytes: %s", len(update), update)
	}
}

func TestAPageThatReadsNothingMeanwhileIsToldTheLatestAndNotEveryStep(t *testing.T) {
	t.Parallel()
	s := openAs(t, atNoon, setup{Settings: console.Settings{Beat: time.Hour}})
	ids := s.wait(t, "brandt", 10, noon)
	page := s.signedIn(t, "brandt").listen("/events")
	page.next(t, "snapshot")
	for range 100 {
		if err := s.Store.Call(t.Context(), "brandt", ids[3], noon); err != nil {
			t.Fatal(err)
		}
		if err := s.Store.Return(t.Context(), "brandt", ids[3], noon); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Store.Call(t.Context(), "brandt", ids[7], noon); err != nil {
		t.Fatal(err)
	}
	updates := 0
	for last := ""; !strings.Contains(last, "done-"+ids[7]); updates++ {
		more := false
		if last, more = page.next(t, "update"); !more {
			t.Fatal("the page is never told who was called last")
		}
	}
	if updates > 100 {
		t.Errorf("201 changes in a row were %d updates", updates)
	}
}

func TestALongQueueIsOnPagesOfItsOwn(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	mine, others := s.wait(t, "brandt", 130, noon), s.wait(t, "yilmaz", 130, noon)
	b := s.signedIn(t, "brandt")
	first := b.get("/").body
	if strings.Count(first, `id="call-`) != 50 || !strings.Contains(first, "und 80 weitere") || strings.Contains(first, others[0]) || !strings.Contains(first, "130 warten") {
		t.Errorf("the page lists %d of 130 and 130", strings.Count(first, `id="call-`))
	}
	for path, want := range map[string]int{"/waiting": 100, "/waiting?page=2": 30, "/waiting?page=9": 30, "/waiting?page=-1": 100, "/waiting?page=x": 100,
		"/waiting/yilmaz": 100, "/waiting/yilmaz?page=2": 30, "/waiting/yilmaz/rows": 100} {
		r := b.get(path)
		if got := strings.Count(r.body, `id="call-`); r.status != http.StatusOK || got != want {
			t.Errorf("%s: %d, lists %d, not %d", path, r.status, got, want)
		}
	}
	if body := b.get("/waiting?page=2").body; !strings.Contains(body, "call-"+mine[129]) || !strings.Contains(body, "Seite 2 von 2") {
		t.Error("the last who waits is not on the last page")
	}
	if r := b.get("/waiting/nobody"); r.status != http.StatusNotFound {
		t.Errorf("a queue that is none: %d", r.status)
	}
	if r := s.browser(t).get("/waiting"); r.status != http.StatusSeeOther {
		t.Errorf("a stranger: %d", r.status)
	}
}

func TestWhatABrowserLoadsIsCompressedAndAssetsAreLoadedOnce(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	s.wait(t, "brandt", 60, noon)
	b := s.signedIn(t, "brandt")
	get := func(path, known string) *http.Response {
		request := b.request(http.MethodGet, path, nil)
		request.Header.Set("Accept-Encoding", "gzip")
		if known != "" {
			request.Header.Set("If-None-Match", known)
		}
		response, err := b.http.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { response.Body.Close() })
		return response
	}
	if got := get("/", "").Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("the page is encoded as %q", got)
	}
	if got := get("/events", "").Header.Get("Content-Encoding"); got != "" {
		t.Errorf("events are encoded as %q, and would wait for one another", got)
	}
	_, rest, _ := strings.Cut(b.get("/").body, `href="/assets/`)
	named, _, _ := strings.Cut(rest, `"`)
	asset := get("/assets/"+named, "")
	if got := asset.Header.Get("Cache-Control"); asset.StatusCode != http.StatusOK || !strings.Contains(got, "immutable") {
		t.Errorf("%s: %d, Cache-Control %q", named, asset.StatusCode, got)
	}
	plain := get("/assets/console.css", "")
	if got := get("/assets/console.css", plain.Header.Get("ETag")); got.StatusCode != http.StatusNotModified {
		t.Errorf("asked again: %d for ETag %q", got.StatusCode, plain.Header.Get("ETag"))
	}
	for _, path := range []string{"/assets/0123456789abcdef/console.css", "/assets/", "/assets/htmx", "/assets/../console.go"} {
		if got := get(path, ""); got.StatusCode == http.StatusOK {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
}

func TestAFormThatAScriptSendsLeadsOnWithoutLoadingTheNextPage(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	id := s.send(t, checkintest.Genuine(noon))
	b := s.signedIn(t, "brandt")
	send := func() *http.Response {
		request := b.request(http.MethodPost, "/visitor/"+id+"/call", url.Values{})
		request.Header.Set("Foyer-Form", "1")
		response, err := b.http.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response
	}
	if r := send(); r.StatusCode != http.StatusNoContent || r.Header.Get("Foyer-Location") != "/visitor/"+id {
		t.Errorf("it leads with %d to %q", r.StatusCode, r.Header.Get("Foyer-Location"))
	}
	if r := send(); r.Header.Get("Foyer-Location") != "/?notice=taken" && r.Header.Get("Foyer-Location") != "/?notice=busy" {
		t.Errorf("sent again it leads to %q", r.Header.Get("Foyer-Location"))
	}
}

// TestTheListInTheBrowser looks at one page in one browser, over and over: what has changed comes in by itself, nothing is wider than
// the screen, and an office that does not answer takes nothing away.
func TestTheListInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := patientChrome(t)
	s := open(t, time.Now)
	now := time.Now()
	mine := s.wait(t, "brandt", 3, now)
	s.wait(t, "yilmaz", 60, now)
	s.send(t, checkintest.Staff(now.Add(-3*time.Minute)))
	browsertest.Do(t, ctx, "sign in", chromedp.Navigate(s.url), signInAs("brandt"), chromedp.WaitVisible("#row-"+mine[0]+" .turn"))
	browsertest.Do(t, ctx, "another's queue", press(`[data-desk="yilmaz"] summary`), chromedp.WaitVisible(`[data-desk="yilmaz"] .rows li`))
	for _, as := range []struct {
		name          string
		width, height int64
		scale         float64
		dark          bool
	}{{"1280", 1280, 800, 1, false}, {"1280-dark", 1280, 800, 1, true}, {"zoomed", 640, 400, 2, false}, {"390", 390, 844, 1, false}, {"320-dark", 320, 640, 1, true}} {
		fits(t, ctx, as.name, as.width, as.height, as.scale, as.dark)
	}
	browsertest.Do(t, ctx, "as before", chromedp.EmulateViewport(1280, 800), chromedp.Evaluate(`document.getElementById("call-`+mine[1]+`").focus()`, nil))
	if err := s.Store.Call(t.Context(), "okafor", mine[0], time.Now()); err != nil {
		t.Fatal(err)
	}
	var held string
	browsertest.Do(t, ctx, "the first is called elsewhere", chromedp.WaitNotPresent(".mine #row-"+mine[0]), chromedp.WaitVisible("#row-"+mine[1]+" .turn"),
		chromedp.Evaluate(`document.activeElement.id`, &held))
	if held != "call-"+mine[1] {
		t.Errorf("the keyboard is at %q now", held)
	}
	s.end()
	err := <-s.ended
	s.ended <- err
	browsertest.Do(t, ctx, "the office is gone", chromedp.WaitVisible(`#link[data-state="lost"]`), press("#next"), chromedp.WaitVisible("#failed"), chromedp.WaitVisible("#row-"+mine[1]))
	picture(t, ctx, "failed", false)
	s.again(t)
	browsertest.Do(t, ctx, "it is back", press("#failed-again"), chromedp.WaitVisible("#done-"+mine[1]))
}

// fits takes a picture and fails where a page can be scrolled sideways.
func fits(t *testing.T, ctx context.Context, name string, width, height int64, scale float64, dark bool) {
	t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	var wide int64
	browsertest.Do(t, ctx, name, chromedp.EmulateViewport(width, height, chromedp.EmulateScale(scale)),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide))
	if wide > width {
		t.Errorf("%s is %d wide", name, wide)
	}
	picture(t, ctx, name, false)
}
