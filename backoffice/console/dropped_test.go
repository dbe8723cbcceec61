package console_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/internal/browsertest"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// What staff read of check-ins that did not arrive whole, by why.
var incomplete = map[string]struct {
	change func(*checkintest.CheckIn)
	badge  string
	words  []string
}{
	"a record that cannot be read": {func(c *checkintest.CheckIn) { c.Record.Documents[0].Verdict = "" },
		"Nicht lesbar: ansehen", []string{"Es kann zweifelhaft sein", `class="notice bad"`}},
	"a verdict that its checks do not bear out": {func(c *checkintest.CheckIn) { c.Record.Documents[0].Checks = nil },
		"Nicht lesbar: ansehen", []string{"Ergebnis", "passt nicht zu den Prüfungen", "notice dropped bad"}},
	"a file that is not the record's": {func(c *checkintest.CheckIn) { c.Contents["person-1-portrait"] = []byte("another") },
		"Nicht lesbar: ansehen", []string{"Foto am Terminal", "kam an und ist nicht lesbar", "notice dropped bad", "Eriksson"}},
	"a record beyond the limits": {func(c *checkintest.CheckIn) { c.Record.Documents[0].Checks[3].Reason = strings.Repeat("1.2.", 400<<10) },
		"Nicht lesbar: ansehen", []string{"Daten der Anmeldung</b> gekürzt", "notice dropped bad", "Aussteller der Signatur", "1.2.1.2."}},
	"what there was no room for": {func(c *checkintest.CheckIn) {
		c.Record.Dropped = []*stationv1.Dropped{
			{Name: "document-1-page-1-visible", How: stationv1.DroppedReduced}, {Name: "document-1-chip-DG13", How: stationv1.DroppedLeftOut},
			{Name: "checks", How: stationv1.DroppedLeftOut, Count: 9700}, {Name: "reasons", How: stationv1.DroppedShortened, Count: 12},
			{Name: "document-1-chip-DG14", How: stationv1.DroppedNotKept}, {Name: "document", How: stationv1.DroppedNotRead, Count: 2},
		}
	}, "Echt", []string{"Seite 1, sichtbar</b> verkleinert", "<b>DG13</b> aus Platzmangel weggelassen", "Prüfungen</b> aus Platzmangel weggelassen", "(9700)",
		"Begründungen</b> gekürzt (12)", "konnte es nicht speichern", "weiteres Dokument</b> wurde nicht gelesen: Bitte zeigen lassen (2)"}},
}

func TestStaffAreToldWhatDidNotArrive(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "okafor")
	for name, c := range incomplete {
		visitor := checkintest.Genuine(noon)
		c.change(visitor)
		body := b.get("/visitor/" + s.send(t, visitor)).body
		for _, word := range append(c.words, c.badge) {
			if !strings.Contains(body, word) {
				t.Errorf("%s: staff do not read %q", name, word)
			}
		}
		if c.badge != "Echt" && strings.Contains(body, "Echt</span>") {
			t.Errorf("%s: staff read that the document is genuine", name)
		}
	}
}

func TestWhatCannotBeReadAlarmsMoreThanWhatIsUnverifiedInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := chrome(t)
	s := open(t, time.Now)
	unverified := checkintest.Genuine(time.Now())
	unverified.Record.Documents[0].Verdict = "unverified"
	s.send(t, unverified)
	s.send(t, checkintest.Doubtful(time.Now()))
	visitor := checkintest.Genuine(time.Now())
	incomplete["a file that is not the record's"].change(visitor)
	lost := s.send(t, visitor)
	colour := func(verdict string, to *string) chromedp.Action {
		return chromedp.Evaluate(fmt.Sprintf(`getComputedStyle(document.querySelector(".badge.%s")).color`, verdict), to)
	}
	var unreadable, doubtful, plain string
	browsertest.Do(t, ctx, "the queue", chromedp.Navigate(s.url), signInAs("okafor"), chromedp.WaitVisible(".badge.unreadable"),
		colour("unreadable", &unreadable), colour("doubtful", &doubtful), colour("unverified", &plain))
	picture(t, ctx, "unreadable-queue", false)
	if unreadable == plain || unreadable != doubtful {
		t.Errorf("unreadable is %s, doubtful %s, unverified %s", unreadable, doubtful, plain)
	}
	browsertest.Do(t, ctx, "the file", chromedp.Navigate(s.url+"/visitor/"+lost), chromedp.WaitVisible(".notice.dropped.bad"),
		chromedp.WaitVisible(".badge.unreadable"))
	picture(t, ctx, "unreadable-file", true)
}
