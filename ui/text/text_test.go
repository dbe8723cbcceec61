package text_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/ui/goldentest"
	"github.com/foyer-station/foyer/ui/text"
)

var update = flag.Bool("update", false, "write the golden pictures instead of comparing with them")

// Order, joining, marks and line breaks that a toolkit can get wrong.
var paragraphs = []struct{ name, language, content string }{
	{"arabic", "ar", "مرحبًا بكم في مكتب الهجرة. من فضلك ضع جواز سفرك على القارئ."},
	{"arabic_with_latin", "ar", "رقم التذكرة A-127، الطابق 3، الساعة 14:30 (غرفة B12)."},
	{"arabic_after_latin", "ar", "A-127 هو رقمك."},
	{"latin_in_arabic_page", "ar", "Ausländerbehörde Utopia"},
	{"ukrainian", "uk", "Покладіть паспорт на зчитувач. Ґанок, їжак, єдність, об’єкт"},
	{"german_with_arabic", "de", "Herr محمد علي, Zimmer B12 (14:30)"},
}

func TestParagraphsLookAsTheyDid(t *testing.T) {
	typesetter := newTypesetter(t)
	for _, p := range paragraphs {
		laid := typesetter.Layout(p.content, style(p.language), 600)
		got := image.NewGray(image.Rect(0, 0, 600, int(laid.Height())))
		draw.Draw(got, got.Rect, image.White, image.Point{}, draw.Src)
		typesetter.Draw(laid, got, image.Point{}, 1)
		goldentest.Compare(t, *update, filepath.Join("testdata", p.name+".png"), got)
	}
}

func TestTheParagraphBeginsOnItsSide(t *testing.T) {
	typesetter := newTypesetter(t)
	for _, c := range []struct {
		language string
		align    text.Align
		left     bool
	}{
		{"de", text.Start, true},
		{"de", text.End, false},
		{"ar", text.Start, false},
		{"ar", text.End, true},
	} {
		s := style(c.language)
		s.Align = c.align
		picture := image.NewRGBA(image.Rect(0, 0, 600, 60))
		typesetter.Draw(typesetter.Layout("A-127", s, 600), picture, image.Point{}, 1)
		if got := inked(picture, image.Rect(0, 0, 300, 60)); got != c.left {
			t.Errorf("%s, alignment %d: ink on the left is %v", c.language, c.align, got)
		}
	}
}

// In an Arabic sentence that begins with a number the number stands on the right, where the sentence begins.
func TestTheLanguageDecidesAboutTheDirectionAndNotTheFirstLetter(t *testing.T) {
	typesetter := newTypesetter(t)
	sentence := typesetter.Layout("A-127 هو", style("ar"), 600)
	number := typesetter.Layout("A-127", style("ar"), 600)
	a, b := image.NewRGBA(image.Rect(0, 0, 600, 60)), image.NewRGBA(image.Rect(0, 0, 600, 60))
	typesetter.Draw(sentence, a, image.Point{}, 1)
	typesetter.Draw(number, b, image.Point{}, 1)
	right := image.Rect(600-int(number.Width()), 0, 600, 60)
	for y := range 60 {
		for x := right.Min.X; x < right.Max.X; x++ {
			if a.RGBAAt(x, y) != b.RGBAAt(x, y) {
				t.Fatalf("the number does not stand at the right edge: pixel %d, %d", x, y)
			}
		}
	}
}

// Brackets are mirrored from right to left, and so would be an MRZ's fillers, were it not for the marks around them.
func TestFillersBetweenMarksAreNotMirroredInArabic(t *testing.T) {
	typesetter := newTypesetter(t)
	drawn := func(content, language string, align text.Align) []byte {
		s := style(language)
		s.Align = align
		picture := image.NewRGBA(image.Rect(0, 0, 600, 60))
		typesetter.Draw(typesetter.Layout(content, s, 600), picture, image.Point{}, 1)
		return picture.Pix
	}
	german := drawn("<<<", "de", text.End)
	if !bytes.Equal(drawn("\u200e<<<\u200e", "ar", text.Start), german) {
		t.Error("they are mirrored")
	}
	if bytes.Equal(drawn("<<<", "ar", text.Start), german) {
		t.Error("without marks they are not mirrored: then this shows nothing")
	}
}

func TestLinesBreakBetweenWords(t *testing.T) {
	typesetter := newTypesetter(t)
	one := typesetter.Layout("eins zwei drei", style("de"), 1000)
	three := typesetter.Layout("eins zwei drei", style("de"), 90)
	if one.Lines() != 1 || three.Lines() != 3 {
		t.Errorf("%d and %d lines", one.Lines(), three.Lines())
	}
	if three.Height() != 3*one.Height() {
		t.Errorf("heights %v and %v", one.Height(), three.Height())
	}
}

func TestTooManyLinesEndInAnEllipsis(t *testing.T) {
	typesetter := newTypesetter(t)
	s := style("de")
	s.MaxLines = 2
	if got := typesetter.Layout(strings.Repeat("Wort ", 100), s, 300); got.Lines() != 2 || got.Width() > 300 {
		t.Errorf("%d lines, %v wide", got.Lines(), got.Width())
	}
}

func TestEveryLetterThatFoyerWritesHasAGlyph(t *testing.T) {
	typesetter := newTypesetter(t)
	for _, r := range "ÄÖÜäöüßẞ„“–…·×«»’ҐґЄєІіЇїءآأؤإئىةًٌٍَُِّْ،؛؟0123456789" {
		for _, bold := range []bool{false, true} {
			if !typesetter.Has(r, bold) {
				t.Errorf("%q has no glyph (bold: %v)", r, bold)
			}
		}
	}
}

// Names come from chips and offices: whatever they hold, a paragraph stays in its box.
func TestAnythingStaysInItsBox(t *testing.T) {
	typesetter := newTypesetter(t)
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.String().Draw(t, "content")
		s := style(rapid.SampledFrom([]string{"de", "ar"}).Draw(t, "language"))
		s.MaxLines = rapid.IntRange(0, 3).Draw(t, "lines")
		width := float32(rapid.IntRange(80, 600).Draw(t, "width"))
		laid := typesetter.Layout(content, s, width)
		if s.MaxLines > 0 && laid.Lines() > s.MaxLines {
			t.Fatalf("%d lines", laid.Lines())
		}
		picture := image.NewRGBA(image.Rect(0, 0, int(width), max(1, int(laid.Height()/2)))) // too low on purpose
		typesetter.Draw(laid, picture, image.Point{}, 1)
	})
}

func BenchmarkParagraph(b *testing.B) {
	typesetter := newTypesetter(b)
	picture := image.NewRGBA(image.Rect(0, 0, 936, 200))
	for b.Loop() {
		typesetter.Draw(typesetter.Layout(paragraphs[1].content, style("ar"), 936), picture, image.Point{}, 1)
	}
}

func style(language string) text.Style {
	return text.Style{Size: 38, Color: color.Black, Language: language, RightToLeft: language == "ar"}
}

func newTypesetter(t testing.TB) *text.Typesetter {
	t.Helper()
	typesetter, err := text.NewTypesetter()
	if err != nil {
		t.Fatal(err)
	}
	return typesetter
}

func inked(picture *image.RGBA, in image.Rectangle) bool {
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			if picture.RGBAAt(x, y).A > 0 {
				return true
			}
		}
	}
	return false
}
