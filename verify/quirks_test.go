package verify_test

import (
	"crypto/sha256"
	"errors"
	"os"
	"slices"
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
)

// examiners are all that look at a document, and what they saw on pages before: a page does not change with a chip.
type examiners struct {
	maker  *specimen.Maker
	store  *chip.Store
	policy *verify.Policy
	pages  *page.Examiner
	seen   map[pageAndPortrait][]verify.Check
}

// pageAndPortrait is a page and what the chip gave to compare with it.
type pageAndPortrait struct {
	variant specimen.Variant
	dg2     [sha256.Size]byte
}

func newExaminers(t *testing.T) *examiners {
	t.Helper()
	finder, err := portrait.NewFinder(portrait.DefaultCascades)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = finder.Close() })
	e := &examiners{policy: shipped(t), pages: page.New(finder, page.DefaultThresholds()), seen: map[pageAndPortrait][]verify.Check{}}
	e.maker, e.store = utopia(t)
	return e
}

// judge reads the chip of a document as a station does, and judges it: with its page where onPage says so, which takes long.
func (e *examiners) judge(t *testing.T, s *specimen.Specimen, onPage bool) verify.Report {
	t.Helper()
	ev := verify.Evidence{MRZ: s.MRZ, Chip: s.Chip, Day: utopianDay()}
	passport, err := s.NewChip()
	if err != nil {
		t.Fatal(err)
	}
	key := emrtd.Key{DocumentNumber: s.Person.DocumentNumber, BirthDate: strings.ReplaceAll(s.Person.BirthDate[2:], "-", ""),
		ExpiryDate: s.Person.Expiry.Format("060102")}
	reading, err := emrtd.Read(t.Context(), inField{passport}, key, emrtd.Options{})
	ev.Files, ev.Proofs, ev.Chip = reading.Files, reading.Proofs, outcome(reading, err)
	checks, validity := verify.ExamineMRZ(ev)
	checks = append(checks, chip.Examiner{Trust: e.store}.Examine(t.Context(), ev)...)
	if !onPage {
		return e.policy.Only("mrz.", "chip.", "cross.dg1_").Judge(checks, validity)
	}
	return e.policy.Judge(append(checks, e.look(t, s, ev)...), validity)
}

// outcome is how a reading ended, as the station has it.
func outcome(read *emrtd.Reading, err error) verify.ChipOutcome {
	var refusal *emrtd.StatusError
	switch {
	case err == nil:
		return verify.ChipRead
	case errors.Is(err, emrtd.ErrAccessDenied):
		return verify.ChipAccess
	case errors.Is(err, emrtd.ErrSecureMessaging):
		return verify.ChipDead
	case read.Access != "" && errors.As(err, &refusal):
		return verify.ChipRead
	case errors.As(err, &refusal):
		return verify.ChipDead
	}
	return verify.ChipTorn
}

// look is what the page shows, and the portrait in the chip beside it.
func (e *examiners) look(t *testing.T, s *specimen.Specimen, ev verify.Evidence) []verify.Check {
	t.Helper()
	key := pageAndPortrait{s.Variant, sha256.Sum256(ev.Files[emrtd.FileDG2])}
	if _, known := e.seen[key]; !known {
		ev.Pages = s.Pages()
		e.seen[key] = append(e.pages.ExaminePages(t.Context(), ev), e.pages.ComparePortraits(t.Context(), ev)...)
	}
	return e.seen[key]
}

// Forgeries by where they are found: on the page, for which one person is enough, or in the chip.
var (
	onThePage = []specimen.Variant{specimen.Forged, specimen.AlteredMRZ, specimen.WrongDigit, specimen.PhotoSwap,
		specimen.BrightPaper, specimen.WrongInk}
	inTheChip = []specimen.Variant{specimen.WrongHash, specimen.ForgedSignature, specimen.Cloned, specimen.StrippedClone,
		specimen.RevokedSigner, specimen.UnknownSigner}
)

