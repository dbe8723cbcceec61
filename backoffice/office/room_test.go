package office_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/verify"
)

// roomy draws an office of three caseworkers in up to two rooms, a pool, and rules of every kind.
func roomy(t *rapid.T) *office.Office {
	some := func(name string, lines ...string) string {
		return rapid.SampledFrom(append(lines, "", "", "")).Draw(t, name)
	}
	text := "id = \"o\"\nname = \"o\"\nlobby = \"Lobby\"\ntime_zone = \"UTC\"\nticket_prefix = \"A\"\n" +
		"[[service]]\nid = \"s\"\nminutes = 5\nsteps = [\"document\"]\nname = { de = \"s\" }\n" +
		"[[room]]\nid = \"1\"\nname = \"Zimmer 1\"\n[[room]]\nid = \"2\"\nname = \"Zimmer 2\"\n"
	for _, id := range []string{"a", "b", "c"} {
		text += fmt.Sprintf("[[caseworker]]\nid = %q\nname = %q\nroom = %q\n", id, id, rapid.SampledFrom([]string{"1", "1", "1", "2"}).Draw(t, "room")) +
			some("duty", `letters = ["A-K"]`, `nationality = ["UKR"]`, `hours = ["Mon-Sun 10:00-12:00"]`, `absent = ["2026-12-01"]`, `capacity = 2`, `service = ["none"]`) + "\n"
	}
	text += "[[pool]]\nid = \"p\"\nname = \"p\"\nmembers = [\"a\", \"b\"]\n"
	for i := range rapid.IntRange(0, 3).Draw(t, "rules") {
		text += fmt.Sprintf("[[route]]\nid = \"%d\"\nto = [%q]\nabout = { de = \"w\" }\n", i, rapid.SampledFrom([]string{"a", "b", "c", "p"}).Draw(t, "to")) +
			some("verdict", `verdict = ["doubtful"]`, `verdict = ["genuine", "unverified"]`) + "\n" + some("service", `service = ["s"]`, `service = ["none"]`) + "\n" +
			some("more", `letters = ["A-K"]`, `language = ["uk"]`, `persons = 2`, `appointment = true`, `valid_until = "2026-12-01"`) + "\n"
	}
	text += "[[route]]\nid = \"last\"\nto = [\"c\"]\nabout = { de = \"w\" }\n"
	o, err := office.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return o
}

// TestARoomThatIsToldIsTheRoomOfEveryoneToWhomAVisitorCanBeSent draws offices, visitors and queues.
func TestARoomThatIsToldIsTheRoomOfEveryoneToWhomAVisitorCanBeSent(t *testing.T) {
	told := 0
	rapid.Check(t, func(t *rapid.T) {
		o := roomy(t)
		f := routing.Facts{
			At:      time.Date(2026, 12, rapid.IntRange(1, 2).Draw(t, "day"), rapid.IntRange(8, 13).Draw(t, "hour"), 0, 0, 0, time.UTC),
			Service: rapid.SampledFrom([]string{"s", "", "given-up"}).Draw(t, "service"), Language: rapid.SampledFrom([]string{"", "uk"}).Draw(t, "language"),
			Verdict:     verify.Verdict(rapid.SampledFrom([]string{"", "genuine", "doubtful", "unverified"}).Draw(t, "verdict")),
			Nationality: rapid.SampledFrom([]string{"", "UKR", "SYR"}).Draw(t, "nationality"), Letter: rapid.SampledFrom([]string{"", "A", "Z"}).Draw(t, "letter"),
			Persons: rapid.IntRange(0, 3).Draw(t, "persons"), Appointment: rapid.Bool().Draw(t, "appointment"),
		}
		loads := map[string]routing.Load{"a": {Waiting: rapid.IntRange(0, 3).Draw(t, "waiting")}, "c": {Waiting: rapid.IntRange(0, 3).Draw(t, "waiting")}}
		room := o.RoomFor(f.Service)
		if room == "" {
			return
		}
		told++
		sent := o.Routing().Decide(f, loads).Caseworker
		for _, c := range strings.Split(strings.Replace(sent, "p", "a b", 1), " ") {
			if o.RoomOf(c) != room {
				t.Fatalf("told %q, and sent to %s in %q", room, sent, o.RoomOf(c))
			}
		}
	})
	if told == 0 {
		t.Error("no office told a room")
	}
}
