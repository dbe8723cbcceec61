package scan_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/image/tiff"

	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// half is a picture whose left half is black, and right half white.
func half(set func(x, y int, c color.Color)) {
	for y := range 32 {
		for x := range 48 {
			set(x, y, color.Gray{Y: uint8(255 * (x / 24))})
		}
	}
}

func encoded(t testing.TB, picture image.Image, encode func(*bytes.Buffer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(b *bytes.Buffer, p image.Image) error { return png.Encode(b, p) }
func asJPEG(b *bytes.Buffer, p image.Image) error {
	return jpeg.Encode(b, p, &jpeg.Options{Quality: 95})
}

// pngOf claims a size and has no pixels.
func pngOf(width, height uint32) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), width), height)
	header = append(header, 8, 2, 0, 0, 0) // 8 bits, RGB
	file := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(header))
}

func TestEveryKindOfPictureIsLoaded(t *testing.T) {
	deep := image.NewGray16(image.Rect(0, 0, 48, 32))
	half(deep.Set)
	palette := image.NewPaletted(image.Rect(0, 0, 48, 32), color.Palette{color.Black, color.White})
	half(palette.Set)
	inverted := image.NewPaletted(palette.Rect, color.Palette{color.White, color.Black})
	cmyk, err := os.ReadFile("testdata/cmyk.jpg")
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{
		"16 bits a channel": encoded(t, deep, asPNG),
		"CMYK":              cmyk,
		"palette":           encoded(t, palette, asPNG),
		"grey JPEG":         encoded(t, deep, asJPEG),
		"animated": encoded(t, palette, func(b *bytes.Buffer, _ image.Image) error {
			return gif.EncodeAll(b, &gif.GIF{Image: []*image.Paletted{palette, inverted}, Delay: []int{1, 1}})
		}),
	} {
		picture, err := scan.Load(bytes.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		left, right := color.GrayModel.Convert(picture.At(4, 16)).(color.Gray), color.GrayModel.Convert(picture.At(44, 16)).(color.Gray)
		if picture.Bounds().Size() != image.Pt(48, 32) || left.Y > 10 || right.Y < 245 {
			t.Errorf("%s: %v, left %d, right %d", name, picture.Bounds(), left.Y, right.Y)
		}
	}
}

func TestWhatIsNoPictureIsRefusedAndWhy(t *testing.T) {
	whole := encoded(t, image.NewGray(image.Rect(0, 0, 48, 32)), asJPEG)
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"empty":                       {nil, scan.ErrFile},
		"a text":                      {[]byte("P<UTOERIKSSON<<ANNA<MARIA"), scan.ErrFile},
		"cut off":                     {whole[:len(whole)-20], scan.ErrDamaged},
		"a header alone":              {pngOf(1000, 1000), scan.ErrDamaged},
		"100 megapixels":              {pngOf(10_000, 10_000), scan.ErrSize},
		"as many pixels as there are": {pngOf(1<<31-1, 1<<31-1), scan.ErrFile},
		"one line of pixels":          {pngOf(1000, 1), scan.ErrSize},
	} {
		if _, err := scan.Load(bytes.NewReader(c.file)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// exif is a JPEG segment with an orientation.
func exif(order binary.AppendByteOrder, mark string, orientation uint16) []byte {
	tiff := order.AppendUint16([]byte(mark), 42)
	tiff = order.AppendUint32(tiff, 8) // where the directory is
	tiff = order.AppendUint16(tiff, 1) // entries
	tiff = order.AppendUint16(tiff, 0x0112)
	tiff = order.AppendUint16(tiff, 3) // short
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, orientation)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	segment := append([]byte("Exif\x00\x00"), tiff...)
	return append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(segment)+2)), segment...)
}

// stored is where the pixel shown at x, y of 48 x 32 is stored, for the eight orientations (CIPA DC-008, 4.6.5).
var stored = map[uint16]func(x, y int) (int, int){
	1: func(x, y int) (int, int) { return x, y },
	2: func(x, y int) (int, int) { return 47 - x, y },
	3: func(x, y int) (int, int) { return 47 - x, 31 - y },
	4: func(x, y int) (int, int) { return x, 31 - y },
	5: func(x, y int) (int, int) { return y, x },
	6: func(x, y int) (int, int) { return y, 47 - x },
	7: func(x, y int) (int, int) { return 31 - y, 47 - x },
	8: func(x, y int) (int, int) { return 31 - y, x },
}

