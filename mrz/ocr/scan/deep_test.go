package scan_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/tiff"

	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// deepPictures are of every kind that has 16 bits a channel: a slope under noise, so that all filters are used.
func deepPictures(size image.Rectangle) map[string]draw.Image {
	pictures := map[string]draw.Image{
		"grey": image.NewGray16(size), "colour": image.NewRGBA64(size), "colour and transparency": image.NewNRGBA64(size),
	}
	for name, p := range pictures {
		random := rand.New(rand.NewPCG(1, 16))
		for y := range size.Dy() {
			for x := range size.Dx() {
				slope := uint16(500*x + 300*y + random.IntN(2000))
				c := color.NRGBA64{R: slope, G: 2 * slope, B: slope ^ 0xff00, A: 0xffff}
				if name == "colour and transparency" {
					c.A = uint16(1000 * (x + y))
				}
				p.Set(x, y, c)
			}
		}
	}
	return pictures
}

// TestAPictureOf16BitsAChannelIsReadAsOneOfEight by every writer, on white paper where it is transparent.
func TestAPictureOf16BitsAChannelIsReadAsOneOfEight(t *testing.T) {
	for kind, picture := range deepPictures(image.Rect(0, 0, 48, 32)) {
		want := image.NewRGBA(picture.Bounds())
		draw.Draw(want, want.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(want, want.Rect, picture, image.Point{}, draw.Over)
		for name, encode := range map[string]func(*bytes.Buffer, image.Image) error{
			"PNG":  asPNG,
			"TIFF": func(b *bytes.Buffer, p image.Image) error { return tiff.Encode(b, p, nil) },
			"deflated TIFF": func(b *bytes.Buffer, p image.Image) error {
				return tiff.Encode(b, p, &tiff.Options{Compression: tiff.Deflate, Predictor: true})
			},
		} {
			got, err := scan.Load(bytes.NewReader(encoded(t, picture, encode)))
			if err != nil {
				t.Errorf("%s, %s: %v", kind, name, err)
				continue
			}
			switch got.(type) {
			case *image.Gray, *image.RGBA:
			default:
				t.Errorf("%s, %s: loaded as %T", kind, name, got)
			}
			if far := farthest(got, want); far > 3 {
				t.Errorf("%s, %s: a level is %d from what it should be", kind, name, far)
			}
		}
	}
}

// farthest is by how much two pictures differ at the most.
func farthest(a, b image.Image) int {
	most := 0
	for y := range b.Bounds().Dy() {
		for x := range b.Bounds().Dx() {
			one, other := color.RGBAModel.Convert(a.At(x, y)).(color.RGBA), color.RGBAModel.Convert(b.At(x, y)).(color.RGBA)
			for _, d := range []int{int(one.R) - int(other.R), int(one.G) - int(other.G), int(one.B) - int(other.B)} {
				most = max(most, d, -d)
			}
		}
	}
	return most
}

func TestADamagedPictureOf16BitsIsRefused(t *testing.T) {
	for kind, picture := range deepPictures(image.Rect(0, 0, 48, 32)) {
		for name, file := range map[string][]byte{
			"PNG": encoded(t, picture, asPNG), "TIFF": encoded(t, picture, func(b *bytes.Buffer, p image.Image) error { return tiff.Encode(b, p, nil) }),
		} {
			for i := 0; i < len(file)*3/4; i += 7 {
				if _, err := scan.Load(bytes.NewReader(file[:i])); err == nil {
					t.Errorf("%s, %s: %d bytes of %d are taken", kind, name, i, len(file))
				}
			}
		}
	}
}

// TestAPictureOf16BitsTakesNoMoreMemoryThanOneOfEight loads each in a process of its own.
func TestAPictureOf16BitsTakesNoMoreMemoryThanOneOfEight(t *testing.T) {
	const variable = "FOYER_LOAD_PICTURE"
	if file := os.Getenv(variable); file != "" {
		f, err := os.Open(file)
		if err == nil {
			_, err = scan.Load(f)
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(peak(t))
		return
	}
	size, folder := image.Rect(0, 0, 4000, 3000), t.TempDir()
	resident := func(name string, picture image.Image, encode func(*bytes.Buffer, image.Image) error) (megabytes int) {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, encoded(t, picture, encode), 0o600); err != nil {
			t.Fatal(err)
		}
		load := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$")
		load.Env = append(os.Environ(), variable+"="+file)
		out, err := load.CombinedOutput()
		if _, scanned := fmt.Sscan(string(out), &megabytes); err != nil || scanned != nil {
			t.Fatalf("%s: %v, %v: %s", name, err, scanned, out)
		}
		return megabytes
	}
	quick := func(b *bytes.Buffer, p image.Image) error {
		return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(b, p)
	}
	deflated := func(b *bytes.Buffer, p image.Image) error {
		return tiff.Encode(b, p, &tiff.Options{Compression: tiff.Deflate})
	}
	eight := resident("eight.png", image.NewNRGBA(size), quick)
	for name, c := range map[string]struct {
		picture image.Image
		encode  func(*bytes.Buffer, image.Image) error
	}{
		"sixteen.png": {image.NewNRGBA64(size), quick}, "grey.png": {image.NewGray16(size), quick},
		"sixteen.tif": {image.NewNRGBA64(size), deflated}, "grey.tif": {image.NewGray16(size), deflated},
	} {
		if took := resident(name, c.picture, c.encode); took > eight+8 {
			t.Errorf("%s takes %d MB, eight bits take %d", name, took, eight)
		} else {
			t.Logf("%s: %d MB, eight bits: %d", name, took, eight)
		}
	}
}

// peak is the most memory that this process has had so far, in megabytes. What the kernel tells a parent of its child counts in
// the parent itself.
func peak(t *testing.T) (megabytes int) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(after, &megabytes); err != nil {
		t.Fatal(err)
	}
	return megabytes >> 10
}
