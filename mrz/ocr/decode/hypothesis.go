package decode

import (
	"math"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/mrz"
)

// A hypothesis is one way in which a zone of a format may be laid out. Most formats have but one; a document number that
// goes on in the optional data, the Russian internal passport, and document codes that only their issuers know, are others
// that only the text itself tells of.
type hypothesis struct {
	prior   float64
	begins  string // with what the zone must begin, as the picture alone says
	may     string // with what it must at least be able to
	changed []change
	anew    bool // the changes are of the first line, and so great that it must be read anew with them
	checks  []checks
}

// checks are the check digits that a zone may have.
type checks struct {
	prior  float64
	wrong  float64 // the probability of each digit that it does not agree
	digits []mrz.Digit
}

// A change is a place that allows something else than the format's plain form.
type change struct {
	at      mrz.Place
	allowed string
}

const (
	digits       = "0123456789"
	filler       = '<'
	letters      = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	fillers      = "<"
	fillerIndex  = Symbols - 1
	alphanumeric = Alphabet
	noFiller     = digits + letters
)

// hypotheses are the ways in which zones of a format are laid out, the plain ones first.
func hypotheses(format mrz.Format) []hypothesis {
	out := []hypothesis{{prior: 1, checks: carefulOrNot(format.Digits())}}
	switch format {
	case mrz.TD1:
		out = append(out, longNumbers(format, mrz.Range{Line: 0, From: 15, Length: 15})...)
	case mrz.TD2:
		out = append(out, longNumbers(format, mrz.Range{Line: 1, From: 28, Length: 7})...)
	case mrz.TD3:
		out = append(out, internalPassport())
	}
	return append(out, issuersOwn(format)...)
}

// carefulOrNot are the check digits of a document whose maker took care of them, and of one whose maker did not.
func carefulOrNot(digits []mrz.Digit) []checks {
	return []checks{{1 - careless, wrongDigit, digits}, {careless, carelessDigit, digits}}
}

// longNumbers are the zones in which the document number goes on at rest, the optional data: a filler stands for its check
// digit, and the digit and another filler follow behind the number (Doc 9303-5, 4.2.2 and 9303-6, 4.2.2). Belgium computed
// some of these digits over the first filler, too.
func longNumbers(format mrz.Format, rest mrz.Range) []hypothesis {
	var out []hypothesis
	own := slices.IndexFunc(format.Digits(), func(d mrz.Digit) bool { return d.ID == "document_number" })
	plain := format.Digits()[own]
	between := mrz.Range{Line: plain.At.Line, From: plain.At.Column, Length: 1}
	at := func(n int) mrz.Place { return mrz.Place{Line: rest.Line, Column: rest.From + n} }
	for n := 1; n+2 <= rest.Length; n++ {
		more := mrz.Range{Line: rest.Line, From: rest.From, Length: n}
		h := hypothesis{prior: longNumber / float64(rest.Length)}
		h.changed = []change{{plain.At, fillers}, {at(n), digits}, {at(n + 1), fillers}}
		for i := range n {
			h.changed = append(h.changed, change{at(i), noFiller})
		}
		for _, over := range [][]mrz.Range{{plain.Over[0], more}, {plain.Over[0], between, more}} {
			digits := format.Digits()
			digits[own] = mrz.Digit{ID: plain.ID, At: at(n), Over: over}
			h.checks = append(h.checks, checks{1 - belgian, wrongDigit, digits})
		}
		h.checks[1].prior = belgian
		out = append(out, h)
	}
	return out
}

// issuersOwn are the zones that begin with a document code which only its issuer knows, and with that issuer. That this is a
// State that there is counts once. They are read anew: as a zone of the plain form, XA is likelier an A beside the line's
// beginning.
func issuersOwn(format mrz.Format) []hypothesis {
	var out []hypothesis
	for _, code := range format.IssuersOwn() {
		h := hypothesis{prior: ownCode / realState, may: code[0], anew: true, checks: carefulOrNot(format.Digits())}
		for column, symbol := range strings.Split(code[0]+code[1], "") {
			h.changed = append(h.changed, change{mrz.Place{Line: 0, Column: column}, symbol})
		}
		out = append(out, h)
	}
	return out
}

// internalPassport is the zone of the Russian internal passport, in whose names digits stand for some letters.
func internalPassport() hypothesis {
	h := hypothesis{prior: russian, begins: "PNRUS", checks: carefulOrNot(mrz.TD3.Digits())}
	for column := len(h.begins); column < mrz.TD3.Lengths()[0]; column++ {
		h.changed = append(h.changed, change{mrz.Place{Line: 0, Column: column}, alphanumeric})
	}
	return h
}

// weigh gives the prior probabilities of the symbols at a place, against arbitrary characters.
func weigh(allowed string) (w weights) {
	mixed := strings.ContainsAny(allowed, digits) && strings.ContainsAny(allowed, letters)
	var all, others float64
	for k := range Symbols {
		switch symbol := Alphabet[k : k+1]; {
		case !strings.Contains(allowed, symbol):
			others++
			continue
		case mixed && strings.Contains(letters, symbol):
			w[k] = letterAmidDigits
		default:
			w[k] = 1
		}
		all += w[k]
	}
	wrong := wrongAlphabet
	if others == 0 {
		wrong, others = 0, 1
	}
	for k := range Symbols {
		if w[k] *= (1 - wrong) / all; w[k] == 0 {
			w[k] = wrong / others
		}
		w[k] *= float64(Symbols)
	}
	w[unknown] = 1
	return w
}

// allows are the characters that may stand at a place where the plain form allows some.
func (h *hypothesis) allows(at mrz.Place, plain string) string {
	for _, c := range h.changed {
		if c.at == at {
			return c.allowed
		}
	}
	return plain
}

// most is the logarithm of the most that check digits can weigh.
func (h *hypothesis) most() float64 {
	return float64(len(h.checks[0].digits)) * math.Log(agrees)
}
