package mrz

// products are the values of every byte times the weights 7, 3 and 1, modulo 10.
var products = func() (t [3][256]uint32) {
	for phase, weight := range []uint32{7, 3, 1} {
		for c, value := range indexes {
			switch value {
			case none:
				t[phase][c] = unread
			case filler:
				t[phase][c] = 0
			default:
				t[phase][c] = uint32(value) * weight % 10
			}
		}
	}
	return t
}()

// unread stands in products for bytes without a value; the sum of what can be read stays below it.
const unread = 1 << 31

// checkSum is a running sum for the check digit of a field: weights 7, 3, 1 over the values of 0-9, A-Z (10 to 35) and '<' (0), modulo
// 10 (Doc 9303-3, 4.9). It runs on, so that a composite digit needs no joined copy of its fields.
type checkSum struct{ sum, length int }

// add takes three characters at a time, by index: twice as fast as one, and as cutting the field.
func (s *checkSum) add(field string) {
	first := s.length % 3
	t0, t1, t2 := &products[first], &products[(first+1)%3], &products[(first+2)%3]
	sum, i := s.sum, 0
	for ; i+3 <= len(field); i += 3 {
		sum += int(t0[field[i]]) + int(t1[field[i+1]]) + int(t2[field[i+2]])
	}
	if i < len(field) {
		sum += int(t0[field[i]])
	}
	if i+1 < len(field) {
		sum += int(t1[field[i+1]])
	}
	s.sum, s.length = sum, s.length+len(field)
}

func (s *checkSum) digit() byte { return byte('0' + s.sum%10) }

func (s *checkSum) readable() bool { return s.sum < unread }

// sums are the sums of up to five check digits side by side, each in laneBits: 90 characters of value 9 and weights of
// 11/3 on average stay below 2^12. One multiplication adds a character to all of them.
type sums uint64

const laneBits = 12

// values are the values of every byte, modulo 10.
var values = func() (t [256]sums) {
	for c, i := range indexes {
		if i < filler {
			t[c] = sums(i % 10)
		}
	}
	return t
}()

// lane is a weight in its place.
func lane(digit int, weight sums) sums { return weight << (laneBits * digit) }

func (s sums) digit(i int) byte { return byte('0' + s>>(laneBits*i)%(1<<laneBits)%10) }

// A verdict is what comparing a check digit can end in.
type verdict int

const (
	agrees verdict = iota
	disagrees
	unreadable
	unused
)

func (v verdict) check(id string) Check {
	switch v {
	case disagrees:
		return Check{id, Failed, "the check digit does not agree"}
	case unreadable:
		return Check{id, Undetermined, "a character in it has no value"}
	case unused:
		return Check{id, NotSupported, "the field is not used"}
	}
	return Check{id, Passed, ""}
}

// judge compares one check digit with what it is computed over.
func (z *Zone) judge(d *Digit) verdict {
	if z.rest > 0 && d.ID == "document_number" {
		return z.judgeLongNumber(d)
	}
	var s checkSum
	for _, r := range d.Over {
		s.add(z.text(r))
	}
	found := z.lines[d.At.Line][d.At.Column]
	if found == '<' && d.Optional && z.unused(d) {
		return unused
	}
	return s.judge(found)
}

func (s *checkSum) judge(found byte) verdict {
	switch {
	case !s.readable() || indexes[found] == none:
		return unreadable
	case found != s.digit():
		return disagrees
	}
	return agrees
}

// unused reports whether d stands for nothing but fillers.
func (z *Zone) unused(d *Digit) bool {
	for _, r := range d.Over {
		if !onlyFillers(z.text(r)) {
			return false
		}
	}
	return true
}

// judgeLongNumber is judge for a document number that goes on in the optional data. The filler in the place of the check
// digit is left out of the sum (Doc 9303-5, 4.2.4); some of Belgium's cards count it.
func (z *Zone) judgeLongNumber(d *Digit) verdict {
	number, more := z.text(d.Over[0]), z.text(z.layout.optional[0].Range)
	var without, with checkSum
	without.add(number)
	without.add(more[:z.rest])
	with.add(number)
	with.add("<")
	with.add(more[:z.rest])
	found := more[z.rest]
	if with.judge(found) == agrees {
		return agrees
	}
	return without.judge(found)
}
