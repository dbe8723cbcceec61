package decode

import "slices"

// A space is what the distance of the characters around a frame says of it. A zone's characters stand 2.54 mm apart
// (Doc 9303-3, 4.4): where two lie twice as far apart as the others around them one has been missed, and where two lie half
// as far apart one is seen double.
type space struct {
	missed  float64 // the probability that a blank hides a character
	doubled float64 // the least probability of the blank
}

// Distances, as parts of the usual one around them.
const (
	wide   = 1.6
	narrow = 0.55
	around = 6 // distances on either side that make the usual one
)

// spacing judges every frame of a line by where its characters begin.
func spacing(frames int, peaks []int) []space {
	out := make([]space, frames)
	for t := range out {
		out[t].missed = missedBeside
	}
	for i := range max(0, len(peaks)-1) {
		part := float64(peaks[i+1]-peaks[i]) / usual(peaks, i)
		for t := peaks[i]; t <= peaks[i+1]; t++ {
			switch {
			case part > wide:
				out[t].missed = missedInGap
			case part < narrow:
				out[t].doubled = doubled
			default:
				out[t].missed = missedBetween
			}
		}
	}
	return out
}

// peaks are the frames in which the characters of the likeliest path begin.
func peaks(frames [][Classes]float64) []int {
	var out []int
	last := 0
	for t := range frames {
		best := 0
		for k, p := range frames[t] {
			if p > frames[t][best] {
				best = k
			}
		}
		if best != 0 && best != last {
			out = append(out, t)
		}
		last = best
	}
	return out
}

// usual is the median distance of the peaks around i.
func usual(peaks []int, i int) float64 {
	from, to := max(0, i-around), min(len(peaks)-1, i+1+around)
	var gaps []int
	for j := from; j < to; j++ {
		gaps = append(gaps, peaks[j+1]-peaks[j])
	}
	slices.Sort(gaps)
	return float64(gaps[len(gaps)/2])
}
