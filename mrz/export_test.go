package mrz

// CheckDigit is the check digit of a field; ok is false when a character has no value.
func CheckDigit(field string) (digit byte, ok bool) {
	var s checkSum
	s.add(field)
	return s.digit(), s.readable()
}
