package verify_test

import (
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/page"
	"github.com/foyer-station/foyer/verify/portrait"
)

// Everything that is known about each specimen goes through every check and the shipped policy.
func TestEverySpecimenOfUtopiaGetsTheVerdictThatItMustGet(t *testing.T) {
	today := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	maker, err := specimen.NewMaker(1, today)
	if err != nil {
		t.Fatal(err)
	}
	store, err := chip.OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Import(maker.CSCA(), "utopia.der", today); err != nil {
		t.Fatal(err)
	}
	finder, err := portrait.NewFinder(portrait.DefaultCascades)
	if err != nil {
		t.Fatal(err)
	}
	defer finder.Close()
	pages := page.New(finder, page.DefaultThresholds())
	for _, variant := range specimen.Variants() {
		t.Run(string(variant), func(t *testing.T) {
			s, err := maker.Make(maker.People()[0], variant)
			if err != nil {
				t.Fatal(err)
			}
			ev := s.Evidence()
			checks, validity := verify.ExamineMRZ(ev)
			checks = append(checks, chip.Examiner{Trust: store}.Examine(t.Context(), ev)...)
			checks = append(checks, pages.ExaminePages(t.Context(), ev)...)
			checks = append(checks, pages.ComparePortraits(t.Context(), ev)...)
			report := shipped(t).Judge(checks, validity)
			if report.Verdict != s.Want.Verdict || report.Validity != s.Want.Validity {
				t.Errorf("%s and %s, must be %s and %s", report.Verdict, report.Validity, s.Want.Verdict, s.Want.Validity)
			}
			for _, c := range report.Checks {
				if want, named := s.Want.Checks[c.ID]; named && c.Result != want {
					t.Errorf("%s is %s (%s), must be %s", c.ID, c.Result, c.Reason, want)
				}
			}
		})
	}
}
