package chip_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/chip"
)

// published is the key of Doc 9303-11 appendix D; a document of Utopia.
var published = chip.AccessKey{DocumentNumber: "L898902C", BirthDate: "690806", ExpiryDate: "940623"}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newChip(t testing.TB, files map[string][]byte, o chip.Options) *chip.Chip {
	t.Helper()
	c, err := chip.New(files, published, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// converse sends commands and compares the responses, all in hexadecimal; "*" allows any response.
func converse(t *testing.T, c *chip.Chip, exchanges ...[2]string) {
	t.Helper()
	for i, e := range exchanges {
		got := hex.EncodeToString(c.Transmit(context.Background(), unhex(t, e[0])))
		want := strings.ToLower(strings.ReplaceAll(e[1], " ", ""))
		if want != "*" && got != want {
			t.Fatalf("exchange %d: %s\n got %s\nwant %s", i+1, e[0], got, want)
		}
	}
}

const selectApplication = "00A4040C 07 A0000002471001"

// appendixD is the worked example of Doc 9303-11, appendix D.3 and D.4, as printed.
var appendixD = [][2]string{
	{selectApplication, "9000"},
	{"00840000 08", "4608F91988702212 9000"},
	{"00820000 28 72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2 5F1448EEA8AD90A7 28",
		"46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F 2F2D235D074D7449 9000"},
	{"0CA4020C 15 8709016375432908C044F6 8E08BF8B92D635FF24F8 00", "99029000 8E08FA855A5D4C50A8ED 9000"},
	{"0CB00000 0D 970104 8E08ED6705417E96BA55 00", "8709019FF0EC34F9922651 99029000 8E08AD55CC17140B2DED 9000"},
	{"0CB00004 0D 970112 8E082EA28A70F3C7B535 00",
		"871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A 99029000 8E08C8B2787EAEA07D74 9000"},
}

func appendixDChip(t testing.TB) *chip.Chip {
	random := unhex(t, "4608F91988702212 0B4F80323EB3191CB04970CB4052790B") // RND.IC, K.IC
	com := unhex(t, "60145F0104303130365F36063034303030305C026175")
	return newChip(t, map[string][]byte{"EF.COM": com}, chip.Options{Random: bytes.NewReader(random)})
}

func TestTheWorkedExampleOfAppendixDRunsAsPrinted(t *testing.T) {
	converse(t, appendixDChip(t), appendixD...)
}

func TestACommandWithAWrongMACEndsTheSession(t *testing.T) {
	c := appendixDChip(t)
	converse(t, c, appendixD[:4]...)
	converse(t, c,
		[2]string{"0CB00000 0D 970104 8E08ED6705417E96BA56 00", "6988"},
		[2]string{"0CB00000 0D 970104 8E08ED6705417E96BA55 00", "6882"},
		[2]string{"00B08100 04", "6982"})
}

func TestACommandInClearEndsTheSession(t *testing.T) {
	c := appendixDChip(t)
	converse(t, c, appendixD[:4]...)
	converse(t, c,
		[2]string{"00B00000 04", "6982"},
		[2]string{appendixD[4][0], "6882"})
}

func TestSecureMessagingObjectsAreChecked(t *testing.T) {
	for name, e := range map[string][2]string{
		"no MAC":                 {"0CB00000 03 970104 00", "6987"},
		"MAC not last":           {"0CB00000 0D 8E08ED6705417E96BA55 970104 00", "6988"},
		"object cut off":         {"0CB00000 02 9704 00", "6988"},
		"unknown object":         {"0CB00000 03 800104 00", "6988"},
		"no expected length":     {"0CB00000 0D 970104 8E08ED6705417E96BA55", "6700"},
		"no objects":             {"0CB00000 00", "6987"},
		"replay of last command": {appendixD[3][0], "6988"},
	} {
		t.Run(name, func(t *testing.T) {
			c := appendixDChip(t)
			converse(t, c, appendixD[:4]...)
			converse(t, c, e)
		})
	}
}

func TestNothingIsReadBeforeAccessControl(t *testing.T) {
	c := newChip(t, map[string][]byte{"EF.COM": {0x60, 0}, "DG1": {0x61, 0}}, chip.Options{})
	converse(t, c,
		[2]string{"00A4020C 02 011E", "6A82"}, // not in the master file
		[2]string{selectApplication, "9000"},
		[2]string{"00A4020C 02 011E", "6982"},
		[2]string{"00A4020C 02 0101", "6982"},
		[2]string{"00A4020C 02 0107", "6982"}, // absent, and the stranger does not learn it
		[2]string{"00B00000 04", "6986"},
		[2]string{"00B09E00 04", "6982"},
		[2]string{"00B10101 03 540100 00", "6982"})
}

func TestAWrongKeyIsRefusedAndTheChallengeIsSpent(t *testing.T) {
	c := appendixDChip(t)
	converse(t, c, appendixD[:2]...)
	converse(t, c,
		[2]string{strings.Replace(appendixD[2][0], "90A7 28", "90A8 28", 1), "6300"},
		[2]string{appendixD[2][0], "6985"})
}

func TestBasicAccessCommandsAreChecked(t *testing.T) {
	c := appendixDChip(t)
	converse(t, c,
		[2]string{"00840000 08", "6985"}, // no application selected
		[2]string{selectApplication, "9000"},
		[2]string{"00840000 04", "6700"},
		[2]string{"00840001 08", "6A86"},
		[2]string{"00820000 08 0102030405060708 28", "6700"},
		[2]string{"00820100 28" + strings.Repeat("00", 40) + "28", "6A86"},
		[2]string{appendixD[2][0], "6985"}) // no challenge
}

func TestMalformedAndUnknownCommandsHaveTheirStatusWords(t *testing.T) {
	c := newChip(t, map[string][]byte{"EF.COM": {0x60, 0}}, chip.Options{})
	converse(t, c,
		[2]string{"", "6700"},
		[2]string{"00A4", "6700"},
		[2]string{"00A4040C 07 A000000247", "6700"},
		[2]string{"00A4040C 00 0007 A00000", "6700"},
		[2]string{"00A4040C 07 A0000002471002", "6A82"},
		[2]string{"00A40400 07 A0000002471001", "6A86"},
		[2]string{"00A4030C 02 011E", "6A86"},
		[2]string{"80A4040C", "6E00"},
		[2]string{"10A4040C", "6884"},
		[2]string{"00CA0000 00", "6D00"},
		[2]string{"0CB00000 0D 970104 8E08ED6705417E96BA55 00", "6882"})
}

func TestTheMasterFileIsOpenAndAnnouncesExtendedLength(t *testing.T) {
	c := newChip(t, map[string][]byte{"EF.CardAccess": {0x31, 0x00}}, chip.Options{MaxResponse: 4000})
	converse(t, c,
		[2]string{"00B08100 00", "7F66 09 0203 00FFFF 0202 0FA2 9000"},
		[2]string{"00A4020C 02 011C", "9000"},
		[2]string{"00B00000 01", "31 9000"},
		[2]string{"00B00001 04", "00 6282"}, // the end comes before four bytes
		[2]string{"00B00000 00", "3100 9000"},
		[2]string{"00B00002 00", "6B00"},
		[2]string{"00B00000 00 0100", "3100 6282"},
		[2]string{"00B00000", "6700"},
		[2]string{"00A4000C 02 3F00", "9000"},
		[2]string{"00B00000 00", "6986"},
		[2]string{"00B0FC00 00", "6A86"},
		[2]string{"00B08200 00", "6A82"})
}

func TestAFileBeyond32KilobytesIsReadByTheOddInstruction(t *testing.T) {
	content := make([]byte, 40000)
	content[39998], content[39999] = 0xAB, 0xCD
	c := newChip(t, map[string][]byte{"EF.CardAccess": content}, chip.Options{})
	converse(t, c,
		[2]string{"00B1011C 04 54029C3E 06", "5302ABCD 9000"},
		[2]string{"00B10000 04 54029C3F 00", "5301CD 9000"},
		[2]string{"00B1001C 04 54029C3F 00", "5301CD 9000"},
		[2]string{"00B10000 04 54029C40 00", "6B00"},
		[2]string{"00B10000 04 54039C40 00", "6A80"},
		[2]string{"00B1011B 03 540100 00", "6A82"})
}

func TestAChipWithoutExtendedLengthRefusesIt(t *testing.T) {
	c := newChip(t, map[string][]byte{"EF.CardAccess": {0x31, 0x00}}, chip.Options{ShortOnly: true})
	converse(t, c,
		[2]string{"00B09C00 00 0100", "6700"},
		[2]string{"00B09C00 00", "3100 9000"},
		[2]string{"00B08100 00", "6A82"})
}

func TestAResponseIsNeverLongerThanTheChipCan(t *testing.T) {
	c := newChip(t, map[string][]byte{"EF.CardAccess": make([]byte, 1000)}, chip.Options{MaxResponse: 100})
	if n := len(c.Transmit(context.Background(), unhex(t, "00B09C00 00 0200"))); n != 102 {
		t.Errorf("response has %d bytes, want 102", n)
	}
}

func TestFaultsHappenAtTheirCommand(t *testing.T) {
	file := map[string][]byte{"EF.CardAccess": {1, 2, 3}}
	read := unhex(t, "00B09C00 03")
	for name, test := range map[string]struct {
		fault chip.Fault
		want  []byte
	}{
		"tear":                     {chip.Tear(), nil},
		"corrupt":                  {chip.Corrupt(1), []byte{1, 0xFD, 3, 0x90, 0}},
		"from end":                 {chip.Corrupt(-1), []byte{1, 2, 3, 0x90, 0xFF}},
		"outside":                  {chip.Corrupt(9), []byte{1, 2, 3, 0x90, 0}},
		"truncate":                 {chip.Truncate(1), []byte{1}},
		"status":                   {chip.Status(0x6F00), []byte{0x6F, 0}},
		"a status behind the data": {chip.StatusBehindData(0x6282), []byte{1, 2, 3, 0x62, 0x82}},
		"twice":                    {chip.Twice(), []byte{1, 2, 3, 0x90, 0, 1, 2, 3, 0x90, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newChip(t, file, chip.Options{Faults: map[int]chip.Fault{2: test.fault}})
			good := []byte{1, 2, 3, 0x90, 0}
			for i, want := range [][]byte{good, test.want, good} {
				if got := c.Transmit(context.Background(), read); !bytes.Equal(got, want) {
					t.Errorf("command %d: %x, want %x", i+1, got, want)
				}
			}
		})
	}
}

func TestAnEarlierAnswerMayComeAgain(t *testing.T) {
	c := newChip(t, map[string][]byte{"EF.CardAccess": {1, 2, 3}}, chip.Options{
		Faults: map[int]chip.Fault{3: chip.Replay(1), 4: chip.Replay(3), 5: chip.Replay(9), 6: chip.Replay(0)},
	})
	const first, second = "00B09C00 01", "00B09C01 02"
	converse(t, c, [2]string{first, "01 9000"}, [2]string{second, "0203 9000"}, [2]string{first, "0203 9000"},
		[2]string{second, "01 9000"}, [2]string{second, "01 9000"}, [2]string{second, "0203 9000"})
	c.Reset()
	converse(t, c, [2]string{second, "0203 9000"}, [2]string{first, "01 9000"}, [2]string{second, "01 9000"})
}

func TestASlowChipTakesItsTimeAndCanBeTakenAway(t *testing.T) {
	file := map[string][]byte{"EF.CardAccess": make([]byte, 195)}
	c := newChip(t, file, chip.Options{Latency: 10 * time.Millisecond, ByteRate: 10000}) // 5 + 197 bytes: 20.2 ms
	begin := time.Now()
	c.Transmit(context.Background(), unhex(t, "00B09C00 00"))
	if took := time.Since(begin); took < 30*time.Millisecond {
		t.Errorf("took %v, want at least 30 ms", took)
	}
	c = newChip(t, file, chip.Options{Faults: map[int]chip.Fault{1: chip.Hang(), 2: chip.Delay(time.Hour)}})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(time.Millisecond, cancel)
	for range 2 {
		if got := c.Transmit(ctx, unhex(t, "00B09C00 00")); got != nil {
			t.Errorf("a chip that was taken away answered %x", got)
		}
	}
}

func TestTheFieldGoingOffMakesTheChipForget(t *testing.T) {
	c := appendixDChip(t)
	converse(t, c, appendixD[:4]...)
	c.Reset()
	converse(t, c, [2]string{appendixD[4][0], "6882"}, [2]string{"00840000 08", "6985"})
}

func TestOtherCardsAnswerInTheirOneWay(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	command := unhex(t, selectApplication)
	if got := chip.Dead().Transmit(ctx, command); !bytes.Equal(got, []byte{0x6F, 0}) {
		t.Errorf("dead chip: %x", got)
	}
	if got := chip.Foreign().Transmit(ctx, command); !bytes.Equal(got, []byte{0x6A, 0x82}) {
		t.Errorf("foreign card: %x", got)
	}
	cancel()
	if got := chip.Silent().Transmit(ctx, command); got != nil {
		t.Errorf("silent chip: %x", got)
	}
}

func TestWrongFilesAndKeysAreRefused(t *testing.T) {
	files := map[string][]byte{"EF.COM": {0x60, 0}}
	for name, err := range map[string]error{
		"unknown file":  second(chip.New(map[string][]byte{"DG17": {1}}, published, chip.Options{})),
		"empty file":    second(chip.New(map[string][]byte{"DG1": {}}, published, chip.Options{})),
		"long file":     second(chip.New(map[string][]byte{"DG2": make([]byte, 1<<18+1)}, published, chip.Options{})),
		"short date":    second(chip.New(files, chip.AccessKey{DocumentNumber: "1", BirthDate: "6908", ExpiryDate: "940623"}, chip.Options{})),
		"strange digit": second(chip.New(files, chip.AccessKey{DocumentNumber: "l898", BirthDate: "690806", ExpiryDate: "940623"}, chip.Options{})),
		"small answers": second(chip.New(files, published, chip.Options{MaxResponse: 10})),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func second(_ *chip.Chip, err error) error { return err }

func FuzzTransmit(f *testing.F) {
	for _, e := range appendixD {
		f.Add(unhex(f, e[0]))
	}
	f.Fuzz(func(t *testing.T, command []byte) {
		c := appendixDChip(t)
		for _, e := range appendixD[:4] { // so that secure messaging is reached
			c.Transmit(context.Background(), unhex(t, e[0]))
		}
		for range 2 {
			response := c.Transmit(context.Background(), command)
			if len(response) < 2 || len(response) > 0xFFFF {
				t.Fatalf("response of %d bytes", len(response))
			}
		}
	})
}
