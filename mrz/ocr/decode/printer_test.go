package decode_test

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/ocr/decode"
	"pgregory.net/rapid"
)

// A printer makes what a good recogniser says of printed characters.
type printer struct{ *rand.Rand }

const (
	margin = 4    // frames on both sides of a line
	pitch  = 5    // frames of a character; the second and the third of them show it
	clear  = 20.0 // the logit of what is printed, beside noise around 0
)

func newPrinter(seed uint64) printer { return printer{rand.New(rand.NewPCG(seed, 1))} }

// line prints a text. A full stop is a character that the recogniser does not see, a colon a filler that it sees double.
func (p printer) line(text string) decode.Line {
	l := decode.Line{LogProb: p.blanks(2*margin + pitch*len(text))}
	for i := range len(text) {
		at := margin + pitch*i + 1
		switch text[i] {
		case '.':
		case ':':
			see(l, at, '<')
			see(l, at+2, '<')
		default:
			see(l, at, text[i])
			see(l, at+1, text[i])
		}
	}
	return l
}

func (p printer) lines(text ...string) []decode.Line {
	var out []decode.Line
	for _, t := range text {
		out = append(out, p.line(t))
	}
	return out
}

func (p printer) blanks(n int) [][decode.Classes]float32 {
	out := make([][decode.Classes]float32, n)
	for i := range out {
		for k := range out[i] {
			out[i][k] = float32(p.NormFloat64())
		}
		out[i][0] = clear
	}
	return out
}

// see lets the recogniser see a symbol in one frame.
func see(l decode.Line, frame int, symbol byte) {
	l.LogProb[frame][0], l.LogProb[frame][class(symbol)] = 0, clear
}

// mistake lets the recogniser see another symbol at a place, too, by so much more (or less) than the right one.
func mistake(l decode.Line, column int, right, wrong byte, more float32) {
	for i := range 2 {
		frame := &l.LogProb[margin+pitch*column+1+i]
		frame[class(wrong)] = frame[class(right)] + more/2
	}
}

// fade lets the recogniser see a character in one frame of two.
func fade(l decode.Line, column int) { l.LogProb[margin+pitch*column+2] = l.LogProb[0] }

func class(symbol byte) int { return 1 + strings.IndexByte(decode.Alphabet, symbol) }

// digitOf is the check digit of a text (Doc 9303-3, 4.9).
func digitOf(text string) string {
	sum := 0
	for i, c := range text {
		value := 0 // of a filler
		switch {
		case '0' <= c && c <= '9':
			value = int(c - '0')
		case 'A' <= c && c <= 'Z':
			value = int(c-'A') + 10
		}
		sum += value * []int{7, 3, 1}[i%3]
	}
	return strconv.Itoa(sum % 10)
}

// longTD1 is a card whose document number goes on in the optional data; between is what the check digit counts where the
// number's own check digit would stand.
func longTD1(number, between string) []string {
	const rest = "7349512"
	first := "IDBEL" + number + "<" + rest + digitOf(number+between+rest)
	zone := []string{first + strings.Repeat("<", 30-len(first)), "3407127M9507122BEL<<<<<<<<<<<", "STEVENSON<<PETER<JOHN<<<<<<<<<"}
	zone[1] += compositeOf(zone)
	return zone
}

// longTD2 is a card of the larger size, likewise.
func longTD2() []string {
	zone := []string{"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D23145890<UTO7408122F1204159734" + digitOf("D23145890734") + "<<<"}
	zone[1] += compositeOf(zone)
	return zone
}

// compositeOf is the composite check digit of a card.
func compositeOf(zone []string) string {
	if second := zone[1]; len(zone) == 2 {
		return digitOf(second[:10] + second[13:20] + second[21:35])
	}
	return digitOf(zone[0][5:] + zone[1][:7] + zone[1][8:15] + zone[1][18:29])
}

// anyZone is one of an ICAO format, with all check digits right; numbers of cards may be long.
func anyZone(t *rapid.T) []string {
	draw := func(name, pattern string) string { return rapid.StringMatching(pattern).Draw(t, name) }
	date := func(name string) string {
		return draw(name, "20(0[1-9]|1[0-9])-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])")
	}
	format := rapid.SampledFrom([]mrz.Format{mrz.TD1, mrz.TD2, mrz.TD3, mrz.MRVA, mrz.MRVB}).Draw(t, "format")
	f := mrz.Fields{
		DocumentCode: map[mrz.Format]string{mrz.TD1: "I", mrz.TD2: "AC", mrz.TD3: "P", mrz.MRVA: "V", mrz.MRVB: "VC"}[format],
		IssuingState: draw("state", "UTO|D|FRA|GBD"), Nationality: draw("nationality", "UTO|D|XXA"),
		Surname: draw("surname", "[A-Z]{2,9}( [A-Z]{2,4})?"), GivenNames: draw("given names", "[A-Z]{2,6}( [A-Z]{2,4})?"),
		DocumentNumber: draw("number", "[A-Z0-9]{5,9}"), OptionalData: draw("optional data", "[A-Z0-9]{0,5}"),
		BirthDate: date("birth"), ExpiryDate: date("expiry"), Sex: draw("sex", "[FMX]?"),
	}
	if rapid.Bool().Draw(t, "long number") && (format == mrz.TD1 || format == mrz.TD2) {
		f.DocumentNumber, f.OptionalData = draw("a card's number", "[A-Z0-9]{11,13}"), ""
	}
	zone, err := mrz.Compose(format, f)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
