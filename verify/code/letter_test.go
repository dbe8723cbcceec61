package code_test

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/foyer-station/foyer/verify/code"
)

// sample is a code as it is printed.
type sample struct {
	name   string
	kind   code.Kind
	text   string
	module float64 // millimetres
	height float64 // of bars, millimetres; 0 for a matrix
	dark   [][]bool
}

// samples are codes as letters of an office have them, and two of the largest that can be read well.
func samples(t testing.TB) []sample {
	t.Helper()
	short, link := "FOYER-APPT-20270114-0815", "https://termin.example/e/7Q2K9M4TX8?office=utopia-north&service=residence-permit&slot=20270114T0815"
	all := []sample{
		{name: "QR, short", kind: code.QR, text: short, module: 0.6, dark: written(t, qrcode.NewQRCodeWriter(), gozxing.BarcodeFormat_QR_CODE, short)},
		{name: "QR, a link", kind: code.QR, text: link, module: 0.5, dark: written(t, qrcode.NewQRCodeWriter(), gozxing.BarcodeFormat_QR_CODE, link)},
		{name: "QR, 160 bytes", kind: code.QR, text: strings.Repeat("Vorgang 42; ", 13) + "Ende", module: 0.5,
			dark: written(t, qrcode.NewQRCodeWriter(), gozxing.BarcodeFormat_QR_CODE, strings.Repeat("Vorgang 42; ", 13)+"Ende")},
		{name: "Data Matrix", kind: code.DataMatrix, text: short, module: 0.6, dark: written(t, datamatrix.NewDataMatrixWriter(), gozxing.BarcodeFormat_DATA_MATRIX, short)},
		{name: "Aztec, short", kind: code.Aztec, text: short, module: 0.6, dark: stored(t, "aztec-short")},
		{name: "Aztec, a link", kind: code.Aztec, text: link, module: 0.5, dark: stored(t, "aztec-long")},
		{name: "Code 128", kind: code.Code128, text: "2027-00421-UTO", module: 0.33, height: 12, dark: written(t, oned.NewCode128Writer(), gozxing.BarcodeFormat_CODE_128, "2027-00421-UTO")},
	}
	return all
}

// least is how many of a hundred must be read: where a module has three pixels, and more of them than the blur spreads over.
func (s sample) least(dpi, blur int) int {
	switch pixels := s.module * float64(dpi) / 25.4; {
	case pixels < 3 || pixels < 6*float64(blur):
		return 0
	case blur == 0:
		return 100
	}
	return 80
}

