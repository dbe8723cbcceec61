package emrtd_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/elliptic"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/emulate/chip"
)

// portrait is a DG2 of that many bytes, a number that no block divides.
func portrait(size int) []byte {
	body := bytes.Repeat([]byte("portrait"), size/8+1)
	head := []byte{0x75, 0x83, byte((size - 5) >> 16), byte((size - 5) >> 8), byte(size - 5)}
	return append(head, body[:size-5]...)
}

// sodOf is an EF.SOD over the data groups of a chip.
func sodOf(t testing.TB, groups map[int][]byte) []byte {
	t.Helper()
	key := pkitest.NewECKey(t, elliptic.P256())
	signer := pkitest.Issue(t, nil, pkitest.Template{CommonName: "signer", Country: "UT", Key: key})
	return pkitest.SOD(t, pkitest.Message{Signer: signer, Content: pkitest.SecurityObject(t, crypto.SHA256, groups, "")})
}

// wholePassport has a portrait of 15 kB and proves itself by chip authentication. Its DG3 is listed and refused, as it is
// without terminal authentication.
func wholePassport(t testing.TB) (map[string][]byte, chip.Options) {
	t.Helper()
	key := chipKey(t, 0, 12, chip.AES128)
	groups := map[int][]byte{
		1: {0x61, 3, 'z', 'o', 'n'}, 2: portrait(15_001), 3: {0x63, 1, 'f'}, 11: {0x6B, 4, 'n', 'a', 'm', 'e'}, 14: dg14(t, key),
	}
	files := chipWith(groups)
	files["EF.SOD"] = sodOf(t, groups)
	return files, chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{key}, Pause: time.Millisecond}
}

// kinds are the chips that each quirk is given to: how they are opened, and how much they can say at once.
func kinds() map[string]chip.Options {
	pace := []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: chip.AES256, Parameters: 12}}
	kinds := map[string]chip.Options{}
	for name, o := range map[string]chip.Options{
		"BAC": {}, "PACE": {PACE: pace, PACEOnly: true},
	} {
		for _, limit := range []int{0, 1000, 4000} {
			o.MaxResponse = limit
			kinds[fmt.Sprintf("%s, answers of %d", name, limit)] = o
		}
		o.MaxResponse, o.ShortOnly = 0, true
		kinds[name+", short"] = o
	}
	return kinds
}

