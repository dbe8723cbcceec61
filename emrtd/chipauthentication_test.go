package emrtd_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
)

// dataGroupTags name the data groups in EF.COM (ICAO Doc 9303-10, 4.6.1).
const dataGroupTags = "\x61\x75\x63\x76\x65\x66\x67\x68\x69\x6A\x6B\x6C\x6D\x6E\x6F\x70"

// chipWith are those of a chip with EF.COM, EF.SOD, DG1, DG2 and the data groups given; EF.COM lists them.
func chipWith(groups map[int][]byte) map[string][]byte {
	all := map[int][]byte{1: {0x61, 3, 'z', 'o', 'n'}, 2: {0x75, 4, 'f', 'a', 'c', 'e'}}
	maps.Copy(all, groups)
	files := map[string][]byte{"EF.SOD": {0x77, 1, 's'}, "EF.CardSecurity": {0x30, 1, 'c'}}
	var tags []byte
	for _, n := range slices.Sorted(maps.Keys(all)) {
		files[fmt.Sprintf("DG%d", n)] = all[n]
		tags = append(tags, dataGroupTags[n-1])
	}
	body := append([]byte("\x5F\x01\x040107\x5F\x36\x06040000\x5C"), byte(len(tags)))
	body = append(body, tags...)
	files["EF.COM"] = append([]byte{0x60, byte(len(body))}, body...)
	return files
}

// chipKey draws a static key pair.
func chipKey(t testing.TB, id, parameters int, ciphers ...chip.Cipher) chip.ChipAuthenticationKey {
	t.Helper()
	private, err := chip.NewPrivateKey(parameters, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return chip.ChipAuthenticationKey{ID: id, Parameters: parameters, Ciphers: ciphers, Private: private}
}

// dg14 holds the public halves of static keys.
func dg14(t testing.TB, keys ...chip.ChipAuthenticationKey) []byte {
	t.Helper()
	var infos [][]byte
	for _, key := range keys {
		entries, err := key.SecurityInfos()
		if err != nil {
			t.Fatal(err)
		}
		infos = append(infos, entries...)
	}
	return chip.EncodeDG14(infos...)
}

// passport is a chip with these files; what it holds and what it can do are two things.
func passport(t testing.TB, files map[string][]byte, o chip.Options) inField {
	t.Helper()
	c, err := chip.New(files, chip.AccessKey(printedKey), o)
	if err != nil {
		t.Fatal(err)
	}
	return inField{c}
}

// readAll reads a chip and wants all of these files.
func readAll(t testing.TB, card emrtd.Card, files map[string][]byte) *emrtd.Reading {
	t.Helper()
	reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{})
	if err != nil {
		t.Fatalf("%v: read %v", err, slices.Sorted(maps.Keys(reading.Files)))
	}
	for name, want := range files {
		if name != "EF.CardSecurity" && !bytes.Equal(reading.Files[name], want) {
			t.Errorf("%s: %x, want %x", name, reading.Files[name], want)
		}
	}
	return reading
}

func TestChipAuthenticationProvesEveryKindOfKey(t *testing.T) {
	parameters := []int{0, 1, 2}
	for id := 8; id <= 18; id++ {
		parameters = append(parameters, id)
	}
	for _, id := range parameters {
		for cipher := chip.TripleDES; cipher <= chip.AES256; cipher++ {
			key := chipKey(t, id%3, id, cipher)
			key.Encoding = chip.KeyEncoding(int(cipher) % 2)
			files := chipWith(map[int][]byte{14: dg14(t, key)})
			card := passport(t, files, chip.Options{
				ChipAuthentication: []chip.ChipAuthenticationKey{key}, NoSetKAT: id%2 == 1,
			})
			reading := readAll(t, card, files)
			want := emrtd.ChipAuthentication{KeyID: key.ID}
			if key.ID == 0 {
				want.KeyID = emrtd.NoID
			}
			if proof := reading.ChipAuthentication; proof == nil || *proof != want {
				t.Errorf("parameters %d, cipher %d: %+v", id, cipher, proof)
			}
		}
	}
}

func TestOfSeveralKeysTheStrongestIsUsed(t *testing.T) {
	keys := []chip.ChipAuthenticationKey{
		chipKey(t, 1, 12, chip.TripleDES), chipKey(t, 2, 2, chip.AES256), chipKey(t, 3, 13, chip.AES128, chip.AES256),
		chipKey(t, 4, 12, chip.AES192),
	}
	files := chipWith(map[int][]byte{14: dg14(t, keys...)})
	reading := readAll(t, passport(t, files, chip.Options{ChipAuthentication: keys}), files)
	if proof := reading.ChipAuthentication; proof == nil || *proof != (emrtd.ChipAuthentication{KeyID: 3}) {
		t.Errorf("%+v", proof)
	}
}

