package page

import (
	"fmt"
	"image"
	"math"
	"strings"
	"time"

	"golang.org/x/image/draw"

	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// field is one labelled entry of the visual inspection zone.
type field struct {
	at           point
	label, value string
}

// passport prints the data page: state and kind of document above, portrait on the left, data on the right, the MRZ
// below (Doc 9303-4, 3.1, zones I to VII).
func (s *sheet) passport() {
	s.box(point{0, 88 - 23.2}, point{125, 88}, ink{visible: nrgba(0xFAF8F2, 0.62)})
	navy := dye(0x1F3B57, 0.95)
	s.text(point{6, 8.6}, "UTOPIA", lettering{face: s.bold, size: 5.2, spread: 0.9}, navy)
	s.text(point{40, 8.6}, "UTOPIE", lettering{face: s.regular, size: 5.2, spread: 0.9}, navy)
	s.text(point{76, 8.6}, "PASSPORT · PASSEPORT", lettering{face: s.medium, size: 3.0, spread: 0.25}, navy)
	s.stroke([]point{{6, 11}, {119, 11}}, 0.25, navy)
	if !s.NoChip {
		s.chipSign(point{110.5, 13.2}, navy)
	}
	s.portrait(point{6, 14}, 34)
	s.fields(2.9, []field{
		{point{44, 16}, "Type / Type", "P"}, {point{58, 16}, "Code / Code", "UTO"}, {point{76, 16}, "Passport No. / N° de passeport", s.Number},
		{point{44, 23}, "Surname / Nom", strings.ToUpper(s.Surname)},
		{point{44, 30}, "Given names / Prénoms", strings.ToUpper(s.GivenNames)},
		{point{44, 37}, "Nationality / Nationalité", "UTOPIAN"}, {point{82, 37}, "Height / Taille", fmt.Sprintf("%d cm", s.Height)},
		{point{44, 44}, "Date of birth / Date de naissance", printed(s.BirthDate)}, {point{82, 44}, "Sex / Sexe", sex(s.Sex)},
		{point{94, 44}, "Place of birth / Lieu de naissance", strings.ToUpper(s.BirthPlace)},
		{point{44, 51}, "Date of issue / Date de délivrance", printed(s.Issued)}, {point{82, 51}, "Authority / Autorité", "MINISTRY OF ARRIVALS"},
		{point{44, 58}, "Date of expiry / Date d'expiration", printed(s.Expiry)},
	})
	s.signature(point{84, 60.5}, 30)
	s.specimenMark(point{48, 60.5}, 12.4, -0.44)
	s.zone()
}

// sticker prints a document of ID-2 or the label of a visa, which have one arrangement: heading, portrait on the left,
// data on the right, the MRZ below (Doc 9303-6, 3.1; Doc 9303-7, 3.1 and 4.1).
func (s *sheet) sticker() {
	s.box(point{0, s.height - 23.2}, point{s.width, s.height}, ink{visible: nrgba(0xFAF8F2, 0.62)})
	navy := dye(0x1F3B57, 0.95)
	title := "IDENTITY CARD · CARTE D'IDENTITÉ"
	if s.Format == mrz.MRVA || s.Format == mrz.MRVB {
		title = "VISA"
	}
	s.text(point{5, 7.4}, "UTOPIA", lettering{face: s.bold, size: 4.4, spread: 0.7}, navy)
	s.text(point{34, 7.4}, title, lettering{face: s.medium, size: 2.8, spread: 0.2}, navy)
	s.stroke([]point{{5, 9.4}, {s.width - 5, 9.4}}, 0.25, navy)
	s.portrait(point{5, 11.4}, 28)
	s.fields(2.5, []field{
		{point{37, 12.4}, "Surname / Nom", strings.ToUpper(s.Surname)},
		{point{37, 18.4}, "Given names / Prénoms", strings.ToUpper(s.GivenNames)},
		{point{37, 24.4}, "Date of birth / Naissance", printed(s.BirthDate)}, {point{66, 24.4}, "Sex / Sexe", sex(s.Sex)},
		{point{37, 30.4}, "Number / N°", s.Number}, {point{66, 30.4}, "Expiry / Expiration", printed(s.Expiry)},
		{point{37, 36.4}, "Date of issue / Date de délivrance", printed(s.Issued)},
	})
	s.signature(point{66, 46}, 26)
	s.specimenMark(point{40, 47}, 9.4, -0.42)
	s.zone()
}

func (s *sheet) cardFront() {
	navy := dye(0x1F3B57, 0.95)
	s.text(point{5, 7}, "UTOPIA", lettering{face: s.bold, size: 4.0, spread: 0.6}, navy)
	s.text(point{28, 7}, "UTOPIE", lettering{face: s.regular, size: 4.0, spread: 0.6}, navy)
	s.text(point{5, 10.4}, "IDENTITY CARD · CARTE D'IDENTITÉ", lettering{face: s.medium, size: 2.0, spread: 0.15}, navy)
	if !s.NoChip {
		s.chipSign(point{71.5, 3.6}, navy)
	}
	s.portrait(point{5, 13.2}, 25)
	s.fields(2.5, []field{
		{point{34, 14.6}, "Surname / Nom", strings.ToUpper(s.Surname)},
		{point{34, 20.4}, "Given names / Prénoms", strings.ToUpper(s.GivenNames)},
		{point{34, 26.2}, "Date of birth / Naissance", printed(s.BirthDate)}, {point{62, 26.2}, "Sex / Sexe", sex(s.Sex)},
		{point{71, 26.2}, "Nationality", "UTO"},
		{point{34, 32}, "Card No. / N° de carte", s.Number}, {point{62, 32}, "Expiry / Expiration", printed(s.Expiry)},
	})
	s.signature(point{36, 43}, 24)
	s.specimenMark(point{33, 49}, 8.6, -0.42)
	s.accessNumber(point{81.6, 50})
}

// accessNumber prints the card access number, as German cards have it: at the bottom right of the front, with nothing near
// it. The point is where its baseline ends.
func (s *sheet) accessNumber(end point) {
	l := lettering{face: s.ocrB, size: sizeFor(s.ocrB, 2.7)}
	width := 0.0
	for _, r := range s.CAN {
		glyph, _ := s.ocrB.NominalGlyph(r)
		width += float64(s.ocrB.HorizontalAdvance(glyph)) / float64(s.ocrB.Upem()) * l.size
	}
	s.text(point{end.x - width, end.y}, s.CAN, l, carbon(0.94))
}

func (s *sheet) cardBack() {
	s.box(point{0, 54 - 23.2}, point{85.6, 54}, ink{visible: nrgba(0xFAF8F2, 0.62)})
	navy := dye(0x1F3B57, 0.95)
	s.text(point{5, 7}, "UTOPIA · UTOPIE", lettering{face: s.bold, size: 2.8, spread: 0.4}, navy)
	s.fields(2.3, []field{
		{point{5, 11}, "Place of birth / Lieu de naissance", strings.ToUpper(s.BirthPlace)},
		{point{5, 17}, "Date of issue / Date de délivrance", printed(s.Issued)}, {point{42, 17}, "Height / Taille", fmt.Sprintf("%d cm", s.Height)},
		{point{5, 23}, "Authority / Autorité", "MINISTRY OF ARRIVALS"},
	})
	s.specimenMark(point{47, 27.5}, 6.2, -0.36)
	s.zone()
}

// fields prints labels in colour and values in black.
func (s *sheet) fields(size float64, fields []field) {
	for _, f := range fields {
		s.text(f.at, f.label, lettering{face: s.regular, size: size * 0.56}, dye(0x2A5A78, 1))
		s.text(point{f.at.x, f.at.y + size*1.06}, f.value, lettering{face: s.medium, size: size}, carbon(0.94))
	}
}

// specimenMark says what this is, across the page, in an ink that no check needs.
func (s *sheet) specimenMark(at point, size, turn float64) {
	mark := ink{visible: nrgba(0xC0303C, 0.17), ultraviolet: nrgba(0x000008, 0.2)}
	s.text(at, "SPECIMEN", lettering{face: s.bold, size: size, turn: turn, spread: size * 0.06}, mark)
}

// portrait lays in the photograph, width millimetres wide. It is engraved: grey in the infrared as well.
func (s *sheet) portrait(at point, width float64) {
	from := s.Portrait.Rect
	height := width * float64(from.Dy()) / float64(from.Dx())
	a, b := s.px(at), s.px(point{at.x + width, at.y + height})
	to := image.Rect(int(math.Round(a.x)), int(math.Round(a.y)), int(math.Round(b.x)), int(math.Round(b.y)))
	picture := image.NewRGBA(image.Rect(0, 0, to.Dx(), to.Dy()))
	draw.ApproxBiLinear.Scale(picture, picture.Rect, s.Portrait, from, draw.Src, nil)
	for y := range to.Dy() {
		row := picture.Pix[y*picture.Stride:]
		paper := s.img.Pix[s.img.PixOffset(to.Min.X, to.Min.Y+y):]
		for x := range to.Dx() {
			s.develop(row[4*x:4*x+3], paper[4*x:4*x+3])
		}
	}
}

// develop puts one pixel of the photograph on the paper.
func (c *canvas) develop(photo, paper []uint8) {
	grey := (299*int(photo[0]) + 587*int(photo[1]) + 114*int(photo[2])) / 1000
	for k := range 3 {
		switch c.light {
		case verify.Infrared:
			paper[k] = uint8(70 + grey*150/255)
		case verify.Ultraviolet:
			paper[k] = uint8(int(paper[k]) * (110 + grey/3) / 255)
		default:
			paper[k] = uint8((int(photo[k])*92 + int(paper[k])*8) / 100)
		}
	}
}

// chipSign is the sign of an electronic document (Doc 9303-9, 2.3): a disc between two bars.
func (c *canvas) chipSign(at point, i ink) {
	const w, h = 8.5, 4.8
	c.stroke([]point{at, {at.x + w, at.y}, {at.x + w, at.y + h}, {at.x, at.y + h}, at}, 0.45, i)
	mid := point{at.x + w/2, at.y + h/2}
	c.stroke([]point{{at.x, mid.y}, {mid.x - 1.3, mid.y}}, 0.45, i)
	c.stroke([]point{{mid.x + 1.3, mid.y}, {at.x + w, mid.y}}, 0.45, i)
	ring := make([]point, 49)
	for k := range ring {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / 48)
		ring[k] = point{mid.x + 1.25*cos, mid.y + 1.25*sin}
	}
	c.stroke(ring, 0.5, i)
}

// printed is a date as people read it.
func printed(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return strings.ToUpper(t.Format("02 Jan 2006"))
}

func sex(s string) string {
	if s == "" {
		return "X"
	}
	return s
}
