// Package padsheet draws what a signature pad shows on its own screen: a sheet with a line and buttons in the visitor's language while
// somebody signs, and a picture while nobody does.
//
// Everything is black or white, without soft edges: that is what the smaller pads have, and what goes to all of them in no time (a
// kilobyte, compressed, instead of a hundred), so that whoever starts again can write at once.
package padsheet

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg" // an office's picture may be one
	_ "image/png"
	"os"
	"sync"

	xdraw "golang.org/x/image/draw"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/ui/lang"
	"github.com/foyer-station/foyer/ui/text"
)

// low is the height in pixels below which a pad has its buttons beside the paper instead of below it: an STU-300 has 100.
const low = 150

// Drawer draws sheets. It may be used by several goroutines.
type Drawer struct {
	catalogues *lang.Catalogues
	brand      image.Image // nil is Foyer's own

	mu         sync.Mutex
	typesetter *text.Typesetter
}

// New loads the embedded texts and fonts, and the office's picture from a file in PNG or JPEG, unless its name is empty.
func New(file string) (*Drawer, error) {
	catalogues, err := lang.Load()
	if err != nil {
		return nil, err
	}
	typesetter, err := text.NewTypesetter()
	if err != nil {
		return nil, err
	}
	d := &Drawer{catalogues: catalogues, typesetter: typesetter}
	if file != "" {
		d.brand, err = load(file)
	}
	return d, err
}

// maxPixels bounds the office's picture: 4K.
const maxPixels = 3840 * 2160

func load(file string) (image.Image, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the signature pad's picture: %w", err)
	}
	defer f.Close()
	size, _, err := image.DecodeConfig(f)
	if err == nil && (size.Width < 1 || size.Height < 1 || size.Width > maxPixels/size.Height) {
		err = fmt.Errorf("%d x %d pixels are too many", size.Width, size.Height)
	}
	if err == nil {
		_, err = f.Seek(0, 0)
	}
	var picture image.Image
	if err == nil {
		picture, _, err = image.Decode(f)
	}
	if err != nil {
		return nil, fmt.Errorf("the signature pad's picture %s: %w", file, err)
	}
	return picture, nil
}

