// Package page prints the documents of Utopia and shows them in visible light, in the near infrared (B900) and under
// ultraviolet light: what a full-page reader would deliver, cropped to the document.
//
// Sizes and the place of the machine-readable zone are those of ICAO Doc 9303 part 4 (TD3, 125 x 88 mm), part 5 (TD1,
// 85.6 x 54 mm), part 6 (TD2, 105 x 74 mm) and part 7 (visas, 120 x 80 mm and 105 x 74 mm). Everything printed is an ink with a look in each light: the MRZ and the personal data absorb the
// infrared, ordinary inks vanish there, and fibres and a pattern glow on paper that is otherwise dull.
package page

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"sync"

	"github.com/go-text/typesetting/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/goregular"

	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// OCRB is where Debian's package fonts-ocr-b puts the typeface of the machine-readable zone (ISO 1073-2).
const OCRB = "/usr/share/fonts/opentype/ocr-b/OCRB.otf"

// Document is what is printed, and on what. Dates are YYYY-MM-DD.
type Document struct {
	Format   mrz.Format
	Lines    []string // the machine-readable zone; none on a page that has to do without
	Portrait *image.RGBA
	Seed     uint64 // of fibres and signature

	Surname, GivenNames, Number, Sex string
	BirthDate, BirthPlace            string
	Issued, Expiry                   string
	Height                           int    // cm
	CAN                              string // the card access number, on the front of a card; empty for none

	NoChip      bool // without the sign of a chip
	BrightPaper bool // on office paper, which glows under ultraviolet light
	DyeInk      bool // the MRZ in an ink that vanishes in the infrared
}

// cardWidth is that of ID-1.
const cardWidth = 85.6

// Size is the size of a document in millimetres (ISO/IEC 7810: ID-1, ID-2, ID-3; visas: Doc 9303-7, 3.1).
func Size(f mrz.Format) (width, height float64) {
	switch f {
	case mrz.TD1, mrz.CHDL, mrz.IDL:
		return cardWidth, 54
	case mrz.TD2, mrz.FRID, mrz.MRVB:
		return 105, 74
	case mrz.MRVA:
		return 120, 80
	}
	return 125, 88
}

// Press prints documents. It may be used from several goroutines.
type Press struct {
	ocrB, regular, medium, bold *font.Font

	mu      sync.Mutex
	grounds map[ground]*image.RGBA // paper with its background, as printed so far
}

// ground is what a document is printed on.
type ground struct {
	width, height float64
	light         verify.Light
	bright        bool // seen under ultraviolet light only
	dpi           int
}

// NewPress loads the typefaces, that of the MRZ from a file: [OCRB] as a rule. The error says what to install where it is
// missing.
func NewPress(ocrB string) (*Press, error) {
	data, err := os.ReadFile(ocrB)
	if err != nil {
		return nil, fmt.Errorf("typeface OCR-B: %w: install the Debian package fonts-ocr-b", err)
	}
	p := Press{grounds: map[ground]*image.RGBA{}}
	for _, f := range []struct {
		data []byte
		into **font.Font
	}{{data, &p.ocrB}, {goregular.TTF, &p.regular}, {gomedium.TTF, &p.medium}, {gobold.TTF, &p.bold}} {
		face, err := font.ParseTTF(bytes.NewReader(f.data))
		if err != nil {
			return nil, fmt.Errorf("typeface: %w", err)
		}
		*f.into = face.Font
	}
	return &p, nil
}

// sheet is one side of a document in the press.
type sheet struct {
	canvas
	Document
	ocrB, regular, medium, bold *font.Face
}

func (p *Press) sheet(c canvas) *sheet {
	return &sheet{
		canvas: c,
		ocrB:   font.NewFace(p.ocrB), regular: font.NewFace(p.regular), medium: font.NewFace(p.medium), bold: font.NewFace(p.bold),
	}
}

// Print shows one side of a document in one light, at a resolution in dots per inch.
func (p *Press) Print(d Document, side verify.Side, light verify.Light, dpi int) *image.RGBA {
	width, height := Size(d.Format)
	s := p.sheet(p.blank(ground{width, height, light, d.BrightPaper && light == verify.Ultraviolet, dpi}))
	s.Document = d
	switch {
	case d.Format == mrz.TD3:
		s.passport()
	case width != cardWidth:
		s.sticker()
	case side == verify.Back:
		s.cardBack()
	default:
		s.cardFront()
	}
	if !d.BrightPaper {
		s.fibres(d.Seed, side)
	}
	return s.img
}

// blank is a sheet with nothing on it but its background.
func (p *Press) blank(g ground) canvas {
	c := newCanvas(g.width, g.height, g.light, g.dpi)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.grounds[g] == nil {
		first := c
		first.img = image.NewRGBA(c.img.Rect)
		first.paper(g.bright)
		first.guilloche()
		p.grounds[g] = first.img
	}
	copy(c.img.Pix, p.grounds[g].Pix)
	return c
}
