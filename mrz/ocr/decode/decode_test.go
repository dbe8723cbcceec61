package decode_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/ocr/decode"
	"pgregory.net/rapid"
)

var day = time.Date(2012, 3, 1, 0, 0, 0, 0, time.UTC)

// Zones as Doc 9303 parts 4 to 7 show them, and a French identity card.
var specimens = map[mrz.Format][]string{
	mrz.TD3:  {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
	mrz.TD1:  {"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"},
	mrz.TD2:  {"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"},
	mrz.MRVA: {"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"},
	mrz.MRVB: {"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"},
	mrz.FRID: {"IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<", "9409923102854CORINNE<<<<<<<6512068F4"},
	mrz.IDL:  {"D1NLD11234567890ABCDEFGHIJKLM5"},
	mrz.CHDL: {"AAA001D<<", "FACHE305142128097<<800225<<<<<", "MARCHAND<<FABIENNE<<<<<<<<<<<<"},
}

func ExampleDecode() {
	zone := specimens[mrz.TD3]
	lines := newPrinter(1).lines(zone...)
	mistake(lines[1], 2, '9', 'P', 1) // the recogniser would rather see a P for the first 9

	reading, err := decode.Decode(lines, day)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(reading.Format, reading.Lines[1])
	for _, c := range reading.Corrections {
		fmt.Printf("line %d, column %d: %c for %c (%s)\n", c.Line, c.Column, c.Taken, c.Seen, c.Reason)
	}
	// Output:
	// TD3 L898902C36UTO7408122F1204159ZE184226B<<<<<10
	// line 1, column 2: 9 for P (check_digit)
}

func TestAClearZoneIsReadExactlyInEveryFormat(t *testing.T) {
	for format, zone := range specimens {
		r := read(t, newPrinter(1).lines(zone...))
		if r.Format != format || !slices.Equal(r.Lines, zone) || !r.Sure || len(r.Corrections) > 0 {
			t.Errorf("%s: %s", format, show(r))
		}
	}
}

func TestAnyClearZoneIsReadExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := anyZone(t)
		r, err := decode.Decode(newPrinter(rapid.Uint64().Draw(t, "seed")).lines(zone...), day)
		if err != nil || !slices.Equal(r.Lines, zone) || len(r.Corrections) > 0 {
			t.Fatalf("%v, %s", err, show(r))
		}
	})
}

func TestCheckDigitsAndAlphabetsDecideWhatThePictureDoesNot(t *testing.T) {
	for _, c := range []struct {
		line, column int
		right, wrong byte
		reason       decode.Reason
	}{
		{1, 1, '8', 'B', decode.ReasonCheckDigit},
		{1, 5, '0', 'O', decode.ReasonCheckDigit},
		{1, 29, 'E', 'F', decode.ReasonCheckDigit},
		{1, 16, '8', 'B', decode.ReasonAlphabet},
		{1, 13, '7', 'T', decode.ReasonAlphabet},
		{1, 43, '0', 'O', decode.ReasonAlphabet},
		{1, 11, 'T', '7', decode.ReasonAlphabet},
		{0, 10, 'S', '5', decode.ReasonAlphabet},
		{0, 3, 'T', 'I', decode.ReasonText},
		{0, 29, '<', 'K', decode.ReasonText},
	} {
		lines := newPrinter(2).lines(specimens[mrz.TD3]...)
		mistake(lines[c.line], c.column, c.right, c.wrong, 1)
		r := read(t, lines)
		if !slices.Equal(r.Lines, specimens[mrz.TD3]) {
			t.Errorf("%c taken for %c:\n%s", c.wrong, c.right, show(r))
			continue
		}
		if len(r.Corrections) != 1 || r.Corrections[0].Reason != c.reason || r.Corrections[0].Seen != c.wrong || r.Corrections[0].Taken != c.right {
			t.Errorf("%c for %c: corrections %+v", c.right, c.wrong, r.Corrections)
		}
	}
}

