package emrtd_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
)

// dataObject is a file of a chip: a tag, and a value of so many bytes that nobody can guess.
func dataObject(tag byte, size int) []byte {
	value := make([]byte, size)
	source := rand.NewChaCha8([32]byte{tag})
	source.Read(value)
	return slices.Concat([]byte{tag, 0x82, byte(size >> 8), byte(size)}, value)
}

// measuredFiles are a passport's, 16.3 kB in DG1, DG2 and EF.SOD.
func measuredFiles() map[string][]byte {
	return map[string][]byte{
		"EF.COM": dataObject(0x60, 20), "EF.SOD": dataObject(0x77, 1796),
		"DG1": dataObject(0x61, 89), "DG2": dataObject(0x75, 14407),
	}
}

// watched is a chip that counts what READ BINARY costs for each file, told by its short identifier.
type watched struct {
	emrtd.Card
	current            byte
	commands, received map[byte]int
	longest            int // answer
}

func watch(card emrtd.Card) *watched {
	return &watched{Card: card, commands: map[byte]int{}, received: map[byte]int{}}
}

func (w *watched) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := w.Card.Transmit(ctx, command)
	w.longest = max(w.longest, len(answer))
	if command[0] == 0x0C && command[1]&^1 == 0xB0 {
		if command[1] == 0xB0 && command[2]&0x80 != 0 {
			w.current = command[2] & 0x1F
		}
		w.commands[w.current]++
		w.received[w.current] += len(answer)
	}
	return answer, err
}

// cost is what DG1, DG2 and EF.SOD took: commands, and bytes received for each byte of the files.
func (w *watched) cost(files map[string][]byte) (commands int, ratio float64) {
	size := 0
	for id, name := range map[byte]string{1: "DG1", 2: "DG2", 0x1D: "EF.SOD"} {
		commands += w.commands[id]
		ratio += float64(w.received[id])
		size += len(files[name])
	}
	return commands, ratio / float64(size)
}

// failer is a test, or a round of a property test.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// read reads a chip and compares its files.
func read(t failer, card emrtd.Card, files map[string][]byte, o emrtd.Options) *emrtd.Reading {
	t.Helper()
	reading, err := emrtd.Read(context.Background(), card, printedKey, o)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if !bytes.Equal(reading.Files[name], want) {
			t.Errorf("%s: %d bytes, or others, of %d", name, len(reading.Files[name]), len(want))
		}
	}
	return reading
}

func newCard(t failer, files map[string][]byte, o chip.Options) inField {
	t.Helper()
	c, err := chip.New(files, chip.AccessKey(printedKey), o)
	if err != nil {
		t.Fatal(err)
	}
	return inField{c}
}

func byPACE(cipher chip.Cipher) []chip.PACEInfo {
	return []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: cipher, Parameters: 12}}
}

func TestTheCommandsAndBytesOfAWholePassport(t *testing.T) {
	files := measuredFiles()
	for _, c := range []struct {
		name     string
		chip     chip.Options
		reader   emrtd.Options
		commands int
		ratio    float64
	}{
		{"uncapped", chip.Options{}, emrtd.Options{}, 3, 1.02},
		{"a chip of 4,000 bytes", chip.Options{MaxResponse: 4000}, emrtd.Options{}, 6, 1.02},
		{"a reader of 4,000 bytes", chip.Options{}, emrtd.Options{MaxResponse: 4000}, 6, 1.02},
		{"short only", chip.Options{ShortOnly: true}, emrtd.Options{}, 80, 1.10},
		{"a reader of short length", chip.Options{}, emrtd.Options{MaxResponse: 258}, 80, 1.10},
	} {
		for _, pace := range [][]chip.PACEInfo{nil, byPACE(chip.TripleDES), byPACE(chip.AES128), byPACE(chip.AES256)} {
			c.chip.PACE = pace
			card := watch(newCard(t, files, c.chip))
			reading := read(t, card, files, c.reader)
			commands, ratio := card.cost(files)
			name := fmt.Sprintf("%s, %s %v", c.name, reading.Access, pace)
			if commands > c.commands || c.commands < 10 && commands != c.commands || ratio > c.ratio {
				t.Errorf("%s: %d commands, want %d; %.3f bytes for one, want %.2f", name, commands, c.commands, ratio, c.ratio)
			}
			if most := c.reader.MaxResponse; most > 0 && card.longest > most {
				t.Errorf("%s: an answer of %d bytes", name, card.longest)
			}
			t.Logf("%s: %d READ BINARY, %.3f bytes for one; %d commands in all", name, commands, ratio, reading.Commands)
		}
	}
}

