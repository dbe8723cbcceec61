package gallery_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"github.com/foyer-station/foyer/emulate/degrade"
	"github.com/foyer-station/foyer/emulate/gallery"
	"github.com/foyer-station/foyer/mrz"
)

func open(t testing.TB) *gallery.Gallery {
	t.Helper()
	g, err := gallery.New()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAnExhibitIsTheSameForEverybody(t *testing.T) {
	one, other := open(t), open(t)
	for _, level := range degrade.Levels() {
		other.Paper(level, 1) // what was drawn before must not matter
		a, err := one.Document(level, 8)
		if err != nil {
			t.Fatal(err)
		}
		b, err := other.Document(level, 8)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Image.Pix, b.Image.Pix) || !slices.Equal(a.Lines, b.Lines) || a.Zone != b.Zone {
			t.Errorf("%s: two galleries show two pictures", level)
		}
	}
}

func TestEveryZoneOfTheSetIsGenuineAndEveryFormatIsThere(t *testing.T) {
	for _, level := range degrade.Levels() {
		count, lengths := map[mrz.Format]int{}, map[int]bool{}
		for i := range 1000 {
			format, lines, err := gallery.Truth(level, i)
			if err != nil {
				t.Fatal(err)
			}
			zone, err := mrz.Parse(lines, gallery.Day())
			if err != nil {
				t.Fatalf("%s %d: %v", level, i, err)
			}
			if zone.Format != format || !zone.Valid() {
				t.Errorf("%s %d: %s, want a valid %s: %q", level, i, zone.Format, format, lines)
			}
			count[format]++
			lengths[len(strings.TrimRight(strings.Join(lines, ""), "<"))] = true
		}
		for _, format := range mrz.Formats() {
			if count[format] < 20 {
				t.Errorf("%s: %d of %s are too few to measure anything", level, count[format], format)
			}
		}
		if len(lengths) < 30 {
			t.Errorf("%s: only %d lengths of what is not filler", level, len(lengths))
		}
	}
}

func TestTheLevelsShowDifferentDocuments(t *testing.T) {
	seen := map[string]bool{}
	for _, level := range degrade.Levels() {
		for i := range 1000 {
			_, lines, err := gallery.Truth(level, i)
			if err != nil {
				t.Fatal(err)
			}
			if text := strings.Join(lines, "\n"); seen[text] {
				t.Errorf("%s %d: %q is there twice", level, i, text)
			} else {
				seen[text] = true
			}
		}
	}
}

func TestTheZoneIsInThePicture(t *testing.T) {
	g := open(t)
	for _, level := range degrade.Levels() {
		e, err := g.Document(level, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, corner := range e.Zone {
			if !corner.In(e.Image.Rect) {
				t.Errorf("%s: corner %v lies outside of %v", level, corner, e.Image.Rect)
			}
		}
		if len(e.Lines) == 0 || e.Format == "" {
			t.Errorf("%s: nothing is said of its zone", level)
		}
	}
}

func TestPapersHaveNoZone(t *testing.T) {
	g := open(t)
	for _, level := range degrade.Levels() {
		for i := range 2 { // a document without its MRZ, and a paper of the office
			if e := g.Paper(level, i); e.Format != "" || e.Lines != nil || e.Zone != [4]image.Point{} || e.Image.Rect.Dx() < 300 {
				t.Errorf("%s %d: %+v, %q, %v", level, i, e.Format, e.Lines, e.Zone)
			}
		}
	}
}

// TestPortfolio draws pictures for somebody to look at, as many of each kind as FOYER_PORTFOLIO_SIZE says (12 without
// it), scaled down onto one picture a kind, into the folder that FOYER_PORTFOLIO names.
func TestPortfolio(t *testing.T) {
	folder := os.Getenv("FOYER_PORTFOLIO")
	if folder == "" {
		t.Skip("FOYER_PORTFOLIO names no folder: the pictures prove nothing unless somebody looks at them")
	}
	size, err := strconv.Atoi(os.Getenv("FOYER_PORTFOLIO_SIZE"))
	if err != nil {
		size = 12
	}
	g := open(t)
	for _, level := range degrade.Levels() {
		var documents, papers []*image.RGBA
		for i := range size {
			e, err := g.Document(level, i)
			if err != nil {
				t.Fatal(err)
			}
			documents, papers = append(documents, e.Image), append(papers, g.Paper(level, i).Image)
			t.Logf("%s %d: %q %+v", level, i, e.Lines, e.Recipe)
		}
		hang(t, filepath.Join(folder, string(level)+"-documents.png"), documents)
		hang(t, filepath.Join(folder, string(level)+"-papers.png"), papers)
	}
}

// hang lays pictures side by side.
func hang(t *testing.T, name string, pictures []*image.RGBA) {
	const side, columns = 640, 3
	wall := image.NewRGBA(image.Rect(0, 0, side*columns, side*((len(pictures)+columns-1)/columns)))
	for k, p := range pictures {
		scale := float64(side-8) / float64(max(p.Rect.Dx(), p.Rect.Dy()))
		to := image.Rect(0, 0, int(float64(p.Rect.Dx())*scale), int(float64(p.Rect.Dy())*scale))
		draw.ApproxBiLinear.Scale(wall, to.Add(image.Pt(k%columns*side, k/columns*side)), p, p.Rect, draw.Src, nil)
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, wall); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkDocument(b *testing.B) {
	g := open(b)
	for _, level := range degrade.Levels() {
		for i := range 40 { // faces and grounds are drawn once
			if _, err := g.Document(level, i); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(string(level), func(b *testing.B) {
			for i := range b.N {
				if _, err := g.Document(level, i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
