package stu_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu"
	emulated "github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

// openPad is an open pad and the emulated one below it.
func openPad(t *testing.T, model emulated.Model) (*stu.Pad, unit) {
	t.Helper()
	u := plugger(usbtest.NewBed(t), model)(t)
	pad, err := stu.New(stu.Config{}).Open(t.Context())
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

func isEqual(a, b *image.RGBA) bool { return a.Rect == b.Rect && bytes.Equal(a.Pix, b.Pix) }

// isWhite says whether nothing is shown.
func isWhite(p *image.RGBA) bool {
	return bytes.Count(p.Pix, []byte{255}) == len(p.Pix)
}

func TestThePadShowsThePictureToThePixelAndClearsIt(t *testing.T) {
	pad, u := openPad(t, emulated.STU530())
	picture := colours(pad.Size().Width, pad.Size().Height)
	began := time.Now()
	if err := pad.Show(t.Context(), picture, picture.Rect); err != nil {
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
	pad, u := openPad(t, emulated.STU430())
	if err := pad.Show(t.Context(), image.NewUniform(color.Black), image.Rectangle{}); err == nil {
		t.Error("Show took a picture of another size")
	}
	picture := image.NewGray(image.Rect(0, 0, 320, 200))
	picture.SetGray(7, 5, color.Gray{Y: 200})
	if err := pad.Show(t.Context(), picture, picture.Rect); err != nil {
		t.Fatal(err)
	}
	if lcd := u.LCD(); lcd.RGBAAt(7, 5) != (color.RGBA{255, 255, 255, 255}) || lcd.RGBAAt(8, 5) != (color.RGBA{A: 255}) {
		t.Error("the LCD shows something else")
	}
}

// sheet is what a visitor signs on: black and white, with two grey buttons.
func sheet(size devices.PadSize) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, size.Width, size.Height))
	draw.Draw(p, p.Rect, image.White, image.Point{}, draw.Src)
	line := image.Rect(size.Width/10, size.Height*2/3, size.Width*9/10, size.Height*2/3+2)
	draw.Draw(p, line, image.Black, image.Point{}, draw.Src)
	for i := range 2 {
		button := image.Rect((1+5*i)*size.Width/10, size.Height*4/5, (4+5*i)*size.Width/10, size.Height*19/20)
		draw.Draw(p, button, image.NewUniform(color.Gray{Y: 0xe0}), image.Point{}, draw.Src)
	}
	return p
}

// asShown is a grey picture as a pad shows it: in greys where it can be told what differs, in black and white where it cannot.
func asShown(picture *image.RGBA, model emulated.Model) *image.RGBA {
	shown := image.NewRGBA(picture.Rect)
	for i := 0; i < len(picture.Pix); i += 4 {
		r, g, b := picture.Pix[i], picture.Pix[i+1], picture.Pix[i+2]
		switch {
		case model.Encodings&0x08 != 0:
		case r >= 0x80:
			r, g, b = 0xff, 0xff, 0xff
		default:
			r, g, b = 0, 0, 0
		}
		copy(shown.Pix[i:], []byte{r, g, b, 0xff})
	}
	return shown
}

func TestEveryPadShowsASheetInTheBestThatItTakes(t *testing.T) {
	for _, model := range models() {
		t.Run(model.Name, func(t *testing.T) {
			pad, u := openPad(t, model)
			picture := sheet(pad.Size())
			began := time.Now()
			if err := pad.Show(t.Context(), picture, picture.Rect); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d bytes in %v", u.Sent(), time.Since(began))
			if !bytes.Equal(u.LCD().Pix, asShown(picture, model).Pix) {
				t.Error("the LCD shows something else")
			}
		})
	}
}

func TestAPadWithoutAreasShowsColoursAllTheSame(t *testing.T) {
	pad, u := openPad(t, emulated.STU520A())
	picture := colours(pad.Size().Width, pad.Size().Height)
	if err := pad.Show(t.Context(), picture, picture.Rect); err != nil {
		t.Fatal(err)
	}
	for i, v := range u.LCD().Pix {
		if want := picture.Pix[i]; v&0xf8 != want&0xf8 { // 5 bits, and 6 of green
			t.Fatalf("byte %d is %#x, want %#x", i, v, want)
		}
	}
}