func TestTwoMistakesInOneFieldAreSettledByItsDigitAndTheComposite(t *testing.T) {
	lines := newPrinter(3).lines(specimens[mrz.TD3]...)
	mistake(lines[1], 1, '8', 'B', 1)
	mistake(lines[1], 29, 'E', 'F', 1)
	if r := read(t, lines); !slices.Equal(r.Lines, specimens[mrz.TD3]) || len(r.Corrections) != 2 {
		t.Error(show(r))
	}
}

func TestACheckDigitThatIsClearlyWrongOnTheDocumentStaysWrong(t *testing.T) {
	for _, wrong := range []string{
		"L898902C35UTO7408122F1204159ZE184226B<<<<<10",
		"L898902C36UTO7408122F1204159ZE184226B<<<<<17",
		"L898902C31UTO7408121F1204151ZE184226B<<<<<11",
		"L898902C36UTO7408222F1204159ZE184226B<<<<<10",
	} {
		zone := []string{specimens[mrz.TD3][0], wrong}
		if r := read(t, newPrinter(4).lines(zone...)); !slices.Equal(r.Lines, zone) || len(r.Corrections) > 0 {
			t.Errorf("%s:\n%s", wrong, show(r))
		}
	}
}

func TestCharactersThatAgreeModulo10KeepTheOddsOfThePicture(t *testing.T) {
	zone := []string{specimens[mrz.TD1][0], specimens[mrz.TD1][1], specimens[mrz.TD1][2]}
	zone[0] = strings.Replace(zone[0], "D231458907<", "D231458907K", 1) // optional data; K counts 20, A 10
	zone[1] = zone[1][:29] + compositeOf(zone)
	lines := newPrinter(5).lines(zone...)
	mistake(lines[0], 15, 'K', 'A', -1)
	r := read(t, lines)
	c := r.Characters[0][15]
	if r.Sure || c.Symbol != 'K' || c.Confidence > 0.8 || len(c.Alternatives) == 0 || c.Alternatives[0].Symbol != 'A' {
		t.Errorf("%+v\n%s", c, show(r))
	}
}

func TestTwoTextsThatSatisfyTheDigitsAlikeAreNotSure(t *testing.T) {
	lines := newPrinter(6).lines(specimens[mrz.TD3]...)
	mistake(lines[1], 1, '8', '9', 0) // both places weigh 3: 8..9 and 9..8 have one sum
	mistake(lines[1], 4, '9', '8', 0)
	r := read(t, lines)
	number := r.Lines[1][:9]
	if r.Sure || number != "L898902C3" && number != "L998802C3" || r.Characters[1][1].Confidence > 0.6 {
		t.Error(show(r))
	}
}

func TestAZoneThatMayBeOfTwoFormatsIsNotSure(t *testing.T) {
	lines := newPrinter(23).lines(specimens[mrz.TD2]...)
	mistake(lines[0], 0, 'I', 'V', 0) // a visa has no composite digit, but any character may stand there
	if r := read(t, lines); r.Sure || r.Characters[0][0].Confidence > 0.99 {
		t.Errorf("%+v\n%s", r.Characters[0][0], show(r))
	}
}

func TestAnUnclearNameIsNeverSure(t *testing.T) {
	lines := newPrinter(7).lines(specimens[mrz.TD3]...)
	mistake(lines[0], 5, 'E', 'F', -3)
	r := read(t, lines)
	c := r.Characters[0][5]
	if r.Sure || c.Symbol != 'E' || len(c.Alternatives) == 0 || c.Alternatives[0].Symbol != 'F' {
		t.Errorf("%+v\n%s", c, show(r))
	}
}

func TestALoneLetterAmidFillersIsAFillerAndAnInitialStays(t *testing.T) {
	zone := []string{"P<UTOCRITTENDEN<<LEE<W<<<<<<<<<<<<<<<<<<<<<<", specimens[mrz.TD3][1]}
	lines := newPrinter(8).lines(zone...)
	mistake(lines[0], 30, '<', 'K', 3)
	mistake(lines[0], 33, '<', 'C', 3)
	if r := read(t, lines); !slices.Equal(r.Lines, zone) {
		t.Error(show(r))
	}
}

