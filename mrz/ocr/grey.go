package ocr

import (
	"image"
	"image/color"
	"math"

	"gocv.io/x/gocv"
)

// grey gives a picture's brightness, tightly packed, from (0, 0). What is transparent lies on white paper.
func grey(picture image.Image) *image.Gray {
	b := picture.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		row := out.Pix[y*out.Stride:][:b.Dx()]
		switch p := picture.(type) {
		case *image.Gray:
			copy(row, p.Pix[p.PixOffset(b.Min.X, b.Min.Y+y):])
		case *image.YCbCr:
			copy(row, p.Y[p.YOffset(b.Min.X, b.Min.Y+y):])
		case *image.RGBA:
			greyRow(row, p.Pix[p.PixOffset(b.Min.X, b.Min.Y+y):])
		default:
			for x := range row {
				row[x] = greyPixel(picture.At(b.Min.X+x, b.Min.Y+y))
			}
		}
	}
	return out
}

// The weights of ITU-R BT.601, as in image/color, of 1 << 16.
const red, green, blue = 19595, 38470, 7471

// greyRow converts premultiplied RGBA.
func greyRow(row, rgba []byte) {
	for x := range row {
		p := rgba[4*x : 4*x+4 : 4*x+4]
		paper := uint32(255 - p[3])
		row[x] = byte((red*(uint32(p[0])+paper) + green*(uint32(p[1])+paper) + blue*(uint32(p[2])+paper) + 1<<15) >> 16)
	}
}

func greyPixel(c color.Color) byte {
	r, g, b, a := c.RGBA()
	paper := 0xffff - a
	return byte((red*(r+paper) + green*(g+paper) + blue*(b+paper)) >> 24)
}

// shrunk resizes a picture to width x height, each pixel the mean of those it stands for where it gets smaller.
func shrunk(picture *image.Gray, width, height int) (*image.Gray, error) {
	view, err := gocv.NewMatFromBytes(picture.Rect.Dy(), picture.Rect.Dx(), gocv.MatTypeCV8UC1, picture.Pix)
	if err != nil {
		return nil, err
	}
	defer view.Close()
	small := gocv.NewMat()
	defer small.Close()
	how := gocv.InterpolationArea
	if width > picture.Rect.Dx() {
		how = gocv.InterpolationCubic
	}
	gocv.Resize(view, &small, image.Pt(width, height), 0, 0, how)
	return &image.Gray{Pix: small.ToBytes(), Stride: width, Rect: image.Rect(0, 0, width, height)}, nil
}

// normalise writes brightness as the networks were trained on it: around the mean, in units of the deviation. The
// constant keeps an empty picture from being blown up to noise.
func normalise[T byte | float32](out []float32, brightness []T) {
	const quiet = 8
	mean, deviation := moments(brightness)
	scale := 1 / (deviation + quiet)
	for i, v := range brightness {
		out[i] = float32((float64(v) - mean) * scale)
	}
}

func moments[T byte | float32](values []T) (mean, deviation float64) {
	var sum, squares float64
	for _, v := range values {
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	n := float64(len(values))
	mean = sum / n
	return mean, math.Sqrt(max(0, squares/n-mean*mean))
}
