package decode

import (
	"slices"

	"github.com/foyer-station/foyer/mrz"
)

// sums are the running sums of a zone's check digits, all at once: each digit has a slot from the first character that it
// covers to its own place, and slots are used again. A state is the sums modulo 10 of all slots, as one decimal number.
type sums struct {
	slots  []slot
	states int       // 10 to the power of the number of slots
	added  [][]int16 // the state that each shift makes of each state, once it has been asked for
}

// A slot holds the digits that follow each other in it.
type slot struct {
	weights map[mrz.Place]int // 7, 3 or 1 of each place that a digit covers (Doc 9303-3, 4.9)
	digits  []mrz.Digit
	ends    mrz.Place // of the last digit
	base    int       // of its figure in the state: 1, 10, 100
}

// newSums lays a zone's check digits out in slots.
func newSums(digits []mrz.Digit) *sums {
	s := &sums{states: 1}
	digits = slices.Clone(digits)
	slices.SortFunc(digits, func(a, b mrz.Digit) int { return order(begins(a), begins(b)) })
	for _, d := range digits {
		free := slices.IndexFunc(s.slots, func(o slot) bool { return order(o.ends, begins(d)) < 0 })
		if free < 0 {
			free = len(s.slots)
			s.slots = append(s.slots, slot{weights: map[mrz.Place]int{}, base: s.states})
			s.states *= 10
		}
		s.slots[free].add(d)
	}
	return s
}

func (s *slot) add(d mrz.Digit) {
	i := 0
	for _, r := range d.Over {
		for c := range r.Length {
			s.weights[mrz.Place{Line: r.Line, Column: r.From + c}] = [3]int{7, 3, 1}[i%3]
			i++
		}
	}
	s.digits = append(s.digits, d)
	s.ends = d.At
}

func begins(d mrz.Digit) mrz.Place {
	return mrz.Place{Line: d.Over[0].Line, Column: d.Over[0].From}
}

// order compares places in reading order.
func order(a, b mrz.Place) int {
	if a.Line != b.Line {
		return a.Line - b.Line
	}
	return a.Column - b.Column
}

// shift is what a text adds to the sums, as a state.
func (s *sums) shift(at mrz.Range, text *[longestUnit]uint8) int {
	out := 0
	for i := range s.slots {
		sum := 0
		for c := range at.Length {
			value := int(text[c])
			if value == fillerIndex {
				value = 0
			}
			sum += value * s.slots[i].weights[mrz.Place{Line: at.Line, Column: at.From + c}]
		}
		out += sum % 10 * s.slots[i].base
	}
	return out
}

// checked is what stands at a place as a check digit: its slot, -1 for none, and whether a filler may stand for it where
// it covers nothing but fillers.
type checked struct {
	slot     int
	optional bool
}

// check tells which check digit stands at a place.
func (s *sums) check(line, column int) checked {
	for i := range s.slots {
		for _, d := range s.slots[i].digits {
			if d.At == (mrz.Place{Line: line, Column: column}) {
				return checked{i, d.Optional}
			}
		}
	}
	return checked{slot: -1}
}

// of is the sum of one slot in a state.
func (s *sums) of(state, slot int) int { return state / s.slots[slot].base % 10 }

// add gives the states that a shift makes of all states.
func (s *sums) add(shift int) []int16 {
	if s.added == nil {
		s.added = make([][]int16, s.states)
	}
	if s.added[shift] == nil {
		s.added[shift] = make([]int16, s.states)
		for state := range s.states {
			to := 0
			for base := 1; base < s.states; base *= 10 {
				to += (state/base + shift/base) % 10 * base
			}
			s.added[shift][state] = int16(to)
		}
	}
	return s.added[shift]
}

// close takes the sum of a slot out of a state, once its digit has been passed.
func (s *sums) close(state, slot int) int { return state - s.of(state, slot)*s.slots[slot].base }
