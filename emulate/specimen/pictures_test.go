package specimen_test

import (
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	xdraw "golang.org/x/image/draw"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/specimen/page"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/portrait"
)

var lights = []verify.Light{verify.Visible, verify.Infrared, verify.Ultraviolet}

func TestTheDetectorFindsExactlyOneFaceWhereverThereIsOne(t *testing.T) {
	finder, err := portrait.NewFinder(portrait.DefaultCascades)
	if err != nil {
		t.Fatal(err)
	}
	defer finder.Close()
	m := maker(t)
	for i, p := range m.People() {
		s := document(t, m, i, specimen.Genuine)
		pictures := map[string]*image.RGBA{
			"portrait":      s.Portrait(),
			"page":          s.Page(verify.Front, verify.Visible).Image,
			"infrared page": s.Page(verify.Front, verify.Infrared).Image,
		}
		for k, frame := range s.Frames(1) {
			pictures[fmt.Sprintf("frame %d", k)] = frame
		}
		for name, picture := range pictures {
			faces, err := finder.Find(picture)
			if err != nil || len(faces) != 1 {
				t.Errorf("%s, %s: %d faces, %v", p.ID, name, len(faces), err)
			}
		}
	}
}

// luminance is from 0 to 255.
func luminance(img *image.RGBA, x, y int) int {
	c := img.RGBAAt(x, y)
	return (299*int(c.R) + 587*int(c.G) + 114*int(c.B)) / 1000
}

// zoneSide is the side that bears the MRZ, and its rectangle in a picture.
func zoneSide(s *specimen.Specimen) (verify.Side, image.Rectangle) {
	side := verify.Front
	if s.Person.Format == mrz.TD1 {
		side = verify.Back
	}
	last := len(s.MRZ) - 1
	first := page.Cell(s.Person.Format, 0, 0, specimen.DPI)
	return side, first.Union(page.Cell(s.Person.Format, last, len(s.MRZ[last])-1, specimen.DPI))
}

func TestEveryCharacterOfTheZoneStandsInItsCell(t *testing.T) {
	m := maker(t)
	for _, person := range []int{0, 5} {
		s := document(t, m, person, specimen.Genuine)
		side, zone := zoneSide(s)
		img := s.Page(side, verify.Infrared).Image
		cells := map[image.Point]bool{}
		for line, text := range s.MRZ {
			for column := range text {
				cell := page.Cell(s.Person.Format, line, column, specimen.DPI)
				if !hasInk(img, cell) {
					t.Errorf("%s: nothing is printed in line %d, column %d", s.Person.ID, line+1, column+1)
				}
				for y := cell.Min.Y; y < cell.Max.Y; y++ {
					for x := cell.Min.X; x < cell.Max.X; x++ {
						cells[image.Pt(x, y)] = true
					}
				}
			}
		}
		for y := zone.Min.Y - 30; y < img.Rect.Max.Y; y++ {
			for x := range img.Rect.Dx() {
				if !cells[image.Pt(x, y)] && luminance(img, x, y) < 120 {
					t.Fatalf("%s: ink outside the zone's cells at %d, %d", s.Person.ID, x, y)
				}
			}
		}
	}
}

func hasInk(img *image.RGBA, r image.Rectangle) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if luminance(img, x, y) < 80 {
				return true
			}
		}
	}
	return false
}

