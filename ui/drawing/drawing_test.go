package drawing

import (
	"image"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/ui/theme"
)

func TestEveryDrawingDraws(t *testing.T) {
	for _, name := range names(t) {
		picture := Draw(name, theme.Accent, image.Pt(96, 96))
		if !slices.ContainsFunc(picture.Pix, func(b uint8) bool { return b != 0 }) {
			t.Errorf("%s draws nothing", name)
		}
		file, err := files.ReadFile(string(name) + ".svg")
		if err != nil {
			t.Fatal(err)
		}
		if left := colours(theme.Accent).Replace(string(file)); strings.Contains(left, "$") {
			t.Errorf("%s names a colour that the palette does not have", name)
		}
	}
}

func TestLinesGrowWithTheDrawing(t *testing.T) {
	small, large := share(Draw(Check, theme.Ink, image.Pt(48, 48))), share(Draw(Check, theme.Ink, image.Pt(192, 192)))
	if large < small*0.8 || large > small*1.2 {
		t.Errorf("ink covers %.3f of a small picture and %.3f of a large one", small, large)
	}
}

// share is how much of a picture is inked, 0 to 1.
func share(picture *image.RGBA) float64 {
	sum := 0
	for i := 3; i < len(picture.Pix); i += 4 {
		sum += int(picture.Pix[i])
	}
	return float64(sum) / 255 / float64(len(picture.Pix)/4)
}

func TestEveryNameHasADrawing(t *testing.T) {
	want := []Name{
		ArrowLeft, ArrowRight, Calendar, Card, Check, Clock, Close, Document, Eye, Globe, Help, Info, Mark, More,
		Permit, Person, Retry, Closed, DocumentRead, FindNumber, Goodbye, LayDocument, ReadDocument, Services, Staff, TakeDocument, TurnCard, Welcome, Oval, Sitter,
	}
	have := map[Name]bool{}
	for _, name := range names(t) {
		have[name] = true
	}
	for _, name := range want {
		if !have[name] {
			t.Errorf("%s has no file", name)
		}
		delete(have, name)
	}
	for name := range have {
		t.Errorf("%s.svg has no name", name)
	}
}

func TestAServiceWithAnUnknownIconGetsAPlainOne(t *testing.T) {
	if got := ForService("permit"); got != Permit {
		t.Errorf("got %s", got)
	}
	for _, name := range []string{"", "welcome", "../theme"} {
		if got := ForService(name); got != Document {
			t.Errorf("%q: got %s", name, got)
		}
	}
}

func names(t *testing.T) []Name {
	t.Helper()
	paths, err := fs.Glob(files, "*.svg")
	if err != nil {
		t.Fatal(err)
	}
	var found []Name
	for _, path := range paths {
		found = append(found, Name(strings.TrimSuffix(path, ".svg")))
	}
	return found
}
