package console_test

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/internal/browsertest"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
)

//go:embed testdata/axe-core/axe.min.js
var axe string

// axeRun gives a line for each violation of WCAG 2.2 A and AA and of axe's good practices: the rule, what it asks for, and where.
const axeRun = `axe.run(document, {preload: false, resultTypes: ["violations"], runOnly: %s}).then((r) =>
	r.violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " (" + (n.any[0]?.message ?? "") + ")").join("; ")))`

// view is how a page is looked at.
type view struct {
	name          string
	width, height int64
	scale         float64
}

// Everything is looked for in the light scheme; of the dark one the colours, which are all that it changes.
const (
	everything = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`
	colours    = `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`
)

// views are a telephone, a desk, and that desk at 200 %.
func views() []view {
	return []view{{"1280 px", 1280, 800, 1}, {"390 px", 390, 844, 1}, {"200 %", 640, 400, 2}}
}

func awaiting(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// looked looks at the page that is open in each view and each scheme of colours, and tells what axe-core finds and what is wider than
// the window.
func looked(t *testing.T, ctx context.Context, page string) {
	t.Helper()
	browsertest.Do(t, ctx, "axe-core", chromedp.Evaluate(axe+"; true", nil))
	for scheme, rules := range map[string]string{"light": everything, "dark": colours} {
		for _, v := range views() {
			var found []string
			var wide int64
			const widest = `[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth && !e.closest(".scroll, .mrz")).map((e) => e.tagName + "." + e.className).slice(0, 6).join(" ")`
			var which string
			browsertest.Do(t, ctx, page, emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
				chromedp.EmulateViewport(v.width, v.height, chromedp.EmulateScale(v.scale)),
				chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide), chromedp.Evaluate(widest, &which), chromedp.Evaluate(fmt.Sprintf(axeRun, rules), &found, awaiting))
			for _, violation := range found {
				t.Errorf("%s, %s, %s: %s", page, scheme, v.name, violation)
			}
			if wide > v.width {
				t.Errorf("%s at %s is %d px wide: %s", page, v.name, wide, which)
			}
		}
	}
}

// TestEveryPageIsForEverybody has axe-core look at every page in both languages, light and dark, on a telephone, at a desk, and at 200 %.
func TestEveryPageIsForEverybody(t *testing.T) {
	t.Parallel()
	ctx := patientChrome(t) // a page that is missing is a complaint
	s := open(t, time.Now)
	ago := func(minutes int) time.Time { return time.Now().Add(-time.Duration(minutes) * time.Minute) }
	genuine := checkintest.Genuine(ago(31))
	doubtful := checkintest.Doubtful(ago(12))
	asked := checkintest.Staff(ago(2))
	for _, c := range []*checkintest.CheckIn{genuine, doubtful, asked} {
		s.send(t, c)
	}
	lead := s.signedIn(t, "brandt")
	lead.add(doubtful.ID, "decide", "document", "1", "decision", "rejected.suspected_forgery", "note", "The portrait was glued.")
	lead.add(doubtful.ID, "correct", "document", "1", "mrz", strings.Replace(strings.Join(doubtful.Record.Documents[0].Mrz, "\n"), "I", "L", 1))
	lead.add(doubtful.ID, "note", "note", "Comes again on Tuesday.")
	lead.add(doubtful.ID, "help", "help", "second_pair_of_eyes")

	browsertest.Do(t, ctx, "the sign-in", chromedp.Navigate(s.url), chromedp.WaitVisible("#name"))
	looked(t, ctx, "sign-in")
	browsertest.Do(t, ctx, "sign in", chromedp.EmulateViewport(1280, 800), signInAs("brandt"))
	for _, language := range []string{"en", "de"} {
		browsertest.Do(t, ctx, "the language", chromedp.EmulateViewport(1280, 800), chromedp.Navigate(s.url), chromedp.WaitReady("#next"),
			press(fmt.Sprintf(`button[lang=%q]`, language)), chromedp.WaitReady(fmt.Sprintf(`html[lang=%q]`, language)))
		for _, page := range []struct{ name, path string }{
			{"queue", "/"}, {"genuine", "/visitor/" + genuine.ID}, {"doubtful", "/visitor/" + doubtful.ID}, {"asked for help", "/visitor/" + asked.ID},
			{"picture", "/visitor/" + genuine.ID + "/file/0/view"}, {"missing", "/visitor/0199b1f0-0000-7000-8000-000000000000"},
		} {
			browsertest.Do(t, ctx, page.name, chromedp.EmulateViewport(1280, 800), chromedp.Navigate(s.url+page.path), chromedp.WaitReady(`#link[data-state="live"]`))
			looked(t, ctx, page.name+" "+language)
		}
	}
}