func TestOtherTextIsNoZone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching("[A-Z]{2,9}([A-Z]{1,9}|[0-9]{1,4}){2,8}")
		lines := newPrinter(rapid.Uint64().Draw(t, "seed")).lines(rapid.SliceOfN(text, 0, 5).Draw(t, "lines")...)
		if r, err := decode.Decode(lines, day); !errors.Is(err, decode.ErrLength) && !errors.Is(err, decode.ErrText) {
			t.Fatalf("%v, %s", err, show(r))
		}
	})
}

func TestNothingFollowsTheFillersBehindAName(t *testing.T) {
	lines := newPrinter(24).lines(specimens[mrz.TD3]...)
	mistake(lines[0], 35, '<', 'K', 1)
	mistake(lines[0], 36, '<', 'E', 1)
	if r := read(t, lines); !slices.Equal(r.Lines, specimens[mrz.TD3]) {
		t.Error(show(r))
	}
}

func TestAZoneThatWouldBeGuessedIsNotTold(t *testing.T) {
	lines := newPrinter(21).lines(specimens[mrz.TD3]...)
	for column := 5; column < 18; column++ {
		mistake(lines[0], column, specimens[mrz.TD3][0][column], 'J', 0)
		mistake(lines[0], column, specimens[mrz.TD3][0][column], 'W', 0)
	}
	if r, err := decode.Decode(lines, day); !errors.Is(err, decode.ErrUnclear) {
		t.Errorf("%v: %s", err, show(r))
	}
}

func TestNoiseIsNoZone(t *testing.T) {
	p := newPrinter(9)
	for frames := 10; frames < 400; frames += 13 {
		var lines []decode.Line
		for range 3 {
			l := decode.Line{LogProb: p.blanks(frames)}
			for f := range l.LogProb {
				l.LogProb[f][0] = 0
				l.LogProb[f][p.IntN(decode.Classes)] += float32(10 * p.Float64())
			}
			lines = append(lines, l)
		}
		if r, err := decode.Decode(lines, day); err == nil {
			t.Errorf("%d frames: %s", frames, show(r))
		}
	}
}

func TestLinesAboveAndBelowAreLeftOut(t *testing.T) {
	for format, zone := range specimens {
		lines := newPrinter(10).lines("SIGNATUREOFBEARER", "AUTHORITY1204OFTHEMINISTRYOFTHEINTERIOR")
		lines = append(lines, newPrinter(11).lines(zone...)...)
		lines = append(lines, newPrinter(12).line("PRINTEDBYTHEMINT"))
		if r := read(t, lines); r.Format != format || r.First != 2 || !slices.Equal(r.Lines, zone) {
			t.Errorf("%s: %s", format, show(r))
		}
	}
}

func TestAMissingLineIsNotInvented(t *testing.T) {
	for format, zone := range specimens {
		for missing := range zone {
			rest := slices.Delete(slices.Clone(zone), missing, missing+1)
			if r, err := decode.Decode(newPrinter(13).lines(rest...), day); err == nil {
				t.Errorf("%s without line %d: %s", format, missing, show(r))
			}
		}
	}
}

func TestJunkBesideALineIsNotRead(t *testing.T) {
	zone := specimens[mrz.TD3]
	lines := newPrinter(14).lines("7"+zone[0]+"I", zone[1]+"K1")
	if r := read(t, lines); !slices.Equal(r.Lines, zone) {
		t.Error(show(r))
	}
}

func TestDroppedAndDoubledFillersAreRestored(t *testing.T) {
	zone := specimens[mrz.TD3]
	for name, lines := range map[string][]string{
		"dropped behind the names":      {strings.Replace(zone[0], "<<<<<<", "<<.<<<", 1), zone[1]},
		"doubled behind the names":      {strings.Replace(zone[0], "<<<<<<", "<<:<<<", 1), zone[1]},
		"two dropped behind the names":  {strings.Replace(zone[0], "<<<<<<", "<..<<<", 1), zone[1]},
		"dropped in the optional data":  {zone[0], strings.Replace(zone[1], "<<<<<", "<<.<<", 1)},
		"doubled in the optional data":  {zone[0], strings.Replace(zone[1], "<<<<<", "<<:<<", 1)},
		"dropped in both":               {strings.Replace(zone[0], "<<<<<<", "<<.<<<", 1), strings.Replace(zone[1], "<<<<<", "<<<.<", 1)},
		"one dropped, one line doubled": {strings.Replace(zone[0], "<<<<<<", "<<.<<<", 1), strings.Replace(zone[1], "<<<<<", "<<<:<", 1)},
	} {
		if r := read(t, newPrinter(15).lines(lines...)); !slices.Equal(r.Lines, zone) {
			t.Errorf("%s: %s", name, show(r))
		}
	}
}

