package mrz

// The national shapes below stand in no ICAO part; their geometry is read from the States' published specimens.

// frid is the zone of the French national identity card issued from 1988 to 2021: no nationality, no expiry, given names
// in the second line. The document number holds year and month of issue, the department, and a running number; the
// optional data is department and office of issue.
var frid = layout{
	format: FRID, lengths: []int{36, 36},
	code: at(0, 0, 2, letters), state: at(0, 2, 3, letters), names: at(0, 5, 25, lettersFiller), optional: []span{at(0, 30, 6, alphanumeric)},
	number: at(1, 0, 12, alphanumeric), given: at(1, 13, 14, lettersFiller), birth: at(1, 27, 6, digitsFiller), sex: at(1, 34, 1, sexes),
	digits: []Digit{
		{ID: "document_number", At: Place{1, 12}, Over: []Range{{1, 0, 12}}},
		{ID: "birth_date", At: Place{1, 33}, Over: []Range{{1, 27, 6}}},
		{ID: "composite", At: Place{1, 35}, Over: []Range{{0, 0, 36}, {1, 0, 35}}},
	},
}.with(append(exactly("IDFRA"), at(1, 0, 4, digits), at(1, 7, 5, digits))...)

// chdl is the zone of the Swiss and Liechtenstein driving licence of credit-card size: a line with the number of the card
// and its language, one with the licence holder's number, the card's version and the birth date, one with the names. It
// has no check digits.
var chdl = layout{
	format: CHDL, lengths: []int{9, 30, 30},
	number: at(0, 0, 7, alphanumeric),
	code:   at(1, 0, 2, letters), state: at(1, 2, 3, letters), optional: []span{at(1, 5, 12, digits)}, birth: at(1, 19, 6, digits),
	names: at(2, 0, 30, lettersFiller),
}.with(append(exactlyIn(1, "FA"), at(0, 0, 3, letters|digits), at(0, 3, 3, digits), at(0, 6, 1, of("DFIR")))...)

// idl is the one line on driving licences with a chip (ISO/IEC 18013-3, basic access protection): D, the configuration,
// the State, 24 characters of its own and a check digit over all of them.
var idl = license(nil)

// idlFrance and idlNetherlands are idl as these States fill it.
var (
	idlFrance = license(func(l *layout) {
		l.number, l.expiry, l.names, l.optional = at(0, 5, 9, alphanumeric), at(0, 15, 6, digits), at(0, 21, 8, lettersFiller), nil
		l.digits = append([]Digit{{ID: "document_number", At: Place{0, 14}, Over: []Range{{0, 0, 14}}}}, l.digits...)
	})
	idlNetherlands = license(func(l *layout) {
		l.number, l.optional = at(0, 6, 10, digits), []span{at(0, 5, 1, alphanumeric), at(0, 16, 13, alphanumeric)}
	})
)

func license(national func(*layout)) *layout {
	l := layout{
		format: IDL, lengths: []int{30},
		code: at(0, 0, 2, alphanumeric), state: at(0, 2, 3, lettersFiller), optional: []span{at(0, 5, 24, alphanumeric)},
		digits: []Digit{{ID: "composite", At: Place{0, 29}, Over: []Range{{0, 0, 29}}}},
	}
	if national != nil {
		national(&l)
	}
	return l.with(at(0, 0, 1, of("D")), at(0, 2, 1, letters))
}

// exactly are the spans of a text with which the first line begins in every zone of a format.
func exactly(text string) []span { return exactlyIn(0, text) }

func exactlyIn(line int, text string) []span {
	var out []span
	for i := range len(text) {
		out = append(out, at(line, i, 1, of(text[i:i+1])))
	}
	return out
}
