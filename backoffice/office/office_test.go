package office_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

func example(t *testing.T) *office.Office {
	t.Helper()
	o, err := office.Parse(office.Example)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestTheExampleOffersThreeServicesThatDiffer(t *testing.T) {
	got := map[string]int{}
	for _, s := range example(t).Snapshot().Services {
		got[s.Id] = len(s.Steps)
	}
	for id, steps := range map[string]int{"residence-permit": 3, "collect-card": 2, "appointment": 0} {
		if n, ok := got[id]; !ok || n != steps {
			t.Errorf("%s has %d steps (known: %v), want %d", id, n, ok, steps)
		}
	}
}

func TestEveryServiceIsNamedInEveryLanguage(t *testing.T) {
	for _, s := range example(t).Snapshot().Services {
		for _, tag := range []string{"de", "en", "ar", "uk"} {
			if s.Names[tag] == "" || s.Descriptions[tag] == "" {
				t.Errorf("%s has no name or description in %s", s.Id, tag)
			}
		}
		for _, step := range s.Steps {
			if step == stationv1.Step_STEP_UNSPECIFIED {
				t.Errorf("%s has a step that stations do not know", s.Id)
			}
		}
	}
}

func TestTheDayIsTheOfficesOwn(t *testing.T) {
	late := time.Date(2026, 7, 1, 22, 30, 0, 0, time.UTC)
	if day := example(t).Day(late); day != "2026-07-02" {
		t.Errorf("half past midnight in Berlin is on %s", day)
	}
}

func TestAnOfficeWithoutATimeZoneGoesByTheServers(t *testing.T) {
	text := strings.Replace(string(office.Example), `time_zone = "Europe/Berlin"`, "", 1)
	o, err := office.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for at := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC); at.Day() == 1; at = at.Add(time.Hour) {
		if got, want := o.Day(at), at.Local().Format(time.DateOnly); got != want {
			t.Errorf("at %v it is %s, want %s", at, got, want)
		}
	}
}

