package console_test

import (
	"context"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/verify"
)

var markup = regexp.MustCompile(`<[^>]*>|\s+`)

// saysWhy is the text of the card that says why a visitor is here, without its markup.
func saysWhy(b *browser, id string) string {
	b.t.Helper()
	_, rest, found := strings.Cut(b.get("/visitor/"+id).body, `<section class="card why"`)
	card, _, ends := strings.Cut(rest, "</section>")
	if !found || !ends {
		b.t.Fatalf("the file of %s does not say why", id)
	}
	return html.UnescapeString(strings.Join(strings.Fields(markup.ReplaceAllString(card, " ")), " "))
}

// admitted puts a visitor with a decision into the queue, and gives the id.
func (s *site) admitted(t *testing.T, n int, d routing.Decision) string {
	t.Helper()
	id := fmt.Sprintf("0199b1f0-0000-7000-8000-%012d", n)
	a := store.Admission{CheckIn: store.CheckIn{ID: id, Station: "station-1", ConfirmedAt: noon, Service: "residence-permit", Ticket: fmt.Sprintf("A-%d", n),
		Day: s.Office.Day(noon), Verdict: verify.Genuine}, Today: s.Office.Day(noon), At: noon, Request: []byte(id)}
	err := s.Store.Admit(context.WithoutCancel(t.Context()), a, func([]store.Queued) store.Placement { return store.Placement{Decision: d, Room: "Zimmer 204"} })
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestTheFileSaysWhichRulesWerePassedOverAndWhoCouldReceiveTheVisitor(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	id := s.send(t, checkintest.Genuine(noon))
	b := s.signedIn(t, "brandt")
	for tag, words := range map[string][]string{
		"de": {"Zuständig für Aufenthaltstitel", "Wer infrage kam (2)", "Jana Brandt gewählt 0 wartend, etwa 0 min +0 Punkte", "Übergangene Regeln (2)",
			"asked-for-staff Hat um Hilfe durch Mitarbeitende gebeten Nicht für dieses Anliegen: Aufenthaltstitel beantragen oder verlängern",
			"Nicht für dieses Ergebnis der Dokumentenprüfung: Echt", "Fassung der Regeln " + s.Office.Routing().Hash()[:12]},
		"en": {"In charge of residence permits", "Not for this service: Apply for or renew a residence permit", "Not for this outcome of the document check: Genuine"},
	} {
		b.post("/language", url.Values{"language": {tag}, "path": {"/"}})
		said := saysWhy(b, id)
		for _, word := range words {
			if !strings.Contains(said, word) {
				t.Errorf("in %q it does not say %q: %s", tag, word, said)
			}
		}
	}
}

// TestEveryCellAndPreferenceHasWords shows a decision with all of them, in which nothing was known.
func TestEveryCellAndPreferenceHasWords(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	e := &routing.Explanation{Rules: strings.Repeat("0", 64)}
	for _, cell := range []routing.Cell{routing.CellService, routing.CellVerdict, routing.CellLanguage, routing.CellNationality, routing.CellLetters, routing.CellPersons,
		routing.CellAppointment, routing.CellOwnCase, routing.CellValidFrom, routing.CellValidUntil, routing.CellTo} {
		e.Passed = append(e.Passed, routing.Passed{Rule: "<b>rule</b>", Cell: cell, Candidates: []routing.Candidate{{Queue: "yilmaz", Refused: cell}}})
	}
	for _, cell := range []routing.Cell{routing.CellAbsent, routing.CellHours, routing.CellCapacity, routing.CellMembers, routing.CellWait} {
		e.Candidates = append(e.Candidates, routing.Candidate{Queue: "okafor", Refused: cell, Saw: "Tue 09:30"})
	}
	var points []routing.Points
	for _, p := range []routing.Preference{routing.OwnCase, routing.Appointment, routing.Language, routing.Letters, routing.Nationality, routing.Shortness, routing.Wait} {
		points = append(points, routing.Points{Preference: p, Points: -3})
	}
	e.Candidates = append(e.Candidates, routing.Candidate{Queue: "brandt", Points: points, Total: -21})
	b := s.signedIn(t, "brandt")
	for n, resort := range []routing.Resort{routing.ResortAbsent, routing.ResortPresent} {
		said := saysWhy(b, s.admitted(t, n+1, routing.Decision{Rule: "rule", Caseworker: "brandt", Resort: resort, Explanation: e}))
		for _, word := range []string{"nicht bekannt", "eigener Fall −3", "−21 Punkte", "Nicht zu dieser Uhrzeit: 09:30", "<b>rule</b>"} {
			if !strings.Contains(said, word) {
				t.Errorf("it does not say %q: %s", word, said)
			}
		}
	}
	if list := b.get("/").body; !strings.Contains(list, "Für 1 Wartende ist niemand da") {
		t.Error("the lead is not told that nobody is there")
	}
}

func TestADecisionOfBeforeExplanationsIsShown(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	id := s.admitted(t, 1, routing.Decision{Rule: "permits", About: map[string]string{"de": "Titel"}, Caseworker: "brandt", Waiting: map[string]int{"brandt": 2, "yilmaz": 3}})
	said := saysWhy(s.signedIn(t, "brandt"), id)
	if want := "Titel Regel „permits“. Wartende bei der Zuweisung: Jana Brandt 2, Deniz Yılmaz 3"; !strings.Contains(said, want) {
		t.Errorf("it does not say %q: %s", want, said)
	}
}

func TestAFileSaysWhoComesBeforeAndAfterAndWhy(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	to := func(caseworker string) routing.Decision { return routing.Decision{Rule: "r", Caseworker: caseworker} }
	first, other, second, third := s.admitted(t, 16, to("brandt")), s.admitted(t, 17, to("yilmaz")), s.admitted(t, 18, to("brandt")), s.admitted(t, 19, to("brandt"))
	b := s.signedIn(t, "okafor")
	before, after := func(ticket string) string { return "Vor " + ticket + ": in derselben" }, func(ticket string) string { return "Nach " + ticket + ": in derselben" }
	for id, c := range map[string]struct{ says, saysNot []string }{
		first:  {[]string{before("A-18")}, []string{"Nach A-", before("A-17")}},
		second: {[]string{after("A-16"), before("A-19")}, []string{"A-17"}},
		third:  {[]string{after("A-18")}, []string{"Vor A-"}},
		other:  {nil, []string{"Vor A-", "Nach A-"}},
	} {
		said := saysWhy(b, id)
		for _, word := range c.says {
			if !strings.Contains(said, word) {
				t.Errorf("%s does not say %q: %s", id, word, said)
			}
		}
		for _, word := range c.saysNot {
			if strings.Contains(said, word) {
				t.Errorf("%s says %q: %s", id, word, said)
			}
		}
	}
	if err := s.Store.Call(t.Context(), "brandt", second, noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if said := saysWhy(b, second); strings.Contains(said, "in derselben") {
		t.Errorf("who has been called still comes before somebody: %s", said)
	}
}

// TestATextOfTheOfficeIsNoMarkup gives a rule a reason with a script in it.
func TestATextOfTheOfficeIsNoMarkup(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	text := strings.Replace(string(office.Example), "Hat um Hilfe durch Mitarbeitende gebeten", "<script>alert(1)</script>", 1)
	o, err := office.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	*s.Office = *o
	if body := s.signedIn(t, "brandt").get("/visitor/" + s.send(t, checkintest.Genuine(noon))).body; strings.Contains(body, "<script>alert") {
		t.Error("a rule's reason runs as a script")
	}
}
