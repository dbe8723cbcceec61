package emrtd_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
)

// cardAccessOf is EF.CardAccess with these entries, each the DER of one for PACE-ECDH-GM with AES-128 behind its protocol.
func cardAccessOf(entries ...string) []byte {
	var set []byte
	for _, fields := range entries {
		entry := "\x06\x0A\x04\x00\x7F\x00\x07\x02\x02\x04\x02\x02" + fields
		set = append(append(set, 0x30, byte(len(entry))), entry...)
	}
	return append([]byte{0x31, byte(len(set))}, set...)
}

// noted says whether a note has these words.
func noted(r *emrtd.Reading, words string) bool {
	return slices.ContainsFunc(r.Notes, func(note emrtd.Note) bool { return strings.Contains(note.Text, words) })
}

// The standard has version 2 of PACE alone. An entry of another version takes nothing from one of version 2, in whatever order
// they stand; where there is no other it is taken for what it may have been meant as. Either is told.
func TestAnEntryOfAnotherVersionOfPACEIsTakenLastAndTold(t *testing.T) {
	const (
		one, two, three = "\x02\x01\x01\x02\x01\x0C", "\x02\x01\x02\x02\x01\x0C", "\x02\x01\x03\x02\x01\x0C"
		none, large     = "", "\x02\x02\x01\x00\x02\x01\x0C"
	)
	files := chipWith(nil)
	for name, c := range map[string]struct {
		entries []string
		words   string
	}{
		"1 before 2": {[]string{one, two}, "states version 1, not 2"}, "1 behind 2": {[]string{two, one}, "states version 1, not 2"},
		"3 before 2": {[]string{three, two}, "states version 3, not 2"}, "1, 3 and 2": {[]string{one, three, two}, "1 more"},
		"1 alone": {[]string{one}, "states version 1, not 2"}, "3 alone": {[]string{three}, "states version 3, not 2"},
		"256 alone": {[]string{large}, "states version 256, not 2"}, "none at all": {[]string{none}, "states version 0, not 2"},
		"1 without parameters": {[]string{"\x02\x01\x01"}, "states version 1, not 2"},
		"another set in 1":     {[]string{"\x02\x01\x01\x02\x01\x0D", two}, "states version 1, not 2"},
	} {
		for _, can := range []string{"", printedCAN} {
			o := chip.Options{PACE: []chip.PACEInfo{stronger}, PACEOnly: true, CAN: printedCAN, CANTries: 2}
			files[emrtd.FileCardAccess] = cardAccessOf(c.entries...)
			reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{CAN: can})
			if err != nil || reading.Access != "PACE-ECDH-GM" || !noted(reading, "EF.CardAccess deviates: ") || !noted(reading, c.words) {
				t.Errorf("%s, number %q: %q, notes %q, %v", name, can, reading.Access, reading.Notes, err)
			}
			if len(c.entries) > 1 && reading.Commands > 26 {
				t.Errorf("%s: %d commands: it was not the first to be tried", name, reading.Commands)
			}
		}
	}
}

// In version 1, TR-03110 2.01, the token is over the domain parameters too. A chip that means it refuses the token of version 2
// whatever the key: that says nothing of the key, and Basic Access Control is tried.
func TestATokenThatIsRefusedInAnotherVersionSaysNothingOfTheKey(t *testing.T) {
	files := chipWith(nil)
	files[emrtd.FileCardAccess] = cardAccessOf("\x02\x01\x01\x02\x01\x0C")
	for _, status := range []uint16{0x6300, 0x63C3, 0x6982, 0x6988, 0x6A80} {
		tokens := 0
		refuses := func(command []byte) (uint16, bool) {
			last := command[0] == 0x00 && command[1] == 0x86
			if last {
				tokens++
			}
			return status, last
		}
		o := chip.Options{PACE: []chip.PACEInfo{stronger}, CAN: printedCAN}
		reading := readAll(t, broken{passport(t, files, o), refuses}, files)
		if reading.Access != "BAC" || !noted(reading, "was refused") || tokens != 1 {
			t.Errorf("%04X: %q after %d tokens, notes %q", status, reading.Access, tokens, reading.Notes)
		}
		tokens, o.PACEOnly = 0, true
		for _, can := range []string{"", printedCAN} {
			_, err := emrtd.Read(context.Background(), broken{passport(t, files, o), refuses}, printedKey, emrtd.Options{CAN: can})
			if !errors.Is(err, emrtd.ErrRefused) || errors.Is(err, emrtd.ErrAccessDenied) {
				t.Errorf("%04X, PACE alone, number %q: %v", status, can, err)
			}
		}
		if tokens != 2 {
			t.Errorf("%04X: the number was tried %d times", status, tokens-1)
		}
	}
	card := passport(t, files, chip.Options{PACE: []chip.PACEInfo{stronger}, PACEOnly: true})
	other := printedKey
	other.DocumentNumber = "L898902C4"
	if _, err := emrtd.Read(context.Background(), card, other, emrtd.Options{}); !errors.Is(err, emrtd.ErrRefused) {
		t.Errorf("a key that is wrong: %v", err)
	}
}

