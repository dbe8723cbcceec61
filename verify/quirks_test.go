package verify_test

import (
	"crypto/sha256"
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
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

// examiners are all that look at a document, with what they made and saw before: neither changes with a chip's quirks.
type examiners struct {
	maker  *specimen.Maker
	store  *trust.Store
	policy *verify.Policy
	pages  *page.Examiner
	made   map[document]*specimen.Specimen
	pageOf map[document][]verify.Check
	alike  map[pageAndPortrait][]verify.Check
}

// document is whose it is, and what is wrong with it.
type document struct {
	person  string
	variant specimen.Variant
}

// pageAndPortrait is a page and what the chip gave to compare with it.
type pageAndPortrait struct {
	document
	dg2 [sha256.Size]byte
}

func newExaminers(t *testing.T) *examiners {
	t.Helper()
	finder, err := portrait.NewFinder(portrait.DefaultCascades)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = finder.Close() })
	e := &examiners{
		policy: shipped(t), pages: page.New(finder, page.DefaultThresholds()),
		made: map[document]*specimen.Specimen{}, pageOf: map[document][]verify.Check{},
		alike: map[pageAndPortrait][]verify.Check{},
	}
	e.maker, e.store = utopia(t)
	return e
}

// make makes a document whose chip has a quirk.
func (e *examiners) make(t *testing.T, p specimen.Person, v specimen.Variant, quirk emulated.Quirk) *specimen.Specimen {
	t.Helper()
	which := document{p.ID, v}
	s := e.made[which]
	var err error
	switch {
	case quirk.ByIssuer():
		s, err = e.maker.Make(p, v, quirk)
	case s == nil:
		s, err = e.maker.Make(p, v)
		e.made[which] = s
	}
	if err != nil {
		t.Fatal(err)
	}
	quirky := *s
	if !quirk.ByIssuer() && quirk != "" {
		quirky.ChipOptions = s.ChipOptions.With(quirk)
	}
	quirky.ChipOptions.Pause = quirkyPause
	return &quirky
}

// read is what a station has of a document's chip.
func (e *examiners) read(t *testing.T, s *specimen.Specimen) verify.Evidence {
	t.Helper()
	passport, err := s.NewChip()
	if err != nil {
		t.Fatal(err)
	}
	key := emrtd.Key{DocumentNumber: s.Person.DocumentNumber, BirthDate: strings.ReplaceAll(s.Person.BirthDate[2:], "-", ""),
		ExpiryDate: s.Person.Expiry.Format("060102")}
	reading, err := emrtd.Read(t.Context(), inField{passport}, key, emrtd.Options{})
	return verify.Evidence{MRZ: s.MRZ, Chip: verify.OutcomeOf(reading, err), Files: reading.Files, Proofs: reading.Proofs, ChipNotes: reading.Notes, Day: utopianDay()}
}

// judge judges a document without its page.
func (e *examiners) judge(t *testing.T, ev verify.Evidence) verify.Report {
	t.Helper()
	checks, validity := verify.ExamineMRZ(ev)
	checks = append(checks, chip.Examiner{Trust: e.store}.Examine(t.Context(), ev)...)
	return e.policy.Only("mrz.", "chip.", "cross.dg1_").Judge(checks, validity)
}

// judgeWhole judges a document with its page, which is that of s.
func (e *examiners) judgeWhole(t *testing.T, s *specimen.Specimen, ev verify.Evidence) verify.Report {
	t.Helper()
	ev.MRZ = s.MRZ
	checks, validity := verify.ExamineMRZ(ev)
	checks = append(checks, chip.Examiner{Trust: e.store}.Examine(t.Context(), ev)...)
	return e.policy.Judge(append(checks, e.look(t, s, ev)...), validity)
}

// look is what the page shows, and the portrait in the chip beside it.
func (e *examiners) look(t *testing.T, s *specimen.Specimen, ev verify.Evidence) []verify.Check {
	t.Helper()
	which := document{s.Person.ID, s.Variant}
	if e.pageOf[which] == nil {
		e.pageOf[which] = e.pages.ExaminePages(t.Context(), verify.Evidence{MRZ: s.MRZ, Pages: s.Pages(), Day: ev.Day})
	}
	both := pageAndPortrait{which, sha256.Sum256(ev.Files[emrtd.FileDG2])}
	if e.alike[both] == nil {
		ev.Pages = []verify.Page{s.Page(verify.Front, verify.Visible)}
		e.alike[both] = e.pages.ComparePortraits(t.Context(), ev)
	}
	return slices.Concat(e.pageOf[which], e.alike[both])
}

// Forgeries by where they are found: on the page, for which one person is enough, or in the chip.
var (
	onThePage = []specimen.Variant{specimen.Forged, specimen.AlteredMRZ, specimen.WrongDigit, specimen.PhotoSwap,
		specimen.BrightPaper, specimen.WrongInk}
	inTheChip = []specimen.Variant{specimen.WrongHash, specimen.ForgedSignature, specimen.Cloned, specimen.StrippedClone,
		specimen.RevokedSigner}
)

// cannotBe says that there is no chip with this quirk and the person's protocols: PACE with a prime of 2,048 bits takes
// commands of extended length.
func cannotBe(quirk emulated.Quirk, person specimen.Person) bool {
	switch quirk {
	case emulated.ExtendedRefused, emulated.ExtendedTears:
		return person.ID == "tanaka"
	}
	return false
}

