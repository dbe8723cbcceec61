package decode

import "math"

// A solver finds the likeliest text of a zone and how likely each character is, given its check digits: a forward-backward
// pass and a Viterbi pass over the units, whose states are the running sums of all check digits modulo 10. That is exact,
// and because only sums are seen, characters whose values agree modulo 10 keep the odds that the picture gives them.
type solver struct {
	units  []unit
	sums   *sums
	moves  [][]move    // of each unit
	before [][]float64 // the probability of each state before each unit, scaled
	back   [][]step    // the likeliest way to each state behind each unit
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

// solve gives the logarithm of the probability that the check digits agree as they do, the likeliest text, and the
// posterior probabilities of the places, in the shape of zone.
func solve(units []unit, sums *sums, zone [][]place) (log float64, text [][]byte, posterior [][]place) {
	s := solver{units: units, sums: sums}
	for i := range units {
		s.moves = append(s.moves, units[i].moves())
	}
	for _, line := range zone {
		places := make([]place, len(line))
		for i := range line {
			places[i].frame = line[i].frame
		}
		posterior = append(posterior, places)
		text = append(text, make([]byte, len(line)))
	}
	log, last := s.forward()
	s.backward(posterior)
	s.trace(last, text)
	return log, text, posterior
}

// moves gathers the options of a unit. The symbol of a check digit counts too, because it must agree with the sum.
func (u *unit) moves() []move {
	var out []move
	for i := range u.options {
		o := &u.options[i]
		symbol := -1
		if u.check >= 0 {
			symbol = int(o.text[0])
		}
		o.move = len(out)
		for j := range out {
			if out[j].shift == o.shift && out[j].symbol == symbol {
				o.move = j
			}
		}
		if o.move == len(out) {
			out = append(out, move{shift: o.shift, symbol: symbol})
		}
		m := &out[o.move]
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
	for i := range s.units {
		s.before = append(s.before, now)
		now, best = s.pass(i, now, best)
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

// pass takes the probabilities through one unit.
func (s *solver) pass(unit int, now, best []float64) (next, bestNext []float64) {
	next, bestNext = make([]float64, len(now)), make([]float64, len(now))
	back := make([]step, len(now))
	u := &s.units[unit]
	for _, m := range s.moves[unit] {
		added := s.sums.add(m.shift)
		for state, p := range now {
			if p < leastState {
				continue
			}
			to, agreed := s.to(u, state, m, added)
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

// to is the state behind a move, and how likely the move is there.
func (s *solver) to(u *unit, state int, m move, added []int16) (to int, agreed float64) {
	if u.check < 0 {
		return int(added[state]), 1
	}
	sum := s.sums.of(state, u.check)
	agreed = 10. / 9 * wrongDigit
	if m.symbol == sum || u.spare && sum == 0 && m.symbol == Symbols-1 {
		agreed = 10 * (1 - wrongDigit) // ten digits would be as likely otherwise
	}
	return int(added[s.sums.close(state, u.check)]), agreed
}

// backward fills the posterior probabilities.
func (s *solver) backward(posterior [][]place) {
	after := make([]float64, s.sums.states)
	for i := range after {
		after[i] = 1
	}
	for i := len(s.units) - 1; i >= 0; i-- {
		u := &s.units[i]
		next, weight := make([]float64, len(after)), make([]float64, len(s.moves[i]))
		for j, m := range s.moves[i] {
			added := s.sums.add(m.shift)
			for state, p := range s.before[i] {
				if p < leastState {
					continue
				}
				to, agreed := s.to(u, state, m, added)
				next[state] += m.p * agreed * after[to]
				weight[j] += p * agreed * after[to]
			}
		}
		u.settle(weight, posterior[u.Line][u.From:])
		scale(next)
		after = next
	}
}

// settle spreads the weights of a unit's moves over its places.
func (u *unit) settle(weight []float64, at []place) {
	for i := range u.options {
		o := &u.options[i]
		for c := range u.Length {
			at[c].p[o.text[c]] += o.p * weight[o.move]
		}
	}
	for c := range u.Length {
		at[c].norm()
	}
}

// trace writes the likeliest text from its last state back to the first.
func (s *solver) trace(state int, text [][]byte) {
	for i := len(s.units) - 1; i >= 0; i-- {
		u, b := &s.units[i], s.back[i][state]
		for c := range u.Length {
			text[u.Line][u.From+c] = Alphabet[u.options[b.option].text[c]]
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
