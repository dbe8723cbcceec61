// Package page prints the documents of Utopia and shows them in visible light, in the near infrared (B900) and under
// ultraviolet light: what a full-page reader would deliver, cropped to the document.
//
// Sizes and the place of the machine-readable zone are those of ICAO Doc 9303 part 4 (TD3, 125 x 88 mm) and part 5 (TD1,
// 85.6 x 54 mm). Everything printed is an ink with a look in each light: the zone and the personal data absorb the
// infrared, ordinary inks vanish there, and fibres and a pattern glow on paper that is otherwise dull.
package page

import (
	"bytes"
	"fmt"
	"image"
	"math"
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
	Format   mrz.Format // TD3 or TD1
	Lines    []string   // the machine-readable zone
	Portrait *image.RGBA
	Seed     uint64 // of fibres and signature

	Surname, GivenNames, Number, Sex string
	BirthDate, BirthPlace            string
	Issued, Expiry                   string
	Height                           int // cm

	NoChip      bool // without the sign of a chip
	BrightPaper bool // on office paper, which glows under ultraviolet light
	DyeInk      bool // the zone in an ink that vanishes in the infrared
}

// Size is the size of a document in millimetres (ISO/IEC 7810: ID-3, ID-1).
func Size(f mrz.Format) (width, height float64) {
	if f == mrz.TD1 {
		return 85.6, 54
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
	format mrz.Format
	light  verify.Light
	bright bool // seen under ultraviolet light only
	dpi    int
}

// NewPress loads the typefaces, that of the zone from a file: [OCRB] as a rule. The error says what to install where it is
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

// Print shows one side of a document in one light, at a resolution in dots per inch.
func (p *Press) Print(d Document, side verify.Side, light verify.Light, dpi int) *image.RGBA {
	s := &sheet{
		canvas:   p.blank(ground{d.Format, light, d.BrightPaper && light == verify.Ultraviolet, dpi}),
		Document: d,
		ocrB:     font.NewFace(p.ocrB), regular: font.NewFace(p.regular), medium: font.NewFace(p.medium), bold: font.NewFace(p.bold),
	}
	switch {
	case d.Format == mrz.TD3:
		s.passport()
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
	width, height := Size(g.format)
	c := canvas{width: width, height: height, scale: float64(g.dpi) / 25.4, light: g.light}
	c.img = image.NewRGBA(image.Rect(0, 0, int(math.Round(width*c.scale)), int(math.Round(height*c.scale))))
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
