package scan_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"os"
	"strings"
	"testing"

	"golang.org/x/image/tiff"

	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// tiffOf writes a TIFF of one strip, or of tiles of 48 x 32 pixels side by side, each a JPEG; the tables are shared.
func tiffOf(order binary.AppendByteOrder, magic string, width int, photometric uint32, tables []byte, pieces ...[]byte) []byte {
	file := []byte(magic)
	file = order.AppendUint32(file, 0)
	place := func(data []byte) uint32 {
		at := len(file)
		file = append(file, data...)
		return uint32(at)
	}
	var offsets, sizes []byte
	for _, p := range pieces {
		offsets, sizes = order.AppendUint32(offsets, place(p)), order.AppendUint32(sizes, uint32(len(p)))
	}
	entry := func(tag, kind uint16, count int, value uint32) []byte {
		e := order.AppendUint16(order.AppendUint16(nil, tag), kind)
		return order.AppendUint32(order.AppendUint32(e, uint32(count)), value)
	}
	const long, undefined = 4, 7
	first, second := uint32(0), uint32(0)
	if len(pieces) == 1 {
		first, second = order2(order, offsets), order2(order, sizes)
	} else {
		first, second = place(offsets), place(sizes)
	}
	tagAt, tagSize := uint16(273), uint16(279)
	entries := [][]byte{
		entry(256, long, 1, uint32(width)), entry(257, long, 1, 32), entry(259, long, 1, 7), entry(262, long, 1, photometric),
	}
	if len(pieces) > 1 {
		tagAt, tagSize = 324, 325
		entries = append(entries, entry(322, long, 1, 48), entry(323, long, 1, 32))
	}
	entries = append(entries, entry(tagAt, long, len(pieces), first), entry(tagSize, long, len(pieces), second))
	if tables != nil {
		entries = append(entries, entry(347, undefined, len(tables), place(tables)))
	}
	directory := len(file)
	file = order.AppendUint16(file, uint16(len(entries)))
	file = append(append(file, bytes.Join(entries, nil)...), 0, 0, 0, 0)
	copy(file[4:], order.AppendUint32(nil, uint32(directory)))
	return file
}

func order2(order binary.AppendByteOrder, number []byte) uint32 {
	if bytes.Equal(order.AppendUint32(nil, 1), []byte{0, 0, 0, 1}) {
		return binary.BigEndian.Uint32(number)
	}
	return binary.LittleEndian.Uint32(number)
}

// parted takes the tables out of a JPEG, as TIFF writers do.
func parted(file []byte) (tables, rest []byte) {
	tables, rest = []byte("\xff\xd8"), []byte("\xff\xd8")
	for at := 2; ; {
		if file[at+1] == 0xda {
			return append(tables, 0xff, 0xd9), append(rest, file[at:]...)
		}
		end := at + 2 + int(binary.BigEndian.Uint16(file[at+2:]))
		if file[at+1] == 0xdb || file[at+1] == 0xc4 {
			tables = append(tables, file[at:end]...)
		} else {
			rest = append(rest, file[at:end]...)
		}
		at = end
	}
}

