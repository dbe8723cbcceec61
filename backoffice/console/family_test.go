package console_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

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
	one := s.send(t, utopian(t, "delacruz", specimen.Genuine, checkintest.Genuine(ago(4))))

	do(t, ctx, "sign in", chromedp.Navigate(s.url), signInAs("okafor"), chromedp.WaitVisible("#next:enabled"))
	picture(t, ctx, "family-1-queue", false)
	var list string
	do(t, ctx, "read the list", chromedp.Text("#live", &list))
	for _, want := range []string{"2 Personen, 3 Dokumente", "2 Dokumente", "erwartet 20 min"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list does not say %q: %s", want, list)
		}
	}
	for name, id := range map[string]string{"family-2-file": family.ID, "family-3-two-documents": two.ID, "family-4-one-document": one} {
		do(t, ctx, name, chromedp.Navigate(s.url+"/visitor/"+id), chromedp.WaitVisible(".visitor"), chromedp.WaitVisible(".faces"))
		hashesOfPictures(t, ctx) // all are drawn
		picture(t, ctx, name, true)
	}
}

func isCheck(id string) func(*stationv1.Check) bool {
	return func(c *stationv1.Check) bool { return c.Id == id }
}
