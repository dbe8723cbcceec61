package office_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
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
