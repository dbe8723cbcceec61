package console_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/internal/browsertest"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// TestAFamilyIsReceivedInTheBrowser: two people, three documents, one of them forged.
func TestAFamilyIsReceivedInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := chrome(t)
	s := open(t, time.Now)
	ago := func(minutes int) time.Time { return time.Now().Add(-time.Duration(minutes) * time.Minute) }
	family := checkintest.Family(ago(21))
	forged := family.Record.Documents[2]
	utopianAs(t, "szeles", specimen.Genuine, family, 1, 1)
	utopianAs(t, "szeles", specimen.Genuine, family, 1, 2)
	utopianAs(t, "moravec", specimen.Forged, family, 2, 3)
	forged.Verdict = "doubtful"
	failed := forged.Checks[slices.IndexFunc(forged.Checks, isCheck("cross.dg1_mrz"))]
	failed.Result, failed.Reason = "failed", ""
	s.send(t, checkintest.Genuine(ago(31)))
	s.send(t, family)
	two := utopianAs(t, "lindqvist", specimen.Genuine, checkintest.TwoDocuments(ago(9)), 1, 1)
	s.send(t, utopianAs(t, "lindqvist", specimen.Genuine, two, 1, 2))
	one := utopian(t, "delacruz", specimen.Genuine, checkintest.Genuine(ago(4)))
	s.send(t, one)

	browsertest.Do(t, ctx, "sign in", chromedp.Navigate(s.url), signInAs("okafor"), chromedp.WaitVisible("#next:enabled"))
	picture(t, ctx, "family-1-queue", false)
	var list string
	browsertest.Do(t, ctx, "read the list", chromedp.Text("#live", &list))
	for _, want := range []string{"2 Personen, 3 Dokumente", "2 Dokumente", "erwartet 20 min"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list does not say %q: %s", want, list)
		}
	}
	for name, c := range map[string]*checkintest.CheckIn{"family-2-file": family, "family-3-two-documents": two, "family-4-one-document": one} {
		browsertest.Do(t, ctx, name, chromedp.Navigate(s.url+"/visitor/"+c.ID), chromedp.WaitVisible(".visitor"), chromedp.WaitVisible(".faces"))
		wantPictures(t, ctx, c)
		wantAnchors(t, ctx, name)
		picture(t, ctx, name, true)
	}
}

// wantPictures proves that every picture of a check-in is on the page, and is the one that was sent.
func wantPictures(t *testing.T, ctx context.Context, c *checkintest.CheckIn) {
	t.Helper()
	shown := strings.Split(hashesOfPictures(t, ctx), "\n")
	for _, f := range c.Record.Files {
		line := fmt.Sprintf("file-%s %x", f.Name, f.Sha256)
		if is := strings.HasPrefix(f.MediaType, "image/"); is != slices.Contains(shown, line) {
			t.Errorf("%s is shown: %v", f.Name, !is)
		}
	}
}

// wantAnchors proves that each piece of evidence leads to one place, which is in the part of its document or is a person's.
func wantAnchors(t *testing.T, ctx context.Context, page string) {
	t.Helper()
	var astray []string
	var twice, evidence int
	browsertest.Do(t, ctx, page, chromedp.Evaluate(`[...document.querySelectorAll(".evidence a")].filter((a) => {
			const to = document.querySelector("[id='" + a.getAttribute("href").slice(1) + "']");
			return !to || to.closest(".columns") !== a.closest(".columns") && !to.id.startsWith("file-person-");
		}).map((a) => a.getAttribute("href"))`, &astray),
		chromedp.Evaluate(`(() => { const ids = [...document.querySelectorAll("[id]")].map((e) => e.id); return ids.length - new Set(ids).size; })()`, &twice),
		chromedp.Evaluate(`document.querySelectorAll(".evidence a").length`, &evidence))
	if len(astray) > 0 || twice > 0 || evidence == 0 {
		t.Errorf("%s: of %d pieces of evidence these lead astray: %v; %d ids are there twice", page, evidence, astray, twice)
	}
}

func isCheck(id string) func(*stationv1.Check) bool {
	return func(c *stationv1.Check) bool { return c.Id == id }
}
