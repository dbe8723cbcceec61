package code

import (
	"context"
	"image"
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/aztec"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// readPlace reads the code at one place of a page.
func readPlace(ctx context.Context, page *image.Gray, place image.Rectangle, dpi int) (Code, bool) {
	g := cut(page, place, dpi)
	defer clear(g.Pix)
	way := directionOf(g)
	tries := []func() (Kind, string, bool){
		func() (Kind, string, bool) { return readMatrix(g, way.matrix) },
		func() (Kind, string, bool) { return readBars(g, way.bars) },
	}
	if way.barred {
		tries[0], tries[1] = tries[1], tries[0]
	}
	for _, try := range tries {
		if ctx.Err() != nil {
			break
		}
		if kind, text, found := try(); found {
			return Code{kind, text, place}, true
		}
	}
	return Code{}, false
}

// readMatrix reads a matrix code: as it lies, for their finders know directions, and laid upright.
func readMatrix(g *image.Gray, angle float64) (Kind, string, bool) {
	upright := turned(g, angle)
	defer clear(upright.Pix)
	for _, picture := range []*image.Gray{g, upright} {
		if !fewFinders(picture) {
			continue
		}
		if text, found := decode(qrcode.NewQRCodeReader(), picture, gozxing.NewHybridBinarizer); found {
			return QR, text, true
		}
	}
	for _, picture := range []*image.Gray{upright, g} {
		for _, binarizer := range binarizers() {
			if text, found := decode(datamatrix.NewDataMatrixReader(), picture, binarizer); found {
				return DataMatrix, text, true
			}
			if text, found := decode(aztec.NewAztecReader(), picture, binarizer); found {
				return Aztec, text, true
			}
		}
	}
	return "", "", false
}

// binarizers are the ways of telling dark from bright: by the neighbourhood, and by the whole place.
func binarizers() [2]func(gozxing.LuminanceSource) gozxing.Binarizer {
	return [...]func(gozxing.LuminanceSource) gozxing.Binarizer{gozxing.NewHybridBinarizer, gozxing.NewGlobalHistgramBinarizer}
}

// readBars reads a bar code whose bars stand upright once it is turned.
func readBars(g *image.Gray, angle float64) (Kind, string, bool) {
	upright := turned(g, angle)
	defer clear(upright.Pix)
	for _, binarizer := range binarizers() {
		if text, found := decode(oned.NewCode128Reader(), upright, binarizer); found {
			return Code128, text, true
		}
	}
	return "", "", false
}

// decode has gozxing read a picture. It panics at some that are none.
func decode(reader gozxing.Reader, g *image.Gray, binarizer func(gozxing.LuminanceSource) gozxing.Binarizer) (text string, found bool) {
	defer func() {
		if recover() != nil {
			text, found = "", false
		}
	}()
	source, err := gozxing.NewPlanarYUVLuminanceSource(g.Pix, g.Rect.Dx(), g.Rect.Dy(), 0, 0, g.Rect.Dx(), g.Rect.Dy(), false)
	if err != nil {
		return "", false
	}
	bitmap, err := gozxing.NewBinaryBitmap(binarizer(source))
	if err != nil {
		return "", false
	}
	result, err := reader.Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil || result == nil {
		return "", false
	}
	text = strings.ToValidUTF8(result.GetText(), "\uFFFD")
	return text, text != "" && len(text) <= maxText
}
