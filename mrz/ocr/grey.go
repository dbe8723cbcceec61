package ocr

import (
	"image"
	"math"

	"gocv.io/x/gocv"
)

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