// turnedBy is a picture no two corners of which are alike, as it is stored in an orientation.
func turnedBy(orientation uint16) *image.Gray {
	size := image.Rect(0, 0, 48, 32)
	if orientation >= 5 {
		size = image.Rect(0, 0, 32, 48)
	}
	picture := image.NewGray(size)
	for y := range 32 {
		for x := range 48 {
			sx, sy := stored[orientation](x, y)
			picture.SetGray(sx, sy, color.Gray{Y: uint8(4*x + 2*y)})
		}
	}
	return picture
}

// wantUpright loads a file of that picture.
func wantUpright(t *testing.T, name string, file []byte) {
	t.Helper()
	loaded, err := scan.Load(bytes.NewReader(file))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if loaded.Bounds().Size() != image.Pt(48, 32) {
		t.Errorf("%s: %v", name, loaded.Bounds())
		return
	}
	for _, at := range []image.Point{{2, 2}, {45, 2}, {2, 29}, {45, 29}} {
		got, want := int(color.GrayModel.Convert(loaded.At(at.X, at.Y)).(color.Gray).Y), 4*at.X+2*at.Y
		if d := got - want; d < -6 || d > 6 {
			t.Errorf("%s: at %v %d, want %d", name, at, got, want)
		}
	}
}

// TestAPhotographIsSeenAsAViewerShowsIt stores one picture in the eight ways of EXIF.
func TestAPhotographIsSeenAsAViewerShowsIt(t *testing.T) {
	for orientation := range stored {
		plain := encoded(t, turnedBy(orientation), asJPEG)
		for mark, order := range map[string]binary.AppendByteOrder{"II": binary.LittleEndian, "MM": binary.BigEndian} {
			file := append(append(bytes.Clone(plain[:2]), exif(order, mark, orientation)...), plain[2:]...)
			wantUpright(t, fmt.Sprint("orientation ", orientation, " ", mark), file)
		}
	}
}

func FuzzLoad(f *testing.F) {
	small := image.NewGray(image.Rect(0, 0, 32, 24))
	plain := encoded(f, small, asJPEG)
	f.Add(plain)
	f.Add(append(append(bytes.Clone(plain[:2]), exif(binary.LittleEndian, "II", 6)...), plain[2:]...))
	f.Add(encoded(f, small, asPNG))
	f.Add(pngOf(100, 100))
	tables, rest := parted(plain)
	f.Add(tiffOf(binary.LittleEndian, "II*\x00", 32, 1, tables, rest))
	for _, deep := range deepPictures(small.Rect) {
		f.Add(encoded(f, deep, asPNG))
		f.Add(encoded(f, deep, func(b *bytes.Buffer, p image.Image) error { return tiff.Encode(b, p, nil) }))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		picture, err := scan.Load(bytes.NewReader(file))
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error that says nothing")
			}
			return
		}
		if b := picture.Bounds(); b.Dx()*b.Dy() > scan.MaxPixels {
			t.Error(fmt.Sprint("a picture of ", b.Dx(), " x ", b.Dy()))
		}
	})
}

// TestAFileCostsNoMoreThanAPictureOfItsSize gives it an offset that points nowhere, and scans without end.
func TestAFileCostsNoMoreThanAPictureOfItsSize(t *testing.T) {
	farAway := "II*\x00\xf0\xff\xff\xff" // the directory is at 4 GB
	var whole bytes.Buffer
	if err := tiff.Encode(&whole, image.NewGray(image.Rect(0, 0, 48, 48)), nil); err != nil {
		t.Fatal(err)
	}
	strip := whole.Bytes()
	entries := strip[binary.LittleEndian.Uint32(strip[4:])+2:]
	for ; binary.LittleEndian.Uint16(entries) < 279; entries = entries[12:] {
		if binary.LittleEndian.Uint16(entries) == 273 {
			binary.LittleEndian.PutUint32(entries[8:], 0xfffffff0)
		}
	}
	binary.LittleEndian.PutUint32(entries[8:], 0xfffffff0)
	var before, after runtime.MemStats
	for name, file := range map[string][]byte{"a directory": []byte(farAway), "strips": strip} {
		runtime.ReadMemStats(&before)
		_, err := scan.Load(bytes.NewReader(file))
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; err == nil || took > 16<<20 {
			t.Errorf("%s far away: %v, %d MB", name, err, took>>20)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 4000, 4000)), nil); err != nil {
		t.Fatal(err)
	}
	many := append(b.Bytes()[:b.Len()-2], strings.Repeat("\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x00", 1000)...)
	if _, err := scan.Load(bytes.NewReader(many)); !errors.Is(err, scan.ErrDamaged) || !strings.Contains(err.Error(), "scans") {
		t.Error(err)
	}
}
