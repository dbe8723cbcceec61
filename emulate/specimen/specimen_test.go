package specimen_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

var day = time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)

// shared is one maker for all tests: it keeps the portraits that it has drawn.
var shared = sync.OnceValues(newMaker)

func newMaker() (*specimen.Maker, error) { return specimen.NewMaker(1, day) }

func maker(t testing.TB) *specimen.Maker {
	t.Helper()
	m, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// document makes the document of a person of Utopia.
func document(t testing.TB, m *specimen.Maker, person int, v specimen.Variant) *specimen.Specimen {
	t.Helper()
	s, err := m.Make(m.People()[person], v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheSameSeedMakesTheSameSpecimen(t *testing.T) {
	again, err := newMaker()
	if err != nil {
		t.Fatal(err)
	}
	a, b := document(t, maker(t), 0, specimen.Forged), document(t, again, 0, specimen.Forged)
	if !slices.Equal(a.MRZ, b.MRZ) || !maps.EqualFunc(a.Files, b.Files, bytes.Equal) || !bytes.Equal(a.CSCA, b.CSCA) {
		t.Error("zone, files or CSCA differ between two runs")
	}
	for _, light := range lights {
		if !bytes.Equal(a.Page(verify.Front, light).Image.Pix, b.Page(verify.Front, light).Image.Pix) {
			t.Errorf("the %s picture differs between two runs", light)
		}
	}
	if !bytes.Equal(a.Frames(1)[0].Pix, b.Frames(1)[0].Pix) {
		t.Error("the camera's picture differs between two runs")
	}
}

func TestPeopleDifferAndTheirDocumentsAreValidOnAnyDay(t *testing.T) {
	for _, on := range []time.Time{day, time.Date(2028, 2, 29, 23, 0, 0, 0, time.UTC), time.Date(2031, 12, 31, 8, 0, 0, 0, time.UTC)} {
		seen := map[string]bool{}
		for _, p := range specimen.People(on) {
			if seen[p.ID] || seen[p.DocumentNumber] {
				t.Errorf("%s: the id or the number of the document is repeated", p.ID)
			}
			seen[p.ID], seen[p.DocumentNumber] = true, true
			if p.Issued.After(on) || p.Expiry.Before(on.AddDate(0, 1, 0)) {
				t.Errorf("%s on %s: a document from %s to %s", p.ID, on.Format(time.DateOnly), p.Issued.Format(time.DateOnly), p.Expiry.Format(time.DateOnly))
			}
		}
	}
}

func TestEveryZoneParsesToWhoItsPersonIs(t *testing.T) {
	m := maker(t)
	for i, p := range m.People() {
		s := document(t, m, i, specimen.Genuine)
		zone, err := mrz.Parse(s.MRZ, day)
		if err != nil {
			t.Fatalf("%s: %v", p.ID, err)
		}
		if !zone.Valid() || zone.Format != p.Format || zone.Fields.BirthDate != p.BirthDate || zone.Fields.DocumentNumber != p.DocumentNumber {
			t.Errorf("%s: the zone says otherwise: %+v", p.ID, zone)
		}
	}
}

func TestTheZoneOfEachVariantIsAsValidAsWanted(t *testing.T) {
	m := maker(t)
	for _, v := range specimen.Variants() {
		s := document(t, m, 0, v)
		checks, validity := verify.ExamineMRZ(verify.Evidence{MRZ: s.MRZ, Day: day})
		if validity != s.Want.Validity {
			t.Errorf("%s: validity %s, want %s", v, validity, s.Want.Validity)
		}
		for _, c := range checks {
			if want, ok := s.Want.Checks[c.ID]; ok && c.Result != want {
				t.Errorf("%s: %s is %s, want %s", v, c.ID, c.Result, want)
			}
		}
	}
}

func TestTheWantedVerdictFollowsFromThePolicy(t *testing.T) {
	policy, err := verify.DefaultPolicy()
	if err != nil {
		t.Fatal(err)
	}
	m := maker(t)
	for _, v := range specimen.Variants() {
		s := document(t, m, 0, v)
		named := 0
		var checks []verify.Check
		for _, line := range policy.Checks {
			c := verify.Check{ID: line.ID, Result: verify.Passed}
			if s.Chip != verify.ChipRead && line.Level == verify.Mandatory && line.ID != "mrz.check_digits" {
				c.Result = verify.NotPerformed
			}
			if want, ok := s.Want.Checks[line.ID]; ok {
				c.Result = want
				named++
			}
			checks = append(checks, c)
		}
		if named != len(s.Want.Checks) {
			t.Errorf("%s wants a check that the policy does not know: %v", v, s.Want.Checks)
		}
		if got := policy.Judge(checks, s.Want.Validity).Verdict; got != s.Want.Verdict {
			t.Errorf("%s: the policy says %s, wanted is %s", v, got, s.Want.Verdict)
		}
	}
}

func TestEveryVariantIsFoundByItsName(t *testing.T) {
	for _, v := range specimen.Variants() {
		if got, err := specimen.ParseVariant(string(v)); got != v || err != nil {
			t.Errorf("%q gives %q, %v", v, got, err)
		}
	}
	if _, err := specimen.ParseVariant("perfect"); err == nil {
		t.Error("an unknown name gives no error")
	}
}

// chipFiles are those of the first person's chip.
func chipFiles() []string {
	return []string{"EF.DIR", "EF.COM", "EF.SOD", "DG1", "DG2", "DG11", "DG12", "DG14"}
}

// aspects are the parts of a specimen that can differ from the genuine document.
func aspects(s *specimen.Specimen) map[string][]byte {
	a := map[string][]byte{"zone": []byte(strings.Join(s.MRZ, "\n"))}
	for _, f := range chipFiles() {
		a[f] = s.Files[f]
	}
	for _, key := range s.ChipOptions.ChipAuthentication {
		a["private key"] = key.Private
	}
	for _, light := range lights {
		a[string(light)] = s.Page(verify.Front, light).Image.Pix
	}
	return a
}

func TestEachVariantDiffersFromGenuineInWhatItIsAbout(t *testing.T) {
	all := append(chipFiles(), "private key")
	pages := []string{"visible", "infrared", "ultraviolet"}
	m := maker(t)
	genuine := aspects(document(t, m, 0, specimen.Genuine))
	for v, want := range map[specimen.Variant][]string{
		specimen.Genuine:         nil,
		specimen.Expired:         slices.Concat([]string{"zone", "EF.SOD", "DG1", "DG12"}, pages),
		specimen.UnknownSigner:   {"EF.SOD"},
		specimen.NoChip:          append(slices.Clone(all), "visible", "ultraviolet"),
		specimen.DeadChip:        all,
		specimen.Forged:          slices.Concat([]string{"zone"}, pages),
		specimen.AlteredMRZ:      slices.Concat([]string{"zone"}, pages),
		specimen.WrongDigit:      slices.Concat([]string{"zone"}, pages),
		specimen.PhotoSwap:       slices.Clone(pages),
		specimen.BrightPaper:     {"ultraviolet"},
		specimen.WrongInk:        slices.Clone(pages),
		specimen.WrongHash:       slices.Concat([]string{"DG2"}, pages),
		specimen.ForgedSignature: slices.Concat([]string{"EF.SOD", "DG2"}, pages),
		specimen.RevokedSigner:   {"EF.SOD"},
		specimen.Cloned:          {"private key"},
		specimen.StrippedClone:   {"EF.COM", "DG14", "private key"},
	} {
		var differ []string
		found := aspects(document(t, m, 0, v))
		for name, content := range genuine {
			if !bytes.Equal(content, found[name]) {
				differ = append(differ, name)
			}
		}
		slices.Sort(differ)
		slices.Sort(want)
		if diff := cmp.Diff(want, differ); diff != "" {
			t.Errorf("%s differs from genuine in other things than it should (-want +got):\n%s", v, diff)
		}
	}
}

func BenchmarkMakeWithAllPages(b *testing.B) {
	m := maker(b)
	for b.Loop() {
		document(b, m, 0, specimen.Genuine).Pages()
	}
}
