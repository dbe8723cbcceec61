package degrade

import (
	"math"
	"math/rand/v2"
)

// Recipe says what was done to a picture. Lengths are in millimetres on the document, angles in degrees.
type Recipe struct {
	DPI      float64 // resolution in the middle of the document
	Turn     float64 // clockwise, 0 to 360
	Tilt     float64 // about an axis in the document's plane through its middle
	Axis     float64 // of the tilt: 0 the document's horizontal
	Distance float64 // of the camera, in diagonals of the document
	Margin   float64 // of table around the document's box
	Table    Table   // what the document lies on
	Contrast float64 // of the ink that is left, 0 to 1
	Wear     float64 // of that contrast, lost in the most worn places
	Gradient float64 // of the light, lost from one corner to the other
	Shadow   float64 // of the light, taken by a shadow with a soft edge
	Glare    float64 // of the picture, covered by white in the middle of a reflection
	Exposure float64 // brightness of the whole: 1 as it is
	Defocus  float64 // standard deviation
	Motion   float64 // length of the way during the exposure
	Heading  float64 // of the motion, in the picture
	Noise    float64 // standard deviation in grey levels, on white
	Quality  int     // of JPEG; 0 where the picture never was one
}

// limits are how far a level goes. A value is drawn from 0, or from what changes nothing, up to its limit.
type limits struct {
	lowDPI, highDPI       float64 // both 0: as the sheet
	quarters              bool    // turned by quarters and slant; else by any angle
	slant                 float64
	tilt                  float64
	lowMargin, highMargin float64
	tables                []Table
	contrast              float64
	wear                  float64
	gradient              float64
	shadow, glare         float64
	lowExposure           float64
	defocus, soft         float64 // in millimetres, and in pixels
	motion                float64
	noise                 float64
	quality               int
	lossless              float64 // share of pictures that never were a JPEG
}

func (l Level) limits() limits {
	if l == Heavy {
		return limits{
			lowDPI: 150, highDPI: 300, tilt: 15, lowMargin: 3, highMargin: 18, tables: []Table{Black, Wood, Cloth, Desk},
			contrast: 0.45, wear: 0.4, gradient: 0.5, shadow: 0.55, glare: 0.55, lowExposure: 0.55,
			defocus: 0.18, soft: 0.5, motion: 0.45, noise: 16, quality: 30,
		}
	}
	return limits{
		quarters: true, slant: 4, highMargin: 3, tables: []Table{Black, Grey, White},
		contrast: 0.75, wear: 0.15, gradient: 0.15, lowExposure: 0.85, defocus: 0.06, noise: 4, quality: 70, lossless: 0.4,
	}
}

// Blur is defocus and motion together, as a standard deviation in millimetres: motion of a length counts as an even
// spread over it.
func (r Recipe) Blur() float64 { return math.Hypot(r.Defocus, r.Motion/math.Sqrt(12)) }

// Legible are what a person still reads: blur in millimetres; the difference between paper and ink in the worst place of
// the picture, in grey levels; noise as a part of that difference.
const (
	LegibleBlur   = 0.22
	LegibleSignal = 12
	LegibleNoise  = 0.2
)

// paper and ink are what the documents' are in grey levels.
const paper, ink = 232, 30

// Signal is the difference between paper and ink, in grey levels, where every loss of light and contrast comes together.
func (r Recipe) Signal() float64 {
	return (paper - ink) * r.Contrast * (1 - r.Wear) * r.Exposure * (1 - r.Gradient) * (1 - r.Shadow) * (1 - r.Glare)
}

// Plain is the recipe that changes nothing: the sheet as it is, without table, upright.
func Plain(s Sheet) Recipe {
	return Recipe{DPI: float64(s.DPI), Distance: 2, Table: Grey, Contrast: 1, Exposure: 1}
}

// Recipe decides what is done to a sheet.
func (l Level) Recipe(s Sheet, seed uint64) Recipe {
	random := rand.New(rand.NewPCG(seed, 'r'))
	r, limits := Plain(s), l.limits()
	if limits.highDPI > 0 {
		r.DPI = min(r.DPI, limits.lowDPI+(limits.highDPI-limits.lowDPI)*random.Float64())
	}
	limits.pose(&r, random)
	limits.lamps(&r, random)
	limits.camera(&r, random)
	return r
}

// pose decides how the document lies before the camera.
func (l limits) pose(r *Recipe, random *rand.Rand) {
	r.Turn = 360 * random.Float64()
	if l.quarters {
		quarter := float64(90 * max(0, random.IntN(8)-4)) // upright in five of eight
		r.Turn = math.Mod(quarter+l.slant*(2*random.Float64()-1)+360, 360)
	}
	r.Tilt, r.Axis, r.Distance = l.tilt*random.Float64(), 360*random.Float64(), 1.6+1.4*random.Float64()
	r.Margin = l.lowMargin + (l.highMargin-l.lowMargin)*random.Float64()
	r.Table = l.tables[random.IntN(len(l.tables))]
}

// lamps decides about ink and light; a picture that would be too dark is exposed longer.
func (l limits) lamps(r *Recipe, random *rand.Rand) {
	r.Contrast = 1 - (1-l.contrast)*random.Float64()
	r.Wear = l.wear * random.Float64()
	r.Gradient = l.gradient * random.Float64()
	r.Exposure = 1 - (1-l.lowExposure)*random.Float64()
	switch random.IntN(4) {
	case 0:
		r.Shadow = l.shadow * (0.4 + 0.6*random.Float64())
	case 1:
		r.Glare = l.glare * (0.4 + 0.6*random.Float64())
	case 2:
		r.Shadow, r.Glare = l.shadow*0.6*random.Float64(), l.glare*0.6*random.Float64()
	}
	r.Exposure = min(1, r.Exposure*max(1, LegibleSignal/r.Signal()))
}

// camera decides about blur, noise and the file. JPEG rounds in steps of about 800 grey levels divided by its quality (ITU-T
// T.81, table K.1, scaled as encoders do): characters drown where that is much more than the signal.
func (l limits) camera(r *Recipe, random *rand.Rand) {
	pixel := 25.4 / r.DPI
	r.Defocus = l.defocus*random.Float64() + l.soft*pixel*random.Float64()
	if l.motion > 0 && random.IntN(2) == 0 {
		r.Motion = l.motion * random.Float64()
	}
	r.Heading = 180 * random.Float64()
	if over := r.Blur() / LegibleBlur; over > 1 {
		r.Defocus, r.Motion = r.Defocus/over, r.Motion/over
	}
	r.Noise = random.Float64() * min(l.noise, LegibleNoise*r.Signal())
	if random.Float64() >= l.lossless {
		lowest := max(l.quality, int(500/r.Signal()))
		r.Quality = lowest + random.IntN(96-lowest)
	}
}
