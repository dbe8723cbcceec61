package portrait_test

import (
	"errors"
	"image"
	"image/color"
	"image/draw"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/portrait"
	"gocv.io/x/gocv"
	xdraw "golang.org/x/image/draw"
)

var day = time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)

func finder(t *testing.T) *portrait.Finder {
	t.Helper()
	f, err := portrait.NewFinder(portrait.DefaultCascades)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func find(t *testing.T, f *portrait.Finder, picture *image.RGBA) []portrait.Face {
	t.Helper()
	faces, err := f.Find(picture)
	if err != nil {
		t.Fatal(err)
	}
	return faces
}

// The portrait's limits are those of BSI TR-03121-3 volume 6; the head's height follows from the drawing, whose eyes are
// one 3.66th of the head apart.
func TestEveryPersonOfUtopiaIsFoundAndCutAsTheGuidelineWants(t *testing.T) {
	f := finder(t)
	for _, p := range specimen.People(day) {
		frame := p.Look.Scene(1)[0]
		faces := find(t, f, frame)
		if c := portrait.FaceFound(faces, "portrait"); c.Result != verify.Passed || c.Area == nil || len(c.Reasons) > 0 {
			t.Errorf("%s: %+v of %v", p.ID, c, faces)
			continue
		}
		if len(faces[0].Eyes) != 2 {
			t.Errorf("%s: no eyes in %v", p.ID, faces)
		}
		cut, err := faces[0].Crop(frame)
		if err != nil {
			t.Errorf("%s: %v", p.ID, err)
			continue
		}
		w, h := cut.Rect.Dx(), cut.Rect.Dy()
		if 4*w != 3*h || cut.Stride != 4*w {
			t.Errorf("%s: %d x %d with stride %d", p.ID, w, h, cut.Stride)
		}
		again := find(t, f, cut)
		if len(again) != 1 || len(again[0].Eyes) != 2 {
			t.Errorf("%s: in the portrait was found %v", p.ID, again)
			continue
		}
		eyes := again[0].Eyes[0].Add(again[0].Eyes[1]).Div(2)
		within(t, p.ID, "centre", float64(eyes.X)/float64(w), 0.45, 0.55)
		within(t, p.ID, "eye line", float64(eyes.Y)/float64(h), 0.3, 0.5)
		within(t, p.ID, "eye distance", float64(again[0].Eyes[1].X-again[0].Eyes[0].X)/float64(h), 0.6/3.66, 0.9/3.66)
	}
}

func within(t *testing.T, who, what string, got, low, high float64) {
	t.Helper()
	if got < low || got > high {
		t.Errorf("%s: %s is %.3f, not between %.3f and %.3f", who, what, got, low, high)
	}
}

func TestTwoPeopleAreNotOnePortrait(t *testing.T) {
	people := specimen.People(day)
	both := image.NewRGBA(image.Rect(0, 0, 1280, 720))
	for i, p := range people[:2] {
		half := p.Look.Scene(1)[0]
		draw.Draw(both, image.Rect(640*i, 0, 640*i+640, 720), half, image.Pt(320, 0), draw.Src)
	}
	faces := find(t, finder(t), both)
	if c := portrait.FaceFound(faces, "portrait"); len(faces) != 2 || c.Result != verify.Failed || len(c.Reasons) == 0 {
		t.Errorf("found %v: %+v", faces, c)
	}
}

// TestEyesAreLookedForInOneFaceOfACrowd: in the portraits that fill a forger's page they took seconds, which nobody could cut short.
func TestEyesAreLookedForInOneFaceOfACrowd(t *testing.T) {
	passport := utopian(t).Portrait()
	tile := image.Rect(0, 0, 340, 440)
	crowd := image.NewRGBA(image.Rect(0, 0, 4*tile.Dx(), 3*tile.Dy()))
	for y := range 3 {
		for x := range 4 {
			xdraw.BiLinear.Scale(crowd, tile.Add(image.Pt(x*tile.Dx(), y*tile.Dy())), passport, passport.Rect, draw.Src, nil)
		}
	}
	faces := find(t, finder(t), crowd)
	if len(faces) < 8 || faces[0].Eyes == nil {
		t.Fatalf("the crowd is %v", faces)
	}
	for _, face := range faces[1:] {
		if face.Eyes != nil {
			t.Errorf("eyes were looked for in %v", face)
		}
	}
}

func utopian(t *testing.T) *specimen.Specimen {
	t.Helper()
	maker, err := specimen.NewMaker(1, day)
	if err != nil {
		t.Fatal(err)
	}
	s, err := maker.Make(maker.People()[0], specimen.Genuine)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnEmptyHallHasNoFace(t *testing.T) {
	hall := image.NewRGBA(image.Rect(0, 0, 1280, 720))
	draw.Draw(hall, hall.Rect, image.NewUniform(color.Gray{176}), image.Point{}, draw.Src)
	faces := find(t, finder(t), hall)
	if c := portrait.FaceFound(faces, "portrait"); len(faces) != 0 || c.Result != verify.Failed || len(c.Reasons) == 0 {
		t.Errorf("found %v: %+v", faces, c)
	}
}

func TestAFaceAtTheEdgeIsNotPadded(t *testing.T) {
	frame := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for _, box := range []image.Rectangle{image.Rect(0, 100, 200, 300), image.Rect(440, 100, 640, 300), image.Rect(200, 0, 400, 200), image.Rect(120, 60, 520, 460)} {
		if _, err := (portrait.Face{Box: box}).Crop(frame); !errors.Is(err, portrait.ErrFraming) {
			t.Errorf("face at %v: %v", box, err)
		}
	}
	cut, err := portrait.Face{Box: image.Rect(250, 150, 390, 290)}.Crop(frame)
	if err != nil || cut.Rect.Dx()*4 != cut.Rect.Dy()*3 {
		t.Errorf("face in the middle: %v", err)
	}
}

func TestTheSharpestFrameIsTold(t *testing.T) {
	sharp := specimen.People(day)[0].Look.Scene(1)[0]
	face := find(t, finder(t), sharp)[0]
	measure := func(picture *image.RGBA) float64 {
		s, err := portrait.Sharpness(picture, face)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	best := measure(sharp)
	if soft := measure(blurred(sharp, 2)); soft > best/2 {
		t.Errorf("blurred %g, sharp %g", soft, best)
	}
	if dark := measure(darkened(sharp)); dark < best*0.8 || dark > best*1.25 {
		t.Errorf("dark %g, bright %g", dark, best)
	}
	if flat := measure(image.NewRGBA(sharp.Rect)); flat != 0 {
		t.Errorf("nothing at all has sharpness %g", flat)
	}
}

func blurred(m *image.RGBA, by int) *image.RGBA {
	small := image.NewRGBA(image.Rect(0, 0, m.Rect.Dx()/by, m.Rect.Dy()/by))
	xdraw.ApproxBiLinear.Scale(small, small.Rect, m, m.Rect, draw.Src, nil)
	out := image.NewRGBA(m.Rect)
	xdraw.ApproxBiLinear.Scale(out, out.Rect, small, small.Rect, draw.Src, nil)
	return out
}

func darkened(m *image.RGBA) *image.RGBA {
	out := image.NewRGBA(m.Rect)
	for i, v := range m.Pix {
		out.Pix[i] = v / 2
		if i%4 == 3 {
			out.Pix[i] = 255
		}
	}
	return out
}

func TestMissingCascadesNameTheirPackage(t *testing.T) {
	_, err := portrait.NewFinder(t.TempDir())
	if !errors.Is(err, portrait.ErrCascades) {
		t.Errorf("got %v", err)
	}
}

func TestUnusablePicturesAreRefused(t *testing.T) {
	f := finder(t)
	whole := image.NewRGBA(image.Rect(0, 0, 100, 100))
	for name, picture := range map[string]*image.RGBA{
		"none":      nil,
		"empty":     {},
		"a part":    whole.SubImage(image.Rect(0, 0, 50, 50)).(*image.RGBA),
		"too short": {Pix: make([]byte, 8), Stride: 40, Rect: image.Rect(0, 0, 10, 10)},
		"enormous":  {Pix: make([]byte, 8), Stride: 4 << 20, Rect: image.Rect(0, 0, 1<<20, 1<<20)},
	} {
		if _, err := f.Find(picture); !errors.Is(err, portrait.ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := f.Find(image.NewRGBA(image.Rect(0, 0, 1, 1))); err != nil {
		t.Errorf("a single pixel: %v", err)
	}
}

func TestAClosedFinderSaysSo(t *testing.T) {
	f := finder(t)
	f.Close()
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := f.Find(image.NewRGBA(image.Rect(0, 0, 64, 64))); err == nil {
		t.Error("it still looks")
	}
}

func TestNoPictureMemoryIsLeftBehind(t *testing.T) {
	f := finder(t)
	frame := specimen.People(day)[0].Look.Scene(1)[0]
	before := gocv.MatProfile.Count()
	for range 5 {
		faces := find(t, f, frame)
		if _, err := portrait.Sharpness(frame, faces[0]); err != nil {
			t.Fatal(err)
		}
	}
	if after := gocv.MatProfile.Count(); after != before {
		t.Errorf("%d Mats before, %d after", before, after)
	}
}

func BenchmarkFind(b *testing.B) {
	f, err := portrait.NewFinder(portrait.DefaultCascades)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	frame := specimen.People(day)[0].Look.Scene(1)[0]
	for b.Loop() {
		if _, err := f.Find(frame); err != nil {
			b.Fatal(err)
		}
	}
}
