package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/house"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/stu"
)

// programs is the folder of the real programs, which a target of the Makefile builds there.
func programs(t testing.TB, folder, target string) string {
	t.Helper()
	programs, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(programs, "kiosk")); err != nil {
		t.Fatal("the programs are not built: " + target)
	}
	return programs
}

// A house whose station has no signature pad: what a finger writes on its screen is what the caseworker sees.
func TestAVisitorSignsWithAFingerOnTheScreen(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	b := build(t, ctx, programs(t, "../../bin", "make build"), "touchscreen")
	b.comes(t, 0, specimen.Genuine)
	b.visit(t, plan{want: usual})
	b.ticket(t)
	var pictures map[string][]byte
	b.receives(t, "brandt", func(staff *house.Staff) (err error) {
		pictures, err = staff.Pictures()
		return err
	})
	signature, err := png.Decode(bytes.NewReader(pictures["person-1-signature"]))
	if err != nil {
		t.Fatalf("the file has no signature: %v", err)
	}
	missing, all := 0, 0
	for _, stroke := range stu.Signature(1) {
		for _, p := range stroke {
			all++
			if !inked(signature, p) {
				missing++
			}
		}
	}
	if missing > 0 {
		t.Errorf("of the %d places that the finger touched %d have no ink", all, missing)
	}
	if err := b.Ended(); err != nil {
		t.Error(err)
	}
}

// inked tells whether a picture of a signature has ink where a finger was, to within two pixels.
func inked(signature image.Image, p stu.Point) bool {
	const near, dark = 2, 128
	size := signature.Bounds()
	at := size.Min.Add(image.Pt(int(p.X*float64(size.Dx())), int(p.Y*float64(size.Dy()))))
	for y := at.Y - near; y <= at.Y+near; y++ {
		for x := at.X - near; x <= at.X+near; x++ {
			if image.Pt(x, y).In(size) && color.GrayModel.Convert(signature.At(x, y)).(color.Gray).Y < dark {
				return true
			}
		}
	}
	return false
}
