package mrz

// CheckDigit computes the check digit of a field: weights 7, 3, 1 over the values of 0-9, A-Z (10 to 35) and '<' (0),
// modulo 10 (Doc 9303-3, 4.9). ok is false when a character has no value.
func CheckDigit(field string) (digit byte, ok bool) {
	var s checkSum
	ok = s.add(field)
	return s.digit(), ok
}

// checkSum is a running sum, so that a composite digit needs no joined copy of its fields.
type checkSum struct{ n, sum int }

func (s *checkSum) add(field string) bool {
	weights := [3]int{7, 3, 1}
	for i := range len(field) {
		var v int
		switch c := field[i]; {
		case c >= '0' && c <= '9':
			v = int(c - '0')
		case c >= 'A' && c <= 'Z':
			v = int(c-'A') + 10
		case c != '<':
			return false
		}
		s.sum += v * weights[s.n%3]
		s.n++
	}
	return true
}

func (s *checkSum) digit() byte { return byte('0' + s.sum%10) }
