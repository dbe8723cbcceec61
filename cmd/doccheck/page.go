package main

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // page pictures come as JPEG or PNG
	_ "image/png"
	"io"
	"time"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/page"
	"github.com/foyer-station/foyer/verify/portrait"
)

const (
	maxPictureFile   = 64 << 20
	maxPicturePixels = 40_000_000 // a passport's data page at 1200 dpi has 25 million
)

type pageCheck struct {
	Vis      string `required:"" type:"existingfile" help:"The page in visible light." placeholder:"F"`
	IR       string `name:"ir" type:"existingfile" help:"In infrared, B900." placeholder:"F"`
	UV       string `name:"uv" type:"existingfile" help:"In ultraviolet, 365 nm." placeholder:"F"`
	DPI      int    `name:"dpi" default:"300" help:"The pictures' resolution."`
	Cascades string `type:"path" default:"/usr/share/opencv4/haarcascades" help:"OpenCV's cascades that find faces." placeholder:"DIR"`
	Model    string `help:"Compare with a learned model (not yet)." placeholder:"ID"`
}

// pageAnswer is the JSON of page.
type pageAnswer struct {
	Verdict verify.Verdict       `json:"verdict"`
	Checks  []verify.JudgedCheck `json:"checks"`
	Model   string               `json:"model"`
	Millis  float64              `json:"ms"`
}

// Run implements kong's command.
func (p pageCheck) Run(c *call) error {
	if p.Model != "" {
		return errNotYet
	}
	ev := verify.Evidence{Day: c.day}
	for _, picture := range []struct {
		file  string
		light verify.Light
	}{{p.Vis, verify.Visible}, {p.IR, verify.Infrared}, {p.UV, verify.Ultraviolet}} {
		if picture.file == "" {
			continue
		}
		rgba, err := readPicture(picture.file)
		if err != nil {
			return err
		}
		ev.Pages = append(ev.Pages, verify.Page{Image: rgba, DPI: p.DPI, Light: picture.light, Side: verify.Front})
	}
	policy, err := verify.DefaultPolicy()
	if err != nil {
		return err
	}
	finder, err := portrait.NewFinder(p.Cascades)
	if err != nil {
		return err
	}
	defer finder.Close()
	start := time.Now()
	checks := page.New(finder, page.DefaultThresholds()).Examine(c.ctx, ev)
	report := policy.Only("optical.").Judge(checks, verify.ValidityUnknown)
	answer := pageAnswer{Verdict: report.Verdict, Checks: report.Checks, Millis: millis(time.Since(start))}
	if err := c.answer(answer, func(w io.Writer) {
		fmt.Fprintln(w, answer.Verdict, "(a page alone, without a model of it, is never called genuine)")
		printChecks(w, answer.Checks)
	}); err != nil {
		return err
	}
	return errNotGood
}

// readPicture decodes a picture whose size is bounded before its pixels are.
func readPicture(file string) (*image.RGBA, error) {
	data, err := readBounded(file, maxPictureFile)
	if err != nil {
		return nil, err
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: no PNG or JPEG picture: %w", file, err)
	}
	if size.Width*size.Height > maxPicturePixels {
		return nil, fmt.Errorf("%s: %d x %d pixels are too many", file, size.Width, size.Height)
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	rgba := image.NewRGBA(image.Rect(0, 0, size.Width, size.Height))
	draw.Draw(rgba, rgba.Bounds(), picture, picture.Bounds().Min, draw.Src)
	return rgba, nil
}