// TestTheZoneOfAPassportLiesWhereDoc9303PutsIt measures ink, not the code's own cells: left edge 6.0 mm, centre lines
// 15.75 and 9.40 mm above the lower edge, 43 steps of 2.54 mm (Doc 9303-4, 4.2.1.3 and figure 3).
func TestTheZoneOfAPassportLiesWhereDoc9303PutsIt(t *testing.T) {
	s := document(t, maker(t), 0, specimen.Genuine)
	img := s.Page(verify.Front, verify.Infrared).Image
	const mm = specimen.DPI / 25.4
	for line, above := range []float64{15.75, 9.40} {
		centre := 88 - above
		ink := image.Rectangle{}
		for y := int((centre - 3) * mm); y < int((centre+3)*mm); y++ {
			for x := range img.Rect.Dx() {
				if luminance(img, x, y) < 110 {
					ink = ink.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
		if left := float64(ink.Min.X) / mm; left < 5 || left > 7 {
			t.Errorf("line %d begins at %.2f mm, want 6.0 +- 1.0", line+1, left)
		}
		if middle := float64(ink.Min.Y+ink.Max.Y) / 2 / mm; middle < centre-0.3 || middle > centre+0.3 {
			t.Errorf("line %d has its centre at %.2f mm, want %.2f", line+1, 88-middle, above)
		}
		if length := float64(ink.Dx()) / mm; length < 43*2.54 || length > 44*2.54 {
			t.Errorf("line %d is %.2f mm long, want 43 steps and a character", line+1, length)
		}
	}
}

// contrast is the print contrast signal of the MRZ: paper less ink, of paper (Doc 9303-3, 4.4), with the paper as the
// 90th and the ink as the 2nd percentile of luminance.
func contrast(s *specimen.Specimen) float64 {
	side, zone := zoneSide(s)
	img := s.Page(side, verify.Infrared).Image
	var values []int
	for y := zone.Min.Y; y < zone.Max.Y; y++ {
		for x := zone.Min.X; x < zone.Max.X; x++ {
			values = append(values, luminance(img, x, y))
		}
	}
	slices.Sort(values)
	paper, ink := float64(values[len(values)*90/100]), float64(values[len(values)*2/100])
	return (paper - ink) / paper
}

// glow is the mean luminance of the front under ultraviolet light.
func glow(s *specimen.Specimen) float64 {
	img := s.Page(verify.Front, verify.Ultraviolet).Image
	sum := 0
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			sum += luminance(img, x, y)
		}
	}
	return float64(sum) / float64(img.Rect.Dx()*img.Rect.Dy())
}

func TestInfraredAndUltravioletTellTheForgeriesApart(t *testing.T) {
	m := maker(t)
	for _, person := range []int{0, 5} {
		genuine := document(t, m, person, specimen.Genuine)
		right, wrong := contrast(genuine), contrast(document(t, m, person, specimen.WrongInk))
		dull, bright := glow(genuine), glow(document(t, m, person, specimen.BrightPaper))
		t.Logf("%s: print contrast in B900 %.2f, wrong ink %.2f; luminance in ultraviolet %.0f, bright paper %.0f",
			genuine.Person.ID, right, wrong, dull, bright)
		if right < 0.75 {
			t.Errorf("print contrast of a genuine zone is %.2f, want well above 0.6", right)
		}
		if wrong > 0.1 {
			t.Errorf("print contrast of a zone in the wrong ink is %.2f, want none", wrong)
		}
		if dull > 40 {
			t.Errorf("genuine paper has luminance %.0f under ultraviolet, want a dull one", dull)
		}
		if bright < 110 {
			t.Errorf("bright paper has luminance %.0f under ultraviolet, want a bright one", bright)
		}
	}
}

// TestContactSheet draws everything on one picture, for somebody to look at, into the file that FOYER_CONTACT_SHEET names.
func TestContactSheet(t *testing.T) {
	name := os.Getenv("FOYER_CONTACT_SHEET")
	if name == "" {
		t.Skip("FOYER_CONTACT_SHEET names no file: the sheet proves nothing unless somebody looks at it")
	}
	m := maker(t)
	const width, height, columns = 320, 226, 6
	var pictures []*image.RGBA
	for i := range m.People() {
		s := document(t, m, i, specimen.Genuine)
		pictures = append(pictures, s.Portrait(), s.Page(verify.Front, verify.Visible).Image)
	}
	card := document(t, m, 5, specimen.Genuine)
	for _, s := range []*specimen.Specimen{document(t, m, 0, specimen.Genuine), document(t, m, 0, specimen.WrongInk), document(t, m, 0, specimen.BrightPaper)} {
		pictures = append(pictures, s.Page(verify.Front, verify.Infrared).Image, s.Page(verify.Front, verify.Ultraviolet).Image)
	}
	pictures = append(pictures, card.Frames(1)...)
	for _, light := range lights {
		pictures = append(pictures, card.Page(verify.Back, light).Image)
	}
	rows := (len(pictures) + columns - 1) / columns
	sheet := image.NewRGBA(image.Rect(0, 0, width*columns, height*rows))
	draw.Draw(sheet, sheet.Rect, image.White, image.Point{}, draw.Src)
	for k, picture := range pictures {
		scale := min(float64(width-8)/float64(picture.Rect.Dx()), float64(height-8)/float64(picture.Rect.Dy()))
		at := image.Pt(k%columns*width, k/columns*height)
		to := image.Rect(0, 0, int(float64(picture.Rect.Dx())*scale), int(float64(picture.Rect.Dy())*scale)).Add(at)
		xdraw.ApproxBiLinear.Scale(sheet, to, picture, picture.Rect, xdraw.Src, nil)
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, sheet); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d pictures in %s", len(pictures), filepath.Base(name))
}