func TestAKeyWithoutItsInfoIsUsedForTripleDES(t *testing.T) {
	key := chipKey(t, 0, 12) // no cipher: DG14 has the key alone
	files := chipWith(map[int][]byte{14: dg14(t, key)})
	key.Ciphers = []chip.Cipher{chip.TripleDES}
	reading := readAll(t, passport(t, files, chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{key}}), files)
	if proof := reading.ChipAuthentication; proof == nil || *proof != (emrtd.ChipAuthentication{KeyID: emrtd.NoID}) {
		t.Errorf("%+v", proof)
	}
}

// eachAccess runs a test on chips that open by BAC and by PACE.
func eachAccess(t *testing.T, test func(t *testing.T, o chip.Options)) {
	pace := chip.PACEInfo{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: 12}
	t.Run("BAC", func(t *testing.T) { test(t, chip.Options{}) })
	t.Run("PACE", func(t *testing.T) { test(t, chip.Options{PACE: []chip.PACEInfo{pace}, PACEOnly: true}) })
}

func TestAClonedChipIsFoundOutAndReadToItsEnd(t *testing.T) {
	eachAccess(t, func(t *testing.T, o chip.Options) {
		for _, cipher := range []chip.Cipher{chip.TripleDES, chip.AES128} {
			key := chipKey(t, 1, 13, cipher)
			files := chipWith(map[int][]byte{14: dg14(t, key), 11: {0x6B, 1, 'd'}, 13: {0x6D, 1, 'o'}})
			o.ChipAuthentication = []chip.ChipAuthenticationKey{chipKey(t, 1, 13, cipher)}
			proof := readAll(t, passport(t, files, o), files).ChipAuthentication
			if proof == nil || !errors.Is(proof.Err, emrtd.ErrNotChipsKey) || proof.KeyID != 1 {
				t.Errorf("cipher %d, another key: %+v", cipher, proof)
			}
			o.ChipAuthentication = nil
			proof = readAll(t, passport(t, files, o), files).ChipAuthentication
			var refusal *emrtd.StatusError
			if proof == nil || !errors.As(proof.Err, &refusal) || refusal.Status != 0x6A88 {
				t.Errorf("cipher %d, no key: %+v", cipher, proof)
			}
		}
	})
}

// A radio that loses a bit, or somebody who speaks in between, does not make a genuine chip a copy; where it goes on, there
// is nothing to tell them apart by.
func TestAnAnswerUnderTheNewKeysThatIsNotAuthenticIsAskedForOnceMore(t *testing.T) {
	eachAccess(t, func(t *testing.T, o chip.Options) {
		key := chipKey(t, 0, 12, chip.AES128)
		files := chipWith(map[int][]byte{14: dg14(t, key)})
		o.ChipAuthentication = []chip.ChipAuthenticationKey{key}
		first := commandsUntil(t, files, o, emrtd.FileDG14) + 3 // behind MSE:Set AT and GENERAL AUTHENTICATE
		for name, fault := range map[string]chip.Fault{
			"checksum": chip.Corrupt(-3), "6987": chip.Status(0x6987), "6988": chip.Status(0x6988), "6F00": chip.Status(0x6F00),
		} {
			o.Faults = map[int]chip.Fault{first: fault}
			if proof := readAll(t, passport(t, files, o), files).ChipAuthentication; proof == nil || proof.Err != nil {
				t.Errorf("%s once: %+v", name, proof)
			}
		}
	})
}

// Anyone on the link can refuse in clear. Once, it costs an opening; always, it is the answer, and no proof of a copy.
func TestARefusalInClearIsAskedBackOnce(t *testing.T) {
	eachAccess(t, func(t *testing.T, o chip.Options) {
		key := chipKey(t, 0, 12, chip.AES128)
		files := chipWith(map[int][]byte{14: dg14(t, key)})
		o.ChipAuthentication = []chip.ChipAuthenticationKey{key}
		last := commandsUntil(t, files, o, emrtd.FileDG14)
		for step := 1; step <= 2; step++ {
			o.Faults = map[int]chip.Fault{last + step: chip.Status(0x6A80)}
			if proof := readAll(t, passport(t, files, o), files).ChipAuthentication; proof == nil || proof.Err != nil {
				t.Errorf("step %d, once: %+v", step, proof)
			}
		}
		o.Faults = nil
		for _, ins := range []byte{0x22, 0x86} {
			card := broken{passport(t, files, o), func(command []byte) (uint16, bool) {
				return 0x6A80, command[0] == 0x0C && command[1] == ins
			}}
			proof := readAll(t, card, files).ChipAuthentication
			if proof == nil || !errors.Is(proof.Err, emrtd.ErrSecureMessaging) || errors.Is(proof.Err, emrtd.ErrNotChipsKey) {
				t.Errorf("%02X, always: %+v", ins, proof)
			}
		}
	})
}