func TestAnOfficeFileThatWouldMisleadIsRefused(t *testing.T) {
	for name, change := range map[string][2]string{
		"unknown key":           {`lobby =`, "loby ="},
		"room that is not":      {`room = "204"`, `room = "999"`},
		"caseworker that isn't": {`to = ["okafor"]`, `to = ["okafur"]`},
		"service that is not":   {`service = ["collect-card"]`, `service = ["colect"]`},
		"verdict that is not":   {`verdict = ["doubtful",`, `verdict = ["dubious",`},
		"step that is not":      {`steps = ["document", "signature"]`, `steps = ["iris"]`},
		"service twice":         {`id = "collect-card"`, `id = "appointment"`},
		"bad time zone":         {`Europe/Berlin`, `Europe/Utopia`},
		"bad prefix":            {`ticket_prefix = "A"`, `ticket_prefix = "a1"`},
	} {
		text := strings.Replace(string(office.Example), change[0], change[1], 1)
		if text == string(office.Example) {
			t.Fatalf("%s: nothing was changed", name)
		}
		if _, err := office.Parse([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(office.Example)
	f.Fuzz(func(t *testing.T, text []byte) {
		if o, err := office.Parse(text); err == nil && (o.RoomOf("x") != o.Lobby || o.Minutes("") < time.Minute) {
			t.Error("an accepted office leaves somebody without a place or time")
		}
	})
}

const pooled = `
[[pool]]
id = "permits"
name = "Aufenthalt"
members = ["brandt", "yilmaz"]
`

func TestACaseworkerCallsFromTheOwnQueueAndThoseOfPools(t *testing.T) {
	o, err := office.Parse(append(slices.Clone(office.Example), pooled...))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := o.QueuesOf("brandt"), []string{"brandt", "permits"}; !slices.Equal(got, want) {
		t.Errorf("Brandt calls from %v, want %v", got, want)
	}
	if got, want := o.QueuesOf("okafor"), []string{"okafor"}; !slices.Equal(got, want) {
		t.Errorf("Okafor calls from %v, want %v", got, want)
	}
	for fault, text := range map[string]string{
		"a caseworker's id": strings.Replace(pooled, `"permits"`, `"brandt"`, 1),
		"nobody in it":      strings.Replace(pooled, `"brandt", "yilmaz"`, ``, 1),
		"a stranger":        strings.Replace(pooled, `"yilmaz"`, `"nobody"`, 1),
	} {
		if _, err := office.Parse(append(slices.Clone(office.Example), text...)); err == nil {
			t.Errorf("a pool with %s was read", fault)
		}
	}
}

// dutiful is the example with what an office may say of a caseworker, and a route with every condition.
func dutiful(t *testing.T) string {
	t.Helper()
	text := string(office.Example)
	for was, is := range map[string]string{
		`name = "Jana Brandt"`: `name = "Jana Brandt"
service = ["residence-permit"]
letters = ["A-K", "S"]
language = ["de", "uk"]
nationality = ["eu", "UKR"]
hours = ["Mon-Fri 08:00-12:00"]
absent = ["2026-12-24", "2026-12-28/2027-01-02"]
capacity = 12`,
		`id = "residence-permits"`: `id = "residence-permits"
language = ["de", "uk"]
nationality = ["eu"]
letters = ["A-Z"]
persons = 2
appointment = false
valid_from = "2026-12-01"
valid_until = "2027-12-31"`,
	} {
		if strings.Count(text, was) != 1 {
			t.Fatalf("%q stands %d times in the example", was, strings.Count(text, was))
		}
		text = strings.Replace(text, was, is, 1)
	}
	return text + `
[[group]]
id = "eu"
nationality = ["FRA", "D"]

[preference]
own_case = 30
language = 15
wait = 1
`
}

func TestAnOfficeSaysWhomEachOfItsCaseworkersReceives(t *testing.T) {
	o, err := office.Parse([]byte(dutiful(t)))
	if err != nil {
		t.Fatal(err)
	}
	f := routing.Facts{At: time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC), Service: "residence-permit", Verdict: verify.Genuine,
		Language: "uk", Nationality: "FRA", Letter: "S", Persons: 2}
	if d := o.Routing().Decide(f, nil); d.Caseworker != "brandt" || d.Rule != "residence-permits" {
		t.Errorf("sent to %s by %s", d.Caseworker, d.Rule)
	}
	f.Letter = "M"
	if d := o.Routing().Decide(f, nil); d.Caseworker != "yilmaz" {
		t.Errorf("sent to %s, although Brandt receives A to K and S", d.Caseworker)
	}
}

// TestABadEntryIsRefusedWithItsLine breaks one line, and below it the file has tables of the same name in which all is well.
func TestABadEntryIsRefusedWithItsLine(t *testing.T) {
	text := dutiful(t)
	for _, c := range []struct{ was, is string }{
		{`letters = ["A-K", "S"]`, `letters = ["A-Ö"]`},
		{`letters = ["A-K", "S"]`, `letters = "A-K"`}, // of another type
		{`letters = ["A-K", "S"]`, `leters = ["A-K"]`},
		{`letters = ["A-K", "S"]`, `letters = ["A-K`}, // no TOML
		{`hours = ["Mon-Fri 08:00-12:00"]`, `hours = ["Mo-Fr 8-12"]`},
		{`absent = ["2026-12-24", "2026-12-28/2027-01-02"]`, `absent = ["24.12.2026"]`},
		{`capacity = 12`, `capacity = -1`},
		{`nationality = ["eu", "UKR"]`, `nationality = ["eu", "DEU"]`},
		{`service = ["residence-permit"]`, `service = ["residence"]`},
		{`valid_from = "2026-12-01"`, `valid_from = "2026-12-41"`},
		{`valid_until = "2027-12-31"`, `valid_until = "2025-12-31"`},
		{`persons = 2`, `persons = "two"`},
		{`to = ["okafor"]`, `to = ["okafur"]`},
		{`verdict = ["doubtful", "unverified"]`, `verdict = ["dubious"]`},
		{`room = "207"`, `room = "999"`},
		{`steps = ["document", "signature"]`, `steps = ["iris"]`},
		{`de = "Aufenthaltskarte oder Dokument abholen"`, `fr = "Carte"`},
		{`nationality = ["FRA", "D"]`, `nationality = ["XYZ"]`},
		{`own_case = 30`, `own_case = 1001`},
		{`ticket_prefix = "A"`, `ticket_prefix = "a1"`},
	} {
		before, _, found := strings.Cut(text, "\n"+c.was)
		if !found {
			t.Fatalf("%s does not stand in the file", c.was)
		}
		at := strings.Count(before, "\n") + 2
		if c.is[:2] == "fr" {
			at-- // what is missing is missing in the table
		}
		_, err := office.Parse([]byte(strings.Replace(text, "\n"+c.was, "\n"+c.is, 1)))
		if want := fmt.Sprintf("office file: line %d: ", at); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v; want %s", c.is, err, want)
		}
	}
}

// TestALineIsFoundBehindTextsThatLookLikeTables has headers and keys in texts and comments, which are none.
func TestALineIsFoundBehindTextsThatLookLikeTables(t *testing.T) {
	odd := "name = \"\"\"\n[[route]]\nto = [ \\\"\"\"\\\n\"\"\" # [[\n"
	text := odd + strings.Replace(strings.Replace(string(office.Example), `name = "Ausländerbehörde Utopia"`+"\n", "", 1), `to = ["yilmaz"]`, "to = [ # [[route]]\n\"yilmaz\",\n'[[room]]', ]", 1)
	_, err := office.Parse([]byte(text))
	before, _, _ := strings.Cut(text, "to = [ # [[route]]")
	if want := fmt.Sprintf("office file: line %d: route \"collection\"", strings.Count(before, "\n")+1); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v; want %s", err, want)
	}
}

// TestATicketNamesARoomOnlyWhereNothingDependsOnTheVisitor lets one office send everybody for a service to one room, and lets conditions
// come in between.
func TestATicketNamesARoomOnlyWhereNothingDependsOnTheVisitor(t *testing.T) {
	alone := strings.Replace(string(office.Example), `verdict = ["doubtful", "unverified"]`, `service = ["residence-permit"]`, 1)
	for _, c := range []struct{ was, is, room string }{
		{"", "", "Zimmer 207"},
		{`name = "Deniz Yılmaz"`, "name = \"Deniz Yılmaz\"\nletters = [\"A-Y\"]", ""},
		{`name = "Deniz Yılmaz"`, "name = \"Deniz Yılmaz\"\nabsent = [\"2031-12-24\"]", ""},
		{`id = "collection"`, "id = \"collection\"\nnationality = [\"UKR\"]", ""},
	} {
		o, err := office.Parse([]byte(strings.Replace(alone, c.was, c.is, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if room := o.RoomFor("collect-card"); room != c.room {
			t.Errorf("with %q the ticket says %q, want %q", c.is, room, c.room)
		}
	}
}
