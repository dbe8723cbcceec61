// Package drawing is Foyer's icons and illustrations: vector drawings of its own, coloured from the palette of package
// theme when they are asked for.
//
// A drawing's file names palette colours as "$accent" or "$mist"; icons are of one colour, "$tint", which the caller
// chooses.
package drawing

import (
	"embed"
	"image"
	"strings"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"

	"github.com/foyer-station/foyer/ui/theme"
)

//go:embed *.svg
var files embed.FS

// Name is a drawing's.
type Name string

// The icons: 48 x 48, of one colour.
const (
	ArrowLeft  Name = "arrow_left"
	ArrowRight Name = "arrow_right"
	Calendar   Name = "calendar"
	Card       Name = "card"
	Check      Name = "check"
	Clock      Name = "clock"
	Close      Name = "close"
	Document   Name = "document"
	Eye        Name = "eye"
	Globe      Name = "globe"
	Help       Name = "help"
	Info       Name = "info"
	Mark       Name = "mark" // Foyer's own: a door in a door
	More       Name = "more"
	Permit     Name = "permit"
	Person     Name = "person"
	Retry      Name = "retry"
)

// The illustrations: 960 x 600, in the palette's colours.
const (
	Closed       Name = "closed"
	DocumentRead Name = "document_read"
	FindNumber   Name = "find_number"
	Goodbye      Name = "goodbye"
	LayDocument  Name = "lay_document"
	ReadDocument Name = "read_document"
	Services     Name = "services"
	Staff        Name = "staff"
	TakeDocument Name = "take_document"
	TurnCard     Name = "turn_card"
	Welcome      Name = "welcome"
)

// What stands in the camera's picture: 400 x 500.
const (
	Oval   Name = "oval"   // where the face should be
	Sitter Name = "sitter" // somebody, before the first frame comes
)

// Draw draws into a picture of the given size in pixels, as large as fits and in the middle. The tint is for icons;
// illustrations have none. A name without a file gives an empty picture: a visitor is not stopped by it, a test is.
func Draw(name Name, tint theme.Color, size image.Point) *image.RGBA {
	picture := image.NewRGBA(image.Rectangle{Max: size})
	file, err := files.ReadFile(string(name) + ".svg")
	if err != nil {
		return picture
	}
	coloured := colours(tint).Replace(string(file))
	icon, err := oksvg.ReadIconStream(strings.NewReader(coloured), oksvg.StrictErrorMode)
	if err != nil {
		return picture
	}
	scale := min(float64(size.X)/icon.ViewBox.W, float64(size.Y)/icon.ViewBox.H)
	width, height := icon.ViewBox.W*scale, icon.ViewBox.H*scale
	icon.SetTarget((float64(size.X)-width)/2, (float64(size.Y)-height)/2, width, height)
	for i := range icon.SVGPaths {
		icon.SVGPaths[i].LineWidth *= scale // SetTarget leaves strokes as they are
		for j := range icon.SVGPaths[i].Dash {
			icon.SVGPaths[i].Dash[j] *= scale
		}
	}
	icon.Draw(rasterx.NewDasher(size.X, size.Y, &scanner{picture: picture}), 1)
	return picture
}

// ForService gives the icon that the office named for a service, or a plain one if this station has none of that name.
func ForService(name string) Name {
	switch n := Name(name); n {
	case Permit, Card, Calendar:
		return n
	default:
		return Document
	}
}

func colours(tint theme.Color) *strings.Replacer {
	return strings.NewReplacer(
		"$tint", tint.Hex(),
		"$accent", theme.Accent.Hex(),
		"$pressed", theme.Pressed.Hex(),
		"$ink", theme.Ink.Hex(),
		"$line", theme.Line.Hex(),
		"$mist", theme.Mist.Hex(),
		"$sand", theme.Sand.Hex(),
		"$sea", theme.Sea.Hex(),
		"$shade", theme.Shade.Hex(),
		"$white", theme.White.Hex(),
	)
}