// commandsUntil counts the commands of a reading up to the end of a file.
func commandsUntil(t testing.TB, files map[string][]byte, o chip.Options, last string) int {
	t.Helper()
	sent, commands := 0, 0
	card := &tracing{Card: passport(t, files, o), seen: func([]byte, []byte) { sent++ }}
	_, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{Progress: func(file string, read, total int) {
		if file == last && read == total {
			commands = sent
		}
	}})
	if err != nil || commands == 0 {
		t.Fatalf("%d commands until %s: %v", commands, last, err)
	}
	return commands
}

// tracing sees what goes over the link.
type tracing struct {
	emrtd.Card
	seen func(command, answer []byte)
}

func (c *tracing) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := c.Card.Transmit(ctx, command)
	c.seen(command, answer)
	return answer, err
}

func TestAChipTornAwayBeforeTheConfirmationHasProvedNothing(t *testing.T) {
	key := chipKey(t, 0, 12, chip.AES128)
	files := chipWith(map[int][]byte{14: dg14(t, key)})
	o := chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{key}}
	last := commandsUntil(t, files, o, emrtd.FileDG14)
	for step := 1; step <= 3; step++ {
		o.Faults = map[int]chip.Fault{last + step: chip.Tear()}
		reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
		if !errors.Is(err, errGone) || reading.ChipAuthentication != nil || reading.Files[emrtd.FileDG14] == nil {
			t.Errorf("step %d: %+v, %v", step, reading.ChipAuthentication, err)
		}
	}
}

func TestASessionThatBreaksAfterTheConfirmationAccusesNobody(t *testing.T) {
	key := chipKey(t, 0, 12, chip.AES128)
	files := chipWith(map[int][]byte{14: dg14(t, key)})
	files["DG1"] = dataObject(0x61, 600)
	o := chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{key}, ShortOnly: true}
	last := commandsUntil(t, files, o, emrtd.FileDG14)
	o.Faults = map[int]chip.Fault{last + 4: chip.Corrupt(-3)} // the second block of DG1
	reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
	lacks := missing(reading, files)
	if err != nil || len(lacks) > 0 || reading.ChipAuthentication == nil || reading.ChipAuthentication.Err != nil {
		t.Errorf("%+v, without %v, %v", reading.ChipAuthentication, lacks, err)
	}
}

func TestAReadingThatIsCancelledAnywhereAccusesNobody(t *testing.T) {
	eachAccess(t, func(t *testing.T, o chip.Options) {
		key, signer := chipKey(t, 0, 12, chip.AES128), signingKeys(t)[0].key
		files := chipWith(map[int][]byte{14: dg14(t, key), 15: signer.DG15()})
		o.ChipAuthentication, o.ActiveAuthentication = []chip.ChipAuthenticationKey{key}, signer
		for n := 1; ; n++ {
			ctx, cancel := context.WithCancel(context.Background())
			sent := 0
			card := &tracing{Card: passport(t, files, o), seen: func([]byte, []byte) {
				if sent++; sent == n {
					cancel()
				}
			}}
			reading, err := emrtd.Read(ctx, card, printedKey, emrtd.Options{})
			cancel()
			if proof := reading.ChipAuthentication; proof != nil && proof.Err != nil {
				t.Errorf("cancelled after %d commands: %v", n, proof.Err)
			}
			if proof := reading.ActiveAuthentication; proof != nil && proof.Err != nil {
				t.Errorf("cancelled after %d commands: %v", n, proof.Err)
			}
			if err == nil {
				break // the reading has fewer commands
			}
			if !errors.Is(err, context.Canceled) || reading.Commands != n {
				t.Errorf("cancelled after %d commands: %d commands, %v", n, reading.Commands, err)
			}
		}
	})
}

