package intake

import (
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/waiting"
	"github.com/foyer-station/foyer/verify"
)

// TestWhatIsToldAVisitorDependsOnTheServiceAlone places visitors of every kind behind the same queue, in an office that prefers and
// refuses by all that it can.
func TestWhatIsToldAVisitorDependsOnTheServiceAlone(t *testing.T) {
	text := strings.Replace(string(office.Example), `name = "Jana Brandt"`, `name = "Jana Brandt"
letters = ["A-K"]
nationality = ["UKR"]
language = ["uk"]
capacity = 1`, 1) + "[preference]\nlanguage = 20\nletters = 5\nwait = 1\n"
	o, err := office.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	s := &Service{office: o, forecast: &forecast{office: o, forecaster: waiting.New(o.Minutes)}}
	desks := s.forecast.present("residence-permit", at, map[string]bool{"yilmaz": true},
		[]store.AtDesk{{Caseworker: "brandt", Service: "residence-permit", Since: at.Add(-5 * time.Minute)}})
	sent, told := map[string]bool{}, map[store.Told]bool{}
	queue := []store.Queued{{Caseworker: "brandt", Service: "residence-permit"}, {Caseworker: "okafor", Service: "residence-permit"}, {Caseworker: "reception"}}
	for _, verdict := range []verify.Verdict{verify.Genuine, verify.Doubtful, verify.Unverified, store.Unreadable} {
		for _, facts := range []routing.Facts{{}, {Letter: "B", Nationality: "UKR", Persons: 1}, {Letter: "Z", Nationality: "SYR", Persons: 4}} {
			a := store.Admission{CheckIn: store.CheckIn{Service: "residence-permit", Verdict: verdict, Language: "uk"}, Facts: facts, At: at}
			p := s.place(a, queue, desks)
			if p.Ahead != 2 || p.Wait != 40*time.Minute {
				t.Errorf("%s, %+v: told that %d come before, for %v", verdict, facts, p.Ahead, p.Wait)
			}
			told[p.Told] = true
			sent[p.Decision.Caseworker] = true
		}
	}
	if len(told) != 1 || told[store.Told{}] {
		t.Errorf("ranges that were told: %v; want one for all", told)
	}
	if len(sent) < 2 {
		t.Errorf("all were sent to %v: nothing was tried", sent)
	}
}
