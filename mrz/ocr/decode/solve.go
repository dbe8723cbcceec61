package decode

import (
	"math"
	"slices"
)

// A solver finds the likeliest text of a zone and how likely each character is, given its check digits: a forward-backward
// pass and a Viterbi pass over the units, whose states are the running sums of all check digits modulo 10. That is exact,
// and because only sums are seen, characters whose values agree modulo 10 keep the odds that the picture gives them.
type solver struct {
	stages []stage
	sums   *sums
	wrong  float64     // the probability that a check digit does not agree
	before [][]float64 // the probability of each state before each stage, scaled
	back   [][]step    // the likeliest way to each state behind each stage
}

// A stage is a unit as the check digits see it.
type stage struct {
	unit
	check checked
	moves []move
	by    []int // the move of each option
}

// A move is the options of a unit that have the same effect on the sums.
type move struct {
	shift  int
	symbol int     // of a check digit, -1 for others
	p      float64 // of all options
	best   float64 // of the likeliest
	option int     // the likeliest
}

// leastState is the share of the probability below which a state is left out.
const leastState = 1e-9

// A step is the likeliest way into a state: the state before, and the option of the unit.
type step struct{ from, option int16 }

// solve gives the logarithm of the odds of the zone's text against arbitrary characters, by rules and check digits; the
// posterior probabilities of its places, in the shape of zone; and the likeliest text.
func solve(units []unit, checks checks, zone [][]place) (log float64, posterior [][]place, text [][]byte) {
	s := solver{sums: newSums(checks.digits), wrong: checks.wrong}
	for _, u := range units {
		s.stages = append(s.stages, s.sums.stage(u))
	}
	for _, line := range zone {
		places := make([]place, len(line))
		for i := range line {
			places[i].from, places[i].to = line[i].from, line[i].to
		}
		posterior = append(posterior, places)
		text = append(text, make([]byte, len(line)))
	}
	log, last := s.forward()
	s.backward(posterior)
	s.trace(last, text)
	return log, posterior, text
}

// stage gathers the options of a unit into moves. The symbol of a check digit counts too: it must agree with the sum.
func (s *sums) stage(u unit) stage {
	out := stage{unit: u, check: s.check(u.Line, u.From), by: make([]int, len(u.options))}
	for i := range u.options {
		o := &u.options[i]
		next := move{shift: s.shift(u.Range, &o.text), symbol: -1}
		if out.check.slot >= 0 {
			next.symbol = int(o.text[0])
		}
		j := slices.IndexFunc(out.moves, func(m move) bool { return m.shift == next.shift && m.symbol == next.symbol })
		if j < 0 {
			j = len(out.moves)
			out.moves = append(out.moves, next)
		}
		out.by[i] = j
		m := &out.moves[j]
		m.p += o.p
		if o.p > m.best {
			m.best, m.option = o.p, i
		}
	}
	return out
}

// forward fills before and back; it gives the likeliest last state.
func (s *solver) forward() (log float64, last int) {
	now, best := make([]float64, s.sums.states), make([]float64, s.sums.states)
	now[0], best[0] = 1, 1
	for i := range s.stages {
		s.before = append(s.before, now)
		now, best = s.pass(&s.stages[i], now, best)
		log += math.Log(scale(now))
		scale(best)
	}
	for state, p := range best {
		if p > best[last] {
			last = state
		}
	}
	return log, last
}

// pass takes the probabilities through one stage.
func (s *solver) pass(at *stage, now, best []float64) (next, bestNext []float64) {
	next, bestNext = make([]float64, len(now)), make([]float64, len(now))
	back := make([]step, len(now))
	for _, m := range at.moves {
		added := s.sums.add(m.shift)
		for state, p := range now {
			if p < leastState {
				continue
			}
			to, agreed := s.to(at, state, m, added)
			next[to] += p * m.p * agreed
			if b := best[state] * m.best * agreed; b > bestNext[to] {
				bestNext[to] = b
				back[to] = step{int16(state), int16(m.option)}
			}
		}
	}
	s.back = append(s.back, back)
	return next, bestNext
}

// agrees is how much likelier a check digit that agrees is than any, if all digits agreed.
const agrees = 10.0

// to is the state behind a move, and how likely the move is there.
func (s *solver) to(at *stage, state int, m move, added []int16) (to int, agreed float64) {
	slot := at.check.slot
	if slot < 0 {
		return int(added[state]), 1
	}
	sum := s.sums.of(state, slot)
	agreed = agrees / 9 * s.wrong
	if m.symbol == sum || at.check.optional && sum == 0 && m.symbol == fillerIndex {
		agreed = agrees * (1 - s.wrong)
	}
	return int(added[s.sums.close(state, slot)]), agreed
}

// backward fills the posterior probabilities.
func (s *solver) backward(posterior [][]place) {
	after := make([]float64, s.sums.states)
	for i := range after {
		after[i] = 1
	}
	for i := len(s.stages) - 1; i >= 0; i-- {
		at := &s.stages[i]
		next, weight := make([]float64, len(after)), make([]float64, len(at.moves))
		for j, m := range at.moves {
			added := s.sums.add(m.shift)
			for state, p := range s.before[i] {
				if p < leastState {
					continue
				}
				to, agreed := s.to(at, state, m, added)
				next[state] += m.p * agreed * after[to]
				weight[j] += p * agreed * after[to]
			}
		}
		at.settle(weight, posterior[at.Line][at.From:])
		scale(next)
		after = next
	}
}

// settle spreads the weights of a stage's moves over its places.
func (s *stage) settle(weight []float64, at []place) {
	for i := range s.options {
		o := &s.options[i]
		for c := range s.Length {
			at[c].p[o.text[c]] += o.p * weight[s.by[i]]
		}
	}
	for c := range s.Length {
		at[c].norm()
	}
}

// trace writes the likeliest text from its last state back to the first.
func (s *solver) trace(state int, text [][]byte) {
	for i := len(s.stages) - 1; i >= 0; i-- {
		at, b := &s.stages[i], s.back[i][state]
		for c := range at.Length {
			text[at.Line][at.From+c] = Alphabet[at.options[b.option].text[c]]
		}
		state = int(b.from)
	}
}

// scale makes the values sum to 1 and gives what they summed to.
func scale(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	for i := range values {
		values[i] /= sum
	}
	return sum
}
