package mrz

// maxLines and maxColumns bound every format.
const (
	maxLines   = 3
	maxColumns = 44
)

// A span is one field's place in the zone, with what the standard allows there.
type span struct {
	Range
	set set
}

// A layout is the geometry of a format. Fields that the format does not have are empty spans.
type layout struct {
	format  Format
	lengths []int
	// What the passage over a zone needs, by line and column: what must not stand there, and the weight in every check
	// digit.
	forbidden [maxLines][maxColumns]set
	weights   [maxLines][maxColumns]sums

	code, state, names, given, number, nationality, birth, sex, expiry span

	optional []span
	digits   []Digit
	card     bool // TD1, TD2: valid for decades or without end; a document number longer than nine goes on in optional[0] (Doc 9303-5, 4.2.2 and 9303-6, 4.2.2)
}

// The sets that the parts of Doc 9303 share.
var (
	sexes    = of("FMX<")
	officers = of("ACI") // the document codes of official travel documents (Doc 9303-5 and -6, 4.2.2)
)

// with fills in what the format forbids at every place: all but fillers, and what its fields and check digits hold.
func (l layout) with(leading ...span) *layout {
	for line, n := range l.lengths {
		for c := range n {
			l.forbidden[line][c] = ^fillers
		}
	}
	for _, s := range append(append(l.fields(), l.optional...), leading...) {
		for c := s.From; c < s.From+s.Length; c++ {
			l.forbidden[s.Line][c] = ^s.set
		}
	}
	for i, d := range l.digits {
		l.weigh(i, d.Over)
		at := &l.forbidden[d.At.Line][d.At.Column]
		*at = ^digits
		if d.Optional || l.card && d.ID == "document_number" {
			*at = ^digitsFiller
		}
	}
	return &l
}

// weigh notes the weights of what a check digit is computed over.
func (l *layout) weigh(digit int, over []Range) {
	weights, n := [...]sums{7, 3, 1}, 0
	for _, r := range over {
		for c := r.From; c < r.From+r.Length; c++ {
			l.weights[r.Line][c] += lane(digit, weights[n%3])
			n++
		}
	}
}

// allowed is what may stand at a place.
func (l *layout) allowed(line, column int) set { return alphanumeric &^ l.forbidden[line][column] }

func (l *layout) fields() []span {
	return []span{l.code, l.state, l.names, l.given, l.number, l.nationality, l.birth, l.sex, l.expiry}
}

// at is a span; line and column count from 0.
func at(line, from, length int, s set) span { return span{Range{line, from, length}, s} }

// layoutFor is the layout of a format's plain form, nil for an unknown format.
func layoutFor(f Format) *layout {
	for _, l := range layouts {
		if l.format == f {
			return l
		}
	}
	return nil
}

var layouts = []*layout{td3, td1, td2, mrva, mrvb, frid, chdl, idl}

// td3 is the zone of a passport, Doc 9303-4, 4.2.2.
var td3 = passport(lettersFiller)

// pnrus is td3 as the Russian internal passport deviates from it: digits stand for the Cyrillic letters that the Latin
// alphabet lacks.
var pnrus = passport(alphanumeric)

func passport(names set) *layout {
	return layout{
		format: TD3, lengths: []int{44, 44},
		code: at(0, 0, 2, lettersFiller), state: at(0, 2, 3, lettersFiller), names: at(0, 5, 39, names),
		number: at(1, 0, 9, alphanumeric), nationality: at(1, 10, 3, lettersFiller), birth: at(1, 13, 6, digitsFiller),
		sex: at(1, 20, 1, sexes), expiry: at(1, 21, 6, digitsFiller), optional: []span{at(1, 28, 14, alphanumeric)},
		digits: []Digit{
			{ID: "document_number", At: Place{1, 9}, Over: []Range{{1, 0, 9}}},
			{ID: "birth_date", At: Place{1, 19}, Over: []Range{{1, 13, 6}}},
			{ID: "expiry_date", At: Place{1, 27}, Over: []Range{{1, 21, 6}}, Optional: true},
			{ID: "optional_data", At: Place{1, 42}, Over: []Range{{1, 28, 14}}, Optional: true},
			{ID: "composite", At: Place{1, 43}, Over: []Range{{1, 0, 10}, {1, 13, 7}, {1, 21, 22}}},
		},
	}.with(at(0, 0, 1, of("ACIP")), at(0, 2, 1, letters))
}

