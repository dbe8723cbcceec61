package chip_test

import (
	"bytes"
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/chip"
)

// with is a chip with quirks, and an EF.CardAccess of 300 bytes to try them on in clear.
func with(t testing.TB, quirks ...chip.Quirk) *chip.Chip {
	t.Helper()
	return newChip(t, map[string][]byte{"EF.CardAccess": make([]byte, 300)}, chip.Options{Quirks: quirks})
}

// brief is a response as the number of its data bytes and its status word.
func brief(response []byte) string {
	if len(response) < 2 {
		return "none"
	}
	n := len(response) - 2
	return fmt.Sprintf("%d %X", n, response[n:])
}

func TestQuirksOfTheLengthThatIsAskedFor(t *testing.T) {
	for _, test := range []struct {
		quirk         chip.Quirk
		command, want string
	}{
		{chip.EmptyMaximum, "00B09C00 00", "0 9000"},
		{chip.EmptyMaximum, "00B09C00 000000", "0 9000"},
		{chip.EmptyMaximum, "00B09C00 40", "64 9000"},
		{chip.TruncatesMaximum, "00B09C00 00", "128 9000"},
		{chip.TruncatesMaximum, "00B09C00 000100", "128 9000"},
		{chip.TruncatesMaximum, "00B09C00 FF", "255 9000"},
		{chip.ReadsTo192, "00B09C00 C1", "0 6700"},
		{chip.ReadsTo192, "00B09C00 00", "0 6700"},
		{chip.ReadsTo192, "00B09C00 C0", "192 9000"},
		{chip.NakedWrongLength, "00B09C00 A1", "0 6700"},
		{chip.NakedWrongLength, "00B09C00 A0", "160 9000"},
		{chip.NakedWrongLengthCounted, "00B09C00 A1", "0 6700"},
		{chip.NakedWrongLengthCounted, "00B09C00 A0", "160 9000"},
		{chip.LosesStep, "00B09CFF 2E", "45 6282"}, // it is steady in clear
		{chip.WarnsAtEnd, "00B09CFF 00", "45 6282"},
		{chip.WarnsAtEnd, "00B09CFF 2D", "45 9000"},
		{chip.CorrectsLength, "00B09CFF 00", "0 6C2D"},
		{chip.CorrectsLength, "00B09CFF 2E", "0 6C2D"},
		{chip.CorrectsLength, "00B09C2C 000101", "0 6C00"},
		{chip.CorrectsLength, "00B09C2B 000102", "257 6282"},
		{chip.CorrectsLength, "00B09CFF 2D", "45 9000"},
		{chip.ExtendedRefused, "00B09C00 000100", "0 6700"},
		{chip.ExtendedRefused, "00B09C00 00", "256 9000"},
		{chip.ExtendedTears, "00B09C00 000100", "none"},
		{chip.ExtendedTears, "00B09C00 00", "256 9000"},
		{chip.ExtendedUnannounced, "00B09C00 000000", "300 9000"},
	} {
		got := brief(with(t, test.quirk).Transmit(context.Background(), unhex(t, test.command)))
		if got != test.want {
			t.Errorf("%s: %s is answered %s, want %s", test.quirk, test.command, got, test.want)
		}
	}
}

func TestShortCountsAreDrawn(t *testing.T) {
	card := newChip(t, map[string][]byte{"EF.CardAccess": make([]byte, 300)}, chip.Options{
		Quirks: []chip.Quirk{chip.ShortCounts}, Random: bytes.NewReader([]byte{0, 0x80, 0xFF, 0xFF}),
	})
	for _, exchange := range [][2]string{
		{"00B09C00 00", "256 9000"}, {"00B09C00 00", "192 9000"}, {"00B09C00 00", "129 9000"}, {"00B09C00 01", "1 9000"},
		{"00B09C00 01", "0 6F00"}, // nothing left to draw from
	} {
		if got := brief(card.Transmit(context.Background(), unhex(t, exchange[0]))); got != exchange[1] {
			t.Errorf("%s: %s, want %s", exchange[0], got, exchange[1])
		}
	}
}

