package emrtd_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
)

// losing is a chip that loses its session over one command under secure messaging and tells it by an answer that is not
// authentic: a status word in clear, where nothing else is given.
type losing struct {
	inField
	status  uint16
	instead []byte
	at      int
	secure  int
}

func (l *losing) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if command[0] == 0x0C {
		if l.secure++; l.secure == l.at {
			l.inField.Transmit(ctx, []byte{0x00, 0xB0, 0x00, 0x00, 0x01}) // a command in clear ends the session
			return binary.BigEndian.AppendUint16(slices.Clone(l.instead), l.status), nil
		}
	}
	return l.inField.Transmit(ctx, command)
}

// toldInClear are status words by which chips tell that secure messaging is over.
func toldInClear() []uint16 {
	return []uint16{
		0x6985, 0x6982, 0x6E00, 0x6D00, 0x6F00, 0x6A80, 0x6300, 0x6800, 0x6881,
		0x6700, 0x6882, 0x6987, 0x6988, 0x6B00, 0x6A82, 0x6A86, 0x6283, 0x6400, 0x6581, 0x6986, 0x6C00, 0x6CFF, 0x9000,
	}
}

// Whatever the status word, and whichever the command over which the session is lost: the chip is opened anew, and
// nothing is lost.
func TestASessionLostOverAnyCommandByAnyStatusWordCostsNoFile(t *testing.T) {
	files := chipWith(map[int][]byte{2: portrait(700), 11: {0x6B, 1, 'd'}, 13: {0x6D, 1, 'o'}})
	eachAccess(t, func(t *testing.T, o chip.Options) {
		o.ShortOnly = true
		for i, status := range toldInClear() {
			for at := 1 + i%5; ; at += 5 {
				card := &losing{inField: passport(t, files, o), status: status, at: at}
				reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{})
				if card.secure < at {
					break
				}
				if lacks := missing(reading, files); err != nil || len(lacks) > 0 {
					t.Errorf("%04X to command %d under secure messaging: without %v: %v", status, at, lacks, err)
				}
			}
		}
	})
}

// lostInData are answers by which chips tell the same in data objects, or answer as if there were no session.
func lostInData() map[string][]byte {
	return map[string][]byte{
		"a status without its checksum":    {0x99, 2, 0x69, 0x88},
		"a status and a checksum of zeros": {0x99, 2, 0x69, 0x88, 0x8E, 8, 0, 0, 0, 0, 0, 0, 0, 0},
		"a checksum alone":                 {0x8E, 8, 1, 2, 3, 4, 5, 6, 7, 8},
		"data in clear":                    bytes.Repeat([]byte{7}, 64),
		"a byte":                           {0},
	}
}

// Nor does it matter what else comes with the status word, as long as the answer is not authentic.
func TestASessionLostOverAnAnswerThatIsNotAuthenticCostsNoFile(t *testing.T) {
	files := chipWith(map[int][]byte{2: portrait(700), 11: {0x6B, 1, 'd'}, 13: {0x6D, 1, 'o'}})
	eachAccess(t, func(t *testing.T, o chip.Options) {
		o.ShortOnly = true
		for name, instead := range lostInData() {
			for i, status := range []uint16{0x6988, 0x9000} {
				for at := 1 + i; ; at += 2 {
					card := &losing{inField: passport(t, files, o), status: status, instead: instead, at: at}
					reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{})
					if card.secure < at {
						break
					}
					if lacks := missing(reading, files); err != nil || len(lacks) > 0 {
						t.Errorf("%s and %04X to command %d under secure messaging: without %v: %v", name, status, at, lacks, err)
					}
				}
			}
		}
	})
}

// spoiling is a chip whose answers about one file, and all behind it, are spoilt each time it is read by its identifiers.
type spoiling struct {
	inField
	spoilt func(command []byte) bool
}

func (s spoiling) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := s.inField.Transmit(ctx, command)
	if command[0] == 0x0C && len(answer) > 2 && s.spoilt(command) {
		answer[len(answer)-3] ^= 1
	}
	return answer, err
}

// Who spoils every answer costs the files and a bounded number of commands, and nothing is taken from what he sends.
func TestAChipThatIsNeverAuthenticIsGivenUpFileByFile(t *testing.T) {
	files := chipWith(map[int][]byte{2: portrait(700), 11: {0x6B, 1, 'd'}, 13: {0x6D, 1, 'o'}})
	o := chip.Options{ShortOnly: true}
	reads := func(command []byte) bool { return command[1] == 0xB0 && command[2] == 0x82 } // DG2 by its short identifier
	reading := readAll(t, spoiling{passport(t, files, o), reads}, files)
	if len(reading.Notes) != 1 || !strings.Contains(reading.Notes[0].Text, "DG2") {
		t.Errorf("one way of asking: notes %q", reading.Notes)
	}
	every := func([]byte) bool { return true }
	reading, err := emrtd.Read(context.Background(), spoiling{passport(t, files, o), every}, printedKey, emrtd.Options{})
	if lacks := missing(reading, files); err == nil || errors.Is(err, emrtd.ErrSecureMessaging) || len(lacks) != 6 || reading.Commands > 80 {
		t.Errorf("every answer: without %v in %d commands, %v", lacks, reading.Commands, err)
	}
}

// A file that costs the session each time is given up, and the others are read.
func TestAFileThatCostsTheSessionEachTimeIsTheOnlyOneLost(t *testing.T) {
	for _, status := range []uint16{0x6A82, 0x6982} {
		eachAccess(t, func(t *testing.T, o chip.Options) {
			files := chipWith(map[int][]byte{2: portrait(700), 3: {0x63, 1, 'f'}, 11: {1}, 12: {1}, 13: {0x6D, 3, 'o', 'w', 'n'}})
			files["EF.SOD"] = []byte("\x77\x03sod") // real files are longer than their header can be
			delete(files, "DG11")                   // listed, and answered 6A82
			delete(files, "DG12")
			o.Quirks = []chip.Quirk{chip.DropsSessionWith(status)}
			reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
			if lacks := missing(reading, files); len(lacks) > 0 {
				t.Errorf("%04X: without %v: %v", status, lacks, err)
			}
			var refusal *emrtd.StatusError
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), "DG11") || errors.Is(err, emrtd.ErrSecureMessaging) {
				t.Errorf("%04X: %v", status, err)
			}
			if status == 0x6A82 && len(reading.Notes) != 3 { // over EF.COM, beyond its end, and over either
				t.Errorf("notes %q", reading.Notes)
			}
		})
	}
}

// Who cuts in for good costs the rest of the files and nothing more.
func TestAChipThatDoesNotOpenAgainIsNoWrongKey(t *testing.T) {
	eachAccess(t, func(t *testing.T, o chip.Options) {
		for _, status := range toldInClear() {
			opened := false
			card := broken{passport(t, chipWith(nil), o), func(command []byte) (uint16, bool) {
				opened = opened || command[0] == 0x0C
				return status, opened
			}}
			reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{})
			if err == nil || reading.Access == "" || reading.Commands > 60 {
				t.Errorf("%04X: %q in %d commands, %v", status, reading.Access, reading.Commands, err)
			}
		}
	})
}
