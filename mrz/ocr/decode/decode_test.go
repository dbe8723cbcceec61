package decode_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/ocr/decode"
)

var day = time.Date(2012, 3, 1, 0, 0, 0, 0, time.UTC)

// Specimens of Doc 9303 parts 4 to 7 and of national cards.
var specimens = map[mrz.Format][]string{
	mrz.TD3:  {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
	mrz.TD1:  {"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"},
	mrz.TD2:  {"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"},
	mrz.MRVA: {"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"},
	mrz.MRVB: {"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"},
	mrz.FRID: {"IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<", "9409923102854CORINNE<<<<<<<6512068F4"},
}

// A printer makes what a good recogniser says of printed characters: five frames each, the second of them certain.
type printer struct {
	*rand.Rand
	clear float64 // logit of what is printed, against 0
}

func newPrinter(seed uint64) printer { return printer{rand.New(rand.NewPCG(seed, 1)), 20} }

func (p printer) line(text string) decode.Line {
	l := decode.Line{LogProb: p.blanks(4)}
	for i := range len(text) {
		c := p.blanks(5)
		c[1][0], c[1][class(text[i])] = 0, float32(p.clear)
		l.LogProb = append(l.LogProb, c...)
	}
	l.LogProb = append(l.LogProb, p.blanks(4)...)
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
		out[i][0] = float32(p.clear)
	}
	return out
}

func class(symbol byte) int { return 1 + strings.IndexByte(decode.Alphabet, symbol) }

func TestAClearZoneIsReadExactlyInEveryFormat(t *testing.T) {
	for format, lines := range specimens {
		r, err := decode.Decode(newPrinter(1).lines(lines...), day)
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		if r.Format != format || strings.Join(r.Lines, "\n") != strings.Join(lines, "\n") || !r.Sure || len(r.Corrections) > 0 {
			t.Errorf("%s: %s sure %v, confidence %g, fit %g, %v\n%s", format, r.Format, r.Sure, r.Confidence, r.Fit, r.Corrections, strings.Join(r.Lines, "\n"))
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for format, text := range specimens {
		b.Run(string(format), func(b *testing.B) {
			lines := newPrinter(1).lines(text...)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decode.Decode(lines, day); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