// written has gozxing write a code, a pixel a module, and takes its quiet zone off.
func written(t testing.TB, w gozxing.Writer, format gozxing.BarcodeFormat, text string) [][]bool {
	t.Helper()
	m, err := w.Encode(text, format, 1, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	box := image.Rectangle{}
	for y := range m.GetHeight() {
		for x := range m.GetWidth() {
			if m.Get(x, y) {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return modules(box, m.Get)
}

// stored is a code that another library has made (boombuler/barcode 1.0.1), for gozxing writes none of its kind.
func stored(t testing.TB, name string) [][]bool {
	t.Helper()
	f, err := os.Open("testdata/" + name + ".png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return modules(picture.Bounds(), func(x, y int) bool { return color.GrayModel.Convert(picture.At(x, y)).(color.Gray).Y < 128 })
}

func modules(box image.Rectangle, dark func(x, y int) bool) [][]bool {
	all := make([][]bool, box.Dy())
	for y := range all {
		for x := range box.Dx() {
			all[y] = append(all[y], dark(box.Min.X+x, box.Min.Y+y))
		}
	}
	return all
}

// letter is a piece of paper with some print at its foot.
type letter struct {
	picture *image.RGBA
	dpi     int
}

func rgba(v byte) color.RGBA { return color.RGBA{v, v, v, 0xff} }

// newLetter is so many millimetres wide and high.
func newLetter(dpi int, width, height float64) *letter {
	p := &letter{dpi: dpi}
	p.picture = image.NewRGBA(image.Rectangle{Max: p.pixel(width, height)})
	random := rand.New(rand.NewPCG(7, 7))
	for i := 0; i < len(p.picture.Pix); i += 4 {
		copy(p.picture.Pix[i:], []byte{235, 236, 230, 0xff})
	}
	for line := range 5 { // strokes of letters
		for x := 5.0; x < width-5; x += 0.9 {
			from, to := p.pixel(x, height-12+float64(line)*2.2), p.pixel(x+0.3, height-10.4+float64(line)*2.2)
			if random.IntN(4) == 0 {
				continue
			}
			for y := from.Y; y < to.Y; y++ {
				for x := from.X; x < to.X; x++ {
					p.picture.SetRGBA(x, y, rgba(40))
				}
			}
		}
	}
	return p
}

// pixel is where a point of the letter is, in millimetres.
func (p *letter) pixel(x, y float64) image.Point {
	return image.Pt(int(x*float64(p.dpi)/25.4), int(y*float64(p.dpi)/25.4))
}

func (p *letter) around(x, y, mm float64) image.Rectangle {
	return image.Rectangle{p.pixel(x-mm, y-mm), p.pixel(x+mm, y+mm)}.Intersect(p.picture.Rect)
}

// place prints a code with its middle at a point, turned, and with white around it.
func (p *letter) place(s sample, x, y, degrees float64) {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	w, h := float64(len(s.dark[0]))*s.module, float64(len(s.dark))*s.module
	if s.height > 0 {
		h = s.height
	}
	centre, perMM := p.pixel(x, y), float64(p.dpi)/25.4
	reach := int((w + h) * perMM)
	const fine = 3
	for py := centre.Y - reach; py <= centre.Y+reach; py++ {
		for px := centre.X - reach; px <= centre.X+reach; px++ {
			dark, inside := 0, false
			for i := range fine * fine {
				fx := (float64(px-centre.X) + (float64(i%fine)+0.5)/fine) / perMM
				fy := (float64(py-centre.Y) + (float64(i/fine)+0.5)/fine) / perMM
				u, v := fx*cos+fy*sin+w/2, -fx*sin+fy*cos+h/2
				inside = inside || u > -2.5 && u < w+2.5 && v > -2.5 && v < h+2.5
				if u >= 0 && u < w && v >= 0 && v < h && s.at(u, v, h) {
					dark++
				}
			}
			if inside && (image.Point{px, py}).In(p.picture.Rect) {
				p.picture.SetRGBA(px, py, rgba(byte(235-205*dark/(fine*fine))))
			}
		}
	}
}

func (s sample) at(u, v, h float64) bool {
	row := min(len(s.dark)-1, int(v/h*float64(len(s.dark))))
	return s.dark[row][min(len(s.dark[0])-1, int(u/s.module))]
}

// blur averages each pixel with so many on either side, in both directions, three times, which is nearly a bell.
func (p *letter) blur(pixels int) {
	w, h := p.picture.Rect.Dx(), p.picture.Rect.Dy()
	for range 3 {
		p.box(pixels, 4, w, h, p.picture.Stride)
		p.box(pixels, p.picture.Stride, h, w, 4)
	}
}

// box averages along one direction.
func (p *letter) box(r, step, length, lines, next int) {
	old := make([]int, length)
	for line := range lines {
		for i := range length {
			old[i] = int(p.picture.Pix[line*next+i*step])
		}
		for i := range length {
			sum := 0
			for j := i - r; j <= i+r; j++ {
				sum += old[max(0, min(length-1, j))]
			}
			v := byte(sum / (2*r + 1))
			at := p.picture.Pix[line*next+i*step:]
			at[0], at[1], at[2] = v, v, v
		}
	}
}

// noise is a sensor's, up to so many levels.
func (p *letter) noise(levels int) {
	seed := uint32(3)
	for i := range p.picture.Pix {
		seed = seed*1664525 + 1013904223
		if i%4 != 3 {
			p.picture.Pix[i] = byte(max(0, min(255, int(p.picture.Pix[i])+int(seed>>16)%(2*levels+1)-levels)))
		}
	}
}
