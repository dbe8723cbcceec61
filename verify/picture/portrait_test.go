package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"gocv.io/x/gocv"

	"github.com/foyer-station/foyer/mrz/ocr/scan"
	"github.com/foyer-station/foyer/verify/picture/picturetest"
)

// encoded is a picture of 48 x 64 pixels with a slope in it, as JPEG and as JPEG 2000.
func encoded(t testing.TB) (jpg, jp2 []byte) {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 48, 64))
	for i := range m.Pix {
		m.Pix[i] = uint8(4 * (i % 48))
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	mat, err := gocv.NewMatFromBytes(64, 48, gocv.MatTypeCV8UC1, m.Pix)
	if err != nil {
		t.Fatal(err)
	}
	defer mat.Close()
	native, err := gocv.IMEncode(".jp2", mat)
	if err != nil {
		t.Fatal(err)
	}
	defer native.Close()
	return b.Bytes(), bytes.Clone(native.GetBytes())
}

func TestBothEncodingsOfAPortraitAreRead(t *testing.T) {
	jpg, jp2 := encoded(t)
	for name, file := range map[string][]byte{"JPEG": jpg, "JPEG 2000": jp2} {
		m, err := Portrait(t.Context(), file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m.Rect != image.Rect(0, 0, 48, 64) || m.Stride != 4*48 {
			t.Errorf("%s: %v with stride %d", name, m.Rect, m.Stride)
		}
		if got := m.RGBAAt(40, 30); got.R < 150 || got.R > 170 || got != (color.RGBA{got.R, got.R, got.R, 255}) {
			t.Errorf("%s: a pixel of grey 160 is %v", name, got)
		}
	}
}

func TestAPortraitThatStatesAnEnormousSizeIsNotDecoded(t *testing.T) {
	jpg, jp2 := encoded(t)
	sof := bytes.Index(jpg, []byte{0xFF, 0xC0}) // height and width stand five bytes on
	copy(jpg[sof+5:], []byte{0xFF, 0xFF, 0xFF, 0xFF})
	siz := bytes.Index(jp2, []byte{0xFF, 0x4F, 0xFF, 0x51})
	copy(jp2[siz+8:], []byte{0x00, 0x0F, 0xFF, 0xFF})
	for name, file := range map[string][]byte{"JPEG": jpg, "JPEG 2000": jp2} {
		if _, err := Portrait(t.Context(), file); !errors.Is(err, scan.ErrSize) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAPortraitIsOfNoOtherKind although the decoder knows dozens, and the file has the header of a JPEG 2000 in it.
func TestAPortraitIsOfNoOtherKind(t *testing.T) {
	_, jp2 := encoded(t)
	for name, file := range map[string][]byte{
		"PNG": picturetest.PNG(48, 64), "BMP": picturetest.BMP(48, 64), "TIFF": picturetest.TIFF(48, 64, 1, make([]byte, 48*64)), "text": []byte("P6 1 1 255 abc"),
	} {
		if _, err := Portrait(t.Context(), append(file, jp2...)); !errors.Is(err, scan.ErrFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