// Sheet draws the sheet for a pad's screen: the line, and "start again" and "done" as on the station's screen, in that order as one
// reads.
func (d *Drawer) Sheet(language string, size devices.PadSize) (kiosk.Sheet, error) {
	if size.Width < 1 || size.Height < 1 {
		return kiosk.Sheet{}, errors.New("a pad without a screen")
	}
	texts := d.catalogues.In(language)
	picture := blank(size)
	again, done, paper := places(picture.Rect)
	if texts.RightToLeft {
		again, done, paper = mirrored(again, picture.Rect), mirrored(done, picture.Rect), mirrored(paper, picture.Rect)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.line(picture, paper, texts)
	d.button(picture, again, texts, "signature.again", false)
	d.button(picture, done, texts, "signature.next", true)
	harden(picture)
	return kiosk.Sheet{Picture: picture, Paper: paper, Buttons: []kiosk.SheetButton{
		{Area: again, Event: flow.Retry{}}, {Area: done, Event: flow.Next{}},
	}}, nil
}

func blank(size devices.PadSize) *image.RGBA {
	picture := image.NewRGBA(image.Rect(0, 0, size.Width, size.Height))
	draw.Draw(picture, picture.Rect, image.White, image.Point{}, draw.Src)
	return picture
}

// places are the buttons and the paper of a screen for a language that is read from left to right. A button's sides are as far from
// the others and from the edge as a finger's tip needs, where there is room.
func places(screen image.Rectangle) (again, done, paper image.Rectangle) {
	width, height := screen.Dx(), screen.Dy()
	if height < low {
		edge := width * 2 / 3
		gap := max(2, height/25)
		again = image.Rect(edge+gap, gap, width-gap, height/2-gap/2)
		done = image.Rect(edge+gap, height/2+gap/2, width-gap, height-gap)
		return again, done, image.Rect(0, 0, edge, height)
	}
	top, gap := height*4/5, max(2, height/40)
	again = image.Rect(gap, top+gap, width/2-gap/2, height-gap)
	done = image.Rect(width/2+gap/2, top+gap, width-gap, height-gap)
	return again, done, image.Rect(0, 0, width, top)
}

func mirrored(r, screen image.Rectangle) image.Rectangle {
	return image.Rect(screen.Max.X-r.Max.X, r.Min.Y, screen.Max.X-r.Min.X, r.Max.Y)
}

// line draws the one to sign on, with the cross where it begins.
func (d *Drawer) line(picture *image.RGBA, paper image.Rectangle, texts *lang.Texts) {
	margin, thick := paper.Dx()/16, max(1, picture.Rect.Dy()/240)
	y := paper.Min.Y + paper.Dy()*3/4
	draw.Draw(picture, image.Rect(paper.Min.X+margin, y, paper.Max.X-margin, y+thick), image.Black, image.Point{}, draw.Src)
	size := float32(paper.Dy()) / 8
	cross := d.typesetter.Layout("×", style(texts, size, text.Start), float32(paper.Dx()-2*margin))
	d.typesetter.Draw(cross, picture, image.Pt(paper.Min.X+margin, y-int(cross.Height())), 1)
}

// button draws a frame with a label in it, white on black for the one that goes on.
func (d *Drawer) button(picture *image.RGBA, area image.Rectangle, texts *lang.Texts, label string, onwards bool) {
	thick := max(1, picture.Rect.Dy()/160)
	draw.Draw(picture, area, image.Black, image.Point{}, draw.Src)
	look := style(texts, 0, text.Center)
	look.MaxLines = 0
	look.Color = color.White
	if !onwards {
		draw.Draw(picture, area.Inset(thick), image.White, image.Point{}, draw.Src)
		look.Color = color.Black
	}
	inside := area.Inset(2 * thick)
	for look.Size = float32(inside.Dy()) * 0.55; ; look.Size-- {
		laid := d.typesetter.Layout(texts.Say(label), look, float32(inside.Dx()))
		if laid.Lines() <= 2 && int(laid.Height()) <= inside.Dy() || look.Size <= smallest {
			d.typesetter.Draw(laid, picture, image.Pt(inside.Min.X, inside.Min.Y+(inside.Dy()-int(laid.Height()))/2), 1)
			return
		}
	}
}

// smallest is the least size of letters, in pixels, at which anything can be read on a pad.
const smallest = 9

func style(texts *lang.Texts, size float32, align text.Align) text.Style {
	return text.Style{
		Size: size, Bold: true, Color: color.Black, Align: align,
		Language: texts.Language, RightToLeft: texts.RightToLeft, MaxLines: 1,
	}
}

// Idle draws what the pad shows while nobody signs: the office's picture, as large as it fits on white; or Foyer's name.
func (d *Drawer) Idle(size devices.PadSize) (image.Image, error) {
	if size.Width < 1 || size.Height < 1 {
		return nil, errors.New("a pad without a screen")
	}
	picture := blank(size)
	if d.brand != nil {
		b := d.brand.Bounds()
		scale := min(float64(size.Width)/float64(b.Dx()), float64(size.Height)/float64(b.Dy()))
		w, h := max(1, int(float64(b.Dx())*scale)), max(1, int(float64(b.Dy())*scale))
		at := image.Rect(0, 0, w, h).Add(image.Pt((size.Width-w)/2, (size.Height-h)/2))
		xdraw.CatmullRom.Scale(picture, at, d.brand, b, xdraw.Over, nil)
		return picture, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	look := text.Style{Size: float32(size.Height) / 3, Bold: true, Color: color.Black, Align: text.Center, Language: "en", MaxLines: 1}
	laid := d.typesetter.Layout("Foyer", look, float32(size.Width))
	d.typesetter.Draw(laid, picture, image.Pt(0, (size.Height-int(laid.Height()))/2), 1)
	harden(picture)
	return picture, nil
}

// harden makes greys black or white.
func harden(picture *image.RGBA) {
	const half = 0x80
	for i := 0; i < len(picture.Pix); i += 4 {
		v := uint8(0)
		if picture.Pix[i] >= half {
			v = 0xff
		}
		picture.Pix[i], picture.Pix[i+1], picture.Pix[i+2] = v, v, v
	}
}
