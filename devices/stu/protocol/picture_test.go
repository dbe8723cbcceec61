package protocol_test

import (
	"bytes"
	"compress/zlib"
	"image"
	"image/color"
	"image/draw"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/devices/stu/protocol"
)

func TestPicturesAreEncodedAsThePadReadsThem(t *testing.T) {
	picture := image.NewNRGBA(image.Rect(10, 20, 19, 21)) // not at the origin, 9 pixels wide, transparent
	picture.Set(10, 20, color.NRGBA{R: 0xff, G: 0x80, B: 0x08, A: 0xff})
	picture.Set(11, 20, color.Black)
	flat := protocol.Flatten(picture)
	const one, sixteen, twentyFour = protocol.Takes1Bit, protocol.Takes16Bit, protocol.Takes24Bit
	for name, c := range map[string]struct {
		takes  protocol.Encodings
		area   image.Rectangle
		format protocol.Format
		want   []byte
	}{
		"blue, green, red":       {one | sixteen | twentyFour, image.Rect(0, 0, 3, 1), protocol.Format24Bit, []byte{0x08, 0x80, 0xff, 0, 0, 0, 0xff, 0xff, 0xff}},
		"5, 6 and 5 bits":        {one | sixteen, image.Rect(0, 0, 3, 1), protocol.Format16Bit, []byte{0xfc, 0x01, 0, 0, 0xff, 0xff}},
		"one bit":                {one, flat.Rect, protocol.Format1Bit, []byte{0b10111111, 0xff}},
		"black and white inside": {one | twentyFour, image.Rect(1, 0, 9, 1), protocol.Format1Bit, []byte{0b01111111}},
	} {
		format, got := c.takes.Encode(flat, c.area)
		if format != c.format || !cmp.Equal(got, c.want) {
			t.Errorf("%s: format %d, %x, want %d, %x", name, format, got, c.format, c.want)
		}
	}
}

func TestBlackAndWhiteIsCompressedWhereThePadTakesThat(t *testing.T) {
	flat := protocol.Flatten(image.NewGray(image.Rect(0, 0, 320, 200)))
	format, packed := (protocol.Takes1Bit | protocol.TakesZlib).Encode(flat, flat.Rect)
	_, plain := protocol.Takes1Bit.Encode(flat, flat.Rect)
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); format != protocol.Format1BitZlib || err != nil || !bytes.Equal(got, plain) || len(packed) > 100 {
		t.Errorf("format %d, %v, %d bytes for %d", format, err, len(packed), len(got))
	}
}

// painted is a picture with a few boxes on it.
func painted(t *rapid.T, label string) *image.RGBA {
	p := protocol.Flatten(image.NewNRGBA(image.Rect(0, 0, 150, 90)))
	for range rapid.IntRange(0, 60).Draw(t, label) {
		x, y := rapid.IntRange(0, 149).Draw(t, "x"), rapid.IntRange(0, 89).Draw(t, "y")
		box := image.Rect(x, y, x+rapid.IntRange(1, 40).Draw(t, "w"), y+rapid.IntRange(1, 20).Draw(t, "h"))
		draw.Draw(p, box, image.NewUniform(color.Gray{Y: rapid.Byte().Draw(t, "grey")}), image.Point{}, draw.Src)
	}
	return p
}

func TestTheChangesMakeOnePictureOfTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, to := painted(t, "before"), painted(t, "after")
		areas := protocol.Changes(from, to)
		for _, area := range areas {
			draw.Draw(from, area, to, area.Min, draw.Src)
		}
		if !bytes.Equal(from.Pix, to.Pix) {
			t.Fatal("something that differs is in no area")
		}
		if len(protocol.Changes(from, to)) != 0 {
			t.Fatal("there are changes between pictures that are alike")
		}
	})
}

func TestOnlyWhatDiffersIsAnArea(t *testing.T) {
	from := protocol.Flatten(image.NewNRGBA(image.Rect(0, 0, 800, 480)))
	to := protocol.Flatten(from)
	left, right := image.Rect(21, 401, 321, 461), image.Rect(480, 401, 779, 461)
	for _, r := range []image.Rectangle{left, right} {
		draw.Draw(to, r, image.Black, image.Point{}, draw.Src)
	}
	if diff := cmp.Diff([]image.Rectangle{left, right}, protocol.Changes(from, to)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
