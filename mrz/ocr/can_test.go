package ocr_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"text/tabwriter"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/foyer-station/foyer/emulate/degrade"
	"github.com/foyer-station/foyer/emulate/gallery"
	"github.com/foyer-station/foyer/emulate/specimen"
	printed "github.com/foyer-station/foyer/emulate/specimen/page"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/ocr"
	"github.com/foyer-station/foyer/mrz/ocr/scan"
	"github.com/foyer-station/foyer/verify"
)

// A typeface is one that card access numbers are printed in; OCR-B has no font, the specimens' own press sets it.
type typeface struct {
	name string
	font *opentype.Font
}

// noNumber stands for cards without one.
const noNumber = "no number"

// typefaces are OCR-B, those that come with the project, and Debian's, where they are installed.
func typefaces(t testing.TB) []typeface {
	t.Helper()
	data := map[string][]byte{"Go": goregular.TTF, "Go Medium": gomedium.TTF, "Go Bold": gobold.TTF}
	names := []string{"Go", "Go Medium", "Go Bold"}
	for _, f := range []struct{ name, file string }{
		{"DejaVu Sans", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"},
		{"DejaVu Sans Bold", "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"},
		{"DejaVu Sans Mono", "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"},
		{"DejaVu Serif", "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"},
		{"Liberation Sans", "/usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf"},
		{"Liberation Sans Bold", "/usr/share/fonts/truetype/liberation2/LiberationSans-Bold.ttf"},
	} {
		file, err := os.ReadFile(f.file)
		if err != nil {
			t.Logf("left out: %v", err)
			continue
		}
		names = append(names, f.name)
		data[f.name] = file
	}
	all := []typeface{{name: "OCR-B"}}
	for _, name := range names {
		face, err := opentype.Parse(data[name])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, typeface{name, face})
	}
	return all
}

// cards draws fronts of cards.
type cards struct {
	press     *printed.Press
	portraits []*image.RGBA
}

func newCards(t testing.TB) cards {
	t.Helper()
	press, err := printed.NewPress(printed.OCRB)
	if err != nil {
		t.Fatal(err)
	}
	c := cards{press: press}
	for _, p := range specimen.People(gallery.Day())[:2] {
		c.portraits = append(c.portraits, p.Look.Portrait())
	}
	return c
}