// What else deviates in EF.CardAccess hides nothing that can be used, and is told where it is got along with.
func TestEntriesOfEFCardAccessThatDeviateHideNoneOfTheOthers(t *testing.T) {
	const good = "\x02\x01\x02\x02\x01\x0C"
	files := chipWith(nil)
	for name, c := range map[string]struct {
		entries []string
		words   string
	}{
		"the same twice":                    {[]string{good, good}, "is listed twice"},
		"an unknown set alone":              {[]string{"\x02\x01\x02\x02\x01\x63"}, "parameters 99, which stand for nothing"},
		"a reserved set alone":              {[]string{"\x02\x01\x02\x02\x01\x13"}, "parameters 19, which stand for nothing"},
		"an unknown set first":              {[]string{"\x02\x01\x02\x02\x01\x63", good}, "parameters 99, which stand for nothing"},
		"more elements":                     {[]string{good + "\x02\x01\x00"}, "has more elements than the standard"},
		"more of another kind":              {[]string{good + "\xA0\x00"}, "has more elements than the standard"},
		"no set and more":                   {[]string{"\x02\x01\x02\x05\x00"}, "has more elements than the standard"},
		"a version that is no number first": {[]string{"\x04\x01\x02\x02\x01\x0C", good}, "cannot be used"},
		"a version below zero first":        {[]string{"\x02\x01\xFF\x02\x01\x0C", good}, "cannot be used"},
		"a version without end first":       {[]string{"\x02\x09\x01\x00\x00\x00\x00\x00\x00\x00\x00\x02\x01\x0C", good}, "cannot be used"},
	} {
		o := chip.Options{PACE: []chip.PACEInfo{stronger}, PACEOnly: true}
		files[emrtd.FileCardAccess] = cardAccessOf(c.entries...)
		reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
		if err != nil || reading.Access != "PACE-ECDH-GM" || !noted(reading, c.words) {
			t.Errorf("%s: %q, notes %q, %v", name, reading.Access, reading.Notes, err)
		}
	}
}

// A protocol below id-PACE that nobody knows is none of those that are known, and lawful.
func TestAProtocolOfPACEThatIsNotKnownHidesNoneOfTheOthers(t *testing.T) {
	files, o := chipWith(nil), chip.Options{PACE: []chip.PACEInfo{stronger}, PACEOnly: true}
	good := cardAccessOf("\x02\x01\x02\x02\x01\x0C")
	for _, arcs := range []string{"\x07\x02", "\x02\x09", "\x05\x02", "\x06\x01", "\x02", "", "\x02\x02\x01"} {
		oid := "\x04\x00\x7F\x00\x07\x02\x02\x04" + arcs
		entry := "\x06" + string(rune(len(oid))) + oid + "\x02\x01\x02\x02\x01\x0D"
		entry = "\x30" + string(rune(len(entry))) + entry
		for _, set := range []string{entry + string(good[2:]), string(good[2:]) + entry} {
			files[emrtd.FileCardAccess] = append([]byte{0x31, byte(len(set))}, set...)
			if reading := readAll(t, passport(t, files, o), files); reading.Access != "PACE-ECDH-GM" {
				t.Errorf("%x: %q, notes %q", arcs, reading.Access, reading.Notes)
			}
		}
	}
}

// The order of the entries, and which of them deviate, changes nothing in what is tried first.
func TestTheOrderOfTheEntriesDoesNotMatter(t *testing.T) {
	entries := []string{
		"\x02\x01\x01\x02\x01\x0C", "\x02\x01\x02\x02\x01\x0C", "\x02\x01\x02\x02\x01\x63", "\x02\x01\x02\x02\x01\x0C\x05\x00",
	}
	files, o := chipWith(nil), chip.Options{PACE: []chip.PACEInfo{stronger}, PACEOnly: true}
	var notes []emrtd.Note
	for i := range entries {
		files[emrtd.FileCardAccess] = cardAccessOf(slices.Concat(entries[i:], entries[:i])...)
		first := true
		reading := readAll(t, broken{passport(t, files, o), func(command []byte) (uint16, bool) {
			if selects := bytes.HasPrefix(command, []byte{0x00, 0x22}); selects && first {
				first = false
				if !bytes.HasSuffix(command[:5+int(command[4])], []byte{0x84, 1, 0x0C}) {
					t.Errorf("%d: % X", i, command)
				}
			}
			return 0, false
		}}, files)
		notes = append(notes, reading.Notes...)
	}
	if len(notes) != len(entries) {
		t.Errorf("notes %q", notes)
	}
}
