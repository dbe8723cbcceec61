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

var (
	weakest  = chip.PACEInfo{Mapping: chip.GenericMapping, Cipher: chip.TripleDES, Parameters: 12}
	stronger = chip.PACEInfo{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: 12}
	proving  = chip.PACEInfo{Mapping: chip.ChipAuthenticationMapping, Cipher: chip.AES128, Parameters: 12}
)

// Whichever status word hides EF.CardAccess until the master file is selected, and where the chip does not start
// there: it is asked for behind that selection.
func TestEFCardAccessIsAskedForOnceMoreBehindTheMasterFile(t *testing.T) {
	files := chipWith(nil)
	quirks := []chip.Quirk{chip.ApplicationPreselected}
	for _, status := range []uint16{0x6A82, 0x6982, 0x6985, 0x6986, 0x6A81, 0x6A86, 0x6A88, 0x6D00, 0x6F00, 0x6300} {
		quirks = append(quirks, chip.CardAccessAfterMF(status))
	}
	for _, quirk := range quirks {
		for form, first := range map[string][]byte{"by its identifier": nil, "by nothing": {0x00, 0xA4, 0x00, 0x0C, 0x02}} {
			o := chip.Options{PACE: []chip.PACEInfo{stronger}, PACEOnly: true, Quirks: []chip.Quirk{quirk}}
			card := broken{passport(t, files, o), func(command []byte) (uint16, bool) {
				return 0x6A86, first != nil && bytes.HasPrefix(command, first)
			}}
			if reading := readAll(t, card, files); reading.Access != "PACE-ECDH-GM" || reading.Files[emrtd.FileATRInfo] == nil {
				t.Errorf("%s, master file %s: %q", quirk, form, reading.Access)
			}
		}
	}
}

// An entry of EF.CardAccess that is none takes nothing from the others, and is noted; and so is a file without any.
func TestWhatIsNoEntryOfEFCardAccessIsNoted(t *testing.T) {
	files, o := chipWith(nil), chip.Options{PACE: []chip.PACEInfo{stronger}, PACEOnly: true}
	info := []byte("\x30\x12\x06\x0A\x04\x00\x7F\x00\x07\x02\x02\x04\x02\x02\x02\x01\x02\x02\x01\x0C")
	for _, none := range []string{"\x05\x00", "\x30\x00", "\x00", "\x00\x00\x00", "\x30\x03\x02\x01\x01"} {
		files[emrtd.FileCardAccess] = append([]byte{0x31, byte(len(info) + len(none))}, none+string(info)...)
		if reading := readAll(t, passport(t, files, o), files); len(reading.Notes) != 1 || !strings.Contains(reading.Notes[0].Text, "EF.CardAccess") {
			t.Errorf("%X: notes %q", none, reading.Notes)
		}
	}
	files[emrtd.FileCardAccess] = []byte("\x31\x02\x05\x00")
	reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
	if err == nil || len(reading.Notes) != 1 || !strings.Contains(reading.Notes[0].Text, "EF.CardAccess") {
		t.Errorf("no entry at all: notes %q, %v", reading.Notes, err)
	}
}

// warning is a chip that selects what it is told to, in clear, and says so by another word than 9000.
type warning struct {
	inField
	kind   byte // P1 of SELECT
	status uint16
}

func (w warning) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := w.inField.Transmit(ctx, command)
	if bytes.HasPrefix(command, []byte{0x00, 0xA4, w.kind}) && bytes.Equal(answer, []byte{0x90, 0x00}) {
		answer = binary.BigEndian.AppendUint16(nil, w.status)
	}
	return answer, err
}

