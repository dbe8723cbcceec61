package decode

import "math"

// unknown stands for a character that the recogniser took for another or missed: any symbol, all alike.
const unknown = Symbols

// A frame is what the recogniser says of a frame, softened: the probability of the blank, and the symbols that have one
// worth speaking of. The first of these is the unknown, which has what is left; the second is the filler.
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

// soften turns the recogniser's scores into probabilities that admit more doubt than the network does; seen is the number
// of characters of the likeliest path. The frames are nil when a score is no number.
func soften(line Line) (out []frame, seen int) {
	out = make([]frame, len(line.LogProb))
	all := make([][Classes]float64, len(line.LogProb))
	for t := range all {
		var ok bool
		if all[t], ok = probabilities(&line.LogProb[t]); !ok {
			return nil, 0
		}
	}
	room := make([]shown, 0, 4*len(all))
	var before []shown
	peaks := peaks(all)
	for t, s := range spacing(len(all), peaks) {
		from := len(room)
		out[t].blank, room = s.soften(&all[t], room)
		out[t].shown = room[from:len(room):len(room)]
		for i := range out[t].shown {
			out[t].shown[i].before = index(before, out[t].shown[i].symbol)
		}
		before = out[t].shown
	}
	return out, len(peaks)
}

// soften admits doubt to one frame, by how its neighbours are spaced; it appends the symbols to room.
func (s space) soften(p *[Classes]float64, room []shown) (blank float64, _ []shown) {
	lost, slip := p[0]*s.missed, (1-p[0])*mistaken
	doubt := lost + slip
	from := len(room)
	room = append(room, shown{symbol: unknown, p: slip + lost/2}, shown{symbol: fillerIndex, p: lost/2 + p[Classes-1]*(1-doubt)})
	for k, v := range p[1 : Classes-1] {
		if v < leastShown {
			room[from].p += v * (1 - doubt)
			continue
		}
		room = append(room, shown{symbol: k, p: v * (1 - doubt)})
	}
	return max(p[0]*(1-doubt), s.doubled), room
}

// probabilities are the softmax of a frame's scores.
func probabilities(scores *[Classes]float32) (p [Classes]float64, ok bool) {
	top := float64(scores[0])
	for _, s := range scores {
		top = max(top, float64(s))
	}
	for k, s := range scores {
		p[k] = math.Exp((float64(s) - top) / temperature)
	}
	sum := scale(p[:])
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