func TestACharacterThatWasNotSeenIsNotSure(t *testing.T) {
	zone := specimens[mrz.TD3]
	for name, first := range map[string]string{
		"in a name":        strings.Replace(zone[0], "ERIKSSON", "ER.KSSON", 1),
		"between names":    strings.Replace(zone[0], "<<", ".<", 1),
		"after the names":  strings.Replace(zone[0], "MARIA<", "MARIA.", 1),
		"of the State":     strings.Replace(zone[0], "UTO", "U.O", 1),
		"without any room": strings.Replace(zone[0], "ERIKSSON", "ERKSSON", 1),
	} {
		r, err := decode.Decode(newPrinter(16).lines(first, zone[1]), day)
		if err == nil && r.Sure {
			t.Errorf("%s: %s", name, show(r))
		}
	}
}

// Where a number's check digit and the composite digit are both unclear, in such a way that they go together, only the
// number can tell.
func TestALongDocumentNumberIsCheckedWhereItEnds(t *testing.T) {
	for _, c := range []struct {
		zone         []string
		line, column int // of the number's check digit
	}{
		{[]string{"I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<"}, 0, 18}, // Doc 9303-11, appendix D.2
		{longTD1("D23145890", ""), 0, 22},
		{longTD1("D23145890", "<"), 0, 22},
		{longTD2(), 1, 31},
	} {
		right := c.zone[c.line][c.column]
		wrong := '0' + (right-'0'+4)%10
		other := slices.Clone(c.zone)
		other[c.line] = other[c.line][:c.column] + string(wrong) + other[c.line][c.column+1:]
		composite := len(other[1]) - 1
		lines := newPrinter(17).lines(c.zone...)
		mistake(lines[c.line], c.column, right, wrong, 0.5)
		mistake(lines[1], composite, c.zone[1][composite], compositeOf(other)[0], 0.5)
		if r := read(t, lines); !slices.Equal(r.Lines, c.zone) {
			t.Errorf("want %q, got %s", c.zone, show(r))
		}
	}
}

func TestAFillerMayStandForTheCheckDigitOfFillers(t *testing.T) {
	zone := []string{specimens[mrz.TD3][0], "L898902C36UTO7408122F1204159<<<<<<<<<<<<<<<"}
	zone[1] += digitOf(zone[1][:10] + zone[1][13:20] + zone[1][21:43])
	lines := newPrinter(22).lines(zone...)
	mistake(lines[1], 42, '<', '0', -3) // agrees as well
	if r := read(t, lines); !slices.Equal(r.Lines, zone) {
		t.Error(show(r))
	}
}

func TestNamesOfARussianInternalPassportHoldDigits(t *testing.T) {
	zone := []string{"PNRUSKUZNE7OVA<<MARI8<VASIL9EVNA<<<<<<<<<<<<", "4501123454RUS7408122F<<<<<<<0912150770053<14"}
	r := read(t, newPrinter(18).lines(zone...))
	if !slices.Equal(r.Lines, zone) {
		t.Error(show(r))
	}
}

func TestCharactersAreLocatedInTheirLine(t *testing.T) {
	r := read(t, newPrinter(19).lines(specimens[mrz.TD1]...))
	for _, line := range r.Characters {
		for i, c := range line {
			if printed := float64(margin + pitch*i + 1); c.From > printed || c.To < printed+1 || c.To-c.From < pitch-1 || c.To-c.From > pitch+1 {
				t.Errorf("character %d is printed at %g, found from %g to %g", i, printed, c.From, c.To)
			}
		}
	}
}

