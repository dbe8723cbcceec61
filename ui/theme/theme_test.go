package theme_test

import (
	"image/color"
	"math"
	"testing"

	"github.com/foyer-station/foyer/ui/theme"
)

func TestEverythingThatIsReadHasAContrastOfTenToOne(t *testing.T) {
	for _, c := range []struct{ text, on []theme.Color }{
		{
			[]theme.Color{theme.Ink, theme.Quiet, theme.Accent},
			[]theme.Color{theme.Paper, theme.White, theme.Mist},
		},
		{[]theme.Color{theme.Ink, theme.Accent}, []theme.Color{theme.Sand}},
		{[]theme.Color{theme.White, theme.Mist}, []theme.Color{theme.Accent, theme.Pressed}},
	} {
		for _, text := range c.text {
			for _, on := range c.on {
				if got := contrast(text, on); got < 10 {
					t.Errorf("%s on %s: %.2f:1", text.Hex(), on.Hex(), got)
				}
			}
		}
	}
}

// Success criterion 1.4.11 of WCAG 2.1 asks 3:1 of what a control is recognised by.
func TestDrawingsAndEdgesOfControlsStandOut(t *testing.T) {
	for _, edge := range []theme.Color{theme.Accent, theme.Shade, theme.Sea} {
		if got := contrast(edge, theme.Paper); got < 3 {
			t.Errorf("%s: %.2f:1", edge.Hex(), got)
		}
	}
}

// contrast is the contrast ratio of WCAG 2.1, 1 to 21.
func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is the relative luminance of WCAG 2.1, 0 to 1.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func linear(channel uint32) float64 {
	v := float64(channel) / 0xffff
	if v <= 0.03928 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}
