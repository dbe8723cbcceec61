package mrz_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/mrz"
	"pgregory.net/rapid"
)

func TestFillersAsProgramsWriteThemAreReadAndTold(t *testing.T) {
	for _, written := range []string{"&lt;", "&LT;", "&lt", "&amp;lt;", "&#60;", "&#060;", "&#x3C;", "&#x3c;", `\u003c`, `\u003C`, "%3C", "%3c", `\x3c`, "‹", "＜", "〈", "⟨", "〈", "﹤", "˂"} {
		for format, lines := range wholes {
			first := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "<") })
			var given []string
			for _, l := range lines {
				given = append(given, strings.ReplaceAll(l, "<", written))
			}
			got, told := mrz.FromText(given)
			if !slices.Equal(got, lines) || len(told) != 1 {
				t.Fatalf("%s, %s: %q, %+v", format, written, got, told)
			}
			if d := told[0]; d.ID != "text" || d.Line != first+1 || d.Column != strings.Index(lines[first], "<")+1 || d.Found != written {
				t.Errorf("%s, %s: %+v", format, written, d)
			}
		}
	}
	got, told := mrz.FromText([]string{strings.ReplaceAll(specimenTD3[0], "<<", "«"), specimenTD3[1]})
	if !slices.Equal(got, specimenTD3) || len(told) != 1 {
		t.Errorf("%q, %+v", got, told)
	}
}

func TestWideLettersAreReadAndTold(t *testing.T) {
	wide := func(r rune) rune { return r - '!' + '！' }
	got, told := mrz.FromText([]string{strings.Map(wide, specimenTD3[0]), strings.Map(wide, specimenTD3[1])})
	if !slices.Equal(got, specimenTD3) || len(told) != 1 || told[0].Found != "Ｐ" {
		t.Errorf("%q, %+v", got, told)
	}
}

func TestLinesThatRunTogetherOrAreBrokenElsewhereAreDivided(t *testing.T) {
	for format, lines := range wholes {
		if len(lines) == 1 {
			continue
		}
		text := strings.Join(lines, "")
		half := len(text) / 3
		for name, given := range map[string][]string{
			"in one": {text}, "broken elsewhere": {text[:half], text[half:]}, "in pieces": {text[:20], text[20:40], text[40:50], text[50:]},
		} {
			got, told := mrz.FromText(given)
			if !slices.Equal(got, lines) || len(told) != 1 || told[0].ID != "text" || told[0].Line != 1 {
				t.Errorf("%s, %s: %q, %+v", format, name, got, told)
			}
		}
	}
}

func TestALineBreakThatIsWrittenOutIsOne(t *testing.T) {
	for _, between := range []string{`\n`, `\r\n`, "<br>", "<br/>", "%0A", "%0d%0a"} {
		given := []string{strings.Join(specimenTD3, between)}
		if got, told := mrz.FromText(given); !slices.Equal(got, specimenTD3) || len(told) != 1 {
			t.Errorf("%s: %q, %+v", between, got, told)
		}
	}
}

func TestOtherTextAndWholeLinesStayAsTheyAre(t *testing.T) {
	prose := strings.Fields("DEAR SIR OR MADAM PLEASE FIND THE ENCLOSED DOCUMENTS WHICH YOU HAVE ASKED FOR IN YOUR LETTER OF YESTERDAYS")
	for _, lines := range append(slices.Collect(func(yield func([]string) bool) {
		for _, l := range wholes {
			if !yield(l) {
				return
			}
		}
	}), prose, nil, []string{"P<UTO"}, []string{specimenTD3[0][:43], specimenTD3[1]}) {
		if got, told := mrz.FromText(lines); !slices.Equal(got, lines) || told != nil {
			t.Errorf("%q became %q, %+v", lines, got, told)
		}
	}
}

// TestAZoneAmidOtherTextIsTakenOutOfIt as forms, programs and tables pass it on.
func TestAZoneAmidOtherTextIsTakenOutOfIt(t *testing.T) {
	for _, lines := range [][]string{specimenTD3, specimenTD1, specimenTD2} {
		quoted := `"` + strings.Join(lines, `","`) + `"`
		for name, given := range map[string]string{
			"JSON":            `{"format":"x","lines":[` + quoted + `],"sure":true}`,
			"JSON in one":     `{"mrz":"` + strings.Join(lines, `\n`) + `"}`,
			"a table":         "mrz1,mrz2,mrz3\n" + quoted,
			"semicolons":      strings.ReplaceAll(quoted, ",", ";"),
			"without a break": `mrz="` + strings.Join(lines, "") + `"`,
			"names of lines":  "MRZ1:" + strings.Join(lines, "\nMRZ2: "),
			"a quotation":     "> " + strings.Join(lines, "\n> "),
			"marks of print":  "“" + strings.Join(lines, "”\n“") + "”",
			"a title":         "PASSPORT\n" + strings.Join(lines, "\n"),
		} {
			got, told := mrz.FromText(strings.Fields(given))
			if !slices.Equal(got, lines) || len(told) == 0 || told[len(told)-1].ID != "text" {
				t.Errorf("%s: %q, %+v", name, got, told)
			}
		}
		if got, _ := mrz.FromText(append(append([]string{"1:"}, lines...), lines...)); slices.Equal(got, lines) {
			t.Errorf("of two zones one is taken: %q", got)
		}
	}
}