func TestGetResponseFetchesWhatWasHeld(t *testing.T) {
	content := make([]byte, 300)
	content[299] = 0xAB
	card := newChip(t, map[string][]byte{"EF.CardAccess": content}, chip.Options{Quirks: []chip.Quirk{chip.GetResponse}})
	converse(t, card,
		[2]string{"00C00000 00", "6985"},
		[2]string{"00A4020C 02 011C", "9000"}, // without data, nothing is held
		[2]string{"00B000FE 04", "6104"},
		[2]string{"00C00000 05", "6C04"},
		[2]string{"00C00001 04", "6A86"},
		[2]string{"00C00000", "6700"},
		[2]string{"00C00000 03", "000000 6101"},
		[2]string{"00C00000 00", "00 9000"},
		[2]string{"00C00000 00", "6985"},
		[2]string{"00B00000 000000", "6100"},
		[2]string{"00C00000 00", strings.Repeat("00", 256) + "612C"},
		[2]string{"00C00000 2C", strings.Repeat("00", 43) + "AB 9000"},
		[2]string{"00B0012A 10", "6102"},
		[2]string{"00C00000 00", "00AB 6282"}, // the status word of the held answer comes last
		[2]string{"00B0012A 10", "6102"},
		[2]string{"00A4020C 02 011C", "9000"},
		[2]string{"00C00000 00", "6985"}) // another command forgets it
	converse(t, with(t), [2]string{"00C00000 00", "6D00"})
}

func TestGetResponseInClearLeavesTheSession(t *testing.T) {
	random := unhex(t, "4608F91988702212 0B4F80323EB3191CB04970CB4052790B")
	card := newChip(t, map[string][]byte{"EF.COM": unhex(t, "60145F0104303130365F36063034303030305C026175")},
		chip.Options{Random: bytes.NewReader(random), Quirks: []chip.Quirk{chip.GetResponse}})
	for _, exchange := range appendixD[1:] {
		if exchange[0] == appendixD[1][0] {
			converse(t, card, appendixD[0])
		}
		held := len(unhex(t, exchange[1])) - 2
		converse(t, card, [2]string{exchange[0], fmt.Sprintf("61%02X", held)}, [2]string{"00C00000 00", exchange[1]})
	}
}

func TestExtendedLengthIsAnnouncedOrNot(t *testing.T) {
	const announced = "7F6609 020300FFFF 0202"
	for _, test := range []struct {
		quirks []chip.Quirk
		info   string
		atr    byte
	}{
		{nil, announced + "0102 9000", 0x40},
		{[]chip.Quirk{chip.ExtendedRefused}, announced + "0102 9000", 0x40},
		{[]chip.Quirk{chip.ExtendedTears}, announced + "0102 9000", 0x40},
		{[]chip.Quirk{chip.AnnouncesTooMuch}, "7F660A 020300FFFF 020300FFFF 9000", 0x40},
		{[]chip.Quirk{chip.ExtendedUnannounced}, "6A82", 0x00},
	} {
		card := newChip(t, com, chip.Options{MaxResponse: 256, Quirks: test.quirks})
		converse(t, card, [2]string{"00B08100 00", test.info})
		if atr := card.ATR(); atr[8] != test.atr {
			t.Errorf("%v: ATR %x", test.quirks, atr)
		}
	}
}

func TestAChipThatAnnouncesTooMuchRefusesIt(t *testing.T) {
	r := openedWith(t, chip.Options{MaxResponse: 300, Quirks: []chip.Quirk{chip.AnnouncesTooMuch}})
	for le, want := range map[int]uint16{301: 0x6700, 300: 0x9000, 0: 0x9000} {
		r.expected = []byte{byte(le >> 8), byte(le)}
		if _, sw := r.sendExtended("00B08100", nil); sw != want {
			t.Errorf("Le of %d: %04X, want %04X", le, sw, want)
		}
	}
}

