package mrz_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/mrz"
	"github.com/google/go-cmp/cmp"
)

// cardOf is a card of a State whose holder was born and that expires on these days, YYMMDD, in both formats of cards.
func cardOf(t *testing.T, state, birth, expiry string) [][]string {
	t.Helper()
	return [][]string{
		put(t, put(t, put(t, specimenTD1, 1, 3, state), 2, 1, birth), 2, 9, expiry),
		put(t, put(t, put(t, specimenTD2, 1, 3, state), 2, 14, birth), 2, 22, expiry),
	}
}

// The table of cardexpiry.go, row by row.
func TestTheYearOfACardsExpiryIsOneInWhichItsHolderCanHaveSuchACard(t *testing.T) {
	const now = "2026-11-29"
	for _, c := range []struct{ day, state, birth, expiry, want, wantBirth string }{
		{now, "UTO", "900615", "460101", "2046-01-01", "1990-06-15"},          // up to 20 ahead: anybody
		{now, "UTO", "700101", "660101", "2066-01-01", "1970-01-01"},          // of 56 years: 40 ahead
		{now, "UTO", "950615", "540101", "??54-01-01", "1995-06-15"},          // of 31: not for 28 years, and there were none in 1954
		{now, "UTO", "200615", "550615", "2055-06-15", "1920-06-15"},          // of 106, or of 6: only the old have such a card
		{now, "UTO", "<<<<<<", "540101", "2054-01-01", "????-??-??"},          // nothing else can be
		{"2040-06-01", "UTO", "600101", "900101", "??90-01-01", "1960-01-01"}, // of 80: 1990, or 2090
		{"2040-06-01", "UTO", "890101", "910101", "1991-01-01", "1989-01-01"}, // of 51: not for 51 years
		{"2040-06-01", "UTO", "950101", "910101", "??91-01-01", "1995-01-01"}, // nor before they were born

		{now, "ESP", "400101", "990101", "9999-01-01", "1940-01-01"}, // old, by a State that prints it
		{now, "ITA", "561129", "990101", "9999-01-01", "1956-11-29"}, // 70 today
		{now, "ITA", "561130", "990101", "??99-01-01", "1956-11-30"}, // tomorrow
		{now, "HRV", "600101", "991231", "9999-12-31", "1960-01-01"},
		{now, "PRT", "500101", "991231", "9999-12-31", "1950-01-01"},
		{now, "ESP", "250101", "990101", "9999-01-01", "1925-01-01"}, // of 101, or of one
		{now, "ESP", "<<<<<<", "990101", "??99-01-01", "????-??-??"},
		{now, "ESP", "000000", "990101", "??99-01-01", "????-??-??"},
		{now, "ESP", "650101", "990101", "??99-01-01", "1965-01-01"}, // of 61
		{now, "UTO", "400101", "990101", "9999-01-01", "1940-01-01"}, // old, by any other
		{now, "UTO", "580101", "990101", "??99-01-01", "1958-01-01"}, // of 68
		{now, "ESP", "750101", "990101", "1999-01-01", "1975-01-01"}, // young: it expired in 1999
		{now, "UTO", "750101", "991231", "1999-12-31", "1975-01-01"},
		{now, "ESP", "050101", "990101", "??99-01-01", "2005-01-01"},          // born after that
		{now, "ESP", "400101", "990102", "1999-01-02", "1940-01-01"},          // another day is a day
		{"2012-03-01", "ESP", "300101", "990101", "??99-01-01", "1930-01-01"}, // 13 years ago: may be either
		{"2085-03-01", "ESP", "000101", "990101", "2099-01-01", "2000-01-01"}, // in sight
		{now, "UTO", "750101", "999999", "9999-12-31", "1975-01-01"},          // no date
	} {
		for _, lines := range cardOf(t, c.state, c.birth, c.expiry) {
			zone := on(t, c.day, lines...)
			if f := zone.Fields; f.ExpiryDate != c.want || f.BirthDate != c.wantBirth || !zone.Valid() {
				t.Errorf("%s of %s, %s to %s on %s: %s to %s", zone.Format, c.state, c.birth, c.expiry, c.day, f.BirthDate, f.ExpiryDate)
			}
			want := mrz.Passed
			if c.want[:2] == "??" {
				want = mrz.Undetermined
			}
			if got := zone.Results().ExpiryDate; got != want || zone.Fields.CenturyUnknown() != (want == mrz.Undetermined) {
				t.Errorf("%s of %s, %s to %s on %s: %s", zone.Format, c.state, c.birth, c.expiry, c.day, got)
			}
		}
	}
}

func TestACardWithoutEndSaysSo(t *testing.T) {
	for state, printed := range map[string]string{"ESP": "990101", "HRV": "991231", "UTO": "999999"} {
		zone := on(t, "2026-11-29", cardOf(t, state, "400101", printed)[0]...)
		want := []mrz.Deviation{{ID: "expiry_date", Line: 2, Column: 9, Found: printed, Taken: "validity without end", Standard: "the day of expiry"}}
		if d := cmp.Diff(want, zone.Deviations()); d != "" {
			t.Errorf("%s: %s", printed, d)
		}
	}
	zone := on(t, "2026-11-29", cardOf(t, "ESP", "750101", "990101")[0]...)
	if slices.ContainsFunc(zone.Deviations(), func(d mrz.Deviation) bool { return d.ID == "expiry_date" }) {
		t.Errorf("one that expired in 1999 does not: %+v", zone.Deviations())
	}
}

func ExampleFields_CenturyUnknown() {
	// The card of somebody of 61 years, who may have one without end, or one that expired in 1999.
	zone, err := mrz.Parse([]string{"IDESPBAA0005895<<<<<<<<<<<<<<<", "6501015F9901018ESP<<<<<<<<<<<2", "ESPANOLA<<CARMEN<<<<<<<<<<<<<<"}, time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(zone.Fields.ExpiryDate, zone.Fields.CenturyUnknown())
	// Output: ??99-01-01 true
}
