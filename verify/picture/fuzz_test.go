package picture

import (
	"bytes"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// FuzzAnswer hands answers of a child that has become somebody else to whoever reads them.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(onePixel))
	f.Add([]byte(onePixel + "more"))
	var refused bytes.Buffer
	writeAnswer(&refused, nil, scan.ErrDamaged)
	f.Add(refused.Bytes())
	f.Fuzz(func(t *testing.T, answer []byte) {
		for _, task := range []task{portraitTask, greyPageTask} {
			task.maxPixels = 1 << 16
			picture, err := readAnswer(bytes.NewReader(answer), task)
			switch {
			case err == nil && len(answer) != headerSize+picture.Bounds().Dx()*picture.Bounds().Dy()*task.bytesOfPixel():
				t.Errorf("%v of %d bytes", picture.Bounds(), len(answer))
			case err != nil && (picture != nil || len(err.Error()) > maxText*3 || strings.ContainsAny(err.Error(), "\n\x1b")):
				t.Errorf("%v, %q", picture, err)
			}
		}
	})
}

// FuzzPortrait decodes without a child, in which one could not see what happens.
func FuzzPortrait(f *testing.F) {
	jpg, jp2 := encoded(f)
	f.Add(jpg)
	f.Add(jp2)
	f.Fuzz(func(t *testing.T, file []byte) {
		picture, err := portrait(bytes.NewReader(file))
		if err != nil {
			return
		}
		if b := picture.Bounds(); b.Min.X != 0 || b.Min.Y != 0 || b.Empty() || max(b.Dx(), b.Dy()) > MaxPortraitSide {
			t.Errorf("decoded to %v", b)
		}
	})
}