func TestLinesThatCannotBeReadDoNoHarm(t *testing.T) {
	p, zone := newPrinter(20), specimens[mrz.TD3]
	bad := p.line(zone[0])
	bad.LogProb[7][3] = float32(math.NaN())
	hot := p.line(zone[0])
	hot.LogProb[7][3] = float32(math.Inf(1))
	dead := p.line(zone[0])
	for k := range dead.LogProb[7] {
		dead.LogProb[7][k] = float32(math.Inf(-1))
	}
	long := decode.Line{LogProb: p.blanks(decode.MaxFrames + 1)}
	for _, l := range []decode.Line{bad, hot, dead, long, {}} {
		if r, err := decode.Decode([]decode.Line{l, p.line(zone[1])}, day); err == nil {
			t.Error(show(r))
		}
		if r := read(t, []decode.Line{l, p.line(zone[0]), p.line(zone[1]), l}); !slices.Equal(r.Lines, zone) {
			t.Error(show(r))
		}
	}
	if _, err := decode.Decode(nil, day); !errors.Is(err, decode.ErrLength) {
		t.Errorf("no lines: %v", err)
	}
}

func TestThePathOfALineIsWhatThePictureAloneShows(t *testing.T) {
	lines := newPrinter(35).lines("AB<<7:")
	text := ""
	for frame, class := range lines[0].Path() {
		text += decode.Alphabet[class-1 : class]
		if at := (frame - margin) % pitch; at != 1 && at != 3 {
			t.Errorf("%q begins in frame %d, where nothing is printed", text, frame)
		}
	}
	if text != "AB<<7<<" {
		t.Error(text)
	}
	for frame := range (decode.Line{}).Path() {
		t.Errorf("an empty line begins a character in frame %d", frame)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(uint64(1), "P<UTO", []byte{0, 1, 2, 0xff, 0x7f, 0xc0, 0x7f})
	f.Add(uint64(2), specimens[mrz.TD1][1], []byte{})
	f.Fuzz(func(t *testing.T, seed uint64, text string, scores []byte) {
		p := newPrinter(seed)
		lines := p.lines(specimens[mrz.TD3]...)
		if len(text) <= 60 && strings.Trim(text, decode.Alphabet) == "" {
			lines = append(lines, p.line(text), p.line(text))
		}
		for i := 0; i+4 <= len(scores); i += 4 {
			l := lines[i%len(lines)].LogProb
			bits := uint32(scores[i]) | uint32(scores[i+1])<<8 | uint32(scores[i+2])<<16 | uint32(scores[i+3])<<24
			if len(l) > 0 {
				l[i*7%len(l)][i%decode.Classes] = math.Float32frombits(bits)
			}
		}
		r, err := decode.Decode(lines, day)
		if err == nil {
			valid(t, r)
		}
	})
}

// valid holds a reading to what its documentation promises.
func valid(t *testing.T, r decode.Reading) {
	t.Helper()
	if !(r.Confidence >= 0 && r.Confidence <= 1 && r.Fit <= 0) {
		t.Errorf("confidence %g, fit %g", r.Confidence, r.Fit)
	}
	for i, n := range r.Format.Lengths() {
		if len(r.Lines[i]) != n || len(r.Characters[i]) != n {
			t.Fatalf("line %d has %d characters", i, len(r.Lines[i]))
		}
		for j, c := range r.Characters[i] {
			if c.Symbol != r.Lines[i][j] || !(c.Confidence >= 0 && c.Confidence <= 1) || !(c.From < c.To) {
				t.Errorf("%d, %d: %+v", i, j, c)
			}
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, format := range mrz.Formats() {
		zone, ok := specimens[format]
		if !ok {
			continue
		}
		b.Run(string(format), func(b *testing.B) {
			lines := newPrinter(1).lines(zone...)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decode.Decode(lines, day); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func read(t *testing.T, lines []decode.Line) decode.Reading {
	t.Helper()
	r, err := decode.Decode(lines, day)
	if err != nil {
		t.Fatal(err)
	}
	valid(t, r)
	return r
}

func show(r decode.Reading) string {
	return fmt.Sprintf("%s, sure %v, confidence %g, fit %g, corrections %+v\n%s", r.Format, r.Sure, r.Confidence, r.Fit, r.Corrections, strings.Join(r.Lines, "\n"))
}