// isCopyable says whether a copy of the person's chip is as good as it: it has no key that a copy could lack.
func isCopyable(person specimen.Person, v specimen.Variant) bool {
	return person.ID == "moravec" && (v == specimen.Cloned || v == specimen.StrippedClone)
}

// holder is whose document meets a quirk, by place among the people: for what no key of a chip is about, somebody whose chip
// has none and opens fast; else each in turn.
func holder(quirk emulated.Quirk, v specimen.Variant, turn int) int {
	const moravec, people = 1, 8
	if !quirk.ByIssuer() && v != specimen.Cloned && v != specimen.StrippedClone {
		return moravec
	}
	if turn %= people; turn == moravec {
		return turn + 1
	}
	return turn
}

// quirkyPause is how long a slow chip takes here.
const quirkyPause = time.Microsecond

// The two sides of everything that is let pass.
func TestAQuirkMakesNoForgeryGenuineAndNoGenuineDocumentDoubtful(t *testing.T) {
	e := newExaminers(t)
	t.Run("no forgery is genuine", e.noForgeryIsGenuine)
	t.Run("no genuine document is doubtful", e.noGenuineDocumentIsDoubtful)
	t.Run("what is let pass is told", e.whatIsLetPassIsTold)
}

// A deviation stands in the reason of a check that passes, or there is nothing to tell: each quirk says which, and why.
func (e *examiners) whatIsLetPassIsTold(t *testing.T) {
	for _, quirk := range emulated.Quirks() {
		telling := quirk.Telling()
		switch {
		case (telling.Words == "") == (telling.Silent == ""):
			t.Errorf("%s: is it told, or is there nothing to tell?", quirk)
		case telling.Words != "" && !e.somebodyTells(t, quirk, telling.Words):
			t.Errorf("%s: nowhere is %q", quirk, telling.Words)
		}
	}
}

// somebodyTells says whether a check of somebody's genuine document with a quirk says so.
func (e *examiners) somebodyTells(t *testing.T, quirk emulated.Quirk, words string) bool {
	t.Helper()
	_, hides := unproved[quirk]
	for _, person := range e.maker.People() {
		byActive := strings.HasPrefix(string(quirk), "active-")
		if cannotBe(quirk, person) || byActive && !concerns(quirk, person) {
			continue
		}
		s := e.make(t, person, specimen.Genuine, quirk)
		report := e.judge(t, e.read(t, s))
		if quirk == emulated.PortraitTooLong {
			report = e.judgeWhole(t, s, e.read(t, s))
		}
		if slices.ContainsFunc(report.Checks, func(c verify.JudgedCheck) bool {
			return strings.Contains(wordingtest.English(t, c.Check), words) && (c.Result == verify.Passed || hides && c.Result == verify.Undetermined)
		}) {
			return true
		}
	}
	return false
}

// What is let pass for the sake of genuine documents is let pass for forged ones too: nothing of it may make one genuine.
// Each quirk meets every forgery, of one or another, unless FOYER_CHIP_SESSIONS asks for everybody. Of a page that
// was forged the chip is genuine.
func (e *examiners) noForgeryIsGenuine(t *testing.T) {
	everybody, people := os.Getenv("FOYER_CHIP_SESSIONS") != "", e.maker.People()
	for i, quirk := range append(emulated.Quirks(), "") {
		genuine := e.read(t, e.make(t, people[0], specimen.Genuine, quirk))
		for _, variant := range onThePage {
			report := e.judgeWhole(t, e.make(t, people[0], variant, ""), genuine)
			if report.Verdict == verify.Genuine {
				t.Errorf("%s, %s: genuine", quirk, variant)
			}
		}
		for j, variant := range inTheChip {
			for k, person := range people {
				if !everybody && k != holder(quirk, variant, i+j) || isCopyable(person, variant) || cannotBe(quirk, person) {
					continue
				}
				if report := e.judge(t, e.read(t, e.make(t, person, variant, quirk))); report.Verdict == verify.Genuine {
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
	emulated.CardAccess6986:    "hides that it has PACE, and does not open where it has nothing else",
	emulated.CardAccess6A82:    "hides that it has PACE, and does not open where it has nothing else",
}

func (e *examiners) noGenuineDocumentIsDoubtful(t *testing.T) {
	everybody, people := os.Getenv("FOYER_CHIP_SESSIONS") != "", e.maker.People()
	for i, quirk := range emulated.Quirks() {
		for k, person := range people {
			chosen := everybody || k == i%len(people) || concerns(quirk, person)
			if !chosen || cannotBe(quirk, person) {
				continue
			}
			report := e.judge(t, e.read(t, e.make(t, person, specimen.Genuine, quirk)))
			_, hides := unproved[quirk]
			if report.Verdict == verify.Genuine || hides && report.Verdict == verify.Unverified {
				continue
			}
			t.Errorf("%s, %s: %s", quirk, person.ID, report.Verdict)
			for _, c := range report.Checks {
				if c.Result != verify.Passed && c.Result != verify.NotSupported {
					t.Logf("  %s %s: %s", c.ID, c.Result, wordingtest.English(t, c.Check))
				}
			}
		}
	}
}

// concerns says whether a quirk shows with a person's chip: active authentication by ECDSA, or by RSA.
func concerns(quirk emulated.Quirk, person specimen.Person) bool {
	return strings.HasPrefix(string(quirk), "active-") && slices.Contains([]string{"delacruz", "szeles"}, person.ID)
}
