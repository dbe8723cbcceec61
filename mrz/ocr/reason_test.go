package ocr_test

import (
	"image"
	"image/color"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/image/draw"

	"github.com/foyer-station/foyer/emulate/degrade"
	"github.com/foyer-station/foyer/emulate/gallery"
	specimenpage "github.com/foyer-station/foyer/emulate/specimen/page"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/ocr"
	"github.com/foyer-station/foyer/verify"
)

var utopian = []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F3404159ZE184226B<<<<<10"}

// TestAReasonTellsWhatIsWrongWithThePicture shows one picture, or a few, for each reason. Some can be read, though not for sure.
func TestAReasonTellsWhatIsWrongWithThePicture(t *testing.T) {
	press, err := specimenpage.NewPress(specimenpage.OCRB)
	if err != nil {
		t.Fatal(err)
	}
	passport := pageWith(t, mrz.TD3, utopian...)
	b := passport.Rect
	last := specimenpage.Cell(mrz.TD3, 1, 0, 300)
	right := specimenpage.Cell(mrz.TD3, 0, 38, 300)
	paper := func(kind specimenpage.Paper) image.Image { return press.Paperwork(kind, 5, verify.Visible, 200) }
	r := newReader(t)
	for name, c := range map[string]struct {
		picture image.Image
		want    ocr.Reason
	}{
		"a white picture":           {image.NewGray(image.Rect(0, 0, 900, 700)), ocr.NothingFound},
		"noise":                     {noise(800, 600), ocr.NothingFound},
		"a letter":                  {paper(specimenpage.Letter), ocr.NothingFound}, // of its kind of lines, that is
		"a payment slip in OCR-B":   {paper(specimenpage.Payslip), ocr.OtherText},
		"a page without its foot":   {passport.SubImage(image.Rect(0, 0, b.Dx(), last.Min.Y-2)), ocr.CutOff},
		"a page cut through a line": {passport.SubImage(image.Rect(0, 0, b.Dx(), (last.Min.Y+last.Max.Y)/2)), ocr.CutOff},
		"a page without its right":  {passport.SubImage(image.Rect(0, 0, right.Min.X, b.Dy())), ocr.CutOff},
		"a page of a few pixels":    {scaled(passport, 0.14), ocr.Unclear},
		"a page without contours":   {scaled(scaled(passport, 0.14), 6), ocr.Unclear},
		"a page under a thumb":      {covered(passport, specimenpage.Cell(mrz.TD3, 1, 12, 300).Union(specimenpage.Cell(mrz.TD3, 1, 30, 300)).Inset(-10)), ocr.Hidden},
	} {
		reading, err := r.Read(t.Context(), c.picture, gallery.Day())
		if err != nil {
			t.Fatal(err)
		}
		if reading.Sure || reading.Reason != c.want {
			t.Errorf("%s: %q, sure %v, %s, letters of %.1f pixels; want %s",
				name, reading.Lines, reading.Sure, reading.Reason, reading.Letter, c.want)
		}
		if c.want == ocr.Unclear && reading.Letter == 0 {
			t.Errorf("%s: nothing is said of the letters' height", name)
		}
	}
}

// TestTheHeightOfALetterIsTold in pixels of the picture, within a sixth.
func TestTheHeightOfALetterIsTold(t *testing.T) {
	const capital = 2.46 / 25.4 * 300
	r := newReader(t)
	for _, scale := range []float64{1, 0.5} {
		reading, err := r.Read(t.Context(), scaled(pageWith(t, mrz.TD3, utopian...), scale), gallery.Day())
		if want := capital * scale; err != nil || reading.Letter < want*5/6 || reading.Letter > want*7/6 {
			t.Errorf("scaled by %.1f: %.1f pixels, %v; want %.1f", scale, reading.Letter, err, want)
		}
	}
}

// TestASmallPageInALargePictureIsFound keeps a page in the corner of a picture from being taken for none.
func TestASmallPageInALargePictureIsFound(t *testing.T) {
	page := scaled(pageWith(t, mrz.TD3, utopian...), 0.5)
	r := newReader(t)
	for _, side := range []int{1000, 4000} {
		desk := image.NewRGBA(image.Rect(0, 0, side, side*3/4))
		draw.Draw(desk, desk.Rect, image.NewUniform(color.Gray{Y: 70}), image.Point{}, draw.Src)
		draw.Draw(desk, page.Bounds().Add(image.Pt(side/8, side/10)), page, image.Point{}, draw.Src)
		reading, err := r.Read(t.Context(), desk, gallery.Day())
		if err != nil || !slices.Equal(reading.Lines, utopian) {
			t.Errorf("in %d pixels: %q, %s, %v", side, reading.Lines, reading.Reason, err)
		}
	}
}

// TestPapersAreNotSaidToHaveAZone looks at what people lay down instead of a document.
func TestPapersAreNotSaidToHaveAZone(t *testing.T) {
	g, r := newGallery(t), newReader(t)
	for i := range 3 {
		reading, err := r.Read(t.Context(), g.Paper(degrade.Heavy, 6000+i).Image, gallery.Day())
		if err != nil {
			t.Fatal(err)
		}
		if reading.Found || reading.Reason != ocr.NothingFound && reading.Reason != ocr.OtherText {
			t.Errorf("paper %d: %s", i, reading.Reason)
		}
	}
}

func noise(width, height int) image.Image {
	random := rand.New(rand.NewPCG(1, 2))
	out := image.NewGray(image.Rect(0, 0, width, height))
	for i := range out.Pix {
		out.Pix[i] = byte(random.IntN(256))
	}
	return out
}

func scaled(picture image.Image, by float64) image.Image {
	b := picture.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, int(float64(b.Dx())*by), int(float64(b.Dy())*by)))
	draw.CatmullRom.Scale(out, out.Rect, picture, b, draw.Src, nil)
	return out
}

// covered is a picture with something white before a part of it.
func covered(picture *image.RGBA, by image.Rectangle) image.Image {
	out := image.NewRGBA(picture.Rect)
	draw.Draw(out, out.Rect, picture, picture.Rect.Min, draw.Src)
	draw.Draw(out, by, image.White, image.Point{}, draw.Src)
	return out
}