func TestTagsAroundTheLinesOfAZoneAreUndone(t *testing.T) {
	escaped := []string{strings.ReplaceAll(specimenTD3[0], "<", "&lt;"), strings.ReplaceAll(specimenTD3[1], "<", "&lt;")}
	for _, given := range []string{
		"<p>" + escaped[0] + "</p><p>" + escaped[1] + "</p>",
		"<div class=\"mrz line\">\n" + escaped[0] + "</div>\n<div id='2'>" + escaped[1] + "</div>",
		escaped[0] + "<br />" + escaped[1], "<PRE>" + escaped[0] + "\n" + escaped[1] + "</PRE>",
		"<MRZ1>" + escaped[0] + "</MRZ1><MRZ2>" + escaped[1] + "</MRZ2>",
		"<mrz><![CDATA[" + specimenTD3[0] + "\n" + specimenTD3[1] + "]]></mrz>",
	} {
		got, told := mrz.FromText(strings.Fields(given))
		if !slices.Equal(got, specimenTD3) || len(told) == 0 {
			t.Errorf("%s: %q, %+v", given, got, told)
		}
	}
}

// TestCharactersThatAreNotSeenAreLeftOutAndTold puts them where editors, messengers and sentences from right to left do.
func TestCharactersThatAreNotSeenAreLeftOutAndTold(t *testing.T) {
	for _, unseen := range []string{"\u200b", "\u200c", "\u200d", "\u2060", "\u00ad", "\ufeff", "\u200e", "\u200f", "\u202a", "\u2066", "\u180e", "\u034f", "\ufe0e", "\u061c"} {
		for _, given := range [][]string{
			{unseen + specimenTD3[0], specimenTD3[1] + unseen}, {specimenTD3[0][:9] + unseen + specimenTD3[0][9:], unseen, specimenTD3[1]},
		} {
			got, told := mrz.FromText(given)
			if !slices.Equal(got, specimenTD3) || len(told) != 1 || told[0].Found != unseen {
				t.Errorf("%q: %q, %+v", given, got, told)
			}
		}
	}
}

func TestLinesThatLackTheirFillersAreNoDrivingLicence(t *testing.T) {
	given := []string{strings.TrimRight(specimenTD3[0], "<"), specimenTD3[1]} // 25 and 44 are 9, 30 and 30
	if got, told := mrz.FromText(given); !slices.Equal(got, given) || told != nil {
		t.Errorf("%q, %+v", got, told)
	}
}

func TestATextIsUndoneOnceAndForAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SampledFrom([]string{"<", "&lt;", "&amp;", "«", "%3", "C", `\`, "n", "u003c", "A", "7", "＜", "é", "<br", ">"})
		lines := strings.Fields(strings.Join(rapid.SliceOfN(piece, 0, 90).Draw(t, "pieces"), ""))
		got, _ := mrz.FromText(lines)
		for _, l := range got {
			if strings.ContainsAny(l, "«＜") || strings.Contains(l, "&lt;") {
				t.Errorf("%q became %q", lines, got)
			}
		}
	})
}

// A stranger's text: no more characters come out than went in, nothing that is undone is undone again, and a zone stays one.
func FuzzFromText(f *testing.F) {
	f.Add(strings.Join(specimenTD3, "\n"))
	f.Add(strings.ReplaceAll(specimenTD3[0]+specimenTD3[1], "<", "&amp;lt;"))
	f.Add(strings.ToLower(layouts["Turkish F"].Replace(specimenTD1[0] + `\n` + specimenTD1[1])))
	f.Add("«＜ＡÉéς%3c<br>")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Fields(text)
		got, deviations := mrz.FromText(lines)
		if deviations == nil && !slices.Equal(got, lines) {
			t.Errorf("%q became %q in silence", lines, got)
		}
		for _, d := range deviations {
			if d.Line < 1 || d.Column < 1 || d.Found == "" || d.Taken == "" || d.Standard == "" {
				t.Errorf("%q: %+v", lines, d)
			}
		}
		if typed, ok := mrz.FromKeyboard(got, day); ok && (!typed.Valid() || typed.Keyboard == "") {
			t.Errorf("%q: %q is taken for a zone", got, typed.Lines())
		}
		if zone, err := mrz.Parse(lines, day); err == nil && zone.Valid() && deviations != nil {
			t.Errorf("%q is valid as it stands: %+v", lines, deviations)
		}
	})
}

func ExampleFromText() {
	lines, told := mrz.FromText([]string{strings.ReplaceAll(specimenTD3[0]+specimenTD3[1], "<", "&lt;")})
	for _, d := range told {
		fmt.Printf("%s stands there for %s\n", d.Found, d.Taken)
	}
	fmt.Println(lines[1])
	// Output:
	// &lt; stands there for <
	// lines of 88 characters stands there for lines of 44, 44 characters
	// L898902C36UTO7408122F1204159ZE184226B<<<<<10
}