func TestOnlyWhatDiffersFromWhatThePadShowsIsSent(t *testing.T) {
	pad, u := openPad(t, emulated.STU530())
	picture := sheet(pad.Size())
	show := func() int {
		t.Helper()
		before := u.Sent()
		if err := pad.Show(t.Context(), picture, picture.Rect); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(u.LCD().Pix, picture.Pix) {
			t.Error("the LCD shows something else")
		}
		return u.Sent() - before
	}
	if n, whole := show(), len(picture.Pix)*3/4; n == 0 || n > whole/8 {
		t.Errorf("a sheet took %d bytes, all its pixels %d", n, whole)
	}
	if n := show(); n != 0 {
		t.Errorf("the same again took %d bytes", n)
	}
	draw.Draw(picture, image.Rect(100, 100, 140, 120), image.Black, image.Point{}, draw.Src)
	if n := show(); n == 0 || n > 100 {
		t.Errorf("a small black box took %d bytes", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- pad.Capture(ctx, func(devices.Sample) {}) }()
	if err := u.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := u.Sign(t.Context(), stroke()); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	show() // wipes the ink
}

func TestInkStaysOnThePaper(t *testing.T) {
	for _, model := range []emulated.Model{emulated.STU530(), emulated.STU520A()} {
		pad, u := openPad(t, model)
		picture := sheet(pad.Size())
		paper := image.Rect(0, 0, pad.Size().Width, pad.Size().Height/2)
		if err := pad.Show(t.Context(), picture, paper); err != nil {
			t.Fatal(err)
		}
		samples, err := signed(t, pad, u) // below the paper
		if err != nil || len(samples) < 20 {
			t.Errorf("%s: %d samples, %v: they come from everywhere", model.Name, len(samples), err)
		}
		if u.Inked(0.75) { // between line and buttons nothing else is black
			t.Errorf("%s leaves ink beside the paper", model.Name)
		}
	}
}

func TestAPictureCutShortIsNotShownAndTheNextOneIs(t *testing.T) {
	pad, u := openPad(t, emulated.STU530())
	picture := colours(pad.Size().Width, pad.Size().Height)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := pad.Show(ctx, picture, picture.Rect); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Show = %v, want the context's error", err)
	}
	if !isWhite(u.LCD()) {
		t.Error("half a picture is shown")
	}
	if err := pad.Show(t.Context(), picture, picture.Rect); err != nil || !bytes.Equal(u.LCD().Pix, picture.Pix) {
		t.Errorf("the next Show = %v, or the LCD shows something else", err)
	}
}

func TestWhatAProgramLeftHalfDoneDoesNotKeepTheNextOneOut(t *testing.T) {
	for name, leave := range map[string]func(unit) bool{
		"a picture": func(u unit) bool { return u.Set(0x25, []byte{4}) },
		"ink":       func(u unit) bool { return u.Set(0x21, []byte{1}) },
	} {
		u := plugger(usbtest.NewBed(t), emulated.STU530())(t)
		if !leave(u) {
			t.Fatalf("%s: the emulated pad refuses", name)
		}
		pad, err := stu.New(stu.Config{}).Open(t.Context())
		if err != nil {
			t.Errorf("%s: Open = %v", name, err)
			continue
		}
		picture := sheet(pad.Size())
		if err := pad.Show(t.Context(), picture, picture.Rect); err != nil || !isEqual(u.LCD(), picture) {
			t.Errorf("%s: Show = %v, or the LCD shows something else", name, err)
		}
		pad.Close()
	}
}

func TestAPadThatIsPulledOutEndsThePicture(t *testing.T) {
	pad, u := openPad(t, emulated.STU530())
	result := make(chan error, 1)
	go func() {
		result <- pad.Show(t.Context(), colours(pad.Size().Width, pad.Size().Height), image.Rectangle{})
	}()
	u.Unplug()
	if err := <-result; !errors.Is(err, devices.ErrUnplugged) {
		t.Errorf("Show = %v, want ErrUnplugged", err)
	}
}

func TestASignatureArrivesAsItWasWritten(t *testing.T) {
	pad, u := openPad(t, emulated.STU530())
	strokes := emulated.Signature(7)
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
	pad, u := openPad(t, emulated.STU530())
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
