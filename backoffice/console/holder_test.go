package console_test

import (
	"html"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// TestADocumentOfSomebodyElseIsTold: each is judged by itself, so that somebody else's residence card is as genuine as one's own.
func TestADocumentOfSomebodyElseIsTold(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "okafor")
	const other = "Das sind andere Angaben als die zur Person: bitte vergleichen."
	for name, c := range map[string]struct {
		of     *checkintest.CheckIn
		change func(*stationv1.CheckInRecord)
		want   string // empty where nobody else is named
	}{
		"a family":      {checkintest.Family(noon), func(*stationv1.CheckInRecord) {}, ""},
		"two documents": {checkintest.TwoDocuments(noon), func(*stationv1.CheckInRecord) {}, ""},
		"a name that a card cuts off": {checkintest.TwoDocuments(noon), func(r *stationv1.CheckInRecord) {
			r.Persons[0].GivenNames = "Anna Maria Wilhelmina"
		}, ""},
		"a character that was not read": {checkintest.TwoDocuments(noon), func(r *stationv1.CheckInRecord) {
			r.Documents[1].Mrz[2], r.Persons[0].BirthDate = "ERIK?SON<<ANNA<MARIA<<<<<<<<<<", "1974-08-??"
		}, ""},
		"a name as it is spelt at home": {checkintest.TwoDocuments(noon), func(r *stationv1.CheckInRecord) {
			r.Persons[0].Surname, r.Persons[0].GivenNames = "Éríksson", "Anna-Maria"
		}, ""},
		"no MRZ": {checkintest.TwoDocuments(noon), func(r *stationv1.CheckInRecord) { r.Documents[1].Mrz = nil }, ""},
		"nobody": {checkintest.TwoDocuments(noon), func(r *stationv1.CheckInRecord) { r.Documents[1].Person = 0 }, ""},
		"her son's passport": {checkintest.Family(noon), func(r *stationv1.CheckInRecord) { r.Documents[2].Person = 1 },
			"Dokument 3 von 3, Reisepass, Utopia L555500D1: Die MRZ nennt ERIKSSON, LARS, geboren am 03.02.2017. " + other},
		"one name, another day": {checkintest.TwoDocuments(noon), func(r *stationv1.CheckInRecord) { r.Persons[0].BirthDate = "1974-08-13" },
			"Dokument 2 von 2, Aufenthaltstitel, Utopia RP1234567: Die MRZ nennt ERIKSSON, ANNA MARIA, geboren am 12.08.1974. " + other},
		"a person whom no document names": {checkintest.Genuine(noon), func(r *stationv1.CheckInRecord) { r.Persons[0].Surname = "Berg" },
			"Die MRZ nennt ERIKSSON, ANNA MARIA, geboren am 12.08.1974. " + other},
	} {
		c.change(c.of.Record)
		page := words(b.get("/visitor/" + s.send(t, c.of)).body)
		if c.want == "" && strings.Contains(page, other) || !strings.Contains(page, c.want) {
			t.Errorf("%s: the page does not say %q: %s", name, c.want, page)
		}
	}
}

// TestADocumentThatIsLaidDownTwiceIsTold: a family of two with one passport has two genuine ones else.
func TestADocumentThatIsLaidDownTwiceIsTold(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "okafor")
	const same = "Dokument 3 von 3, Reisepass, Utopia L898902C3: Dasselbe Dokument wie Dokument 1,"
	for _, number := range []string{"L898902C3", "L555500D1", ""} {
		c := checkintest.Family(noon)
		c.Record.Documents[2].DocumentNumber = number
		if number == "" {
			c.Record.Documents[0].DocumentNumber = ""
		}
		page := words(b.get("/visitor/" + s.send(t, c)).body)
		if is := strings.Contains(page, same); is != (number == "L898902C3") || strings.Count(page, "Dasselbe Dokument") > 1 {
			t.Errorf("number %q: that it is the same is told: %v", number, is)
		}
	}
}

// words are those of a page, without its elements.
func words(page string) string {
	var b strings.Builder
	for i, part := range strings.Split(html.UnescapeString(page), "<") {
		if _, text, found := strings.Cut(part, ">"); found || i == 0 {
			b.WriteString(text)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// TestWhatAChipTellsIsCalledSignedWhereThatIsWorthSomething: a forger's signer signs whatever the forger likes.
func TestWhatAChipTellsIsCalledSignedWhereThatIsWorthSomething(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "okafor")
	const signed, unproved = "Aus dem Chip, signiert", "Aus dem Chip, nicht bestätigt"
	for verdict, want := range map[string]string{"genuine": signed, "unverified": unproved, "doubtful": unproved} {
		c := telling(checkintest.Genuine(noon))
		c.Record.Documents[0].Verdict = verdict
		page := b.get("/visitor/" + s.send(t, c)).body
		if all := strings.Count(page, signed) + strings.Count(page, unproved); strings.Count(page, want) != 2 || all != 2 {
			t.Errorf("%s: what the chip tells is not headed %q alone", verdict, want)
		}
	}
}