func TestACloneThatCannotBeOpenedAgainHasProvedNothing(t *testing.T) {
	eachAccess(t, func(t *testing.T, o chip.Options) {
		files := chipWith(map[int][]byte{14: dg14(t, chipKey(t, 0, 12, chip.AES128))})
		o.ChipAuthentication = []chip.ChipAuthenticationKey{chipKey(t, 0, 12, chip.AES128)}
		opened, closed := false, false
		card := broken{passport(t, files, o), func(command []byte) (uint16, bool) {
			opened = opened || command[0] == 0x0C
			closed = closed || opened && bytes.HasPrefix(command, []byte{0x00, 0xA4, 0x00, 0x0C})
			return 0x6985, closed
		}}
		reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{})
		var refusal *emrtd.StatusError
		if !errors.As(err, &refusal) || refusal.Status != 0x6985 {
			t.Error(err)
		}
		if proof := reading.ChipAuthentication; proof == nil || proof.Err == nil {
			t.Errorf("%+v", proof)
		}
	})
}

func TestAKeyThatCannotBeUsedIsTold(t *testing.T) {
	good := chipKey(t, 0, 12, chip.AES128)
	infos, err := good.SecurityInfos()
	if err != nil {
		t.Fatal(err)
	}
	outside := bytes.Clone(infos[1])
	outside[len(outside)-1] ^= 1 // a point beside the curve
	for name, file := range map[string][]byte{
		"no key":            chip.EncodeDG14(infos[0]),
		"outside the group": chip.EncodeDG14(infos[0], outside),
		"not a set":         {0x6E, 2, 0x30, 0},
	} {
		files := chipWith(map[int][]byte{14: file})
		proof := readAll(t, passport(t, files, chip.Options{}), files).ChipAuthentication
		if proof == nil || proof.Err == nil || proof.KeyID != emrtd.NoID || errors.Is(proof.Err, emrtd.ErrNotChipsKey) {
			t.Errorf("%s: %+v", name, proof)
		}
	}
	files := chipWith(map[int][]byte{14: chip.EncodeDG14()})
	if proof := readAll(t, passport(t, files, chip.Options{}), files).ChipAuthentication; proof != nil {
		t.Errorf("nothing offered: %+v", proof)
	}
}

func TestAChipThatRefusesTheCommandFor3DESInClearTakesTheOtherTwo(t *testing.T) {
	key := chipKey(t, 0, 12, chip.TripleDES)
	files := chipWith(map[int][]byte{14: dg14(t, key)})
	card := broken{passport(t, files, chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{key}}),
		func(command []byte) (uint16, bool) {
			return 0x6D00, bytes.HasPrefix(command, []byte{0x0C, 0x22, 0x41, 0xA6})
		}}
	if proof := readAll(t, card, files).ChipAuthentication; proof == nil || proof.Err != nil {
		t.Errorf("%+v", proof)
	}
}

func TestWhatAProofTakesIsMeasured(t *testing.T) {
	key, signer := chipKey(t, 0, 12, chip.AES128), signingKeys(t)[0].key
	files := chipWith(map[int][]byte{14: dg14(t, key), 15: signer.DG15()})
	card := passport(t, files, chip.Options{
		ChipAuthentication: []chip.ChipAuthenticationKey{key}, ActiveAuthentication: signer,
	})
	now := time.Unix(0, 0)
	reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{Now: func() time.Time {
		now = now.Add(time.Millisecond)
		return now
	}})
	for _, stage := range []string{"select", "access", "chip authentication", "active authentication", "DG15"} {
		if err != nil || reading.Stages[stage] != time.Millisecond {
			t.Errorf("%s took %v, %v", stage, reading.Stages[stage], err)
		}
	}
}

// FuzzDG14 lets a chip state what it likes about its keys.
func FuzzDG14(f *testing.F) {
	keys := []chip.ChipAuthenticationKey{chipKey(f, 1, 12, chip.AES128), chipKey(f, 2, 0, chip.TripleDES)}
	f.Add(dg14(f, keys[0]))
	f.Add(dg14(f, keys...))
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) == 0 || len(file) > 4000 {
			return
		}
		files := chipWith(map[int][]byte{14: file})
		card := passport(t, files, chip.Options{ChipAuthentication: keys})
		reading, _ := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{})
		for _, name := range []string{emrtd.FileDG1, emrtd.FileDG2} {
			if !bytes.Equal(reading.Files[name], files[name]) {
				t.Errorf("%s: %x", name, reading.Files[name])
			}
		}
		if proof := reading.ChipAuthentication; proof != nil && reading.Files[emrtd.FileDG14] == nil {
			t.Errorf("%+v without DG14", proof)
		}
	})
}
