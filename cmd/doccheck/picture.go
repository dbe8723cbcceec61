package main

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	_ "image/gif" // the first picture of an animated one
	_ "image/jpeg"
	_ "image/png"

	_ "golang.org/x/image/bmp" // what scanners save
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"github.com/foyer-station/foyer/cmd/internal/command"
)

const (
	maxPictureFile   = 64 << 20   // bytes
	maxPicturePixels = 40_000_000 // an A4 page at 600 dpi has 35 million, a passport's data page at 1200 dpi 25 million
)

// nextPicture is what to do about a file that is no picture.
const nextPicture = "give a PNG, JPEG, TIFF, BMP, WebP or GIF of one page"

// readPicture decodes a picture whose size is bounded before its pixels are.
func readPicture(file string) (image.Image, error) {
	data, err := readBounded(file, maxPictureFile)
	if err != nil {
		return nil, err
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, command.WrongCall(fmt.Errorf("%s is no picture: %w", file, err), nextPicture)
	}
	if size.Height < 1 || size.Width > maxPicturePixels/size.Height {
		return nil, command.WrongCall(fmt.Errorf("%s has %d x %d pixels, more than %d", file, size.Width, size.Height, maxPicturePixels), nextPicture)
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, command.WrongCall(fmt.Errorf("%s is a damaged picture: %w", file, err), nextPicture)
	}
	return picture, nil
}

// readRGBA decodes a picture into the form that the page's checks take.
func readRGBA(file string) (*image.RGBA, error) {
	picture, err := readPicture(file)
	if err != nil {
		return nil, err
	}
	b := picture.Bounds()
	rgba := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(rgba, rgba.Bounds(), picture, b.Min, draw.Src)
	return rgba, nil
}
