package face

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
)

// PortraitWidth and PortraitHeight are the size of a portrait in pixels: upright, 3 to 4, the eyes 124 pixels apart.
const (
	PortraitWidth  = 480
	PortraitHeight = 640
)

// Portrait is the biometric photograph: frontal, before light grey, the head 0.72 of the height.
func (l Look) Portrait() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, PortraitWidth, PortraitHeight))
	backdrop(img, color.RGBA{214, 217, 219, 255})
	person := l.paint(PortraitWidth, PortraitHeight, view{x: PortraitWidth / 2, y: 286, scale: 217})
	draw.Draw(img, img.Rect, person, image.Point{}, draw.Over)
	return img
}

// JPEG is a portrait as a chip holds it, 15 to 22 kB.
func JPEG(portrait image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, portrait, &jpeg.Options{Quality: 76}); err != nil {
		return nil, fmt.Errorf("portrait: %w", err)
	}
	return b.Bytes(), nil
}

// backdrop fills a picture with a colour that is a little darker at the edges.
func backdrop(img *image.RGBA, c color.RGBA) {
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			dx, dy := float64(x)/w-0.5, float64(y)/h-0.42
			k := 1 - 0.16*(dx*dx+dy*dy) - 0.05*dx + 0.006*(hash(x, y, 7)-0.5)
			img.SetRGBA(x, y, color.RGBA{uint8(float64(c.R) * k), uint8(float64(c.G) * k), uint8(float64(c.B) * k), 255})
		}
	}
}