func TestATornChipHasForgottenItsSession(t *testing.T) {
	random := unhex(t, "4608F91988702212 0B4F80323EB3191CB04970CB4052790B")
	card := newChip(t, com, chip.Options{Random: bytes.NewReader(random), Quirks: []chip.Quirk{chip.ExtendedTears}})
	converse(t, card, appendixD[:4]...)
	converse(t, card,
		[2]string{"00B09E00 000000", ""},
		[2]string{appendixD[4][0], "6882"},
		[2]string{"00840000 08", "6985"}) // nor is the application selected
}

// openedWith is a terminal in session with a chip whose DG1 has 1,000 bytes and whose DG2 has 20.
func openedWith(t testing.TB, o chip.Options) *terminal {
	t.Helper()
	fast := chip.PACEInfo{Mapping: chip.GenericMapping, Cipher: chip.AES128}
	o.PACE = []chip.PACEInfo{fast}
	files := map[string][]byte{"DG1": append([]byte{0x61, 0x82, 0x03, 0xE4}, make([]byte, 996)...), "DG2": make([]byte, 20),
		"DG3": {0x63, 0}, "DG4": {0x76, 0}}
	r := newTerminal(t, newChip(t, files, o))
	if status, _, _ := r.pace(fast, 1, mrzPassword()); status != 0x9000 {
		t.Fatalf("PACE: %04X", status)
	}
	if _, sw := r.send("00A4040C", unhex(t, "A0000002471001")); sw != 0x9000 {
		t.Fatalf("select the application: %04X", sw)
	}
	return r
}

// Whoever steps the counter as the chip has stepped it goes on.
func TestANakedStatusWordLeavesTheCounterWhereTheQuirkSays(t *testing.T) {
	for quirk, counted := range map[chip.Quirk]int64{
		chip.ReadsTo192: 0, chip.NakedWrongLength: 0, chip.NakedWrongLengthCounted: 1,
	} {
		for steps := range int64(3) {
			r := openedWith(t, chip.Options{Quirks: []chip.Quirk{quirk}})
			before := new(big.Int).Set(r.counter)
			r.expected = []byte{0xE7}
			if data, sw := r.send("00B08100", nil); data != nil || sw != 0x6700 {
				t.Fatalf("%s: %x, %04X", quirk, data, sw)
			}
			r.counter.Add(before, big.NewInt(steps))
			r.expected = []byte{0xA0}
			want := uint16(0x6988)
			if steps == counted {
				want = 0x9000
			}
			if _, sw := r.send("00B08100", nil); sw != want {
				t.Errorf("%s, counter %d on: %04X, want %04X", quirk, steps, sw, want)
			}
		}
	}
}

func TestAChipThatLosesStepIsNotFoundAgain(t *testing.T) {
	for steps := range int64(3) {
		r := openedWith(t, chip.Options{Quirks: []chip.Quirk{chip.LosesStep}})
		before := new(big.Int).Set(r.counter)
		if _, sw := r.send("00B08200", nil); sw != 0x6B00 {
			t.Fatalf("a read beyond the end: %04X", sw)
		}
		r.counter.Add(before, big.NewInt(steps))
		if _, sw := r.send("00B08100", nil); sw != 0x6988 {
			t.Errorf("counter %d on: %04X, want 6988", steps, sw)
		}
	}
}

func TestQuirksOfFilesInClear(t *testing.T) {
	const selectCardAccess, selectDIR = "00A4020C 02 011C", "00A4020C 02 2F00"
	for _, test := range []struct {
		quirk         chip.Quirk
		command, want string
	}{
		{chip.CardAccess6986, selectCardAccess, "6986"},
		{chip.CardAccess6986, "00B09C00 00", "6986"},
		{chip.CardAccess6A82, selectCardAccess, "6A82"},
		{chip.CardAccess6A82, "00B09C00 00", "6A82"},
		{chip.ProtectsDIR, selectDIR, "6982"},
		{chip.ProtectsDIR, "00B09E00 00", "6982"},
		{chip.NoShortIDs, "00B09C00 00", "6A86"},
		{chip.NoShortIDs, selectCardAccess, "9000"},
		{chip.NoShortIDs6A82, "00B09C00 00", "6A82"},
		{chip.NoShortIDs6A82, selectCardAccess, "9000"},
		{chip.RefusesLe, selectCardAccess + "00", "6700"},
		{chip.RefusesLe, selectCardAccess, "9000"},
		{chip.RefusesLe, selectApplication + "00", "6700"},
		{chip.RefusesLe, setGM + "00", "6700"},
	} {
		t.Run(string(test.quirk), func(t *testing.T) { converse(t, with(t, test.quirk), [2]string{test.command, test.want}) })
	}
}

