package console_test

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
)

// send sends a form of a visitor's file with a fresh entry and the given names and values in turn, which may replace it.
func (b *browser) send(id, form string, values ...string) answer {
	b.t.Helper()
	all := url.Values{"entry": {rand.Text()}}
	for i := 0; i < len(values); i += 2 {
		all.Set(values[i], values[i+1])
	}
	return b.post("/visitor/"+id+"/"+form, all)
}

// add sends a form that has to be taken.
func (b *browser) add(id, form string, values ...string) {
	b.t.Helper()
	if r := b.send(id, form, values...); r.status != http.StatusSeeOther {
		b.t.Fatalf("%s: status %d", form, r.status)
	}
}

func (s *site) entries(t *testing.T, id string) []store.FileEntry {
	t.Helper()
	all, err := s.Store.FileEntries(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestADecisionIsShownWithWhoMadeItWhyAndWhen(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	id := s.send(t, checkintest.Doubtful(noon))
	brandt, yilmaz := s.signedIn(t, "brandt"), s.signedIn(t, "yilmaz")
	const secret = "Das Foto wurde überklebt"
	brandt.add(id, "decide", "document", "1", "decision", "rejected.suspected_forgery", "note", secret)
	page := yilmaz.get("/visitor/" + id).body
	for _, want := range []string{"Zurückgewiesen", "Verdacht auf Fälschung", "Jana Brandt, 02.03.2026", secret} {
		if !strings.Contains(page, want) {
			t.Errorf("the file does not say %q", want)
		}
	}
	kept := s.entries(t, id)
	if len(kept) != 1 || kept[0].Name != "brandt" || kept[0].Reason != "suspected_forgery" || strings.Contains(string(kept[0].Sealed), "Foto") {
		t.Fatalf("kept %+v", kept)
	}
	yilmaz.add(id, "decide", "document", "1", "decision", "accepted.examined_by_hand", "last", kept[0].ID)
	page = brandt.get("/visitor/" + id).body
	if !strings.Contains(page, secret) || !strings.Contains(page, "Von Hand") && !strings.Contains(page, "von Hand geprüft") {
		t.Error("the first decision is gone, or the second one is not there")
	}
}

func TestOfTwoWhoDecideAtOnceOneLooksAgainAndLosesNoWord(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	id := s.send(t, checkintest.Genuine(noon))
	brandt, yilmaz := s.signedIn(t, "brandt"), s.signedIn(t, "yilmaz")
	brandt.add(id, "decide", "document", "1", "decision", "accepted.in_order")
	r := yilmaz.send(id, "decide", "document", "1", "decision", "rejected.damaged", "note", "Seite 3 fehlt")
	if r.status != http.StatusConflict || !strings.Contains(r.body, "Jemand war schneller") || !strings.Contains(r.body, "Seite 3 fehlt</textarea>") {
		t.Errorf("status %d", r.status)
	}
	if kept := s.entries(t, id); len(kept) != 1 {
		t.Errorf("%d entries are kept", len(kept))
	}
}

func TestAFormThatIsSentTwiceAddsOneEntry(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	id, b, entry := s.send(t, checkintest.Genuine(noon)), s.signedIn(t, "okafor"), rand.Text()
	for range 2 {
		b.add(id, "note", "entry", entry, "note", "einmal")
	}
	if kept := s.entries(t, id); len(kept) != 1 {
		t.Errorf("%d entries are kept", len(kept))
	}
}

func TestACorrectedMRZStandsBesideTheOriginalAndIsJudgedAnew(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	c := checkintest.Genuine(noon)
	read := c.Record.Documents[0]
	right := read.Mrz[1]
	read.Mrz[1] = strings.Replace(right, "L898902C3", "L8989O2C3", 1)
	for _, check := range read.Checks {
		if check.Id == "mrz.check_digits" {
			check.Result, check.Reason = "undetermined", "one character could be two"
		}
	}
	id, b := s.send(t, c), s.signedIn(t, "okafor")
	if page := b.get("/visitor/" + id).body; !strings.Contains(page, "Das Terminal war unsicher") {
		t.Error("the file does not offer a correction")
	}
	b.add(id, "correct", "document", "1", "mrz", strings.ToLower(read.Mrz[0])+"\r\n "+right+" \r\n")
	page := b.get("/visitor/" + id).body
	for _, want := range []string{"Berichtigt von ", "L8989O2C36UTO7408122F3204159ZE184226B&lt;", "L8989<mark>0</mark>2C36UTO", "L8989O2C3", "Prüfziffern", "bestanden"} {
		if !strings.Contains(page, want) {
			t.Errorf("the file does not show %q", want)
		}
	}
	kept := s.entries(t, id)
	if len(kept) != 1 || kept[0].Kind != store.Corrected || kept[0].Name != "okafor" || strings.Contains(string(kept[0].Sealed), "L898902C3") {
		t.Errorf("kept %+v", kept)
	}
	_, again, _ := strings.Cut(page, `class="again"`)
	if again, _, _ = strings.Cut(again, "</ul>"); !strings.Contains(again, `class="passed"`) {
		t.Errorf("judged anew as %s", again)
	}
}

func TestWhatNoFormSendsIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	id, b := s.send(t, checkintest.Genuine(noon)), s.signedIn(t, "okafor")
	long := strings.Repeat("ä", 1001)
	for name, form := range map[string][]string{
		"a decision that there is none of":      {"decide", "document", "1", "decision", "accepted.bribed"},
		"a reason of another decision":          {"decide", "document", "1", "decision", "accepted.damaged"},
		"a note for a decision":                 {"decide", "document", "1", "decision", "noted."},
		"a decision on a document that is none": {"decide", "document", "2", "decision", "accepted.in_order"},
		"a decision on no document":             {"decide", "document", "0", "decision", "accepted.in_order"},
		"a decision with too much to say":       {"decide", "document", "1", "decision", "accepted.in_order", "note", long},
		"an empty note":                         {"note", "note", " \n"},
		"a note too long":                       {"note", "note", long},
		"a note that is no text":                {"note", "note", "\xff"},
		"an entry without an id":                {"note", "note", "x", "entry", ""},
		"an entry with an id of one's own":      {"note", "note", "x", "entry", "../../../../../etc/passwd1"},
		"an MRZ of one line":                    {"correct", "document", "1", "mrz", "P<UTO"},
		"an MRZ with script in it":              {"correct", "document", "1", "mrz", "<script>alert(1)</script>"},
		"a long MRZ":                            {"correct", "document", "1", "mrz", strings.Repeat("<", 513)},
		"the MRZ as it was read":                {"correct", "document", "1", "mrz", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F3204159ZE184226B<<<<<14"},
		"help of a kind that there is none of":  {"help", "help", "pizza"},
	} {
		r := b.send(id, form[0], form[1:]...)
		if r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, `id="fault"`) || strings.Contains(r.body, "<script>alert") {
			t.Errorf("%s: status %d", name, r.status)
		}
	}
	if kept := s.entries(t, id); len(kept) != 0 {
		t.Errorf("kept %+v", kept)
	}
	if r := b.send("0199b1f0-0000-7000-8000-000000000000", "note", "note", "x"); r.status != http.StatusNotFound {
		t.Errorf("a note on nobody: status %d", r.status)
	}
	if r := b.send(id, "note", "note", strings.Repeat("x", 20<<10)); r.status == http.StatusSeeOther {
		t.Error("a form of 20 KiB is taken")
	}
}

func TestScriptInANoteIsText(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	id, b := s.send(t, checkintest.Genuine(noon)), s.signedIn(t, "okafor")
	b.add(id, "note", "note", `<script>alert("x")</script>`)
	if page := b.get("/visitor/" + id).body; strings.Contains(page, "<script>alert") || !strings.Contains(page, "&lt;script&gt;alert") {
		t.Error("a note is markup")
	}
}

func TestACallForHelpRingsAtTheLeadsConsoleAlone(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	for i, w := range s.Office.Caseworkers {
		s.Office.Caseworkers[i].Lead = w.ID == "brandt"
	}
	lead, other, caller := s.signedIn(t, "brandt"), s.signedIn(t, "reception"), s.signedIn(t, "okafor")
	id := s.send(t, checkintest.Doubtful(noon))
	caller.add(id, "help", "help", "second_pair_of_eyes")
	const rings = `data-asking="help-`
	page := lead.get("/").body
	if !strings.Contains(page, rings) || !strings.Contains(page, "Vier Augen") {
		t.Error("the lead is not told")
	}
	if strings.Contains(other.get("/").body, rings) || strings.Contains(caller.get("/").body, rings) {
		t.Error("it rings at another console")
	}
	if r := other.send(id, "coming"); r.status != http.StatusForbidden {
		t.Errorf("who is no lead goes: status %d", r.status)
	}
	lead.add(id, "coming")
	if strings.Contains(lead.get("/").body, rings) {
		t.Error("it still rings")
	}
	if !strings.Contains(caller.get("/visitor/"+id).body, "Jana Brandt kommt.") {
		t.Error("the caller is not told who comes")
	}
}

func TestWhoAskedForHelpOrBroughtNoDocumentHasAnAnswerInWords(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	nothing := checkintest.Appointment(noon)
	nothing.Service = "residence-permit"
	b := s.signedIn(t, "okafor")
	for want, c := range map[string]*checkintest.CheckIn{
		"<span>Bittet um Hilfe</span>": checkintest.Staff(noon), "<span>Ohne Dokument</span>": nothing, "<span>Nichts zu beurteilen</span>": checkintest.Appointment(noon),
	} {
		id := s.send(t, c)
		page := b.get("/visitor/" + id).body
		if _, answer, _ := strings.Cut(page, `id="answer"`); !strings.Contains(answer, want) {
			t.Errorf("the file does not say %q", want)
		}
		b.add(id, "decide", "document", "0", "decision", "asked_again.bring_original", "note", "kommt wieder")
		if page := b.get("/visitor/" + id).body; !strings.Contains(page, "kommt wieder") {
			t.Errorf("%s: the decision is not there", want)
		}
	}
}

func TestExpiredIsNoForgery(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	c := checkintest.Genuine(noon)
	d := c.Record.Documents[0]
	d.Validity, d.ExpiryDate = "expired", "2026-01-31"
	for _, check := range d.Checks {
		if check.Id == "mrz.expiry" {
			check.Result, check.Reason = "failed", "the document expired 30 days ago"
		}
	}
	page := s.signedIn(t, "okafor").get("/visitor/" + s.send(t, c)).body
	_, answer, _ := strings.Cut(page, `id="answer"`)
	answer, _, _ = strings.Cut(answer, "</section>")
	if strings.Contains(answer, `class="against"`) || !strings.Contains(answer, "Abgelaufen heißt nicht gefälscht") || !strings.Contains(answer, "bis 31.01.2026") {
		t.Errorf("the answer is %s", answer)
	}
}
