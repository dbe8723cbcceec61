package intake_test

import (
	"testing"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/verify"
)

// TestTheRulesSeeWhatTheRecordSays sends visitors whose names and nationalities are written in every way.
func TestTheRulesSeeWhatTheRecordSays(t *testing.T) {
	b, station := start(t)
	umlaut := checkintest.Genuine(noon)
	umlaut.Record.Persons[0].Surname, umlaut.Record.Documents = "Öztürk", nil
	nobody := checkintest.Genuine(noon)
	nobody.Record.Persons[0].Surname, nobody.Record.Persons[0].Nationality, nobody.Record.Documents = "<?", "ZZZ", nil
	for name, c := range map[string]struct {
		checkIn *checkintest.CheckIn
		want    routing.Facts
	}{
		"one person":   {checkintest.Genuine(noon), routing.Facts{Verdict: verify.Genuine, Nationality: "UTO", Letter: "E", Persons: 1}},
		"a family":     {checkintest.Family(noon), routing.Facts{Verdict: verify.Genuine, Nationality: "UTO", Letter: "E", Persons: 2}},
		"an umlaut":    {umlaut, routing.Facts{Nationality: "UTO", Letter: "O", Persons: 1}},
		"not readable": {nobody, routing.Facts{Persons: 1}},
		"no data":      {checkintest.Staff(noon), routing.Facts{}},
	} {
		if name == "an umlaut" || name == "not readable" {
			c.checkIn.Record.Files, c.checkIn.Contents = nil, nil
		}
		if _, _, err := station.Send(t.Context(), c.checkIn); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		kept, _, err := b.Store.CheckIn(t.Context(), c.checkIn.ID)
		if err != nil || kept.Decision.Explanation == nil {
			t.Fatalf("%s: %+v, %v", name, kept, err)
		}
		c.want.At, c.want.Service, c.want.Language = b.Office.Local(noon), c.checkIn.Service, c.checkIn.Language
		got := kept.Decision.Explanation.Facts
		if !got.At.Equal(c.want.At) {
			t.Errorf("%s: decided at %v", name, got.At)
		}
		if got.At = c.want.At; got != c.want {
			t.Errorf("%s: the rules saw %+v, want %+v", name, got, c.want)
		}
	}
}
