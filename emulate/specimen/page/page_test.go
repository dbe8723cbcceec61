package page_test

import (
	"bytes"
	"errors"
	"image"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emulate/specimen/page"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

func TestAMissingTypefaceNamesThePackageToInstall(t *testing.T) {
	_, err := page.NewPress(filepath.Join(t.TempDir(), "OCRB.otf"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "fonts-ocr-b") {
		t.Errorf("%v", err)
	}
}

func newPress(t *testing.T) *page.Press {
	t.Helper()
	press, err := page.NewPress(page.OCRB)
	if err != nil {
		t.Fatal(err)
	}
	return press
}

// hasInk looks for a dark pixel.
func hasInk(img *image.RGBA, r image.Rectangle) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if c := img.RGBAAt(x, y); c.R < 80 && c.G < 80 && c.B < 80 {
				return true
			}
		}
	}
	return false
}

func TestEveryFormatBearsItsZoneAndNothingElseThere(t *testing.T) {
	const dpi = 150
	press := newPress(t)
	for _, format := range mrz.Formats() {
		d := page.Document{Format: format, Portrait: image.NewRGBA(image.Rect(0, 0, 480, 640)), Surname: "Okoro", GivenNames: "Amara"}
		side := page.ZoneSide(format)
		zone := page.Zone(format, dpi)
		without := press.Print(d, side, verify.Visible, dpi)
		if zone.Empty() || !zone.In(without.Rect) {
			t.Errorf("%s: the zone %v does not lie in the page %v", format, zone, without.Rect)
		}
		if hasInk(without, zone) {
			t.Errorf("%s: something else is printed where the zone goes", format)
		}
		for _, n := range format.Lengths() {
			d.Lines = append(d.Lines, strings.Repeat("8", n))
		}
		with := press.Print(d, side, verify.Visible, dpi)
		for line, n := range format.Lengths() {
			for column := range n {
				if !hasInk(with, page.Cell(format, line, column, dpi)) {
					t.Errorf("%s: no character in line %d, column %d", format, line+1, column+1)
				}
			}
		}
	}
}

func TestEveryPaperOfTheOfficeFollowsFromItsSeed(t *testing.T) {
	press := newPress(t)
	for _, kind := range page.Papers() {
		first, again := press.Paperwork(kind, 1, verify.Visible, 150), press.Paperwork(kind, 1, verify.Visible, 150)
		if !bytes.Equal(first.Pix, again.Pix) {
			t.Errorf("%s: the same seed gave two papers", kind)
		}
		if bytes.Equal(first.Pix, press.Paperwork(kind, 2, verify.Visible, 150).Pix) {
			t.Errorf("%s: two seeds gave the same paper", kind)
		}
		if !hasInk(first, first.Rect) {
			t.Errorf("%s: nothing is printed", kind)
		}
	}
}