// A warning behind SELECT does not keep a chip from being read; only what is no everyday answer is noted.
func TestASelectionThatIsWarnedOfIsDone(t *testing.T) {
	files := chipWith(nil)
	for what, kind := range map[string]byte{"the application": 0x04, "EF.CardAccess": 0x02, "the master file": 0x00} {
		for _, status := range []uint16{0x6283, 0x6200, 0x6282, 0x6285, 0x62FF, 0x6110, 0x6100} {
			o := chip.Options{}
			if kind != 0x04 {
				o = chip.Options{PACE: []chip.PACEInfo{stronger}, PACEOnly: true, Quirks: []chip.Quirk{chip.CardAccessAfterMF(0x6A82)}}
			}
			reading := readAll(t, warning{passport(t, files, o), kind, status}, files)
			if told := len(reading.Notes) > 0; told != (status>>8 == 0x62) {
				t.Errorf("%04X to %s: notes %q", status, what, reading.Notes)
			}
		}
	}
	for _, status := range []uint16{0x6300, 0x63C0, 0x6400, 0x6A82, 0x6D00} {
		card := warning{passport(t, files, chip.Options{}), 0x04, status}
		if _, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{}); !errors.Is(err, emrtd.ErrNotEPassport) {
			t.Errorf("%04X is no warning: %v", status, err)
		}
	}
}

func TestAChipWithoutPACEIsReadWhateverItSelectsFirst(t *testing.T) {
	files := chipWith(nil)
	for _, quirks := range [][]chip.Quirk{
		nil, {chip.ApplicationPreselected}, {chip.NoMasterFile}, {chip.ApplicationPreselected, chip.NoMasterFile},
	} {
		if reading := readAll(t, passport(t, files, chip.Options{Quirks: quirks}), files); reading.Access != "BAC" {
			t.Errorf("%v: %q", quirks, reading.Access)
		}
	}
}

// What it costs a chip that has no EF.CardAccess, which is every one without PACE: one command.
func TestAskingBehindTheMasterFileCostsOneCommand(t *testing.T) {
	for _, c := range []struct {
		options chip.Options
		want    int
	}{
		{chip.Options{}, 1 + 2 + 1},                                // EF.ATR/INFO, EF.CardAccess by either identifier
		{chip.Options{ShortOnly: true}, 2 + 2 + 1},                 // no EF.ATR/INFO either
		{chip.Options{PACE: []chip.PACEInfo{stronger}}, 1 + 1},     // nothing is refused
		{chip.Options{Quirks: []chip.Quirk{chip.NoMasterFile}}, 5}, // it is selected in neither form
	} {
		commands := 0
		card := &tracing{Card: passport(t, chipWith(nil), c.options), seen: func(command, _ []byte) {
			commands++
			if bytes.HasPrefix(command, []byte{0x00, 0xA4, 0x04}) || bytes.HasPrefix(command, []byte{0x00, 0x22}) {
				panic(commands - 1) // the way in begins
			}
		}}
		func() {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("%+v: %v commands, want %d", c.options, got, c.want)
				}
			}()
			readAll(t, card, nil)
		}()
	}
}

// PACE's first step is refused once, by whatever word: it is tried once more, with either password.
func TestPACEThatIsRefusedOnceIsTriedOnceMore(t *testing.T) {
	files := chipWith(nil)
	for _, status := range []uint16{0x6982, 0x6300, 0x6301, 0x6985, 0x6988, 0x6A80, 0x6A88, 0x6700, 0x6D00, 0x6E00, 0x6F00} {
		for _, quirk := range []chip.Quirk{chip.PACERefusedOnce(status), chip.NonceRefusedOnce(status)} {
			for _, can := range []string{"", printedCAN} {
				card := passport(t, files, chip.Options{
					PACE: []chip.PACEInfo{stronger}, PACEOnly: true, CAN: printedCAN, CANTries: 3, Quirks: []chip.Quirk{quirk},
				})
				reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{CAN: can})
				if err != nil || reading.Access != "PACE-ECDH-GM" || len(missing(reading, files)) > 0 {
					t.Errorf("%s, number %q: %q, %v", quirk, can, reading.Access, err)
				}
			}
		}
	}
}

