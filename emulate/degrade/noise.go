package degrade

import (
	"image"
	"math"
	"math/rand/v2"
)

// noise is the sensor's: the stronger the brighter (its shot noise), less in the chroma, which cameras smooth.
func (f frame) noise(r Recipe, random *rand.Rand) {
	if r.Noise < 0.25 {
		return
	}
	speckle(f.y, random, func(v int) float64 { return r.Noise * math.Sqrt(0.3+0.7*float64(v)/255) })
	for _, chroma := range []*image.Gray{f.cb, f.cr} {
		speckle(chroma, random, func(int) float64 { return r.Noise / 2 })
	}
}

// speckle adds normal noise with a standard deviation that depends on the value. The deviates come from a table that is
// entered in a random place for every short run of pixels, which no eye and no reader can tell from fresh ones.
func speckle(plane *image.Gray, random *rand.Rand, sigma func(v int) float64) {
	const size, run = 1 << 14, 32
	var strength [256]int32
	for v := range strength {
		strength[v] = int32(sigma(v) * 64)
	}
	var deviates [size + run]int32
	for i := range deviates {
		deviates[i] = int32(random.NormFloat64() * 64)
	}
	for y := range plane.Rect.Dy() {
		row := plane.Pix[y*plane.Stride:][:plane.Rect.Dx()]
		for len(row) > 0 {
			part := row[:min(run, len(row))]
			fresh := deviates[random.Uint32()%size:][:len(part)]
			for i, v := range part {
				part[i] = uint8(min(255, max(0, int32(v)+(fresh[i]*strength[v]+1<<11)>>12)))
			}
			row = row[len(part):]
		}
	}
}
