package decode

import "math"

// unknown stands for a character that the recogniser took for another or missed: any symbol, all alike.
const unknown = Symbols

// A frame is what the recogniser says of a frame, softened: the probability of the blank, and the symbols that have one
// worth speaking of; the first of these is the unknown, which has what is left.
type frame struct {
	blank float64
	shown []shown
}

// shown is a symbol of a frame, and its index in the frame before, -1 when it is not there.
type shown struct {
	symbol int
	p      float64
	before int
}

// soften turns the recogniser's scores into probabilities that admit more doubt than the network does. They are nil when a
// score is no number.
func soften(line Line) []frame {
	out := make([]frame, len(line.LogProb))
	all := make([]shown, 0, 4*len(line.LogProb))
	var before []shown
	for t := range line.LogProb {
		p, ok := probabilities(&line.LogProb[t])
		if !ok {
			return nil
		}
		doubt := p[0]*missed + (1-p[0])*mistaken
		from := len(all)
		all = append(all, shown{unknown, doubt, index(before, unknown)})
		for k, v := range p[1:] {
			if v < leastShown {
				all[from].p += v * (1 - doubt)
				continue
			}
			all = append(all, shown{k, v * (1 - doubt), index(before, k)})
		}
		out[t] = frame{p[0] * (1 - doubt), all[from:len(all):len(all)]}
		before = out[t].shown
	}
	return out
}

// probabilities are the softmax of a frame's scores.
func probabilities(scores *[Classes]float32) (p [Classes]float64, ok bool) {
	top := float64(scores[0])
	for _, s := range scores {
		top = max(top, float64(s))
	}
	var sum float64
	for k, s := range scores {
		p[k] = math.Exp((float64(s) - top) / temperature)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p, !math.IsNaN(sum) && !math.IsInf(top, 0)
}

func index(frame []shown, symbol int) int {
	for i := range frame {
		if frame[i].symbol == symbol {
			return i
		}
	}
	return -1
}

// characters counts those of the most probable path, of any length.
func characters(frames []frame) int {
	n, last := 0, -1
	for i := range frames {
		best, p := -1, frames[i].blank
		for _, s := range frames[i].shown {
			if s.p > p {
				best, p = s.symbol, s.p
			}
		}
		if best >= 0 && best != last {
			n++
		}
		last = best
	}
	return n
}
