package console_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// TestWhoeverAndWhateverComesIsShown: people without a document, documents of nobody, pictures of nobody, any of them beside others.
func TestWhoeverAndWhateverComesIsShown(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "okafor")
	for name, c := range map[string]struct {
		of      *checkintest.CheckIn
		change  func(*checkintest.CheckIn)
		words   []string
		without []string
	}{
		"a portrait and nothing else": {checkintest.Appointment(noon), func(c *checkintest.CheckIn) { c.Add(checkintest.Portrait(0), []byte("JPEG")) },
			[]string{`id="file-portrait"`, "Warum hier"}, []string{"Keiner Person", `class="part"`}},
		"a person without a document": {checkintest.Genuine(noon), func(c *checkintest.CheckIn) {
			alone := []*stationv1.Check{{Id: "person.face_found", Category: "person", Result: "passed", Level: "evaluatory", Evidence: []string{"portrait"}}}
			c.Record.Persons = append(c.Record.Persons, &stationv1.Person{Surname: "Berg", GivenNames: "Ida", Checks: alone})
			c.Add(checkintest.Portrait(2), []byte("JPEG"))
		}, []string{"Berg, Ida", "ohne Dokument", `id="file-person-2-portrait"`, `href="#file-person-2-portrait"`, "Dokument 1 von 1"}, nil},
		"two of whom nothing is known": {checkintest.Appointment(noon), func(c *checkintest.CheckIn) {
			c.Record.Persons = []*stationv1.Person{{}, {}}
			c.Add(checkintest.Portrait(2), []byte("JPEG"))
		}, []string{">Person 1<", ">Person 2<", `id="file-person-2-portrait"`}, []string{`class="fullname"`}},
		"a chip with a signature": {checkintest.Genuine(noon), func(c *checkintest.CheckIn) { c.Add(checkintest.ChipSignature(1, "image/jp2"), []byte("JPEG 2000")) },
			[]string{`id="file-document-1-chip-signature"`, "Unterschrift aus dem Chip", "JPEG 2000"}, []string{`class="part"`}},
		"a document of nobody": {checkintest.TwoDocuments(noon), func(c *checkintest.CheckIn) { c.Record.Documents[1].Person = 0 },
			[]string{"Keiner Person zugeordnet", "Dokument 2 von 2, Aufenthaltstitel, Utopia", "RP1234567", `id="file-document-2-page-2-infrared"`}, nil},
		"a family whose pages were too many": {checkintest.Family(noon), func(c *checkintest.CheckIn) {
			for _, name := range []string{"document-3-page-2-visible", "document-2-chip-DG14", "person-2-signature-samples", "document-1-chip-portrait"} {
				c.Record.Dropped = append(c.Record.Dropped, &stationv1.Dropped{Name: name, How: stationv1.DroppedLeftOut})
			}
		}, []string{"Dokument 3: Seite 2, sichtbar</b>", "Dokument 2: DG14</b>", "Person 2: Verlauf der Unterschrift</b>", "Dokument 1: Bild aus dem Chip</b>"}, nil},
	} {
		c.change(c.of)
		page := b.get("/visitor/" + s.send(t, c.of))
		if page.status != http.StatusOK {
			t.Errorf("%s: %d", name, page.status)
		}
		for _, word := range c.words {
			if !strings.Contains(page.body, word) {
				t.Errorf("%s: the page does not say %q", name, word)
			}
		}
		for _, word := range c.without {
			if strings.Contains(page.body, word) {
				t.Errorf("%s: the page says %q", name, word)
			}
		}
		if n := strings.Count(page.body, "Warum hier"); n != 1 {
			t.Errorf("%s: why the visitor is here is said %d times", name, n)
		}
	}
}
