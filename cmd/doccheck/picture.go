package main

import (
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io/fs"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// nextPicture is what to do about a file that is no picture.
const nextPicture = "give a PNG, JPEG, TIFF, BMP, WebP or GIF of one page"

// readPicture decodes a picture whose size is bounded before its pixels are.
func readPicture(file string) (image.Image, error) {
	f, err := open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	picture, err := scan.Load(f)
	if err != nil {
		if !errors.As(err, new(*fs.PathError)) { // which names the file itself
			err = fmt.Errorf("%s: %w", file, err)
		}
		return nil, command.WrongCall(err, nextPicture)
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
