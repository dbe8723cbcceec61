package chart_test

import (
	"bytes"
	"compress/zlib"
	"image"
	"image/color"
	"image/draw"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/image/vector"

	"github.com/foyer-station/foyer/hwtest/chart"
)

// sheets are the filled polygons of each page of a PDF, painted at so many dots to the inch (ISO 32000-1, 8.5: m, l and h build a path, f
// fills it with the colour of g or rg; a point is 1/72 inch).
func sheets(t *testing.T, file []byte, dpi float64) (pages []*image.Gray) {
	t.Helper()
	const width, height = 841.89, 595.28
	scale := dpi / 72
	for _, at := range regexp.MustCompile(`stream\r?\n`).FindAllIndex(file, -1) {
		r, err := zlib.NewReader(bytes.NewReader(file[at[1]:]))
		if err != nil {
			continue
		}
		text, err := io.ReadAll(r)
		if err != nil || !bytes.Contains(text, []byte(" m\n")) && !bytes.Contains(text, []byte(" m ")) {
			continue
		}
		page := image.NewGray(image.Rect(0, 0, int(width*scale), int(height*scale)))
		draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
		paint(page, strings.Fields(string(text)), height, scale)
		pages = append(pages, page)
	}
	return pages
}

func paint(page *image.Gray, words []string, height, scale float64) {
	number := func(i int) float64 {
		v, _ := strconv.ParseFloat(words[i], 64)
		return v
	}
	grey, path := uint8(0), []chart.Point(nil)
	for i, word := range words {
		switch word {
		case "g", "rg":
			grey = uint8(math.Round(255 * number(i-1)))
		case "m", "l":
			path = append(path, chart.Point{X: number(i-2) * scale, Y: (height - number(i-1)) * scale})
		case "f", "f*":
			fill(page, path, grey)
			path = nil
		case "S", "n":
			path = nil
		}
	}
}

func fill(page *image.Gray, path []chart.Point, grey uint8) {
	area := image.Rectangle{}
	for _, p := range path {
		area = area.Union(image.Rect(int(p.X)-1, int(p.Y)-1, int(p.X)+2, int(p.Y)+2))
	}
	area = area.Intersect(page.Rect)
	r := vector.NewRasterizer(area.Dx(), area.Dy())
	for i, p := range path {
		to := r.LineTo
		if i == 0 {
			to = r.MoveTo
		}
		to(float32(p.X)-float32(area.Min.X), float32(p.Y)-float32(area.Min.Y))
	}
	r.ClosePath()
	r.Draw(page, area, image.NewUniform(color.Gray{Y: grey}), image.Point{})
}

func TestThePrintedChartsAreFoundAtTheirTrueSize(t *testing.T) {
	var file bytes.Buffer
	if err := chart.WritePDF(&file, chart.ForGlass(), chart.ForCamera()); err != nil {
		t.Fatal(err)
	}
	const dpi = 110
	pages := sheets(t, file.Bytes(), dpi)
	if len(pages) != 2 {
		t.Fatalf("%d sheets", len(pages))
	}
	for i, c := range []chart.Chart{chart.ForGlass(), chart.ForCamera()} {
		r, err := c.Measure(pages[i])
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		if !near(r.DPI, dpi, 0.1) || r.Skew > 0.02 || r.Mirrored || r.Steps != 6 || len(r.Zones) != 5 {
			t.Errorf("%s: %+v", c.Name, r)
		}
		for _, p := range r.Corners {
			if p.X < 0 || p.Y < 0 || p.X > 841.89*dpi/72 || p.Y > 595.28*dpi/72 {
				t.Errorf("%s: a corner is off the sheet at %v", c.Name, p)
			}
		}
	}
}
