package ocr

import (
	"image"
	"math"
	"slices"
)

// The strip that the recogniser reads.
const (
	stripHeight  = 32   // pixels
	stripTall    = 18.5 // of them for capital letters
	stripStep    = 4    // pixels to one frame of the answer
	margin       = 1.4  // capital letters' heights before and after the line, for what the locator cut off
	widestStrip  = 2048 // pixels: 44 characters at the widest pitch have half of it
	narrowStrip  = 64
	finestSample = 2.2 // pixels of the picture to one of the strip, above which detail would alias
)

// A view is how a strip is cut: moved downwards and stretched, in capital letters' heights and as a factor.
type view struct{ shift, stretch float64 }

// A strip is a line cut out of a picture and straightened.
type strip struct {
	line   line
	width  int
	values []float32 // rows of brightness, normalised
}

// u tells where on the line a frame of the recogniser's answer is.
func (s strip) u(frame float64) float64 {
	beside := margin * s.line.tall(0) / s.line.half
	part := (frame*stripStep + stripStep/2) / float64(s.width)
	return s.line.from - beside + (s.line.to-s.line.from+2*beside)*s.line.covered(part)
}

// A pyramid is a picture in halves: each level has half the sides of the one before.
type pyramid []*image.Gray

func newPyramid(picture *image.Gray) (pyramid, error) {
	p := pyramid{picture}
	for w, h := picture.Rect.Dx()/2, picture.Rect.Dy()/2; min(w, h) >= stripHeight; w, h = w/2, h/2 {
		half, err := shrunk(p[len(p)-1], w, h)
		if err != nil {
			return nil, err
		}
		p = append(p, half)
	}
	return p, nil
}

// atLeast is the smallest of the pictures that has so many pixels each way, or the largest.
func (p pyramid) atLeast(width, height int) *image.Gray {
	for _, picture := range slices.Backward(p) {
		if picture.Rect.Dx() >= width && picture.Rect.Dy() >= height {
			return picture
		}
	}
	return p[0]
}

// cut straightens a line.
func (p pyramid) cut(l line, v view) strip { return p.widened(l, v, l.width()) }

// widened straightens a line and makes its characters so many times as wide as they are.
func (p pyramid) widened(l line, v view, wider float64) strip {
	tall := l.tall(0)
	length := (l.to-l.from)*l.half + 2*margin*tall
	width := roundUp(int(length/tall*stripTall*wider), stripStep)
	s := strip{line: l, width: max(narrowStrip, min(widestStrip, width))}
	level := 0
	for level+1 < len(p) && tall/stripTall/math.Exp2(float64(level)) > finestSample {
		level++
	}
	brightness := make([]float32, stripHeight*s.width)
	scale := vector{float64(p[level].Rect.Dx()) / float64(p[0].Rect.Dx()), float64(p[level].Rect.Dy()) / float64(p[0].Rect.Dy())}
	for x := range s.width {
		u := s.u((float64(x) - stripStep/2 + 0.5) / stripStep)
		top := l.at(u, v.shift-stripHeight/2/stripTall*v.stretch)
		step := l.at(u, v.shift+stripHeight/2/stripTall*v.stretch).minus(top).times(1.0 / stripHeight)
		for y := range stripHeight {
			place := top.plus(step.times(float64(y) + 0.5))
			brightness[y*s.width+x] = between(p[level], place.x*scale.x-0.5, place.y*scale.y-0.5)
		}
	}
	s.values = make([]float32, len(brightness))
	normalise(s.values, brightness)
	return s
}

// between interpolates brightness; outside the picture its border goes on.
func between(picture *image.Gray, x, y float64) float32 {
	x = max(0, min(float64(picture.Rect.Dx()-1), x))
	y = max(0, min(float64(picture.Rect.Dy()-1), y))
	left, top := int(x), int(y)
	right, bottom := min(left+1, picture.Rect.Dx()-1), min(top+1, picture.Rect.Dy()-1)
	fx, fy := float32(x-float64(left)), float32(y-float64(top))
	upper, lower := picture.Pix[top*picture.Stride:], picture.Pix[bottom*picture.Stride:]
	a := float32(upper[left])*(1-fx) + float32(upper[right])*fx
	b := float32(lower[left])*(1-fx) + float32(lower[right])*fx
	return a*(1-fy) + b*fy
}
