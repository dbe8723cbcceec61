package lang_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/ui/lang"
)

// plurals are the forms that each language needs for whole numbers (Unicode CLDR, plural rules).
var plurals = map[string][]string{
	"de": {"one", "other"},
	"en": {"one", "other"},
	"uk": {"few", "many", "one", "other"},
	"ar": {"few", "many", "one", "other", "two", "zero"},
}

func TestEveryLanguageSaysTheSameThings(t *testing.T) {
	want := messages(t, "de")
	for tag := range plurals {
		got := messages(t, tag)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("%s has other messages than de (-de +%s):\n%s", tag, tag, diff)
		}
	}
}

func TestNoMessageIsEmptyOrLeftUntranslated(t *testing.T) {
	german := messages(t, "de")
	for tag := range plurals {
		for id, forms := range messages(t, tag) {
			for form, said := range forms {
				if strings.TrimSpace(said) == "" || strings.TrimSpace(said) != said {
					t.Errorf("%s: %s %s is empty or has stray spaces", tag, id, form)
				}
				same := said == german[id][form] && tag != "de" && !strings.Contains(said, "{{")
				if same && id != "greeting.start" { // "Start" is German and English
					t.Errorf("%s: %s is German still", tag, id)
				}
			}
		}
	}
}

func TestPluralsHaveTheFormsOfTheirLanguage(t *testing.T) {
	for tag, want := range plurals {
		for id, forms := range messages(t, tag) {
			if _, single := forms[""]; single {
				continue
			}
			if diff := cmp.Diff(want, slices.Sorted(maps.Keys(forms))); diff != "" {
				t.Errorf("%s: %s:\n%s", tag, id, diff)
			}
		}
	}
}

func TestNumbersTakeTheRightForm(t *testing.T) {
	for _, c := range []struct {
		tag  string
		n    int
		want string
	}{
		{"de", 1, "Vor Ihnen ist noch 1 Person."},
		{"de", 3, "Vor Ihnen sind noch 3 Personen."},
		{"uk", 21, "Перед вами ще 21 особа."},
		{"uk", 3, "Перед вами ще 3 особи."},
		{"uk", 11, "Перед вами ще 11 осіб."},
		{"ar", 2, "قبلك شخصان."},
		{"ar", 3, "قبلك 3 أشخاص."},
		{"ar", 11, "قبلك 11 شخصًا."},
	} {
		if got := load(t).In(c.tag).Count("ticket.ahead", c.n); got != c.want {
			t.Errorf("%s, %d: got %q, want %q", c.tag, c.n, got, c.want)
		}
	}
}

func TestDatesAreWrittenAsIsUsual(t *testing.T) {
	for _, c := range []struct{ tag, date, want string }{
		{"de", "1974-08-12", "12.08.1974"},
		{"en", "1974-08-12", "12/08/1974"},
		{"uk", "1974-??-??", "??.??.1974"},
		{"ar", "unknown", "unknown"},
	} {
		if got := load(t).In(c.tag).Date(c.date); got != c.want {
			t.Errorf("%s: got %q, want %q", c.tag, got, c.want)
		}
	}
}

func TestOnlyArabicRunsFromRightToLeft(t *testing.T) {
	for tag := range plurals {
		if got := load(t).In(tag).RightToLeft; got != (tag == "ar") {
			t.Errorf("%s: right to left is %v", tag, got)
		}
	}
}

// An MRZ's fillers would be drawn as >>> in a sentence from right to left.
func TestFillersStandBetweenLeftToRightMarksWhereALanguageRunsFromRightToLeft(t *testing.T) {
	for tag := range plurals {
		if !load(t).In(tag).RightToLeft {
			continue
		}
		for id, forms := range messages(t, tag) {
			for _, said := range forms {
				if strings.Count(said, "<<<") != strings.Count(said, "\u200e<<<\u200e") {
					t.Errorf("%s: %s has fillers without the marks around them", tag, id)
				}
			}
		}
	}
}

func TestALanguageThatNobodySpeaksIsAnsweredInGerman(t *testing.T) {
	for _, tag := range []string{"", "tlh", "not a tag"} {
		if got := load(t).In(tag).Say("greeting.title"); got != "Willkommen" {
			t.Errorf("%q: got %q", tag, got)
		}
	}
}

func load(t *testing.T) *lang.Catalogues {
	t.Helper()
	catalogues, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	return catalogues
}

func TestATechnicianIsToldTheSameInGermanAndInEnglish(t *testing.T) {
	german, english := messages(t, "technician/de"), messages(t, "technician/en")
	if diff := cmp.Diff(slices.Sorted(maps.Keys(german)), slices.Sorted(maps.Keys(english))); diff != "" {
		t.Errorf("en has other messages than de (-de +en):\n%s", diff)
	}
	technicians, err := lang.LoadTechnicians()
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"de", "en"} {
		for id, forms := range messages(t, "technician/"+tag) {
			if said, whole := forms[""]; whole && !strings.Contains(said, "{{") && technicians.In(tag).Say(id) != said {
				t.Errorf("%s: %s is said as %q", tag, id, technicians.In(tag).Say(id))
			}
			for form, said := range forms {
				if strings.TrimSpace(said) == "" || strings.TrimSpace(said) != said {
					t.Errorf("%s: %s %s is empty or has stray spaces", tag, id, form)
				}
			}
		}
	}
	if technicians.Speaks("ar") {
		t.Error("a visitor's language is a technician's too")
	}
}

// messages reads a catalogue as it is written: id, plural form ("" where there is one form only), text.
func messages(t *testing.T, tag string) map[string]map[string]string {
	t.Helper()
	file, err := os.ReadFile(filepath.Clean(tag + ".toml"))
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]map[string]any
	if err := toml.Unmarshal(file, &tree); err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]string{}
	for section, entries := range tree {
		for name, entry := range entries {
			id := section + "." + name
			found[id] = map[string]string{}
			switch said := entry.(type) {
			case string:
				found[id][""] = said
			case map[string]any:
				for form, text := range said {
					found[id][form] = text.(string)
				}
			}
		}
	}
	return found
}
