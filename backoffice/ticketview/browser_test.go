package ticketview_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/internal/browsertest"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
)

// phone starts a browser, 390 x 844, that ends with the test.
func phone(t *testing.T) context.Context {
	t.Helper()
	return browsertest.Start(t, []chromedp.Action{emulation.SetDeviceMetricsOverride(390, 844, 2, true)})
}

// picture keeps a screenshot among the test's artifacts (go test -artifacts -outputdir DIR), and expects that nothing has to be
// scrolled sideways.
func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	var shot []byte
	var wide bool
	browsertest.Do(t, ctx, "screenshot", chromedp.Evaluate(`document.documentElement.scrollWidth > innerWidth`, &wide), chromedp.CaptureScreenshot(&shot))
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
		browsertest.Do(t, ctx, "the code on the ticket", chromedp.Navigate(s.url+"/"+token), chromedp.WaitVisible("footer .live", chromedp.ByQuery))
		picture(t, ctx, "ticket-view-waiting-"+language)
		browsertest.Do(t, ctx, "ten minutes", chromedp.Click("#away", chromedp.ByQuery), chromedp.WaitVisible("#back", chromedp.ByQuery), chromedp.WaitVisible("footer .live", chromedp.ByQuery))
		picture(t, ctx, "ticket-view-away-"+language)
		browsertest.Do(t, ctx, "mark the page", chromedp.Evaluate(`window.loadedOnce = true`, nil))
		s.call(t, map[string]string{"en": "brandt", "ar": "yilmaz"}[language], c.ID)
		var sameLoad bool
		browsertest.Do(t, ctx, "called", chromedp.WaitVisible(".called .room", chromedp.ByQuery), chromedp.Evaluate(`window.loadedOnce === true`, &sameLoad))
		if !sameLoad {
			t.Error("the call is there only because the page was loaded again")
		}
		picture(t, ctx, "ticket-view-called-"+language)
		if err := s.Store.Finish(t.Context(), map[string]string{"en": "brandt", "ar": "yilmaz"}[language], c.ID, store.Done, s.clock.Now()); err != nil {
			t.Fatal(err)
		}
		browsertest.Do(t, ctx, "over", chromedp.WaitVisible(`main > p[lang="fr"]`, chromedp.ByQuery))
	}
	picture(t, ctx, "ticket-view-over")
}