// front is the front of card number i as a device of the level sees it, and the number printed on it; with noNumber
// there is none.
func (c cards) front(t testing.TB, level degrade.Level, face typeface, i int) (degrade.Picture, string) {
	t.Helper()
	random := rand.New(rand.NewPCG(uint64(i), 'c'))
	dpi := []int{300, 300, 400}[random.IntN(3)]
	light := []verify.Light{verify.Visible, verify.Infrared}[random.IntN(2)]
	digits := func(n int) (s string) {
		for range n {
			s += string(rune('0' + random.IntN(10)))
		}
		return s
	}
	day := func(year int) string {
		return time.Date(year, 1, 1+random.IntN(365), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	can, inOCRB := digits(6), ""
	switch face.name {
	case "OCR-B":
		inOCRB = can
	case noNumber:
		can = ""
	}
	card := c.press.Print(printed.Document{
		Format: mrz.TD1, Portrait: c.portraits[i%len(c.portraits)], Seed: random.Uint64(),
		Surname: surnames[random.IntN(len(surnames))], GivenNames: surnames[random.IntN(len(surnames))],
		Number: string(rune('A'+random.IntN(26))) + digits(8), Sex: "F", BirthDate: day(1950 + random.IntN(60)),
		Issued: day(2022), Expiry: day(2032), Height: 170, CAN: inOCRB,
	}, verify.Front, light, dpi)
	if face.font != nil {
		imprint(t, card, face.font, can, float64(dpi)/25.4, random)
	}
	sheet := degrade.Sheet{Image: card, DPI: dpi, Infrared: light == verify.Infrared}
	return level.Expose(sheet, random.Uint64()), can
}

var surnames = []string{"Okoro", "Lindqvist", "Ito", "Bosholl", "Gibbsz", "Yildirim", "Szeles", "Moravec", "Zobgis"}

// imprint prints the number at the bottom right, its digits 2.5 to 3 mm high, more or less spaced, in black.
func imprint(t testing.TB, card *image.RGBA, face *opentype.Font, can string, mm float64, random *rand.Rand) {
	t.Helper()
	probe, err := opentype.NewFace(face, &opentype.FaceOptions{Size: 1000, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	bounds, _, _ := probe.GlyphBounds('8')
	tall := float64(bounds.Max.Y-bounds.Min.Y) / 64 / 1000
	size := (2.5 + 0.5*random.Float64()) * mm / tall
	set, err := opentype.NewFace(face, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	ink := image.NewUniform(color.NRGBA{28, 27, 32, uint8(200 + random.IntN(55))})
	spread := 0.6 * random.Float64() * mm
	d := font.Drawer{Dst: card, Src: ink, Face: set}
	wide := float64(d.MeasureString(can))/64 + float64(len(can)-1)*spread
	d.Dot = fixed.P(int((81.6-3*random.Float64())*mm-wide), int((48.5+2.5*random.Float64())*mm))
	for _, r := range can {
		d.DrawString(string(r))
		d.Dot.X += fixed.Int26_6(spread * 64)
	}
}

// A tally is how reading card access numbers went.
type tally struct {
	right, nothing, wrong int
	took                  []time.Duration
}

func (s *tally) read(t testing.TB, r *ocr.Reader, picture degrade.Picture, want string) {
	t.Helper()
	start := time.Now()
	got, sure, err := r.ReadCAN(t.Context(), picture.Image, int(picture.Recipe.DPI))
	s.took = append(s.took, time.Since(start))
	switch {
	case err != nil:
		t.Fatal(err)
	case !sure:
		s.nothing++
	case got == want:
		s.right++
	default:
		s.wrong++
		t.Logf("wrong and sure: %q, want %q", got, want)
	}
}

// BenchmarkCAN prints how often card access numbers are read rightly, not at all, and wrongly, in several typefaces, and
// on as many cards without one. FOYER_BENCH_CARDS is how many of each typeface and level: 10.
func BenchmarkCAN(b *testing.B) {
	r, c := newReader(b), newCards(b)
	for range b.N {
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(table, "\ntypeface\tpictures\t\tright\tnothing\twrong and sure\tmedian ms\t95 % ms\t")
		for _, level := range degrade.Levels() {
			for _, face := range append(typefaces(b), typeface{name: noNumber}) {
				var s tally
				for i := range setting(b, "FOYER_BENCH_CARDS", 10) {
					picture, want := c.front(b, level, face, i)
					s.read(b, r, picture, want)
				}
				fmt.Fprintf(table, "%s\t%d\t%s\t%d\t%d\t%d\t%.0f\t%.0f\t\n", face.name, len(s.took), level,
					s.right, s.nothing, s.wrong, percentile(s.took, 0.5), percentile(s.took, 0.95))
			}
		}
		table.Flush()
	}
}

func TestACardAccessNumberIsReadOrNoneIsTold(t *testing.T) {
	r, c := newReader(t), newCards(t)
	for _, x := range []struct {
		level           degrade.Level
		face            typeface
		pictures, least int
	}{
		{degrade.Light, typefaces(t)[0], 4, 3}, {degrade.Heavy, typefaces(t)[0], 4, 3},
		{degrade.Light, typefaces(t)[1], 3, 2}, {degrade.Light, typeface{name: noNumber}, 4, 0},
	} {
		var s tally
		for i := range x.pictures {
			picture, want := c.front(t, x.level, x.face, i)
			s.read(t, r, picture, want)
		}
		if s.wrong > 0 || s.right < x.least {
			t.Errorf("%s, %s: %d are right and %d wrong of %d, want at least %d and none",
				x.level, x.face.name, s.right, s.wrong, x.pictures, x.least)
		}
	}
}

func TestTheCardOfUtopiaShowsTheNumberOfItsChip(t *testing.T) {
	r := newReader(t)
	maker, err := specimen.NewMaker(1, gallery.Day())
	if err != nil {
		t.Fatal(err)
	}
	people := maker.People()
	holder := slices.IndexFunc(people, func(p specimen.Person) bool { return p.ID == "yildirim" })
	card, err := maker.Make(people[holder], specimen.Genuine)
	if err != nil {
		t.Fatal(err)
	}
	for _, light := range []verify.Light{verify.Visible, verify.Infrared} {
		front := card.Page(verify.Front, light)
		got, sure, err := r.ReadCAN(t.Context(), front.Image, front.DPI)
		if err != nil || !sure || got != card.ChipOptions.CAN {
			t.Errorf("front in %s light: %q, sure %t, %v", light, got, sure, err)
		}
		back := card.Page(verify.Back, light)
		if got, sure, err := r.ReadCAN(t.Context(), back.Image, back.DPI); err != nil || sure {
			t.Errorf("back in %s light: %q, %v", light, got, err)
		}
	}
}

// numbered is a picture of white paper at 300 dpi with lines of text, their digits 2.8 mm high.
func numbered(t *testing.T, texts ...string) *image.RGBA {
	t.Helper()
	const mm = 300 / 25.4
	sheet := image.NewRGBA(image.Rect(0, 0, 1011, 638))
	draw.Draw(sheet, sheet.Rect, image.White, image.Point{}, draw.Src)
	face, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	set, err := opentype.NewFace(face, &opentype.FaceOptions{Size: 3.8 * mm, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	d := font.Drawer{Dst: sheet, Src: image.Black, Face: set}
	for i, text := range texts {
		d.Dot = fixed.P(400, 100+150*i)
		d.DrawString(text)
	}
	return sheet
}

func TestOnlyALoneNumberOfSixDigitsIsACardAccessNumber(t *testing.T) {
	r := newReader(t)
	for _, c := range []struct {
		what  string
		texts []string
		want  string
	}{
		{"a number", []string{"604317"}, "604317"},
		{"the same number with a label above", []string{"CAN", "604317"}, "604317"},
		{"another number elsewhere", []string{"604317", "251173"}, ""},
		{"a postal code", []string{"60431"}, ""},
		{"seven digits", []string{"6043175"}, ""},
		{"the end of a longer number", []string{"L01X 604317"}, ""},
		{"a date", []string{"12 08 64"}, ""},
		{"a date with points", []string{"12.08.64"}, ""},
		{"letters", []string{"OKOROB"}, ""},
		{"a letter among digits", []string{"60A317"}, ""},
		{"what is a number upside down as well", []string{"689068"}, ""},
	} {
		got, sure, err := r.ReadCAN(t.Context(), numbered(t, c.texts...), 300)
		if err != nil || got != c.want || sure != (c.want != "") {
			t.Errorf("%s, %q: %q, sure %t, %v", c.what, c.texts, got, sure, err)
		}
	}
}

func TestANumberIsReadWhicheverWayTheCardLies(t *testing.T) {
	r, picture := newReader(t), numbered(t, "604317")
	for turn := range 4 {
		if got, sure, err := r.ReadCAN(t.Context(), picture, 300); err != nil || !sure || got != "604317" {
			t.Errorf("turned by %d degrees: %q, sure %t, %v", 90*turn, got, sure, err)
		}
		picture = quarter(picture)
	}
}

// quarter turns a picture by 90 degrees.
func quarter(picture *image.RGBA) *image.RGBA {
	w, h := picture.Rect.Dx(), picture.Rect.Dy()
	turned := image.NewRGBA(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			turned.SetRGBA(h-1-y, x, picture.RGBAAt(x, y))
		}
	}
	return turned
}

func TestANumberIsLookedForInPicturesOfOddSizesAndResolutions(t *testing.T) {
	r := newReader(t)
	for _, dpi := range []int{-1, 0, 1, 10, 100_000} {
		if got, sure, err := r.ReadCAN(t.Context(), numbered(t, "604317"), dpi); sure || got != "" || err != nil {
			t.Errorf("%d dpi: %q, %v", dpi, got, err)
		}
	}
	for size, want := range map[image.Point]error{
		{24, 24}: nil, {100_000, 24}: nil, {24, 100_000}: nil, {23, 1000}: scan.ErrSize, {20_000, 20_000}: scan.ErrSize,
	} {
		picture := framed{&image.Uniform{C: image.White.C}, size}
		if _, sure, err := r.ReadCAN(t.Context(), picture, 300); !errors.Is(err, want) || sure {
			t.Errorf("%v: sure %t, %v; want %v", size, sure, err, want)
		}
	}
}

func TestLookingForANumberStopsWhenNobodyWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := newReader(t).ReadCAN(ctx, numbered(t, "604317"), 300); !errors.Is(err, context.Canceled) {
		t.Errorf("ReadCAN = %v", err)
	}
}