// Any step before the token is answered once by a status word without data, 9000 among them.
func TestAnyStepOfPACEThatIsNotAnsweredOnceIsTriedOnceMore(t *testing.T) {
	files := chipWith(nil)
	for _, mapping := range mappings {
		for step := range 3 {
			for _, status := range []uint16{0x9000, 0x6282, 0x6300, 0x6982, 0x6A80} {
				info, steps := chip.PACEInfo{Mapping: mapping, Cipher: chip.AES128, Parameters: 12}, 0
				o := chip.Options{PACE: []chip.PACEInfo{info}, PACEOnly: true}
				card := broken{passport(t, files, o), func(command []byte) (uint16, bool) {
					if command[0] == 0x10 && command[1] == 0x86 { // GENERAL AUTHENTICATE, and more of the chain follow
						steps++
						return status, steps == step+1
					}
					return 0, false
				}}
				if reading := readAll(t, card, files); !strings.HasPrefix(reading.Access, "PACE") {
					t.Errorf("mapping %d, %04X to step %d: %q", mapping, status, step, reading.Access)
				}
			}
		}
	}
}

// However a chip refuses before, one reading tries one card access number once, and none when the chip warns of its last.
func TestTryingOnceMoreUsesUpNoTries(t *testing.T) {
	for _, quirks := range [][]chip.Quirk{
		nil, {chip.PACERefusedOnce(0x6982)}, {chip.NonceRefusedOnce(0x6985)}, {chip.PACEVariantRefused(0x6A80)},
		{chip.PACEWithoutParameterID},
	} {
		card := passport(t, chipWith(nil), chip.Options{
			PACE: []chip.PACEInfo{stronger, weakest}, CAN: printedCAN, CANTries: 3, Quirks: quirks,
		})
		for _, want := range []int{2, 1, 1, 1} {
			card.Reset()
			_, err := emrtd.Read(context.Background(), card, emrtd.Key{}, emrtd.Options{CAN: "500541"})
			var refusal *emrtd.StatusError
			if !errors.As(err, &refusal) {
				t.Fatalf("%v: %v", quirks, err)
			}
			if tries, counted := refusal.TriesLeft(); !counted || tries != want {
				t.Errorf("%v: %d tries are left, want %d: %v", quirks, tries, want, err)
			}
		}
	}
}

// The strongest variant is refused, by whatever word: the next is tried, and the refusal is told.
func TestTheNextVariantIsTriedWhereTheStrongestIsRefused(t *testing.T) {
	files := chipWith(nil)
	for _, status := range []uint16{0x6A80, 0x6A81, 0x6A86, 0x6A88, 0x6982, 0x6985, 0x6D00, 0x6F00} {
		for _, offered := range [][]chip.PACEInfo{{stronger, weakest}, {proving, stronger}, {proving, stronger, weakest}} {
			card := passport(t, files, chip.Options{
				PACE: offered, PACEOnly: true, Quirks: []chip.Quirk{chip.PACEVariantRefused(status)},
			})
			reading := readAll(t, card, files)
			if reading.Access != "PACE-ECDH-GM" || reading.Mapping != nil || reading.Commands > 40 {
				t.Errorf("%04X to %+v: %q in %d commands", status, offered[0], reading.Access, reading.Commands)
			}
			if len(reading.Notes) != 1 || !strings.Contains(reading.Notes[0].Text, "was refused: select PACE") {
				t.Errorf("%04X to %+v: notes %q", status, offered[0], reading.Notes)
			}
		}
	}
}

