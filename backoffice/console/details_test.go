package console_test

import (
	"fmt"
	"html"
	"image"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/internal/browsertest"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// telling gives a check-in what the chip of Oksana Kovalenko tells of her and of itself.
func telling(c *checkintest.CheckIn) *checkintest.CheckIn {
	person, document := c.Record.Persons[0], c.Record.Documents[0]
	person.Surname, person.GivenNames = "KOVALENKO", "OKSANA MARIJA"
	person.Details = &stationv1.PersonalDetails{
		FullName: "Коваленко, Оксана Марија", OtherNames: []string{"Шевић, Оксана Марија", "Kovalenko-Šević, Oksana"},
		PersonalNumber: "19850814-41008", BirthDate: person.BirthDate, PlaceOfBirth: "Abraxa",
		Address: "Улица Тихих Вода 31, стан 4, Абракса", Telephone: "+99 3 555 0146", Profession: "Преводилац", Title: "Магистар",
		Custody: "Коваленко, Данило Петар",
		PersonsToNotify: []*stationv1.PersonToNotify{
			{Name: "Коваленко, Петар", Telephone: "+99 3 555 0147", Address: "Улица Тихих Вода 31, Абракса", Recorded: "2024-03-14"},
			{Name: "Šević, Marija", Telephone: "+99 3 555 0111"},
		},
	}
	document.DocumentCode = "ID"
	document.Details = &stationv1.DocumentDetails{
		Authority: "Ministry of Arrivals", IssueDate: "2020-07-18", Endorsements: "Holder is accompanied by one child",
		Personalized: "2020-07-18 09:15:00",
	}
	return c
}

func TestStaffReadWhatTheChipTellsBesideTheMRZ(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "okafor")
	id := s.send(t, telling(checkintest.Genuine(noon)))
	for language, texts := range map[string][]string{
		"de": {"Коваленко, Оксана Марија", "Die MRZ stimmt damit überein", "Weitere Namen", "Kovalenko-Šević, Oksana", "Anschrift", "Улица Тихих Вода 31",
			"Zu benachrichtigen", "Šević, Marija", "vom 14.03.2024", "Ausstellende Behörde", "Ministry of Arrivals", "18.07.2020", "18.07.2020 09:15:00",
			"Vermerke", "Personalausweis, Utopia", "Sorgerecht"},
		"en": {"The MRZ agrees", "Other names", "Address", "Persons to notify", "as of 2024-03-14", "Issuing authority", "2020-07-18 09:15:00",
			"Endorsements", "Identity card, Utopia", "Custody"},
	} {
		b.post("/language", map[string][]string{"language": {language}, "path": {"/"}})
		page := html.UnescapeString(b.get("/visitor/" + id).body)
		for _, text := range texts {
			if !strings.Contains(page, text) {
				t.Errorf("%s: %q is not on the page", language, text)
			}
		}
		for _, absent := range []string{"Telefon</dt><dd dir=\"auto\"></dd>", "laut Chip", "by the chip", "Steuer", "Tax and exit"} {
			if strings.Contains(page, absent) {
				t.Errorf("%s: %q is on the page, and the chip does not tell it, or what the MRZ does", language, absent)
			}
		}
	}
}

func TestOfAChipThatTellsNothingMoreNothingIsSaid(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	page := s.signedIn(t, "okafor").get("/visitor/" + s.send(t, checkintest.Genuine(noon))).body
	for _, absent := range []string{"Aus dem Chip, signiert", "Zu benachrichtigen", `class="national"`, `class="facts"`} {
		if strings.Contains(page, absent) {
			t.Errorf("%q is on the page", absent)
		}
	}
}

// TestANameInNationalLettersIsHeldAgainstTheMRZ by the tables of Doc 9303-3, section 6. That it differs is told, and accuses nobody.
func TestANameInNationalLettersIsHeldAgainstTheMRZ(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "okafor")
	const agrees, differs = "Die MRZ stimmt damit überein", "Die MRZ schreibt den Namen anders"
	for name, c := range map[string]struct {
		surname, given, state, full string
		want, not                   string
	}{
		"Cyrillic, of a State whose language has letters of its own": {"HRYHORENKO", "YEVHEN", "UKR", "Григоренко, Євген", agrees, differs},
		"Cyrillic, in whatever language":                             {"OLEH", "", "UTO", "Олег", agrees, differs},
		"Latin":                                                      {"MUELLER", "JOERG", "D", "Müller, Jörg", agrees, differs},
		"Arabic, by another table":                                   {"BENALI", "SAMIR", "UTO", "بن علي, سمير", "wäre es BN ELY, SMYR.", agrees},
		"a script that has no table":                                 {"TANAKA", "REN", "JPN", "田中, 蓮", "田中, 蓮", differs},
		"as the MRZ has it":                                          {"MARCHETTI", "PIA", "ITA", "MARCHETTI, PIA", "MARCHETTI, PIA", `class="national"`},
	} {
		visitor := checkintest.Genuine(noon)
		person := visitor.Record.Persons[0]
		person.Surname, person.GivenNames, person.Nationality = c.surname, c.given, c.state
		person.Details = &stationv1.PersonalDetails{FullName: c.full}
		page := html.UnescapeString(b.get("/visitor/" + s.send(t, visitor)).body)
		if !strings.Contains(page, c.want) || strings.Contains(page, c.not) {
			t.Errorf("%s: the page says %q: %t, %q: %t", name, c.want, strings.Contains(page, c.want), c.not, strings.Contains(page, c.not))
		}
	}
}

