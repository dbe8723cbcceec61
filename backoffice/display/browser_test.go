package display_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/internal/browsertest"
	"github.com/foyer-station/foyer/backoffice/store"
)

// chrome starts a browser as a display's is started, sound without a touch, that ends with the test.
func chrome(t *testing.T) context.Context {
	t.Helper()
	return browsertest.Start(t, []chromedp.Action{chromedp.EmulateViewport(1920, 1080)}, chromedp.Flag("autoplay-policy", "no-user-gesture-required"))
}

// picture keeps a screenshot among the test's artifacts: go test -artifacts -outputdir DIR.
func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	var shot []byte
	browsertest.Do(t, ctx, "screenshot", chromedp.CaptureScreenshot(&shot))
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+".png"), shot, 0o644); err != nil {
		t.Fatal(err)
	}
}

// capitals is how high, in CSS pixels, the capitals of what a selector finds are: 0.729 of the type's size in Liberation Sans and Arial.
const capitals = `parseFloat(getComputedStyle(document.querySelector(%q)).fontSize) * 0.729`

func TestTheLobbySeesAndHearsTheCalls(t *testing.T) {
	ctx := chrome(t)
	l := open(t)
	l.stop()
	l.serve(t, voice(t), "127.0.0.1:0")
	address := strings.TrimPrefix(l.url, "http://")

	browsertest.Do(t, ctx, "pair by the link", chromedp.Navigate(l.url+"/pair#"+l.add(t, "lobby")), chromedp.WaitVisible(`body[data-link="live"]`, chromedp.ByQuery))
	var at string
	browsertest.Do(t, ctx, "address", chromedp.Location(&at))
	if at != l.url+"/" {
		t.Errorf("the code stays in the address: %s", at)
	}
	var tickets []string
	callers := []string{"brandt", "yilmaz", "okafor", "reception", "brandt", "yilmaz"}
	for n, caseworker := range callers {
		tickets = append(tickets, fmt.Sprint("A-", 121+n))
		id := l.admit(t, store.CheckIn{Station: "station-1", ConfirmedAt: time.Now(), Ticket: tickets[n], Language: []string{"de", "en", "ar", "uk"}[n%4]})
		called := time.Now()
		if n < len(callers)-2 {
			called = called.Add(-time.Hour)
		}
		if n == len(callers)-2 { // two at once
			browsertest.Do(t, ctx, "listen", chromedp.Evaluate(`window.sounds = []; window.overlaps = 0;
				document.documentElement.addEventListener("sounding", (e) => sounds.push(e.detail.replace(/speech.*/, "speech")))`, nil))
		}
		l.call(t, caseworker, id, called)
		if n < 2 {
			if err := l.Store.Finish(t.Context(), caseworker, id, store.Done, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	browsertest.Do(t, ctx, "nothing is heard for a while as one waits to ring", chromedp.Poll(
		`sounds.length >= 4 || queue.length === 1 && (heard = 1, document.body.dataset.link === "lost")`, nil, chromedp.WithPollingTimeout(2*time.Minute)))
	browsertest.Do(t, ctx, "both ring, one after the other", chromedp.Poll(`sounds.length >= 4 && document.documentElement.dataset.playing === ""`, nil, chromedp.WithPollingTimeout(2*time.Minute)))
	var sounds string
	browsertest.Do(t, ctx, "what was heard", chromedp.Evaluate(`sounds.join(" ")`, &sounds))
	if sounds != "/chime.wav /speech /chime.wav /speech" {
		t.Errorf("heard were %s", sounds)
	}

	for name, look := range map[string]struct{ width, height int64 }{"landscape": {1920, 1080}, "portrait": {1080, 1920}} {
		browsertest.Do(t, ctx, name, emulation.SetDeviceMetricsOverride(look.width, look.height, 1, false), chromedp.WaitVisible(".before li:nth-child(4)", chromedp.ByQuery))
		expectReadable(t, ctx, name)
		picture(t, ctx, "display-"+name)
	}
	var shown string
	browsertest.Do(t, ctx, "the last call", chromedp.Text(".last .ticket", &shown, chromedp.ByQuery))
	if shown != tickets[5] {
		t.Errorf("the last call is %s; want %s", shown, tickets[5])
	}

	l.stop()
	browsertest.Do(t, ctx, "the office is gone", chromedp.WaitVisible("#waiting", chromedp.ByQuery), chromedp.WaitNotVisible("#board", chromedp.ByQuery))
	picture(t, ctx, "display-no-connection-portrait")
	browsertest.Do(t, ctx, "landscape", emulation.SetDeviceMetricsOverride(1920, 1080, 1, false))
	expectNoScrolling(t, ctx, "no connection")
	picture(t, ctx, "display-no-connection")
	l.serve(t, voice(t), address)
	browsertest.Do(t, ctx, "the office is back", chromedp.WaitVisible(".last .ticket", chromedp.ByQuery), chromedp.WaitNotVisible("#waiting", chromedp.ByQuery))
	var more int
	browsertest.Do(t, ctx, "nothing rings again", chromedp.Evaluate(`sounds.length`, &more))
	if more != 4 {
		t.Errorf("%d sounds once the office is back", more)
	}
	if err := l.Store.RemoveDisplay(t.Context(), "lobby"); err != nil {
		t.Fatal(err)
	}
	browsertest.Do(t, ctx, "removed", chromedp.WaitVisible("#code", chromedp.ByQuery))
	picture(t, ctx, "display-pairing")
}

// expectReadable holds figures to be as high as docs/operations.md says, of a screen whose shorter side has 1080 pixels.
func expectReadable(t *testing.T, ctx context.Context, what string) {
	t.Helper()
	expectNoScrolling(t, ctx, what)
	for selector, least := range map[string]float64{".last .ticket": 180, ".last .place": 180, ".before .ticket": 92, ".before .place": 92} {
		var high float64
		browsertest.Do(t, ctx, what, chromedp.Evaluate(fmt.Sprintf(capitals, selector), &high))
		if t.Logf("%s, %s: %.0f px", what, selector, high); high < least {
			t.Errorf("%s: the capitals of %s are %.0f px high; want %.0f", what, selector, high, least)
		}
	}
}

func expectNoScrolling(t *testing.T, ctx context.Context, what string) {
	t.Helper()
	var cut string
	browsertest.Do(t, ctx, what, chromedp.Evaluate(`[document.documentElement, ...document.querySelectorAll("main, section, .fit, footer, #waiting p")].filter((e) => e.offsetParent !== null || e === document.documentElement)
		.filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 || e.getBoundingClientRect().bottom > innerHeight + 1 || e.getBoundingClientRect().right > innerWidth + 1)
		.map((e) => e.tagName + "." + e.className + " " + e.textContent.slice(0, 20) + e.scrollWidth + ">" + e.clientWidth).join("; ")`, &cut))
	if cut != "" {
		t.Errorf("%s: cut off are %s", what, cut)
	}
}