// A PACEInfo without the identifier of its domain parameters: whichever they are, they are found, and that is told.
func TestPACEWithoutAParameterIDFindsItsParameters(t *testing.T) {
	files := chipWith(nil)
	for id := range 19 {
		for _, mapping := range mappings {
			info := chip.PACEInfo{Mapping: mapping, Cipher: chip.AES128, Parameters: id}
			o := chip.Options{
				PACE: []chip.PACEInfo{info}, PACEOnly: true, CAN: printedCAN, CANTries: 2,
				Quirks: []chip.Quirk{chip.PACEWithoutParameterID},
			}
			if _, err := emulated(o); err != nil {
				continue // the standard has no such chip
			}
			if id%2 == 0 {
				o.Quirks = append(o.Quirks, chip.NeedsReference)
			}
			reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{CAN: printedCAN})
			if err != nil || len(missing(reading, files)) > 0 {
				t.Errorf("%+v: %q, %v", info, reading.Access, err)
			}
			if !slices.ContainsFunc(reading.Notes, func(note emrtd.Note) bool { return strings.Contains(note.Text, "domain parameters of PACE") }) {
				t.Errorf("%+v: notes %q", info, reading.Notes)
			}
		}
	}
}

// A chip that refuses PACE in every way before it has tested a key is opened by Basic Access Control, where it has that and
// the key is the MRZ's; where it has not, it has said nothing of the key.
func TestAChipThatRefusesPACEAltogetherSaysNothingOfTheKey(t *testing.T) {
	files := chipWith(nil)
	for _, status := range []uint16{0x6982, 0x6300, 0x63C0, 0x6983, 0x6985, 0x6988, 0x6A80, 0x6D00, 0x6F00} {
		refuses := func(_ int, header [3]byte) (uint16, bool) { return status, header == [3]byte{0x22, 0xC1, 0xA4} }
		o := chip.Options{PACE: []chip.PACEInfo{stronger}, CAN: printedCAN, Refuses: refuses}
		reading := readAll(t, passport(t, files, o), files)
		if reading.Access != "BAC" || len(reading.Notes) != 2 {
			t.Errorf("%04X: %q, notes %q", status, reading.Access, reading.Notes)
		}
		o.PACEOnly = true
		for _, can := range []string{"", printedCAN} {
			_, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{CAN: can})
			if !errors.Is(err, emrtd.ErrRefused) || errors.Is(err, emrtd.ErrAccessDenied) {
				t.Errorf("%04X, number %q: %v", status, can, err)
			}
		}
	}
}

// A chip that offers PACE may have that alone, and deny Basic Access Control by whatever word: there only the words that say
// that authentication failed are about the key.
func TestAChipThatRefusesPACEAndDeniesBasicAccessControlSaysNothingOfTheKey(t *testing.T) {
	for status, denied := range map[uint16]bool{
		0x6300: true, 0x63C3: true, 0x6982: false, 0x6983: false, 0x6985: false, 0x6988: false, 0x6A80: false, 0x6D00: false,
	} {
		card := broken{passport(t, chipWith(nil), chip.Options{PACE: []chip.PACEInfo{stronger}}), func(command []byte) (uint16, bool) {
			if command[0] == 0x00 && command[1] == 0x22 {
				return 0x6A80, true
			}
			return status, command[0] == 0x00 && command[1] == 0x82
		}}
		reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{})
		if errors.Is(err, emrtd.ErrAccessDenied) != denied || !errors.Is(err, emrtd.ErrRefused) || reading.Access != "" {
			t.Errorf("%04X: %v", status, err)
		}
	}
}

// A token that is refused is a key that was tested only where the status word says so.
func TestOnlySomeStatusWordsSayThatTheKeyIsWrong(t *testing.T) {
	for status, denied := range map[uint16]bool{
		0x6300: true, 0x63C3: true, 0x6982: true, 0x6988: true,
		0x6700: false, 0x6881: false, 0x6985: false, 0x6A80: false, 0x6A88: false, 0x6D00: false, 0x6E00: false, 0x6F00: false,
	} {
		eachAccess(t, func(t *testing.T, o chip.Options) {
			card := broken{passport(t, chipWith(nil), o), func(command []byte) (uint16, bool) {
				return status, command[0] == 0x00 && (command[1] == 0x82 || command[1] == 0x86)
			}}
			reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{})
			if errors.Is(err, emrtd.ErrAccessDenied) != denied || errors.Is(err, emrtd.ErrRefused) == denied || reading.Access != "" {
				t.Errorf("%04X: %v", status, err)
			}
		})
	}
}
