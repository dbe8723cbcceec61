package decode

import (
	"math"
	"slices"
)

// A pitch is the distance of the characters in frames, as it changes along a line that is seen a little askew: a line's
// characters stand at one distance, 2.54 mm (Doc 9303-3, 4.4).
type pitch struct{ at0, slope float64 }

// at is the pitch around a frame.
func (p pitch) at(frame int) float64 { return p.at0 + p.slope*float64(frame) }

// Pitches that a recogniser can tell apart, in frames, and how much it may change from a line's one end to the other.
const (
	narrowest = 2.0
	widest    = 12.0
	mostSlant = 0.4
)

// pitchOf fits a line's pitch to the frames in which characters begin: to all distances that are about the usual one, for
// where a character has been missed or seen double they are not. ok is false when there are too few.
func pitchOf(starts []int) (p pitch, ok bool) {
	var gaps []float64
	for i := 1; i < len(starts); i++ {
		gaps = append(gaps, float64(starts[i]-starts[i-1]))
	}
	if len(gaps) < 3 {
		return pitch{}, false
	}
	sorted := slices.Sorted(slices.Values(gaps))
	p.at0 = sorted[len(sorted)/2]
	for range 3 {
		p = p.fit(starts, gaps)
	}
	first, last := p.at(starts[0]), p.at(starts[len(starts)-1])
	if math.Abs(last-first) > mostSlant*min(first, last) {
		p = pitch{at0: sorted[len(sorted)/2]}
		first, last = p.at0, p.at0
	}
	return p, min(first, last) >= narrowest && max(first, last) <= widest
}

// fit is the least-squares line through the distances that are near the pitch.
func (p pitch) fit(starts []int, gaps []float64) pitch {
	var n, sx, sy, sxx, sxy float64
	for i, gap := range gaps {
		x := float64(starts[i]+starts[i+1]) / 2
		if usual := p.at(int(x)); gap < 0.7*usual || gap > 1.4*usual {
			continue
		}
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+gap, sxx+x*x, sxy+x*gap
	}
	d := n*sxx - sx*sx
	if n < 3 || d <= 0 {
		return p
	}
	slope := (n*sxy - sx*sy) / d
	return pitch{(sy - slope*sx) / n, slope}
}

// durations are the probabilities that a character takes so many frames, from first on, where the pitch is p.
func durations(p float64) (first int, probability []float64) {
	first = max(1, int(math.Ceil(shortest*p)))
	probability = make([]float64, max(1, int(longest*p)-first+1))
	for i := range probability {
		z := (float64(first+i) - p) / (unevenly*p + coarsely)
		probability[i] = math.Exp(-z*z/2) + oddly
	}
	scale(probability)
	return first, probability
}
