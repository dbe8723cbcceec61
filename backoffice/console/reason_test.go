package console_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/internal/browsertest"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// fileOf is the page of a visitor's file, of whose first check the reasons are these.
func fileOf(t *testing.T, s *site, b *browser, change func(*stationv1.Check)) string {
	t.Helper()
	visitor := checkintest.Genuine(noon)
	first := visitor.Record.Documents[0].Checks[0]
	first.Reason = ""
	change(first)
	return b.get("/visitor/" + s.send(t, visitor)).body
}

func told(code string, params ...string) []*stationv1.Reason {
	r := &stationv1.Reason{Code: code}
	for i := 0; i < len(params); i += 2 {
		r.Params = append(r.Params, &stationv1.Param{Name: params[i], Values: []string{params[i+1]}})
	}
	return []*stationv1.Reason{r}
}

func TestAReasonIsWordedInTheViewersLanguage(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "okafor")
	for name, c := range map[string]struct {
		change   func(*stationv1.Check)
		language string
		want     string
	}{
		"both sides": {func(c *stationv1.Check) {
			c.Reasons = told("cross.field", "field", "surname", "printed", "MARCHETTI", "chip", "BENALI")
		}, "de", "Nachname: gedruckt MARCHETTI, Chip BENALI"},
		"in English": {func(c *stationv1.Check) {
			c.Reasons = told("cross.field", "field", "surname", "printed", "MARCHETTI", "chip", "BENALI")
		}, "en", "surname: printed MARCHETTI, chip BENALI"},
		"of a newer station": {func(c *stationv1.Check) { c.Reasons = told("stamp.faded", "ink", "blue") }, "de",
			"ein Grund, für den dieses Amt keine Worte hat: stamp.faded"},
		"with a parameter less": {func(c *stationv1.Check) { c.Reasons = told("cross.field", "field", "surname") }, "en",
			"a reason that this office has no words for: cross.field"},
		"of the first contract": {func(c *stationv1.Check) { c.Reason = "the digits agree" }, "de", `lang="en">the digits agree</p>`},
		"markup in a parameter": {func(c *stationv1.Check) { c.Reasons = told("chip.sod.signed", "subject", "<script>alert(1)</script>") }, "de",
			"signiert von &lt;script&gt;alert(1)&lt;/script&gt;"},
		"a measurement": {func(c *stationv1.Check) {
			c.Reasons, c.Measure = told("mrz.agree"), &stationv1.Measure{Value: 0.8738, Threshold: 0.6}
		}, "de", "Gemessen 0,874, Schwelle 0,6"},
		"a measurement with its unit": {func(c *stationv1.Check) {
			c.Reasons, c.Measure = told("mrz.agree"), &stationv1.Measure{Value: -2, Threshold: 110, Unit: "mm"}
		}, "en", "Measured -2 mm, threshold 110 mm"},
	} {
		b.post("/language", url.Values{"language": {c.language}, "path": {"/"}})
		if body := fileOf(t, s, b, c.change); !strings.Contains(body, c.want) {
			t.Errorf("%s: staff do not read %q", name, c.want)
		}
	}
}

// What keeps most checks from being made is told once in the answer and once above the checks, with their names; what failed stands by
// itself.
func TestADeadChipIsSaidOnce(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "okafor")
	dead := visitors(t, specimen.DeadChip)[string(specimen.DeadChip)]
	checks := dead.Record.Documents[0].Checks
	body := b.get("/visitor/" + s.send(t, dead)).body
	const because = "ein Chip ist da und antwortet nicht wie der eines elektronischen Passes"
	if said := strings.Count(body, because); said != 2 || !strings.Contains(body, "Nicht bestätigt: Nichts spricht gegen das Dokument") {
		t.Errorf("said %d times", said)
	}
	for _, check := range checks {
		if !strings.Contains(body, check.Id) && !strings.Contains(body, readTexts(t, "de").pages["check."+check.Id]) {
			t.Errorf("%s is left out", check.Id)
		}
	}
	failed := checkintest.Genuine(noon)
	for _, check := range failed.Record.Documents[0].Checks[:4] {
		check.Result, check.Reason, check.Reasons = "failed", "", told("mrz.expired")
	}
	failed.Record.Documents[0].Verdict = "doubtful"
	if body := b.get("/visitor/" + s.send(t, failed)).body; strings.Contains(body, `class="shared"`) || strings.Count(body, "das Dokument ist abgelaufen") != 8 {
		t.Error("checks that failed are told together")
	}
}

func TestEachStateThatIsNotGenuineHasItsOwnWordsInListAndFile(t *testing.T) {
	t.Parallel()
	all := visitors(t, specimen.Genuine, specimen.Expired, specimen.DeadChip, specimen.Forged)
	for name, c := range map[string]struct{ list, file string }{
		string(specimen.Genuine):  {"Echt</span>", "Echt</span>"},
		string(specimen.Expired):  {"Echt, abgelaufen</span>", "Echt, abgelaufen</span>"},
		string(specimen.DeadChip): {"Nicht bestätigt</span>", "nichts beweist es"},
		string(specimen.Forged):   {"Zweifelhaft</span>", "Nicht bestanden:"},
		"no document":             {"Ohne Dokument</span>", "Es wurde kein Dokument gelesen"},
		"asked for help":          {"Bittet um Hilfe", "Die Person hat um Hilfe gebeten"},
		"an appointment":          {"Ich habe einen Termin", "Ich habe einen Termin"},
	} {
		s := open(t, atNoon)
		b := s.signedIn(t, "okafor")
		page := "/visitor/" + s.send(t, all[name])
		list, file := b.get("/").body, b.get(page).body
		if !strings.Contains(list, c.list) {
			t.Errorf("%s: the list does not say %q", name, c.list)
		}
		if !strings.Contains(file, c.file) {
			t.Errorf("%s: the file does not say %q", name, c.file)
		}
		if name != "no document" && strings.Contains(list+file, "Ohne Dokument") {
			t.Errorf("%s is said to be without a document", name)
		}
	}
}

// A caseworker sees in one look why a document is not confirmed, and by a touch which checks that concerns.
func TestACaseworkerReadsWhyADocumentIsNotConfirmedInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := chrome(t)
	s := open(t, atNoon)
	all := visitors(t, specimen.DeadChip, specimen.Expired, specimen.Forged, specimen.AlteredMRZ, specimen.Genuine)
	browsertest.Do(t, ctx, "sign in", chromedp.Navigate(s.url), signInAs("okafor"))
	for _, name := range []string{string(specimen.DeadChip), string(specimen.Expired), string(specimen.Forged), string(specimen.AlteredMRZ), string(specimen.Genuine), "no document"} {
		page := s.url + "/visitor/" + s.send(t, all[name])
		browsertest.Do(t, ctx, name, chromedp.Navigate(page), chromedp.WaitVisible(".verdicts.large .badge"))
		picture(t, ctx, "state-"+name, true)
		if name != string(specimen.DeadChip) {
			continue
		}
		var hidden, shown bool
		visible := `document.querySelector(".shared details .reason").checkVisibility()`
		browsertest.Do(t, ctx, "the checks that share it", chromedp.Evaluate("!"+visible, &hidden), press(".shared summary"), chromedp.Evaluate(visible, &shown))
		if !hidden || !shown {
			t.Errorf("the checks that share a reason are hidden at first: %v, and shown then: %v", hidden, shown)
		}
	}
	browsertest.Do(t, ctx, "the list", chromedp.Navigate(s.url), chromedp.WaitVisible("#live .board", chromedp.ByQuery))
	picture(t, ctx, "state-list", true)
}
