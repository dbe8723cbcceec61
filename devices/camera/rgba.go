package camera

import (
	"fmt"
	"image"
	"runtime"

	"github.com/foyer-station/foyer/devices"
	"gocv.io/x/gocv"
)

// toRGBA converts a frame into dst, or into a new picture when dst is nil, of another size or not tightly packed.
func toRGBA(mat gocv.Mat, dst *image.RGBA) (*image.RGBA, error) {
	var code gocv.ColorConversionCode
	switch mat.Type() {
	case gocv.MatTypeCV8UC3:
		code = gocv.ColorBGRToRGBA
	case gocv.MatTypeCV8UC1:
		code = gocv.ColorGrayToBGRA
	default:
		return nil, fmt.Errorf("%w: frame of type %s", devices.ErrProtocol, mat.Type())
	}
	w, h := mat.Cols(), mat.Rows()
	if w*h > maxPixels {
		return nil, fmt.Errorf("%w: frame of %d x %d pixels", devices.ErrProtocol, w, h)
	}
	if dst == nil || dst.Rect != image.Rect(0, 0, w, h) || dst.Stride != 4*w || len(dst.Pix) != 4*w*h {
		dst = image.NewRGBA(image.Rect(0, 0, w, h))
	}
	// OpenCV writes straight into the Go picture: the Mat only borrows its memory, which must not move meanwhile.
	var pin runtime.Pinner
	pin.Pin(&dst.Pix[0])
	defer pin.Unpin()
	view, err := gocv.NewMatFromBytes(h, w, gocv.MatTypeCV8UC4, dst.Pix)
	if err != nil {
		return nil, fmt.Errorf("wrap picture: %w", err)
	}
	defer view.Close()
	gocv.CvtColor(mat, &view, code)
	return dst, nil
}