// missing are the files that a reading lacks or has wrong, of those that a station may read before it has opened the
// chip by chip authentication mapping.
func missing(reading *emrtd.Reading, files map[string][]byte) []string {
	var names []string
	for name, want := range files {
		switch name {
		case "EF.CardSecurity", "DG3", "DG4":
			continue
		}
		if !bytes.Equal(reading.Files[name], want) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// mostCommands is what no reading of the whole passport takes more than: 16 kB by 64 bytes, and what is around them.
const mostCommands = 300

// A chip that gives everything, in its own way, is read to the last byte. Each quirk meets half of the kinds, every other
// quirk the other half, unless FOYER_CHIP_SESSIONS asks for more.
func TestQuirksThatHideNothingAreSurvived(t *testing.T) {
	hiding := []chip.Quirk{chip.CardAccess6986, chip.CardAccess6A82, chip.ClosedApplication, chip.ExtendedTears}
	files, options := wholePassport(t)
	kinds, all := kinds(), os.Getenv("FOYER_CHIP_SESSIONS") != ""
	for i, quirk := range append(chip.Quirks(), "") {
		if slices.Contains(hiding, quirk) {
			continue
		}
		for j, name := range slices.Sorted(maps.Keys(kinds)) {
			if !all && (i+j)%2 == 1 {
				continue
			}
			o := kinds[name]
			o.Pause, o.ChipAuthentication = options.Pause, options.ChipAuthentication
			if quirk != "" {
				o.Quirks = []chip.Quirk{quirk}
			}
			reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
			lacks := missing(reading, files)
			if err != nil || len(lacks) != 0 || reading.Commands > mostCommands {
				t.Errorf("%s, %s: %d commands, without %v: %v", quirk, name, reading.Commands, lacks, err)
			}
			if proof := reading.ChipAuthentication; proof == nil || proof.Err != nil {
				t.Errorf("%s, %s: chip authentication %+v", quirk, name, proof)
			}
		}
	}
}

func TestWithoutEFCardAccessItIsBasicAccessControlOrNothing(t *testing.T) {
	files, options := wholePassport(t)
	for _, quirk := range []chip.Quirk{chip.CardAccess6986, chip.CardAccess6A82} {
		for _, only := range []bool{false, true} {
			o := options
			o.PACE, o.PACEOnly = []chip.PACEInfo{{Cipher: chip.AES128, Parameters: 12}}, only
			o.Quirks = []chip.Quirk{quirk}
			reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
			if only && (!errors.Is(err, emrtd.ErrRefused) || errors.Is(err, emrtd.ErrAccessDenied) || reading.Commands > 10) {
				t.Errorf("%s, PACE only: %d commands, %v", quirk, reading.Commands, err)
			}
			if lacks := missing(reading, files); !only && (err != nil || reading.Access != "BAC" || len(lacks) != 0) {
				t.Errorf("%s: %q without %v: %v", quirk, reading.Access, lacks, err)
			}
		}
	}
}

// Without a terminal certificate, which a station does not have, a German identity card of before August 2021 opens, and
// says why that is all.
func TestAClosedApplicationIsRefusedFileByFile(t *testing.T) {
	files, options := wholePassport(t)
	for name, o := range kinds() {
		o.ChipAuthentication, o.Quirks = options.ChipAuthentication, []chip.Quirk{chip.ClosedApplication}
		reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
		var refusal *emrtd.StatusError
		if !errors.As(err, &refusal) || refusal.Status != 0x6982 || refusal.Err != nil || reading.Access == "" {
			t.Errorf("%s: %q, %v", name, reading.Access, err)
		}
		for file := range reading.Files {
			if file != "EF.CardAccess" && file != "EF.ATR/INFO" {
				t.Errorf("%s: %s was given", name, file)
			}
		}
		if reading.Commands > 40 {
			t.Errorf("%s: %d commands", name, reading.Commands)
		}
	}
}

// Where the link breaks by an answer that is too long for it, the next attempt is made with what every link carries.
func TestAChipThatExtendedLengthTearsAwayIsReadByShortAnswers(t *testing.T) {
	files, options := wholePassport(t)
	for name, o := range kinds() {
		if o.ShortOnly {
			continue
		}
		o.ChipAuthentication, o.Quirks = options.ChipAuthentication, []chip.Quirk{chip.ExtendedTears}
		card := passport(t, files, o)
		if _, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{}); !errors.Is(err, errGone) {
			t.Errorf("%s: %v", name, err)
		}
		card.Reset()
		reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{MaxResponse: 258})
		if lacks := missing(reading, files); err != nil || len(lacks) != 0 || reading.Commands > mostCommands {
			t.Errorf("%s, with short answers: %d commands, without %v: %v", name, reading.Commands, lacks, err)
		}
	}
}

func TestTheFirstAnswerAfterAFailureMayTakeLong(t *testing.T) {
	const pause = 300 * time.Millisecond
	files, o := wholePassport(t)
	o.PACE, o.PACEOnly = []chip.PACEInfo{{Cipher: chip.AES128, Parameters: 12}}, true
	o.Quirks, o.Pause = []chip.Quirk{chip.SlowAfterFailure}, pause
	card := passport(t, files, o)
	other := printedKey
	other.DocumentNumber = "L898902C4"
	if _, err := emrtd.Read(context.Background(), card, other, emrtd.Options{}); !errors.Is(err, emrtd.ErrAccessDenied) {
		t.Fatal(err)
	}
	card.Reset()
	hasty, cancel := context.WithTimeout(context.Background(), pause/3)
	defer cancel()
	if _, err := emrtd.Read(hasty, card, printedKey, emrtd.Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("in a hurry: %v", err)
	}
	card.Reset()
	begin := time.Now()
	readAll(t, card, map[string][]byte{"DG2": files["DG2"]})
	if took := time.Since(begin); took < pause {
		t.Errorf("opened in %v", took)
	}
}

// A chip that takes its time for every block is asked for large ones.
func TestASlowPortraitIsReadInFewBlocks(t *testing.T) {
	files, o := wholePassport(t)
	o.Quirks, o.MaxResponse = []chip.Quirk{chip.SlowPortrait}, 4000
	blocks := 0
	_, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{
		Progress: func(file string, _, _ int) {
			if file == emrtd.FileDG2 {
				blocks++
			}
		},
	})
	if err != nil || blocks > 4 {
		t.Errorf("%d blocks for 15,001 bytes at 4,000: %v", blocks, err)
	}
}

