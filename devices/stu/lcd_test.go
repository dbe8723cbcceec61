package stu_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu"
	"github.com/foyer-station/foyer/emulate/usb"
)

// openPad is an open pad and the emulated one below it.
func openPad(t *testing.T, newPad func(string) *usb.Pad) (*stu.Pad, unit) {
	t.Helper()
	u := plugger(newBed(t), newPad)(t)
	pad, err := stu.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pad.Close() })
	return pad, u
}

// colours is a picture in which every part differs from the others.
func colours(width, height int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			p.SetRGBA(x, y, color.RGBA{byte(x), byte(y), byte(x + 3*y), 255})
		}
	}
	return p
}

// isWhite says whether nothing is shown.
func isWhite(p *image.RGBA) bool {
	return bytes.Count(p.Pix, []byte{255}) == len(p.Pix)
}

func TestThePadShowsThePictureToThePixelAndClearsIt(t *testing.T) {
	pad, u := openPad(t, usb.NewPad)
	picture := colours(pad.Size().Width, pad.Size().Height)
	began := time.Now()
	if err := pad.Show(t.Context(), picture); err != nil {
		t.Fatal(err)
	}
	t.Logf("a picture took %v", time.Since(began))
	if !bytes.Equal(u.LCD().Pix, picture.Pix) {
		t.Error("the LCD shows something else")
	}
	if err := pad.Clear(t.Context()); err != nil || !isWhite(u.LCD()) {
		t.Errorf("Clear = %v, LCD white: %v", err, isWhite(u.LCD()))
	}
}

func TestABlackAndWhitePadShowsBlackAndWhite(t *testing.T) {
	pad, u := openPad(t, usb.NewSmallPad)
	if err := pad.Show(t.Context(), image.NewUniform(color.Black)); err == nil {
		t.Error("Show took a picture of another size")
	}
	picture := image.NewGray(image.Rect(0, 0, 320, 200))
	picture.SetGray(7, 5, color.Gray{Y: 200})
	if err := pad.Show(t.Context(), picture); err != nil {
		t.Fatal(err)
	}
	if lcd := u.LCD(); lcd.RGBAAt(7, 5) != (color.RGBA{255, 255, 255, 255}) || lcd.RGBAAt(8, 5) != (color.RGBA{A: 255}) {
		t.Error("the LCD shows something else")
	}
}

func TestAPictureCutShortIsNotShownAndTheNextOneIs(t *testing.T) {
	pad, u := openPad(t, usb.NewPad)
	picture := colours(pad.Size().Width, pad.Size().Height)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := pad.Show(ctx, picture); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Show = %v, want the context's error", err)
	}
	if !isWhite(u.LCD()) {
		t.Error("half a picture is shown")
	}
	if err := pad.Show(t.Context(), picture); err != nil || !bytes.Equal(u.LCD().Pix, picture.Pix) {
		t.Errorf("the next Show = %v, or the LCD shows something else", err)
	}
}

func TestAPadThatIsPulledOutEndsThePicture(t *testing.T) {
	pad, u := openPad(t, usb.NewPad)
	result := make(chan error, 1)
	go func() { result <- pad.Show(t.Context(), colours(pad.Size().Width, pad.Size().Height)) }()
	u.Unplug()
	if err := <-result; !errors.Is(err, devices.ErrUnplugged) {
		t.Errorf("Show = %v, want ErrUnplugged", err)
	}
}

func TestASignatureArrivesAsItWasWritten(t *testing.T) {
	pad, u := openPad(t, usb.NewPad)
	strokes := usb.Signature(7)
	ctx, done := context.WithCancel(t.Context())
	defer done()
	signed := make(chan error, 1)
	go func() {
		err := u.Ready(ctx)
		if err == nil {
			err = u.Sign(ctx, strokes)
		}
		signed <- err
	}()
	var touching []devices.Sample
	var last devices.Sample
	lifts := 0
	err := pad.Capture(ctx, func(s devices.Sample) {
		if s.At < last.At {
			t.Errorf("time runs backwards: %v after %v", s.At, last.At)
		}
		if last.Down && !s.Down {
			if lifts++; lifts == len(strokes) {
				done()
			}
		}
		if s.Down {
			touching = append(touching, s)
		}
		last = s
	})
	if err != nil {
		t.Fatal(err)
	}
	<-signed
	i, size := 0, pad.Size()
	for _, stroke := range strokes {
		for _, p := range stroke {
			if i == len(touching) {
				t.Fatalf("only %d samples arrived", i)
			}
			if s := touching[i]; s.X != int(p.X*float64(size.MaxX)+0.5) || s.Y != int(p.Y*float64(size.MaxY)+0.5) {
				t.Fatalf("sample %d is at %d, %d, the pen was at %v", i, s.X, s.Y, p)
			}
			i++
		}
	}
	if isWhite(u.LCD()) {
		t.Error("the pad shows no ink")
	}
}

func TestInkIsOffBeforeAndAfterACapture(t *testing.T) {
	pad, u := openPad(t, usb.NewPad)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- pad.Capture(ctx, func(devices.Sample) {}) }()
	if err := u.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	if err := u.Sign(t.Context(), stroke()); err != nil || !isWhite(u.LCD()) {
		t.Errorf("Sign = %v; the pad draws ink that nobody captures", err)
	}
}
