package console_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/internal/browsertest"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
)

// TestAVisitorWhoAsksForAPersonRingsAtEveryDesk: whoever is free goes.
func TestAVisitorWhoAsksForAPersonRingsAtEveryDesk(t *testing.T) {
	t.Parallel()
	ctx := chrome(t)
	s := open(t, time.Now)
	browsertest.Do(t, ctx, "sign in", chromedp.Navigate(s.url), signInAs("brandt"), chromedp.WaitVisible(".empty"))
	s.send(t, checkintest.Genuine(time.Now())) // rings for nobody
	browsertest.Do(t, ctx, "the first visitor", chromedp.WaitVisible("#next:enabled"), chromedp.WaitNotPresent(".asking li"))
	c := checkintest.Genuine(time.Now())
	c.Service = "" // asked in the middle of a check-in
	s.send(t, c)
	var said, title string
	browsertest.Do(t, ctx, "the ring", chromedp.WaitVisible(`.asking li[data-asking="`+c.ID+`"]`), chromedp.Text(".asking strong", &said),
		chromedp.Poll(`document.title.startsWith("(1)")`, nil), chromedp.Title(&title))
	if said != "A-2 bittet um Hilfe, am Terminal station-1" {
		t.Errorf("the desk reads %q, under %q", said, title)
	}
	picture(t, ctx, "asking", false)
	browsertest.Do(t, ctx, "somebody goes", press("#go-"+c.ID), chromedp.WaitVisible("#done-"+c.ID))
	browsertest.Do(t, ctx, "and it is quiet", press("#done-"+c.ID), chromedp.WaitVisible("#next"), chromedp.WaitNotPresent(".asking li"),
		chromedp.Poll(`!document.title.startsWith("(")`, nil))
}
