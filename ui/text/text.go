// Package text lays out and draws paragraphs in every script that Foyer speaks, left-to-right and right-to-left, mixed
// as in "رقم التذكرة A-127", for the screen and for the printed ticket alike. It knows no toolkit: a caller gives a
// string, a [Style] and a width, and gets pixels.
//
// Order follows the Unicode bidirectional algorithm (UAX #9) with the paragraph's direction given by its language, and
// lines break by UAX #14; shaping is HarfBuzz's, by go-text. The fonts are embedded, so that a paragraph is drawn from
// the same outlines on every machine.
//
// All measures are in units, which are pixels at scale 1; [Typesetter.Draw] takes the scale.
package text

import (
	"bytes"
	"embed"
	"fmt"
	"image/color"
	"slices"
	"strings"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

//go:embed font
var fonts embed.FS

// Align is where the lines of a paragraph stand in its width.
type Align int

// The alignments. Start is the left in left-to-right paragraphs, the right in right-to-left ones.
const (
	Start Align = iota
	Center
	End
)

// Line metrics in parts of the text size: room above the baseline and from line to line. Noto Sans asks for 1.07 and
// 1.36, Noto Sans Arabic for more; one pair for both keeps all languages on the same grid.
const (
	baseline   = 1.08
	lineHeight = 1.46
)

// A mark of the paragraph's direction opens every paragraph, because go-text otherwise takes the direction of the
// first letter: "A-127 هو رقمك" would be laid out from the left.
const (
	leftToRightMark = '\u200e'
	rightToLeftMark = '\u200f'
)

// Style is how a paragraph looks.
type Style struct {
	Size        float32 // of the em, in units
	Bold        bool
	Color       color.Color
	Align       Align
	Language    string // BCP 47 tag, decides about letter forms
	RightToLeft bool   // direction of the paragraph
	MaxLines    int    // what is longer ends in an ellipsis; 0 for no limit
}

// Sans is the file of Noto Sans, regular or bold.
func Sans(bold bool) ([]byte, error) { return fonts.ReadFile("font/NotoSans-" + weight(bold) + ".ttf") }

func weight(bold bool) string {
	if bold {
		return "Bold"
	}
	return "Regular"
}

// Typesetter lays out and draws. It is for one goroutine at a time.
type Typesetter struct {
	regular, bold family
	segmenter     shaping.Segmenter
	shaper        shaping.HarfbuzzShaper
	wrapper       shaping.LineWrapper
	raster        vector.Rasterizer
}

// NewTypesetter loads the embedded fonts.
func NewTypesetter() (*Typesetter, error) {
	regular, err := load(false)
	if err != nil {
		return nil, err
	}
	bold, err := load(true)
	if err != nil {
		return nil, err
	}
	return &Typesetter{regular: regular, bold: bold}, nil
}

// family is the faces of one weight, the one to prefer first.
type family []*font.Face

func load(bold bool) (family, error) {
	var faces family
	for _, script := range []string{"NotoSans-", "NotoSansArabic-"} {
		name := "font/" + script + weight(bold) + ".ttf"
		file, err := fonts.ReadFile(name)
		if err != nil {
			return nil, err
		}
		face, err := font.ParseTTF(bytes.NewReader(file))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		faces = append(faces, face)
	}
	return faces, nil
}

// ResolveFace implements shaping.Fontmap: the first face that has the rune.
func (f family) ResolveFace(r rune) *font.Face {
	for _, face := range f {
		if _, ok := face.NominalGlyph(r); ok {
			return face
		}
	}
	return f[0]
}

// Has tells whether the fonts have a glyph for a rune.
func (t *Typesetter) Has(r rune, bold bool) bool {
	faces := t.regular
	if bold {
		faces = t.bold
	}
	_, ok := faces.ResolveFace(r).NominalGlyph(r)
	return ok
}

// Layout is a paragraph broken into lines.
type Layout struct {
	style Style
	width float32
	lines []line
}

type line struct {
	runs    []shaping.Output // from left to right
	advance float32
}

// Height is the height of all lines in units.
func (l *Layout) Height() float32 { return float32(len(l.lines)) * lineHeight * l.style.Size }

// Width is the width of the longest line in units; more than was asked for only where a single word is wider.
func (l *Layout) Width() float32 {
	var widest float32
	for _, line := range l.lines {
		widest = max(widest, line.advance)
	}
	return widest
}

// Lines is the number of lines.
func (l *Layout) Lines() int { return len(l.lines) }

// Layout breaks content into lines of at most width units. A word that is wider is broken too. Line ends in content
// are spaces.
func (t *Typesetter) Layout(content string, style Style, width float32) *Layout {
	mark, direction := leftToRightMark, di.DirectionLTR
	if style.RightToLeft {
		mark, direction = rightToLeftMark, di.DirectionRTL
	}
	runes := []rune(string(mark) + strings.ReplaceAll(content, "\n", " "))
	config := shaping.WrapConfig{Direction: direction, TruncateAfterLines: style.MaxLines}
	if style.MaxLines > 0 {
		config.Truncator = t.shape([]rune("…"), style, direction)[0]
	}
	shaped := t.shape(runes, style, direction)
	wrapped, _ := t.wrapper.WrapParagraphF(config, fixed.Int26_6(width*64), runes, shaping.NewSliceIterator(shaped))
	layout := &Layout{style: style, width: width}
	for _, runs := range wrapped {
		layout.lines = append(layout.lines, visual(runs))
	}
	return layout
}

func (t *Typesetter) shape(runes []rune, style Style, direction di.Direction) []shaping.Output {
	faces := t.regular
	if style.Bold {
		faces = t.bold
	}
	input := shaping.Input{
		Text: runes, RunEnd: len(runes), Direction: direction, Face: faces[0],
		Size: fixed.Int26_6(style.Size * 64), Language: language.NewLanguage(style.Language),
	}
	var shaped []shaping.Output
	for _, run := range t.segmenter.Split(input, faces) {
		shaped = append(shaped, t.shaper.Shape(run))
	}
	return shaped
}

// visual copies a line, whose runs the wrapper will use again, and puts them into the order of the eye.
func visual(runs shaping.Line) line {
	l := line{runs: slices.Clone(runs)}
	slices.SortFunc(l.runs, func(a, b shaping.Output) int { return int(a.VisualIndex - b.VisualIndex) })
	for _, run := range l.runs {
		l.advance += float32(run.Advance) / 64
	}
	return l
}
