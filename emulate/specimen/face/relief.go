package face

import (
	"image"
	"math"
)

// relief is the height of the face above its silhouette at each pixel.
type relief struct {
	bounds image.Rectangle
	height []float64
}

// carve makes the relief of the part of the picture that the face covers.
func (s *sitter) carve(bounds image.Rectangle) relief {
	r := relief{bounds: image.Rect(
		int(s.x-1.1*s.scale), int(s.y-1.1*s.scale), int(s.x+1.1*s.scale), int(s.y+1.1*s.scale)).Intersect(bounds.Inset(-2))}
	width := r.bounds.Dx()
	r.height = make([]float64, width*r.bounds.Dy())
	for py := r.bounds.Min.Y; py < r.bounds.Max.Y; py++ {
		row := r.height[(py-r.bounds.Min.Y)*width:]
		y := (float64(py) + 0.5 - s.y) / s.scale
		for i := range width {
			x := (float64(r.bounds.Min.X+i) + 0.5 - s.x) / s.scale
			row[i] = s.heightAt(x, y)
		}
	}
	return r
}

// skull is f = |x|^ex + |y|^2.5, below 1 inside the outline of a head that is wider by a factor, and how far outside
// (inside: negative) a point is. The exponent ex shapes the jaw.
func (s *sitter) skull(x, y, wider float64) (f, distance float64) {
	ax, ay := max(math.Abs(x)/(s.half*wider), 1e-6), max(math.Abs(y)/wider, 1e-6)
	if ax > 1.6 || ay > 1.6 {
		return 2, 0.4
	}
	ex := mix(2.1, s.jaw, step(-0.3, 0.6, y))
	fx := math.Exp(ex * math.Log(ax))
	fy := ay * ay * math.Sqrt(ay)
	gx := ex * fx / (ax * s.half * wider)
	gy := 2.5 * fy / (ay * wider)
	return fx + fy, (fx + fy - 1) / max(math.Sqrt(gx*gx+gy*gy), 0.3)
}

// heightAt is the relief at a point: a dome, with hills and hollows on it.
func (s *sitter) heightAt(x, y float64) float64 {
	f, _ := s.skull(x, y, 1)
	if f > 1.3 {
		return 0
	}
	h := 0.66 * power(max(0, 1-f), 0.44)
	ax := math.Abs(x)
	nose := 1 + 0.2*s.Nose
	ridge := step(-0.16, 0.30, y) * step(0.475, 0.37, y)
	h += 0.130 * ridge * gauss(x/(0.060+0.035*step(0.1, 0.36, y)*nose))
	h += 0.050 * bump(x, y, 0, 0.365, 0.085*nose, 0.065)
	h += 0.050 * bump(ax, y, 0.105*nose, 0.395, 0.050, 0.050)
	h -= 0.060 * bump(ax, y, 0.27, 0.00, 0.20, 0.11)
	h += 0.034 * bump(ax, y, 0.285, 0.015, 0.115, 0.070)
	h += 0.030 * bump(ax, y, 0.28, -0.17, 0.22, 0.075)
	h += 0.035 * bump(ax, y, 0.40, 0.26, 0.18, 0.16)
	h += 0.030 * bump(x, y, 0, 0.62, 0.26, 0.16)
	h += 0.022 * bump(x, y, 0, 0.575, 0.16, 0.030)
	h += 0.030 * bump(x, y, 0, 0.655, 0.13, 0.035)
	h -= 0.018 * bump(x, y, 0, 0.735, 0.16, 0.035)
	h -= 0.008 * bump(x, y, 0, 0.50, 0.025, 0.04)
	h += 0.040 * bump(x, y, 0, 0.86, 0.17, 0.10)
	h -= (0.010 + 0.022*s.Age) * s.fold(ax, y)
	return h
}

// fold is the line from the wing of the nose to the corner of the mouth.
func (s *sitter) fold(ax, y float64) float64 {
	t := clamp((y - 0.40) / 0.26)
	line := 0.165 + 0.13*t
	return gauss((ax-line)/0.035) * step(0.36, 0.46, y) * step(0.72, 0.58, y)
}

// normal is the direction that the skin faces at a pixel, of length 1: x right, y down, z to the viewer.
func (r relief) normal(px, py int, scale float64) (nx, ny, nz float64) {
	if !image.Pt(px, py).In(r.bounds.Inset(1)) {
		return 0, 0, 1
	}
	w := r.bounds.Dx()
	i := (py-r.bounds.Min.Y)*w + px - r.bounds.Min.X
	nx = -(r.height[i+1] - r.height[i-1]) * scale / 2
	ny = -(r.height[i+w] - r.height[i-w]) * scale / 2
	n := math.Sqrt(nx*nx + ny*ny + 1)
	return nx / n, ny / n, 1 / n
}

// lit is skin of a colour under soft light from the upper left, with a weaker one from the right. Red light travels
// further under the skin, so shadows are warm.
func lit(c rgb, nx, ny, nz float64) rgb {
	key := -0.30*nx - 0.42*ny + 0.856*nz
	fill := 0.50*nx - 0.10*ny + 0.86*nz
	var out rgb
	for k, wrap := range [3]float64{0.42, 0.28, 0.22} {
		d := max(0, (key+wrap)/(1+wrap))
		f := max(0, (fill+wrap)/(1+wrap))
		out[k] = c[k] * (0.17 + 0.66*d + 0.26*f)
	}
	return out
}

// gloss is the sheen of skin.
func gloss(nx, ny, nz float64) float64 {
	half := -0.16*nx - 0.22*ny + 0.962*nz
	return power(max(0, half), 28)
}
