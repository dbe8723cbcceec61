// Package theme is how Foyer looks to a visitor: one palette, one grid, one scale of text sizes, and the Fyne theme made
// of them.
//
// The rules come from EN 301 549, 5.1 and 8.3, for a 27-inch touchscreen of 1080 x 1920 pixels upright (0.311 mm to the
// pixel) that is read from 600 mm: capitals at least 7.3 mm high, targets at least 20 mm high and 3 mm apart, contrast at
// least 10:1 for everything that is read.
package theme

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	base "fyne.io/fyne/v2/theme"

	"github.com/foyer-station/foyer/ui/text"
)

// The screen that everything is laid out for, in units, and its grid.
const (
	Width  float32 = 1080
	Height float32 = 1920
	Margin float32 = 72 // left and right of everything
	Gap    float32 = 24 // between controls: 7.5 mm
	Corner float32 = 24 // radius of controls and panels
)

// Heights of controls.
const (
	MinTarget    float32 = 65 // 20 mm; nothing that can be touched is smaller
	ButtonHeight float32 = 128
	CardHeight   float32 = 164
)

// Text sizes.
const (
	Small   float32 = 34 // the smallest: its capitals are 7.5 mm high
	Body    float32 = 38
	Label   float32 = 42 // on controls
	Heading float32 = 62
	Number  float32 = 200 // of the ticket
)

// Color is one of the palette's colours, 0xRRGGBB; constants, so that nobody can repaint the house.
type Color uint32

// The palette: ink and deep teal on warm white, with soft panels. Ink, Quiet and Accent are read on Paper, White, Mist
// and Sand; White and Mist are read on Accent and Pressed.
const (
	Paper   Color = 0xfbf9f5 // the background
	White   Color = 0xffffff // controls and cards
	Ink     Color = 0x10262b // headings, labels
	Quiet   Color = 0x25383d // text that explains
	Accent  Color = 0x043a45 // the one thing to do next
	Pressed Color = 0x02262e // Accent under a finger
	Mist    Color = 0xe4f0ef // panels, controls under a finger
	Sand    Color = 0xfbebc8 // a panel that wants to be read: what to do differently
	Line    Color = 0xc9d6d4 // edges that only decorate
	Shade   Color = 0x5f7175 // what lies behind an overlay; edges of controls that cannot be used now
	Sea     Color = 0x2f8f8b // drawings
)

// RGBA implements color.Color: every colour of the palette is opaque.
func (c Color) RGBA() (r, g, b, a uint32) {
	return color.NRGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 0xff}.RGBA()
}

// Hex is the colour as SVG writes it, "#043a45".
func (c Color) Hex() string { return fmt.Sprintf("#%06x", uint32(c)) }

// Theme is the Fyne theme, light whatever the machine prefers. All of Foyer's own text is drawn by package text; the
// theme's font is the same.
type Theme struct {
	regular, bold fyne.Resource
}

// New loads the embedded fonts.
func New() (*Theme, error) {
	regular, err := text.Sans(false)
	if err != nil {
		return nil, err
	}
	bold, err := text.Sans(true)
	if err != nil {
		return nil, err
	}
	return &Theme{
		regular: fyne.NewStaticResource("NotoSans-Regular.ttf", regular),
		bold:    fyne.NewStaticResource("NotoSans-Bold.ttf", bold),
	}, nil
}

// Color implements fyne.Theme.
func (t *Theme) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	switch name {
	case base.ColorNameBackground:
		return Paper
	case base.ColorNameForeground:
		return Ink
	case base.ColorNamePrimary, base.ColorNameFocus:
		return Accent
	default:
		return base.DefaultTheme().Color(name, base.VariantLight)
	}
}

// Font implements fyne.Theme.
func (t *Theme) Font(style fyne.TextStyle) fyne.Resource {
	if style.Bold {
		return t.bold
	}
	return t.regular
}

// Icon implements fyne.Theme.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return base.DefaultTheme().Icon(name) }

// Size implements fyne.Theme.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	if name == base.SizeNameText {
		return Body
	}
	return base.DefaultTheme().Size(name)
}
