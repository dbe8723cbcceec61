package verify_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	emulated "github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/page"
	"github.com/foyer-station/foyer/verify/portrait"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

// Everything that is known about each specimen goes through every check and the shipped policy.
func TestEverySpecimenOfUtopiaGetsTheVerdictThatItMustGet(t *testing.T) {
	maker, store := utopia(t)
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
			ev.Files, ev.Proofs = readChip(t, s)
			checks, validity := verify.ExamineMRZ(ev)
			checks = append(checks, chip.Examiner{Trust: store}.Examine(t.Context(), ev)...)
			checks = append(checks, pages.ExaminePages(t.Context(), ev)...)
			checks = append(checks, pages.ComparePortraits(t.Context(), ev)...)
			judge(t, s, shipped(t).Judge(checks, validity))
		})
	}
}

// The chips of Utopia differ in what they can prove themselves by, if by anything: the oldest one's copy is as good as it.
func TestACopiedChipIsFoundByWhateverItsModelCanDo(t *testing.T) {
	maker, store := utopia(t)
	variants := []specimen.Variant{
		specimen.Genuine, specimen.UnknownSigner, specimen.RevokedSigner, specimen.Cloned, specimen.StrippedClone,
	}
	for _, person := range maker.People() {
		for _, variant := range variants {
			t.Run(person.ID+" "+string(variant), func(t *testing.T) {
				s, err := maker.Make(person, variant)
				if err != nil {
					t.Fatal(err)
				}
				ev := verify.Evidence{MRZ: s.MRZ, Chip: s.Chip, Day: utopianDay()}
				ev.Files, ev.Proofs = readChip(t, s)
				checks := chip.Examiner{Trust: store}.Examine(t.Context(), ev)
				judge(t, s, shipped(t).Only("chip.", "cross.dg1_").Judge(checks, s.Want.Validity))
			})
		}
	}
}

func utopianDay() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) }

// utopia makes specimens, and the trust store in which their verdicts come out as they must.
func utopia(t *testing.T) (*specimen.Maker, *trust.Store) {
	t.Helper()
	maker, err := specimen.NewMaker(1, utopianDay())
	if err != nil {
		t.Fatal(err)
	}
	store, err := trust.OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	files := []trust.ImportFile{{Name: "utopia.der", Data: maker.CSCA()}, {Name: "utopia.crl", Data: maker.CRL()}}
	if _, err := store.ImportFiles(files, trust.Terms{Now: utopianDay()}); err != nil {
		t.Fatal(err)
	}
	return maker, store
}

// judge holds a report against what the specimen must come to.
func judge(t *testing.T, s *specimen.Specimen, report verify.Report) {
	t.Helper()
	if report.Verdict != s.Want.Verdict || report.Validity != s.Want.Validity {
		t.Errorf("%s and %s, must be %s and %s", report.Verdict, report.Validity, s.Want.Verdict, s.Want.Validity)
	}
	for _, c := range report.Checks {
		if want, named := s.Want.Checks[c.ID]; named && c.Result != want {
			t.Errorf("%s is %s (%s), must be %s", c.ID, c.Result, wordingtest.English(t, c.Check), want)
		}
	}
}

// inField is an emulated chip as the reader wants one.
type inField struct{ *emulated.Chip }

func (f inField) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if answer := f.Chip.Transmit(ctx, command); answer != nil {
		return answer, nil
	}
	return nil, errors.Join(errors.New("the chip left the field"), ctx.Err())
}

// readChip is what the reader gets of a specimen's chip with the key that is printed; nothing where it cannot be read.
func readChip(t *testing.T, s *specimen.Specimen) (map[string][]byte, emrtd.Proofs) {
	t.Helper()
	if s.Chip != verify.ChipRead {
		return nil, emrtd.Proofs{}
	}
	passport, err := s.NewChip()
	if err != nil {
		t.Fatal(err)
	}
	key := emrtd.Key{DocumentNumber: s.Person.DocumentNumber, BirthDate: strings.ReplaceAll(s.Person.BirthDate[2:], "-", ""),
		ExpiryDate: s.Person.Expiry.Format("060102")}
	reading, err := emrtd.Read(t.Context(), inField{passport}, key, emrtd.Options{})
	if err != nil && s.Variant != specimen.StrippedClone { // which keeps back what EF.SOD lists
		t.Fatal(err)
	}
	return reading.Files, reading.Proofs
}