func TestTIFFsWithJPEGInThemAreLoaded(t *testing.T) {
	picture := image.NewRGBA(image.Rect(0, 0, 48, 32))
	half(picture.Set)
	grey := image.NewGray(picture.Rect)
	half(grey.Set)
	whole := encoded(t, picture, asJPEG)
	tables, rest := parted(encoded(t, grey, asJPEG))
	const blackIsZero, yCbCr = 1, 6
	for name, file := range map[string][]byte{
		"in colour, a strip":           tiffOf(binary.LittleEndian, "II*\x00", 48, yCbCr, nil, whole),
		"the other order":              tiffOf(binary.BigEndian, "MM\x00*", 48, yCbCr, nil, whole),
		"grey, with tables of its own": tiffOf(binary.LittleEndian, "II*\x00", 48, blackIsZero, tables, rest),
		"two tiles":                    tiffOf(binary.BigEndian, "MM\x00*", 90, blackIsZero, tables, rest, rest),
	} {
		got, err := scan.Load(bytes.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		dark, _, _, _ := got.At(5, 10).RGBA()
		light, _, _, _ := got.At(40, 10).RGBA()
		if dark > 0x1000 || light < 0xf000 {
			t.Errorf("%s: %x and %x, want black and white", name, dark, light)
		}
	}
}

// TestRedStaysRedInATIFF whose components are no luma and chroma.
func TestRedStaysRedInATIFF(t *testing.T) {
	// What an encoder takes for luma and chroma is green and blue and red here: Y 200, Cb 40, Cr 40.
	picture := image.NewYCbCr(image.Rect(0, 0, 48, 32), image.YCbCrSubsampleRatio444)
	for i := range picture.Y {
		picture.Y[i], picture.Cb[i], picture.Cr[i] = 200, 40, 40
	}
	file := encoded(t, picture, asJPEG)
	got, err := scan.Load(bytes.NewReader(tiffOf(binary.LittleEndian, "II*\x00", 48, 2, nil, file)))
	if err != nil {
		t.Fatal(err)
	}
	if c := color.RGBAModel.Convert(got.At(10, 10)).(color.RGBA); c.R < 180 || c.G > 60 || c.B > 60 {
		t.Errorf("%v, want a red", c)
	}
}

// withTag is a TIFF with one more number in its directory, which is written anew at its end.
func withTag(order binary.AppendByteOrder, file []byte, tag, value uint16) []byte {
	read := order.(binary.ByteOrder)
	at := int(read.Uint32(file[4:]))
	count := read.Uint16(file[at:])
	entry := order.AppendUint16(order.AppendUint16(nil, tag), 3) // a short
	entry = append(order.AppendUint16(order.AppendUint32(entry, 1), value), 0, 0)
	out := bytes.Clone(file)
	copy(out[4:], order.AppendUint32(nil, uint32(len(out))))
	out = order.AppendUint16(out, count+1)
	for i := range int(count) {
		old := file[at+2+12*i:][:12]
		if entry != nil && read.Uint16(old) > tag { // they are in order
			out, entry = append(out, entry...), nil
		}
		out = append(out, old...)
	}
	return append(append(out, entry...), 0, 0, 0, 0)
}

// TestATIFFIsSeenAsAViewerShowsIt stores one picture in the eight ways of the tag Orientation, with and without JPEG, and deep.
func TestATIFFIsSeenAsAViewerShowsIt(t *testing.T) {
	const orientationTag = 274
	plain := func(b *bytes.Buffer, p image.Image) error { return tiff.Encode(b, p, nil) }
	for orientation := range stored {
		picture := turnedBy(orientation)
		deep := image.NewGray16(picture.Rect)
		draw.Draw(deep, deep.Rect, picture, image.Point{}, draw.Src)
		for name, file := range map[string][]byte{
			"plain": encoded(t, picture, plain), "deep": encoded(t, deep, plain),
			"JPEG": withTag(binary.LittleEndian, tiffSized("II*\x00", picture.Rect.Size(), encoded(t, picture, asJPEG)), 277, 1),
		} {
			wantUpright(t, fmt.Sprint(name, " orientation ", orientation), withTag(binary.LittleEndian, file, orientationTag, orientation))
		}
	}
}

// tiffSized is one of a single JPEG in grey.
func tiffSized(magic string, size image.Point, piece []byte) []byte {
	file := tiffOf(binary.LittleEndian, magic, size.X, 1, nil, piece)
	directory := int(binary.LittleEndian.Uint32(file[4:]))
	binary.LittleEndian.PutUint32(file[directory+2+12+8:], uint32(size.Y))
	return file
}

// TestInksInATIFFWithJPEGAreRead with the segment by which a JPEG file of Adobe's says that they are inverted, with their colours
// transformed as it says, and without it, as libtiff writes them.
func TestInksInATIFFWithJPEGAreRead(t *testing.T) {
	own, err := os.ReadFile("testdata/cmyk.jpg") // black on the left, white on the right
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(own, []byte("\xff\xee\x00\x0eAdobe"))
	transformed := bytes.Clone(own)
	transformed[at+15] = 2
	want, err := jpeg.Decode(bytes.NewReader(transformed))
	if err != nil {
		t.Fatal(err)
	}
	libtiff, err := os.Open("testdata/cmyk.tif")
	if err != nil {
		t.Fatal(err)
	}
	defer libtiff.Close()
	plain, err := scan.Load(libtiff)
	if err != nil {
		t.Fatal(err)
	}
	const separated = 5
	load := func(piece []byte) image.Image {
		t.Helper()
		picture, err := scan.Load(bytes.NewReader(tiffOf(binary.BigEndian, "MM\x00*", 48, separated, nil, piece)))
		if err != nil {
			t.Fatal(err)
		}
		return picture
	}
	level := func(p image.Image, x int) int { return int(color.GrayModel.Convert(p.At(x, 16)).(color.Gray).Y) }
	for name, p := range map[string]image.Image{"inverted": load(own), "plain": plain} {
		if level(p, 4) > 10 || level(p, 44) < 245 {
			t.Errorf("%s: %d and %d, want black and white", name, level(p, 4), level(p, 44))
		}
	}
	for x, p := 4, load(transformed); x < 48; x += 40 {
		if d := level(p, x) - level(want, x); d < -2 || d > 2 {
			t.Errorf("transformed: %d, want %d", level(p, x), level(want, x))
		}
	}
}

// TestAKindOfTIFFThatIsNotReadIsNoDamage names the old way of JPEG in TIFF.
func TestAKindOfTIFFThatIsNotReadIsNoDamage(t *testing.T) {
	const compressionTag, oldJPEG = 259, 6
	file := encoded(t, image.NewGray(image.Rect(0, 0, 48, 32)), func(b *bytes.Buffer, p image.Image) error { return tiff.Encode(b, p, nil) })
	directory := int(binary.LittleEndian.Uint32(file[4:]))
	for i := directory + 2; i < len(file)-12; i += 12 {
		if binary.LittleEndian.Uint16(file[i:]) == compressionTag {
			binary.LittleEndian.PutUint16(file[i+8:], oldJPEG)
			break
		}
	}
	_, err := scan.Load(bytes.NewReader(file))
	if !errors.Is(err, scan.ErrForeign) || errors.Is(err, scan.ErrDamaged) || !strings.Contains(err.Error(), "save it as JPEG or PNG") {
		t.Error(err)
	}
}

func TestADamagedTIFFWithJPEGIsRefused(t *testing.T) {
	picture := image.NewRGBA(image.Rect(0, 0, 48, 32))
	whole := tiffOf(binary.LittleEndian, "II*\x00", 48, 6, nil, encoded(t, picture, asJPEG))
	for i := range whole {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0xff
		if p, err := scan.Load(bytes.NewReader(damaged)); err == nil && p.Bounds().Dx()*p.Bounds().Dy() > scan.MaxPixels {
			t.Errorf("byte %d: %v", i, p.Bounds())
		}
		if _, err := scan.Load(bytes.NewReader(whole[:i])); err == nil && i < len(whole)-4 { // the last four lead to no other directory
			t.Errorf("%d bytes of %d are taken", i, len(whole))
		}
	}
	huge := tiffOf(binary.LittleEndian, "II*\x00", 1<<20, 6, nil, encoded(t, picture, asJPEG))
	if _, err := scan.Load(bytes.NewReader(huge)); err == nil {
		t.Error("a picture is taken whose strip is smaller than it says")
	}
}

func TestFilesThatAreNotReadAreCalledByTheirNames(t *testing.T) {
	for name, file := range map[string]string{
		"PDF":       "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
		"HEIC":      "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
		"AVIF":      "\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avif",
		"JPEG XL":   "\x00\x00\x00\x0cJXL \r\n\x87\n\x00\x00\x00\x14ftypjxl ",
		"JPEG 2000": "\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\x14ftypjp2 ",
	} {
		_, err := scan.Load(strings.NewReader(file))
		if !errors.Is(err, scan.ErrForeign) || !errors.Is(err, scan.ErrFile) || !strings.Contains(err.Error(), "it is "+name+": save") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, beginnings := range map[string][]string{
		"PDF":                   {"\r\n%PDF-1.4\n", "\ufeff%PDF-1.4\n"},
		"HEIC":                  {"\x00\x00\x00\x18ftyphevc", "\x00\x00\x00\x18ftypMiHE"},
		"HEIF":                  {"\x00\x00\x00\x18ftypavci", "\x00\x00\x00\x18ftypjpeg", "\x00\x00\x00\x18ftypvvic"},
		"a video":               {"\x00\x00\x00\x18ftypisom", "\x00\x00\x00\x14ftypqt  ", "RIFF\x00\x00\x00\x00AVI LIST", "\x1aE\xdf\xa3"},
		"an animated WebP":      {"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x63\x00\x00\x63\x00\x00"},
		"Photoshop's PSD":       {"8BPS\x00\x01"},
		"BigTIFF":               {"II+\x00\x08\x00", "MM\x00+\x00\x08"},
		"JPEG-LS":               {"\xff\xd8\xff\xf7\x00\x0b"},
		"a camera's raw data":   {"\x00\x00\x00\x18ftypcrx ", "FUJIFILMCCD-RAW "},
		"PostScript":            {"%!PS-Adobe-3.0\n"},
		"an office document":    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"},
		"PNM":                   {"P4\n8 8\n", "P6\n8 8\n"},
		"a ZIP archive, or an ": {"PK\x03\x04\x14\x00"},
	} {
		for _, begins := range beginnings {
			if _, err := scan.Load(strings.NewReader(begins + strings.Repeat("\x00", 64))); !errors.Is(err, scan.ErrForeign) || !strings.Contains(err.Error(), "it is "+name) {
				t.Errorf("%s, %q: %v", name, begins, err)
			}
		}
	}
	if _, err := scan.Load(strings.NewReader("")); !errors.Is(err, scan.ErrFile) || !strings.Contains(err.Error(), "it is empty") {
		t.Error(err)
	}
}
