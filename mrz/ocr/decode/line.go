package decode

import "math"

// weights are how much more (or less) probable each symbol is at one place than any other would be there; their mean over
// the symbols is 1, and so is the unknown's weight.
type weights [Symbols + 1]float64

// A place is one character's place in a line: the probability of each symbol there, and the mean frames at which it begins
// and ends.
type place struct {
	p        [Symbols]float64
	from, to float64
}

// norm makes the probabilities sum to 1 and gives what they summed to.
func (p *place) norm() float64 { return scale(p.p[:]) }

// A strip is a line of the page cut into all segments that may hold one character.
//
// A reading of it is a margin, one segment a character, and another margin. The frames of a segment are those of
// connectionist temporal classification (Graves et al. 2006) for a text of one character: no character, then the symbol,
// then none. Other characters may stand in the margins at a cost.
type strip struct {
	frames int
	seen   int         // characters of the likeliest path, of any length and at any distance
	spans  [][]segment // for each frame, those that begin there, the shortest first
	before []float64   // the logarithm of the probability that all before a frame is margin
	behind []float64   // and all from it on

	weighed map[*weights][][]float64 // the probability of each span as a place with these weights, once it has been asked for
}

// A segment is frames that may hold one character: how many, how likely so many are, and the symbols that they show.
type segment struct {
	frames int
	p      float64
	shown  []shown
}

// cut finds the segments of a line. It has none when the line cannot be read.
func cut(line Line) strip {
	frames, starts := soften(line)
	pitch, ok := pitchOf(starts)
	if !ok {
		return strip{}
	}
	s := strip{frames: len(frames), seen: len(starts), spans: make([][]segment, len(frames)), weighed: map[*weights][][]float64{}}
	s.before, s.behind = make([]float64, len(frames)+1), make([]float64, len(frames)+1)
	for t := range frames {
		s.before[t+1] = s.before[t] + math.Log(frames[t].other(junk))
		back := len(frames) - 1 - t
		s.behind[back] = s.behind[back+1] + math.Log(frames[back].other(junk))
		first, p := durations(pitch.at(t))
		if most := len(frames) - t - first + 1; most < len(p) {
			p = p[:max(0, most)]
		}
		s.spans[t] = segments(frames, t, first, p)
	}
	return s
}

// segments are those that begin at a frame, from so many frames on, with the probability of each length.
func segments(line []frame, at, first int, p []float64) []segment {
	if len(p) == 0 {
		return nil
	}
	frames, symbols, n := line[at:], [Symbols + 1]bool{unknown: true}, 1
	for i := range frames[:first+len(p)-1] {
		for _, s := range frames[i].shown {
			if !symbols[s.symbol] {
				symbols[s.symbol] = true
				n++
			}
		}
	}
	out, room := make([]segment, len(p)), make([]shown, n*len(p))
	for i := range out {
		out[i] = segment{first + i, p[i], room[i*n : i*n : (i+1)*n]}
	}
	for symbol, there := range symbols {
		if there {
			show(frames, symbol, startsAt(line, at, symbol), out)
		}
	}
	return out
}

// startsAt is the probability that a symbol may begin with a frame: where the frame before shows it too, they are one character,
// for between two that are alike the recogniser sees none (Graves et al. 2006).
func startsAt(line []frame, at, symbol int) float64 {
	if at == 0 || symbol == unknown {
		return 1
	}
	return 1 - line[at-1].of(symbol)*(1-torn)
}

// show adds the probability of one symbol to segments that begin with the first frame: of no character before it, in it,
// and of none behind it. At the first frame it starts with a probability of its own.
func show(frames []frame, symbol int, start float64, segments []segment) {
	before, in, behind := 1.0, 0.0, 0.0
	for i := range frames[:segments[len(segments)-1].frames] {
		f := &frames[i]
		other, p := f.other(ghost), f.of(symbol)
		behind = (behind + in) * other
		in = (in + before*start) * p
		before, start = before*other, 1
		if at := i + 1 - segments[0].frames; at >= 0 {
			segments[at].shown = append(segments[at].shown, shown{symbol, in + behind})
		}
	}
}