func TestNoAnswerIsLongerThanTheReaderCarries(t *testing.T) {
	files := measuredFiles()
	for _, pace := range [][]chip.PACEInfo{nil, byPACE(chip.AES128)} {
		for _, most := range []int{120, 200, 257, 258, 259, 275, 276, 290, 300, 523, 1000, 4096, 20000} {
			card := watch(newCard(t, files, chip.Options{PACE: pace}))
			read(t, card, files, emrtd.Options{MaxResponse: most})
			if card.longest > most {
				t.Errorf("an answer of %d bytes where %d are carried", card.longest, most)
			}
		}
	}
}

func TestAFileBeyondTheReachOfAnEvenInstructionIsRead(t *testing.T) {
	for _, size := range []int{32763, 32764, 32765, 33000, 65531} {
		files := measuredFiles()
		files["DG2"] = dataObject(0x75, size)
		for _, o := range []chip.Options{
			{}, {MaxResponse: 4000}, {ShortOnly: true}, {ShortOnly: true, PACE: byPACE(chip.AES192)},
		} {
			read(t, watch(newCard(t, files, o)), files, emrtd.Options{})
		}
	}
}

func TestAnyFileIsReadFromAnyChipByAnyReader(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		files := measuredFiles()
		files["DG2"] = dataObject(0x75, rapid.IntRange(256, 40_000).Draw(rt, "size"))
		o := chip.Options{
			ShortOnly: rapid.Bool().Draw(rt, "short only"), MaxResponse: rapid.IntRange(100, 65533).Draw(rt, "most of the chip"),
		}
		if cipher := rapid.SampledFrom([]chip.Cipher{0, chip.TripleDES, chip.AES128}).Draw(rt, "cipher"); cipher != 0 {
			o.PACE = byPACE(cipher)
		}
		most := rapid.SampledFrom([]int{0, 120, 258, 261, 2048, 60000}).Draw(rt, "most of the reader")
		read(rt, newCard(rt, files, o), files, emrtd.Options{MaxResponse: most})
	})
}

// broken is a chip or a reader that refuses commands in its own way; the chip does not see them.
type broken struct {
	emrtd.Card
	refuses func(command []byte) (status uint16, refused bool)
}

func (b broken) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if status, refused := b.refuses(command); refused {
		return binary.BigEndian.AppendUint16(nil, status), nil
	}
	return b.Card.Transmit(ctx, command)
}

func TestExtendedLengthThatWasAnnouncedAndDoesNotWorkIsGivenUp(t *testing.T) {
	files := measuredFiles()
	for _, status := range []uint16{0x6700, 0x6981, 0x6A86, 0x6B00, 0x6C00, 0x6C40, 0x6CF0, 0x6D00, 0x6F00, 0x9000} {
		refused := 0
		card := broken{newCard(t, files, chip.Options{PACE: byPACE(chip.AES128)}), func(command []byte) (uint16, bool) {
			extended := command[0] == 0x0C && command[4] == 0
			if extended {
				refused++
			}
			return status, extended
		}}
		reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{})
		if err != nil || !bytes.Equal(reading.Files["DG2"], files["DG2"]) {
			t.Errorf("%04X: %v", status, err)
		}
		if refused > 4 {
			t.Errorf("%04X: extended length was tried %d times", status, refused)
		}
	}
}

func TestAChipWithoutShortIdentifiersIsReadBySelection(t *testing.T) {
	files := measuredFiles()
	for _, status := range []uint16{0x6700, 0x6981, 0x6982, 0x6986, 0x6A82, 0x6A86, 0x6B00, 0x6D00} {
		for _, o := range []chip.Options{{}, {ShortOnly: true}, {PACE: byPACE(chip.AES128)}} {
			refused := 0
			card := broken{newCard(t, files, o), func(command []byte) (uint16, bool) {
				short := command[1] == 0xB0 && command[2]&0x80 != 0
				if short {
					refused++
				}
				return status, short
			}}
			read(t, card, files, emrtd.Options{})
			if refused > 3*5 {
				t.Errorf("%04X: short identifiers were tried %d times", status, refused)
			}
		}
	}
}
