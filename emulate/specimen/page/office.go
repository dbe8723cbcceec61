package page

import (
	"image"
	"math/rand/v2"
	"strings"

	"github.com/foyer-station/foyer/verify"
)

// Paper is a kind of paper that is no document and has no machine-readable zone.
type Paper string

// The kinds of paper that people lay on a reader instead of their document.
const (
	Letter  Paper = "letter"
	Form    Paper = "form"    // boxes, some filled in
	Label   Paper = "label"   // barcodes of one and two dimensions
	Payslip Paper = "payslip" // a payment slip, with a line of OCR-B that is no MRZ
)

// Papers lists the kinds.
func Papers() []Paper { return []Paper{Letter, Form, Label, Payslip} }

// Size of every such paper in millimetres: A6 across.
const officeWidth, officeHeight = 148, 105

// Paperwork prints a paper at a resolution in dots per inch. What stands on it follows from the seed.
func (p *Press) Paperwork(kind Paper, seed uint64, light verify.Light, dpi int) *image.RGBA {
	c := newCanvas(officeWidth, officeHeight, light, dpi)
	c.paper(light == verify.Ultraviolet)
	s, random := p.sheet(c), dice(seed, string(kind))
	switch kind {
	case Form:
		s.form(random)
	case Label:
		s.label(random)
	case Payslip:
		s.payslip(random)
	default:
		s.prose(random, 10, officeHeight-8)
	}
	return s.img
}

// prose prints paragraphs between two heights.
func (s *sheet) prose(random *rand.Rand, top, bottom float64) {
	size := 2.6 + 1.4*random.Float64()
	l := lettering{face: s.regular, size: size}
	for y := top + size; y < bottom; y += 1.45 * size {
		if random.IntN(7) == 0 {
			continue
		}
		letters := int((officeWidth - 20) / (0.62 * size))
		s.text(point{10, y}, sentence(random, letters), l, carbon(0.9))
	}
}

// sentence is made of invented words, at most so many letters long.
func sentence(random *rand.Rand, letters int) string {
	const consonants, vowels = "bcdfghjklmnprstvz", "aeiouy"
	var b strings.Builder
	for {
		var word []byte
		for range 1 + random.IntN(4) {
			word = append(word, consonants[random.IntN(len(consonants))], vowels[random.IntN(len(vowels))])
		}
		if b.Len()+len(word) > letters {
			return b.String()
		}
		b.Write(word)
		b.WriteByte(' ')
	}
}

// form prints rows of labelled boxes; most are filled in.
func (s *sheet) form(random *rand.Rand) {
	s.text(point{10, 10}, strings.ToUpper(sentence(random, 30)), lettering{face: s.bold, size: 4}, carbon(0.95))
	for y := 14.0; y < officeHeight-14; y += 12 {
		for x := 10.0; x < officeWidth-30; {
			width := min(24+60*random.Float64(), officeWidth-10-x)
			s.stroke([]point{{x, y}, {x + width, y}, {x + width, y + 9}, {x, y + 9}, {x, y}}, 0.25, carbon(0.8))
			s.text(point{x + 1, y + 2.6}, sentence(random, 12), lettering{face: s.regular, size: 2}, dye(0x2A5A78, 1))
			if random.IntN(4) > 0 {
				s.text(point{x + 1.5, y + 7.6}, strings.ToUpper(sentence(random, int(width/3.4))), lettering{face: s.medium, size: 3.6}, carbon(0.94))
			}
			x += width + 2
		}
	}
}

// label prints barcodes between lines of text.
func (s *sheet) label(random *rand.Rand) {
	s.prose(random, 6, 28)
	s.bars(random, point{12, 34}, point{100, 54})
	for y := 62.0; y < 92; y += 1.2 { // stacked, as on tickets
		s.bars(random, point{12, y}, point{90, y + 1.2})
	}
	const cells, size = 25, 1.1
	for k := range cells * cells {
		x, y := 108+size*float64(k%cells), 62+size*float64(k/cells)
		if random.IntN(2) == 0 {
			s.box(point{x, y}, point{x + size, y + size}, carbon(0.95))
		}
	}
}

func (s *sheet) bars(random *rand.Rand, min, max point) {
	for x := min.x; x < max.x; x += 0.35 * float64(1+random.IntN(4)) {
		width := 0.35 * float64(1+random.IntN(3))
		s.box(point{x, min.y}, point{x + width, max.y}, carbon(0.95))
		x += width
	}
}

// payslip prints text and, at the foot, a coding line in OCR-B as on payment slips: the very typeface of an MRZ, in other
// lengths, with other signs.
func (s *sheet) payslip(random *rand.Rand) {
	s.prose(random, 8, 70)
	number := func(n int) string {
		text := make([]byte, n)
		for i := range text {
			text[i] = byte('0' + random.IntN(10))
		}
		return string(text)
	}
	line := number(13) + ">" + number(16+random.IntN(11)) + "+ " + number(9) + ">"
	s.text(point{10, 96}, line, lettering{face: s.ocrB, size: sizeFor(s.ocrB, capital)}, carbon(0.97))
}