func TestEFDIRIsReadOnceTheChipIsOpen(t *testing.T) {
	r := opened(t, chip.Options{Quirks: []chip.Quirk{chip.ProtectsDIR}})
	if got, sw := r.send("00B09E00", nil); sw != 0x9000 || !bytes.Equal(got, unhex(t, "61094F07A0000002471001")) {
		t.Errorf("EF.DIR is %x, %04X", got, sw)
	}
}

func TestAClosedApplicationIsSelectedAndGivesNothing(t *testing.T) {
	r := openedWith(t, chip.Options{Quirks: []chip.Quirk{chip.ClosedApplication}})
	for _, id := range []string{"0101", "0102", "0107"} {
		if _, sw := r.send("00A4020C", unhex(t, id)); sw != 0x6982 {
			t.Errorf("select %s: %04X", id, sw)
		}
	}
	if _, sw := r.send("00B08100", nil); sw != 0x6982 {
		t.Errorf("read DG1: %04X", sw)
	}
}

func TestFingersAndIrisesWantTerminalAuthentication(t *testing.T) {
	for _, test := range []struct {
		open bool
		want uint16
	}{{false, 0x6982}, {true, 0x9000}} {
		for _, id := range []byte{3, 4} {
			r := openedWith(t, chip.Options{OpenBiometrics: test.open})
			if _, sw := r.send("00A4020C", []byte{1, id}); sw != test.want {
				t.Errorf("open %v, select DG%d: %04X", test.open, id, sw)
			}
			if _, sw := r.send(fmt.Sprintf("00B0%02X00", 0x80|id), nil); sw != test.want {
				t.Errorf("open %v, read DG%d: %04X", test.open, id, sw)
			}
		}
	}
}

func TestPACEMayNeedTheReferenceOfItsParameters(t *testing.T) {
	card := newChip(t, com, chip.Options{PACE: []chip.PACEInfo{gm}, Quirks: []chip.Quirk{chip.NeedsReference}})
	converse(t, card, [2]string{setGM, "6A87"})
	if status, _, _ := newTerminal(t, card).pace(gm, 1, mrzPassword()); status != 0x9000 {
		t.Errorf("with reference: %04X", status)
	}
}

func TestAnErrorMayEndTheSession(t *testing.T) {
	for _, test := range []struct {
		quirks []chip.Quirk
		want   uint16
	}{{nil, 0x9000}, {[]chip.Quirk{chip.DropsSession}, 0x6882}} {
		r := openedWith(t, chip.Options{Quirks: test.quirks})
		if _, sw := r.send("00B08700", nil); sw != 0x6A82 {
			t.Fatalf("%v: DG7: %04X", test.quirks, sw)
		}
		if _, sw := r.send("00B08100", nil); sw != test.want {
			t.Errorf("%v: DG1 after an error: %04X, want %04X", test.quirks, sw, test.want)
		}
	}
}

func TestAWarningEndsNoSession(t *testing.T) {
	r := openedWith(t, chip.Options{Quirks: []chip.Quirk{chip.DropsSession}})
	r.expected = []byte{40}
	if _, sw := r.send("00B08200", nil); sw != 0x6282 {
		t.Fatalf("DG2: %04X", sw)
	}
	if _, sw := r.send("00B08100", nil); sw != 0x9000 {
		t.Errorf("DG1 after a warning: %04X", sw)
	}
}

