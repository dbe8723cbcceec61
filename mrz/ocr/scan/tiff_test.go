package scan_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"strings"
	"testing"

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
}
