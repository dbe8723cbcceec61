package decode

import (
	"math"
	"slices"
)

// unknown stands for a character that the recogniser took for another or missed: any symbol, all alike.
const unknown = Symbols

// A frame is what the recogniser says of a frame, softened: the probability of no character, that of the unknown, and the
// symbols that have a probability worth speaking of.
type frame struct {
	blank, unknown float64
	shown          []shown
}

type shown struct {
	symbol int
	p      float64
}

// of is the probability of a symbol, or of the unknown.
func (f *frame) of(symbol int) float64 {
	if symbol == unknown {
		return f.unknown
	}
	for i := range f.shown {
		if f.shown[i].symbol == symbol {
			return f.shown[i].p
		}
	}
	return 0
}

// other is the probability of a frame in which nothing counts: no character, or one at a cost.
func (f *frame) other(cost float64) float64 { return f.blank + (1-f.blank)*cost }

// soften turns the recogniser's scores into probabilities that admit more doubt than the network does; starts are the
// frames in which characters of the likeliest path begin. Frames are nil when a score is no number.
func soften(line Line) (frames []frame, starts []int) {
	frames = make([]frame, len(line.LogProb))
	room := make([]shown, 0, 4*len(frames))
	for t := range frames {
		p, ok := probabilities(&line.LogProb[t])
		if !ok {
			return nil, nil
		}
		f, from := &frames[t], len(room)
		f.unknown = p[0]*missed + (1-p[0])*mistaken
		f.blank = p[0] * (1 - f.unknown)
		for k, v := range p[1:] {
			if v >= leastShown {
				room = append(room, shown{k, v * (1 - f.unknown)})
			}
		}
		f.shown = room[from:len(room):len(room)]
	}
	for t := range line.Path() {
		starts = append(starts, t)
	}
	return frames, starts
}

// probabilities are the softmax of a frame's scores.
func probabilities(scores *[Classes]float32) (p [Classes]float64, ok bool) {
	top := float64(slices.Max(scores[:]))
	for k, s := range scores {
		p[k] = math.Exp((float64(s) - top) / temperature)
	}
	sum := scale(p[:])
	return p, !math.IsNaN(sum) && !math.IsInf(top, 0)
}
