package picture

import (
	"image"
	"image/draw"
	"io"
	"os"

	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// childName is what a program is called, in its first argument, that is to decode a picture. Nobody has a program of that name.
const childName = "foyer: decode a picture"

// Exit statuses of a child.
const (
	statusUnheard     = 1
	statusWrongCall   = 2
	statusNotConfined = 3
)

// ServeIfChild decodes the picture that it is given, and ends the process, where this one was started for that; in every
// other it returns at once. It is the first thing that main, or TestMain, does.
func ServeIfChild() {
	if os.Args[0] == childName {
		os.Exit(serve(os.Args[1:], os.Stdin, os.Stdout))
	}
}

func serve(args []string, in io.Reader, out io.Writer) (status int) {
	for _, t := range []task{portraitTask, pageTask, greyPageTask} {
		if len(args) != 1 || args[0] != t.name {
			continue
		}
		if err := confine(t); err != nil {
			return statusNotConfined
		}
		picture, err := t.decode(in)
		if err := writeAnswer(out, picture, err); err != nil {
			return statusUnheard
		}
		return 0
	}
	return statusWrongCall
}

func page(r io.Reader) (image.Image, error) {
	picture, err := scan.Load(r)
	if err != nil {
		return nil, err
	}
	return tight(picture), nil
}

func greyPage(r io.Reader) (image.Image, error) {
	picture, err := scan.Load(r)
	if err != nil {
		return nil, err
	}
	return scan.Grey(picture), nil
}

// tight is a picture without gaps, from (0, 0).
func tight(picture image.Image) *image.RGBA {
	b := picture.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Rect, picture, b.Min, draw.Src)
	return out
}