// read gives the logarithm of the probability that a line is len(want) characters, each weighted by its place, and what
// stands at each place: a forward-backward pass over the segments. With all weights 1 it is about the probability of the
// length alone, because the recogniser's own probabilities of all texts of any length sum to 1.
func (s *strip) read(want []*weights) scan {
	forward, log := s.forward(want)
	if !(log >= hopelessFit*float64(len(want))) {
		return noScan
	}
	places := make([]place, len(want))
	after, _ := exponents(s.behind)
	next := make([]float64, len(after))
	for n := len(want) - 1; n >= 0; n-- {
		s.back(after, next, want[n])
		s.gather(forward[n], next, after, want[n], &places[n])
		scale(next)
		after, next = next, after
	}
	return scan{log, places}
}

// weigh is the probability of each span as a place with these weights.
func (s *strip) weigh(w *weights) [][]float64 {
	if out, ok := s.weighed[w]; ok {
		return out
	}
	out, n := make([][]float64, s.frames), 0
	for _, spans := range s.spans {
		n += len(spans)
	}
	room := make([]float64, n)
	for t, spans := range s.spans {
		out[t], room = room[:len(spans)], room[len(spans):]
		for i := range spans {
			for _, c := range spans[i].shown {
				out[t][i] += c.p * w[c.symbol] * spans[i].p
			}
		}
	}
	s.weighed[w] = out
	return out
}

// forward gives, for each number of characters, the probability that they end before each frame, scaled.
func (s *strip) forward(want []*weights) (ends [][]float64, log float64) {
	now, log := exponents(s.before)
	room := make([]float64, len(want)*len(now))
	for _, w := range want {
		ends = append(ends, now)
		var next []float64
		next, room = room[:len(now)], room[len(now):]
		for t, p := range s.weigh(w) {
			if now[t] < hopeless || len(p) == 0 {
				continue
			}
			to := next[t+s.spans[t][0].frames:]
			for i := range p {
				to[i] += now[t] * p[i]
			}
		}
		log += math.Log(scale(next))
		now = next
	}
	behind, most := exponents(s.behind)
	var sum float64
	for t, p := range now {
		sum += p * behind[t]
	}
	return ends, log + most + math.Log(sum)
}

// back goes back by one character: it fills next with the probability of all that follows each frame, from that of all
// that follows the character.
func (s *strip) back(after, next []float64, w *weights) {
	clear(next)
	for t, p := range s.weigh(w) {
		if len(p) == 0 {
			continue
		}
		for i, rest := range after[t+s.spans[t][0].frames:][:len(p)] {
			next[t] += rest * p[i]
		}
	}
}

// gather notes what the segments of one place show, by what is before them and what follows their beginning and their end.
func (s *strip) gather(before, next, after []float64, w *weights, at *place) {
	var whole, doubted float64
	for t := range s.spans {
		whole += before[t] * next[t]
	}
	for t := range s.spans {
		if before[t]*next[t] < leastSegment*whole {
			continue
		}
		for i := range s.spans[t] {
			span := &s.spans[t][i]
			rest := before[t] * span.p * after[t+span.frames] / whole
			for _, c := range span.shown {
				p := rest * c.p * w[c.symbol]
				at.from += p * float64(t)
				at.to += p * float64(t+span.frames)
				if c.symbol == unknown {
					doubted += p
				} else {
					at.p[c.symbol] += p
				}
			}
		}
	}
	for k := range at.p {
		at.p[k] += doubted * w[k] / float64(Symbols)
	}
	at.norm()
}

// exponents turns logarithms into numbers of which the largest is 1, and gives its logarithm.
func exponents(logs []float64) (out []float64, most float64) {
	most = math.Inf(-1)
	for _, l := range logs {
		most = max(most, l)
	}
	out = make([]float64, len(logs))
	for i, l := range logs {
		out[i] = math.Exp(l - most)
	}
	return out, most
}
