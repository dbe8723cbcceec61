package code

import (
	"image"
	"math"
	"math/cmplx"
)

const (
	// longestSide is that of a place as it is decoded, in pixels: of a code of 80 mm at 250 dpi.
	longestSide = 800
	// barCoherence is how far all edges of a place run in one direction, 0 to 1, from where on it is tried as a bar code first.
	barCoherence = 0.5
)

// direction is how the edges of a place run.
type direction struct {
	matrix float64 // by which angle a matrix code is turned, -45 to 45 degrees, in radians
	bars   float64 // by which angle bars are, -90 to 90
	barred bool    // they run in one direction for the most part
}

// directionOf averages the directions of edges: with four-fold symmetry for a matrix, two-fold for bars.
func directionOf(g *image.Gray) direction {
	var two, four complex128
	var weight float64
	w, h := g.Rect.Dx(), g.Rect.Dy()
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			i := y*g.Stride + x
			dx := float64(int(g.Pix[i+1])-int(g.Pix[i-1])) + float64(int(g.Pix[i+1-g.Stride])-int(g.Pix[i-1-g.Stride])+int(g.Pix[i+1+g.Stride])-int(g.Pix[i-1+g.Stride]))/2
			dy := float64(int(g.Pix[i+g.Stride])-int(g.Pix[i-g.Stride])) + float64(int(g.Pix[i-1+g.Stride])-int(g.Pix[i-1-g.Stride])+int(g.Pix[i+1+g.Stride])-int(g.Pix[i+1-g.Stride]))/2
			size := dx*dx + dy*dy
			if size < leastContrast*leastContrast/4 {
				continue
			}
			unit := complex(dx, dy) / complex(math.Sqrt(size), 0)
			two += unit * unit * complex(size, 0)
			four += unit * unit * unit * unit * complex(size, 0)
			weight += size
		}
	}
	if weight == 0 {
		return direction{}
	}
	return direction{matrix: cmplx.Phase(four) / 4, bars: cmplx.Phase(two) / 2, barred: cmplx.Abs(two)/weight >= barCoherence}
}

// cut takes a place out of a page, with what a code has around it, not larger than is decoded. What lies beside the page is white.
func cut(page *image.Gray, place image.Rectangle, dpi int) *image.Gray {
	place = place.Inset(-dpi / 12) // 2 mm
	scale := max(1, float64(max(place.Dx(), place.Dy()))/longestSide)
	g := image.NewGray(image.Rect(0, 0, int(float64(place.Dx())/scale), int(float64(place.Dy())/scale)))
	box := max(1, int(scale))
	for y := range g.Rect.Dy() {
		for x := range g.Rect.Dx() {
			left, top := place.Min.X+int(float64(x)*scale), place.Min.Y+int(float64(y)*scale)
			sum := 0
			for dy := range box {
				for dx := range box {
					sum += int(at(page, left+dx, top+dy))
				}
			}
			g.Pix[y*g.Stride+x] = byte(sum / (box * box))
		}
	}
	return g
}

// turned is a place turned back by an angle, with room for its corners. A small one is magnified: decoders go by whole pixels.
func turned(g *image.Gray, angle float64) *image.Gray {
	zoom := 1.0
	if max(g.Rect.Dx(), g.Rect.Dy()) <= longestSide/2 {
		zoom = 2
	}
	sin, cos := math.Sincos(angle)
	w, h := float64(g.Rect.Dx()), float64(g.Rect.Dy())
	width, height := w*math.Abs(cos)+h*math.Abs(sin), w*math.Abs(sin)+h*math.Abs(cos)
	o := image.NewGray(image.Rect(0, 0, int(width*zoom), int(height*zoom)))
	for y := range o.Rect.Dy() {
		for x := range o.Rect.Dx() {
			fx, fy := float64(x)/zoom-width/2, float64(y)/zoom-height/2
			o.Pix[y*o.Stride+x] = between(g, fx*cos-fy*sin+w/2, fx*sin+fy*cos+h/2)
		}
	}
	return o
}

// between is the brightness between four pixels.
func between(g *image.Gray, x, y float64) byte {
	left, top := math.Floor(x), math.Floor(y)
	fx, fy := x-left, y-top
	ix, iy := int(left), int(top)
	above := float64(at(g, ix, iy))*(1-fx) + float64(at(g, ix+1, iy))*fx
	below := float64(at(g, ix, iy+1))*(1-fx) + float64(at(g, ix+1, iy+1))*fx
	return byte(above*(1-fy) + below*fy)
}

func at(g *image.Gray, x, y int) byte {
	if !(image.Point{x, y}).In(g.Rect) {
		return 0xff
	}
	return g.Pix[y*g.Stride+x]
}