// cannotBe says that there is no chip with this quirk and the person's protocols: PACE with a prime of 2,048 bits takes
// commands of extended length, and one that has PACE alone must say so.
func cannotBe(quirk emulated.Quirk, person specimen.Person) bool {
	switch quirk {
	case emulated.ExtendedRefused, emulated.ExtendedTears:
		return person.ID == "tanaka"
	case emulated.CardAccess6986, emulated.CardAccess6A82:
		return person.ID == "yildirim"
	}
	return false
}

// isCopyable says whether a copy of the person's chip is as good as it: it has no key that a copy could lack.
func isCopyable(person specimen.Person, v specimen.Variant) bool {
	return person.ID == "moravec" && (v == specimen.Cloned || v == specimen.StrippedClone)
}

// quirkyPause is how long a slow chip takes here.
const quirkyPause = time.Microsecond

// make makes a document whose chip has quirks.
func (e *examiners) make(t *testing.T, p specimen.Person, v specimen.Variant, quirks ...emulated.Quirk) *specimen.Specimen {
	t.Helper()
	s, err := e.maker.Make(p, v, quirks...)
	if err != nil {
		t.Fatal(err)
	}
	s.ChipOptions.Pause = quirkyPause
	return s
}

// What is let pass for the sake of genuine documents is let pass for forged ones too: nothing of it may make one genuine.
// Each quirk meets every forgery, of somebody else each time, unless FOYER_CHIP_SESSIONS asks for everybody.
func TestNoQuirkMakesAForgeryGenuine(t *testing.T) {
	e, everybody := newExaminers(t), os.Getenv("FOYER_CHIP_SESSIONS") != ""
	people := e.maker.People()
	for i, quirk := range emulated.Quirks() {
		for _, variant := range onThePage {
			report := e.judge(t, e.make(t, people[0], variant, quirk), true)
			if report.Verdict == verify.Genuine {
				t.Errorf("%s, %s: genuine", quirk, variant)
			}
		}
		for j, variant := range inTheChip {
			for k, person := range people {
				if !everybody && k != (i+j)%len(people) || isCopyable(person, variant) || cannotBe(quirk, person) {
					continue
				}
				report := e.judge(t, e.make(t, person, variant, quirk), false)
				if report.Verdict == verify.Genuine {
					t.Errorf("%s, %s of %s: genuine", quirk, variant, person.ID)
				}
			}
		}
	}
}

// unproved are the quirks that hide what a document is proved by, and why; who has them is unverified.
var unproved = map[emulated.Quirk]string{
	emulated.ClosedApplication: "gives no file of the application",
	emulated.ExtendedTears:     "leaves the field",
}

func TestNoQuirkMakesAGenuineDocumentDoubtful(t *testing.T) {
	e, everybody := newExaminers(t), os.Getenv("FOYER_CHIP_SESSIONS") != ""
	people := e.maker.People()
	for i, quirk := range emulated.Quirks() {
		for k, person := range people {
			chosen := everybody || slices.Contains([]int{i % len(people), (i + 3) % len(people)}, k) || concerns(quirk, person)
			if !chosen || cannotBe(quirk, person) {
				continue
			}
			report := e.judge(t, e.make(t, person, specimen.Genuine, quirk), false)
			_, hides := unproved[quirk]
			if report.Verdict == verify.Genuine || hides && report.Verdict == verify.Unverified {
				continue
			}
			t.Errorf("%s, %s: %s", quirk, person.ID, report.Verdict)
			for _, c := range report.Checks {
				if c.Result != verify.Passed && c.Result != verify.NotSupported {
					t.Logf("  %s %s: %s", c.ID, c.Result, c.Reason)
				}
			}
		}
	}
}

// concerns says whether a quirk shows with a person's chip: active authentication by ECDSA, or by RSA.
func concerns(quirk emulated.Quirk, person specimen.Person) bool {
	return strings.HasPrefix(string(quirk), "active-") && slices.Contains([]string{"delacruz", "szeles"}, person.ID)
}