// The filler at the end of a short number belongs to the key, however the number was handed in (ICAO Doc 9303-11, 9.7.2).
func TestAShortDocumentNumberOpensWithOrWithoutItsFiller(t *testing.T) {
	for _, printed := range []string{"L1", "L898902C", "L898902C3", "D23145890734"} {
		for _, o := range []chip.Options{{}, {PACE: []chip.PACEInfo{{Cipher: chip.AES128, Parameters: 12}}, PACEOnly: true}} {
			key := printedKey
			key.DocumentNumber = printed
			card, err := chip.New(chipWith(nil), chip.AccessKey(key), o)
			if err != nil {
				t.Fatal(err)
			}
			for _, number := range []string{printed, printed + strings.Repeat("<", max(0, 9-len(printed)))} {
				card.Reset()
				key.DocumentNumber = number
				if _, err := emrtd.Read(context.Background(), inField{card}, key, emrtd.Options{}); err != nil {
					t.Errorf("%s: %v", number, err)
				}
			}
		}
	}
}

func TestWithoutEFCOMTheSecurityObjectTellsWhatThereIs(t *testing.T) {
	files, o := wholePassport(t)
	delete(files, "EF.COM")
	reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
	if lacks := missing(reading, files); len(lacks) != 0 {
		t.Errorf("without %v", lacks)
	}
	var refusal *emrtd.StatusError
	if err != nil && (!errors.As(err, &refusal) || refusal.Status != 0x6A82) {
		t.Error(err)
	}
}

func TestADataGroupThatIsListedAndNotThereIsNamed(t *testing.T) {
	files, o := wholePassport(t)
	files["EF.COM"] = bytes.Clone(files["EF.COM"])
	files["EF.COM"][bytes.IndexByte(files["EF.COM"], 0x6B)] = 0x70 // DG16 for DG11, which EF.SOD still lists
	reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
	var refusal *emrtd.StatusError
	if !errors.As(err, &refusal) || refusal.Status != 0x6A82 || !strings.Contains(refusal.Op, "DG16") {
		t.Error(err)
	}
	if lacks := missing(reading, files); len(lacks) != 0 {
		t.Errorf("without %v", lacks)
	}
}

func TestWhatFollowsAFileInItsPlaceIsLeftOut(t *testing.T) {
	files, options := wholePassport(t)
	padded := map[string][]byte{}
	for name, content := range files {
		padded[name] = append(bytes.Clone(content), bytes.Repeat([]byte{0xFF}, 700)...)
	}
	for name, o := range kinds() {
		o.ChipAuthentication = options.ChipAuthentication
		reading, err := emrtd.Read(context.Background(), passport(t, padded, o), printedKey, emrtd.Options{})
		if lacks := missing(reading, files); err != nil || len(lacks) != 0 {
			t.Errorf("%s: without %v: %v", name, lacks, err)
		}
	}
}

func TestFilesBeyondTheReachOfAShortOffsetAreRead(t *testing.T) {
	for _, size := range []int{32_767, 32_768, 33_000, 70_000} {
		for name, o := range kinds() {
			files := chipWith(map[int][]byte{2: portrait(size)})
			reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
			if lacks := missing(reading, files); err != nil || len(lacks) != 0 || reading.Commands > size/200+60 {
				t.Errorf("%d bytes, %s: %d commands, without %v: %v", size, name, reading.Commands, lacks, err)
			}
		}
	}
}

// The message inside may be of indefinite length; the file is not.
func TestASecurityObjectOfIndefiniteLengthIsReadAndUnderstood(t *testing.T) {
	files, o := wholePassport(t)
	delete(files, "EF.COM") // so that EF.SOD alone lists DG11
	message := files["EF.SOD"][4:]
	if message[0] != 0x30 || message[1] != 0x82 {
		t.Fatalf("EF.SOD begins with % x", files["EF.SOD"][:8])
	}
	indefinite := slices.Concat([]byte{0x30, 0x80}, message[4:], []byte{0, 0})
	files["EF.SOD"] = slices.Concat([]byte{0x77, 0x82, byte(len(indefinite) >> 8), byte(len(indefinite))}, indefinite)
	reading, _ := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
	if lacks := missing(reading, files); len(lacks) != 0 {
		t.Errorf("without %v, read %v", lacks, slices.Sorted(maps.Keys(reading.Files)))
	}
}

// An issuer may have left EF.SOD's tag out: what is in it says itself how long it is.
func TestASecurityObjectWithoutItsTagIsReadAndUnderstood(t *testing.T) {
	files, o := wholePassport(t)
	delete(files, "EF.COM") // so that EF.SOD alone lists DG11
	files["EF.SOD"] = files["EF.SOD"][4:]
	reading, _ := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
	if lacks := missing(reading, files); len(lacks) != 0 {
		t.Errorf("without %v, read %v", lacks, slices.Sorted(maps.Keys(reading.Files)))
	}
}
