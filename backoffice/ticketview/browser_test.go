package ticketview_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
)

const chromium = "/usr/bin/chromium"

// phone starts a browser, 390 x 844, that ends with the test. Whatever it complains of fails the test, until the visit is over.
func phone(t *testing.T) context.Context {
	t.Helper()
	if _, err := os.Stat(chromium); err != nil {
		t.Skipf("NOT TESTED IN A BROWSER: %s is missing (Debian package chromium)", chromium)
	}
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(chromium), chromedp.NoFirstRun, chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WSURLReadTimeout(time.Minute))
	t.Cleanup(endAllocator)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Log("the browser did not end by itself:", err)
		}
		end()
	})
	ctx, endTime := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(endTime)
	if err := chromedp.Run(ctx, log.Enable(), emulation.SetDeviceMetricsOverride(390, 844, 2, true)); err != nil {
		t.Fatal(err)
	}
	return ctx
}

func do(t *testing.T, ctx context.Context, what string, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// picture keeps a screenshot among the test's artifacts (go test -artifacts -outputdir DIR), and expects that nothing has to be
// scrolled sideways.
func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	var shot []byte
	var wide bool
	do(t, ctx, "screenshot", chromedp.Evaluate(`document.documentElement.scrollWidth > innerWidth`, &wide), chromedp.CaptureScreenshot(&shot))
	if wide {
		t.Errorf("%s is wider than the phone", name)
	}
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+".png"), shot, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAVisitorFollowsTheVisitOnAPhone(t *testing.T) {
	ctx := phone(t)
	s := open(t)
	for range 2 {
		s.send(t, checkintest.Appointment(s.clock.Now()))
	}
	for _, language := range []string{"en", "ar"} {
		c := in(language, checkintest.Appointment(s.clock.Now()))
		_, token := s.send(t, c)
		do(t, ctx, "the code on the ticket", chromedp.Navigate(s.url+"/"+token), chromedp.WaitVisible("footer .live", chromedp.ByQuery))
		picture(t, ctx, "ticket-view-waiting-"+language)
		do(t, ctx, "ten minutes", chromedp.Click("#away", chromedp.ByQuery), chromedp.WaitVisible("#back", chromedp.ByQuery), chromedp.WaitVisible("footer .live", chromedp.ByQuery))
		picture(t, ctx, "ticket-view-away-"+language)
		do(t, ctx, "mark the page", chromedp.Evaluate(`window.loadedOnce = true`, nil))
		s.call(t, map[string]string{"en": "brandt", "ar": "yilmaz"}[language], c.ID)
		var sameLoad bool
		do(t, ctx, "called", chromedp.WaitVisible(".called .room", chromedp.ByQuery), chromedp.Evaluate(`window.loadedOnce === true`, &sameLoad))
		if !sameLoad {
			t.Error("the call is there only because the page was loaded again")
		}
		picture(t, ctx, "ticket-view-called-"+language)
		if err := s.Store.Finish(t.Context(), map[string]string{"en": "brandt", "ar": "yilmaz"}[language], c.ID, store.Done, s.clock.Now()); err != nil {
			t.Fatal(err)
		}
		do(t, ctx, "over", chromedp.WaitVisible(`main > p[lang="fr"]`, chromedp.ByQuery))
	}
	picture(t, ctx, "ticket-view-over")
}
