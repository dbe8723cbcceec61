package camera

import (
	"image"
	"image/color"
	"image/draw"
	"os"
	"path/filepath"
	"testing"

	"github.com/foyer-station/foyer/devices"
)

// A driver counts the frames that may be older than its lamp; one that begins afterwards must not be, however busy the computer is.
func TestAFrameThatBeginsAfterALampWasSwitchedShowsIt(t *testing.T) {
	folder := t.TempDir()
	leds, err := NewLEDs(folder)
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGlass(leds, image.Pt(16, 16), 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	page := image.NewRGBA(image.Rect(0, 0, 16, 16))
	draw.Draw(page, page.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	if err := g.Lay(Side{devices.LightVisible: page}); err != nil {
		t.Fatal(err)
	}
	lamp := filepath.Join(folder, Lamps()[devices.LightVisible], "brightness")
	for range 50 {
		for brightness, want := range map[string]byte{"255": 255, "0": 0} {
			if err := os.WriteFile(lamp, []byte(brightness), 0o644); err != nil {
				t.Fatal(err)
			}
			if got := g.next()[0]; got != want {
				t.Fatalf("with the lamp at %s the next frame has %d, want %d", brightness, got, want)
			}
		}
	}
}