func TestAChipMayKeepItsSessionAgainstTheStandard(t *testing.T) {
	for _, test := range []struct {
		quirks []chip.Quirk
		want   uint16
	}{{nil, 0x6882}, {[]chip.Quirk{chip.KeepsSession}, 0x9000}} {
		r := openedWith(t, chip.Options{Quirks: test.quirks})
		key := slices.Clone(r.mac)
		r.mac[0] ^= 0xFF
		if _, sw := r.send("00B08100", nil); sw != 0x6988 {
			t.Fatalf("%v: a wrong MAC: %04X", test.quirks, sw)
		}
		r.mac = key
		if _, sw := r.send("00B08100", nil); sw != test.want {
			t.Errorf("%v: after a wrong MAC: %04X, want %04X", test.quirks, sw, test.want)
		}
	}
}

// took is how long PACE takes with a password.
func (r *terminal) took(password []byte) time.Duration {
	r.t.Helper()
	r.enc = nil
	begin := time.Now()
	r.pace(gm, 1, password)
	return time.Since(begin)
}

func TestAFailureMakesTheNextAttemptSlow(t *testing.T) {
	const pause = 500 * time.Millisecond
	r := newTerminal(t, newChip(t, com, chip.Options{
		PACE: []chip.PACEInfo{gm}, Quirks: []chip.Quirk{chip.SlowAfterFailure}, Pause: pause,
	}))
	var slow []bool
	for _, password := range []string{"", "wrong", "", ""} {
		r.card.Reset()
		secret := mrzPassword()
		if password != "" {
			secret = []byte(password)
		}
		slow = append(slow, r.took(secret) >= pause)
	}
	if want := []bool{false, false, true, false}; !slices.Equal(slow, want) {
		t.Errorf("slow %v, want %v", slow, want)
	}
}

func TestASlowPortraitTakesItsTimeForEachBlock(t *testing.T) {
	const pause = 20 * time.Millisecond
	r := openedWith(t, chip.Options{Quirks: []chip.Quirk{chip.SlowPortrait}, Pause: pause})
	begin := time.Now()
	for range 3 {
		r.expected = []byte{1}
		r.send("00B08200", nil)
	}
	if took := time.Since(begin); took < 3*pause {
		t.Errorf("three bytes of DG2 took %v", took)
	}
}

func TestWithoutPauseASlowChipIsAsSlowAsInTheField(t *testing.T) {
	r := openedWith(t, chip.Options{Quirks: []chip.Quirk{chip.SlowPortrait}})
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	r.expected = []byte{1}
	if answer := r.card.Transmit(ctx, r.protected("00B08200", nil)); answer != nil {
		t.Errorf("answered %x within 50 ms", answer)
	}
}

func TestAFileOf200KilobytesIsReadByTheOddInstruction(t *testing.T) {
	content := make([]byte, 200_000)
	copy(content[0x10000:], []byte{1, 2, 3})
	content[199_999] = 0xAB
	card := newChip(t, map[string][]byte{"EF.CardAccess": content}, chip.Options{})
	converse(t, card,
		[2]string{"00B1011C 05 5403010000 06", "5302 0102 9000"},
		[2]string{"00B10000 05 5403010001 06", "5302 0203 9000"},
		[2]string{"00B10000 05 5403030D3F 00", "5301AB 9000"},
		[2]string{"00B10000 05 5403030D40 00", "6B00"},
		[2]string{"00B10000 06 540400030D3F 00", "6A80"})
	if got := brief(card.Transmit(context.Background(), unhex(t, "00B10000 000005 5403010000 0000"))); got != "65533 9000" {
		t.Errorf("the longest answer is %s", got)
	}
}

func TestUnknownQuirksAreRefused(t *testing.T) {
	if _, err := chip.New(com, published, chip.Options{Quirks: []chip.Quirk{"reads minds"}}); err == nil {
		t.Error("no error")
	}
	if _, err := chip.New(com, published, chip.Options{Quirks: chip.Quirks()}); err != nil {
		t.Errorf("all quirks at once: %v", err)
	}
}
