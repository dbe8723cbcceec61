// Package face draws the people of Utopia: portraits, and the same person before a station's camera.
//
// A face is painted pixel by pixel: a relief of skull, nose, lips and cheeks gives the light, and colours lie on it.
// Nobody is depicted; the proportions are those of textbooks on drawing, so that a detector trained on photographs finds
// the face. The same [Look] always gives the same picture.
//
// Lengths are in units of half a head's height from crown to chin, 11 to 12 cm: x to the right, y down, the origin
// between the eyes of somebody who faces the viewer.
package face

import (
	"image"
	"image/color"
	"math"
)

// Look is what makes a face this person's. The zero value of a proportion is average; 1 is about as far as people differ.
type Look struct {
	Seed uint64 // of what is irregular: strands, pores, folds

	Skin, Hair, Iris color.RGBA // Hair is the colour of the scarf where there is one
	Clothes, Shirt   color.RGBA
	Style            Style
	Beard            float64 // 0 none, 0.3 stubble, 1 full
	Age              float64 // 0 at 18 to 1 at 80: lines and shadows
	Glasses          bool
	Jacket           bool // over the shirt; else Clothes is a plain top

	Width, Jaw, Eyes, Brows, Nose, Lips float64 // -1 to 1
}

// Style is how the hair is worn.
type Style string

// The styles.
const (
	Short    Style = "short"
	Receding Style = "receding"
	Tied     Style = "tied" // combed back, a knot behind
	Bob      Style = "bob"  // to the chin
	Long     Style = "long" // over the shoulders
	Scarf    Style = "scarf"
)

// rgb is linear light, 0 to 1.
type rgb [3]float64

func linear(c color.RGBA) rgb {
	f := func(v uint8) float64 { x := float64(v) / 255; return x * x }
	return rgb{f(c.R), f(c.G), f(c.B)}
}

func (c rgb) times(k float64) rgb { return rgb{c[0] * k, c[1] * k, c[2] * k} }

func (c rgb) tint(d rgb) rgb { return rgb{c[0] * d[0], c[1] * d[1], c[2] * d[2]} }

func (c rgb) toward(d rgb, t float64) rgb {
	return rgb{mix(c[0], d[0], t), mix(c[1], d[1], t), mix(c[2], d[2], t)}
}

// view says how the face lies in a picture.
type view struct {
	x, y  float64 // pixel of the origin
	scale float64 // pixels a unit
	blink float64 // 0 eyes open, 1 closed
}

// sitter is a look prepared for painting.
type sitter struct {
	Look
	view
	skin, hair, iris, clothes, shirt rgb
	brow                             rgb
	half                             float64 // of the face's width, at the cheekbones
	jaw                              float64 // exponent of the outline below the eyes
	soft                             float64 // half a pixel, in units
	relief                           relief
	layers                           []layer // from front to back
}

// layer gives the colour of a point of one layer, and how much of it the layer covers.
type layer func(x, y float64) (c rgb, cover float64)

func (l Look) sit(v view, bounds image.Rectangle) *sitter {
	s := &sitter{
		Look: l, view: v,
		skin: linear(l.Skin), hair: linear(l.Hair), iris: linear(l.Iris), clothes: linear(l.Clothes), shirt: linear(l.Shirt),
		half: 0.650 + 0.035*l.Width,
		jaw:  1 / (0.645 - 0.05*l.Jaw),
		soft: 0.75 / v.scale,
	}
	s.brow = s.hair.times(0.8)
	if l.Style == Scarf {
		s.brow = s.iris.times(0.35) // the hair's colour is then the scarf's
	}
	s.relief = s.carve(bounds)
	s.layers = []layer{s.glasses, s.hairFront, s.face, s.ears, s.clothing, s.neck, s.hairBack}
	return s
}

// paint draws the sitter on a transparent picture.
func (l Look) paint(width, height int, v view) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	s := l.sit(v, img.Rect)
	for py := range height {
		for px := range width {
			c, alpha := s.at(px, py)
			if alpha <= 0 {
				continue
			}
			i := img.PixOffset(px, py)
			for k := range 3 {
				img.Pix[i+k] = uint8(255*math.Sqrt(clamp(c[k]))*alpha + 0.5)
			}
			img.Pix[i+3] = uint8(255*alpha + 0.5)
		}
	}
	return img
}

// Nobody reaches further than this from the origin, to the sides and upward.
const reach, top = 1.70, 1.30

// at is colour and cover of one pixel: layers from front to back, until nothing shines through.
func (s *sitter) at(px, py int) (rgb, float64) {
	x := (float64(px) + 0.5 - s.x) / s.scale
	y := (float64(py) + 0.5 - s.y) / s.scale
	if math.Abs(x) > reach || y < -top {
		return rgb{}, 0
	}
	var sum rgb
	left := 1.0
	for _, layer := range s.layers {
		c, cover := layer(x, y)
		if cover <= 0 {
			continue
		}
		for k := range 3 {
			sum[k] += c[k] * cover * left
		}
		left *= 1 - cover
		if left < 0.004 {
			return sum, 1
		}
	}
	if left > 0.996 {
		return rgb{}, 0
	}
	return sum.times(1 / (1 - left)), 1 - left
}