// td1 is the zone of a card, Doc 9303-5, 4.2.2.
var td1 = layout{
	format: TD1, lengths: []int{30, 30, 30}, card: true,
	code: at(0, 0, 2, alphanumeric), state: at(0, 2, 3, lettersFiller), number: at(0, 5, 9, alphanumeric),
	birth: at(1, 0, 6, digitsFiller), sex: at(1, 7, 1, sexes), expiry: at(1, 8, 6, digitsFiller),
	nationality: at(1, 15, 3, lettersFiller), names: at(2, 0, 30, lettersFiller),
	optional: []span{at(0, 15, 15, alphanumeric), at(1, 18, 11, alphanumeric)},
	digits: []Digit{
		{ID: "document_number", At: Place{0, 14}, Over: []Range{{0, 5, 9}}},
		{ID: "birth_date", At: Place{1, 6}, Over: []Range{{1, 0, 6}}},
		{ID: "expiry_date", At: Place{1, 14}, Over: []Range{{1, 8, 6}}, Optional: true},
		{ID: "composite", At: Place{1, 29}, Over: []Range{{0, 5, 25}, {1, 0, 7}, {1, 8, 7}, {1, 18, 11}}},
	},
}.with(at(0, 0, 1, officers), at(0, 2, 1, letters))

// td2 is the zone of a larger card, Doc 9303-6, 4.2.2.
var td2 = layout{
	format: TD2, lengths: []int{36, 36}, card: true,
	code: at(0, 0, 2, alphanumeric), state: at(0, 2, 3, lettersFiller), names: at(0, 5, 31, lettersFiller),
	number: at(1, 0, 9, alphanumeric), nationality: at(1, 10, 3, lettersFiller), birth: at(1, 13, 6, digitsFiller),
	sex: at(1, 20, 1, sexes), expiry: at(1, 21, 6, digitsFiller), optional: []span{at(1, 28, 7, alphanumeric)},
	digits: []Digit{
		{ID: "document_number", At: Place{1, 9}, Over: []Range{{1, 0, 9}}},
		{ID: "birth_date", At: Place{1, 19}, Over: []Range{{1, 13, 6}}},
		{ID: "expiry_date", At: Place{1, 27}, Over: []Range{{1, 21, 6}}, Optional: true},
		{ID: "composite", At: Place{1, 35}, Over: []Range{{1, 0, 10}, {1, 13, 7}, {1, 21, 14}}},
	},
}.with(at(0, 0, 1, officers), at(0, 2, 1, letters))

// mrva and mrvb are the zones of visas, Doc 9303-7, 4.2.2 and 5.2.2. They have no composite check digit.
var (
	mrva = visa(MRVA, 44)
	mrvb = visa(MRVB, 36)
)

func visa(format Format, columns int) *layout {
	return layout{
		format: format, lengths: []int{columns, columns},
		code: at(0, 0, 2, alphanumeric), state: at(0, 2, 3, lettersFiller), names: at(0, 5, columns-5, lettersFiller),
		number: at(1, 0, 9, alphanumeric), nationality: at(1, 10, 3, lettersFiller), birth: at(1, 13, 6, digitsFiller),
		sex: at(1, 20, 1, sexes), expiry: at(1, 21, 6, digits), optional: []span{at(1, 28, columns-28, alphanumeric)},
		digits: []Digit{
			{ID: "document_number", At: Place{1, 9}, Over: []Range{{1, 0, 9}}},
			{ID: "birth_date", At: Place{1, 19}, Over: []Range{{1, 13, 6}}},
			{ID: "expiry_date", At: Place{1, 27}, Over: []Range{{1, 21, 6}}},
		},
	}.with(at(0, 0, 1, of("V")), at(0, 2, 1, letters))
}