// TestCodesOfTheMRZAreShownByWhatTheyMean, by Doc 9303-3, section 5, and parts 4 to 7; a code that means nothing is shown itself.
func TestCodesOfTheMRZAreShownByWhatTheyMean(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "okafor")
	for _, c := range []struct {
		code, state, nationality string
		lines                    int
		title, from              string
	}{
		{"P", "D", "D", 2, "Reisepass, Deutschland", "Deutschland"},
		{"P", "UNO", "XXA", 2, "Reisepass, Vereinte Nationen", "Staatenlos (Übereinkommen von 1954)"},
		{"PR", "FRA", "XXB", 2, "Reiseausweis für Flüchtlinge, Frankreich", "Flüchtling (Abkommen von 1951)"},
		{"P", "EUE", "GBD", 2, "Reisepass, Europäische Union", "Britische Überseegebiete (Bürger)"},
		{"AR", "D", "RKS", 3, "Aufenthaltstitel, Deutschland", "Kosovo"},
		{"V", "UTO", "XXC", 2, "Visum, Utopia", "Flüchtling (nicht nach dem Abkommen von 1951)"},
		{"ME", "D", "SYR", 2, "Ankunftsnachweis, Deutschland", "Syrien"},
		{"7", "QQQ", "QQZ", 2, "7, QQQ", "QQZ"},
	} {
		visitor := checkintest.Genuine(noon)
		document := visitor.Record.Documents[0]
		document.DocumentCode, document.IssuingState, document.Mrz = c.code, c.state, make([]string, c.lines)
		visitor.Record.Persons[0].Nationality = c.nationality
		page := html.UnescapeString(b.get("/visitor/" + s.send(t, visitor)).body)
		if !strings.Contains(page, c.title+" <span") || !strings.Contains(page, "<dd>"+c.from) {
			t.Errorf("%s of %s for %s: %q and %q are not both on the page", c.code, c.state, c.nationality, c.title, c.from)
		}
	}
}

// TestLongDetailsBreakNoPage has every detail as long as the contract allows, in words that never end, on wide and narrow windows.
func TestLongDetailsBreakNoPage(t *testing.T) {
	t.Parallel()
	ctx := chrome(t)
	s := open(t, time.Now)
	c := telling(utopian(t, "kovalenko", specimen.Genuine, checkintest.Genuine(time.Now())))
	c.Add(checkintest.ChipSignature(1, "image/png"), encodePNG(t, signature()))
	usual := s.send(t, c)
	long := telling(checkintest.Genuine(time.Now()))
	endless := strings.Repeat("Ж", stationv1.MaxText-3)
	d := long.Record.Persons[0].Details
	d.FullName, d.Address, d.Summary, d.OtherNames = endless, endless, strings.Repeat("اب ", 200), []string{endless, endless}
	d.PersonsToNotify[0] = &stationv1.PersonToNotify{Name: endless, Address: endless}
	long.Record.Documents[0].Details.Endorsements = endless
	broken := s.send(t, long)
	browsertest.Do(t, ctx, "sign in", chromedp.Navigate(s.url), signInAs("okafor"))
	for _, visitor := range []struct{ name, id string }{{"usual", usual}, {"long", broken}} {
		for _, size := range []image.Point{{1280, 800}, {900, 900}} {
			var overflow int
			browsertest.Do(t, ctx, visitor.name, chromedp.EmulateViewport(int64(size.X), int64(size.Y)), chromedp.Navigate(s.url+"/visitor/"+visitor.id),
				chromedp.WaitVisible(".facts"), chromedp.Evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &overflow))
			if overflow > 0 {
				t.Errorf("%s: the page is %d pixels wider than the window of %v", visitor.name, overflow, size)
			}
			picture(t, ctx, fmt.Sprintf("details-%s-%d", visitor.name, size.X), true)
		}
	}
}
