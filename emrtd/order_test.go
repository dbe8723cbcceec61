package emrtd_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/emulate/specimen/lds"
)

func TestFilesAreReadInTheOrderOfTheStandard(t *testing.T) {
	key, mapped := chipKey(t, 1, 12, chip.AES128), chipKey(t, 13, 13, chip.AES128)
	signer := signingKeys(t)[0].key
	groups := map[int][]byte{14: dg14(t, key), 15: signer.DG15()}
	for i, tag := range []byte(dataGroupTags) {
		if n := i + 1; n > 2 && n != 14 && n != 15 {
			groups[n] = []byte{tag, 9, 0x7F, 0x61, 6, 2, 1, 2, 0x7F, 0x60, 0}
		}
	}
	files := chipWith(groups)
	files["EF.DIR"] = []byte("\x61\x09\x4F\x07\xA0\x00\x00\x02\x47\x10\x01")
	card := passport(t, files, chip.Options{
		ChipAuthentication: []chip.ChipAuthenticationKey{key, mapped}, ActiveAuthentication: signer, OpenBiometrics: true,
		PACE: []chip.PACEInfo{{Mapping: chip.ChipAuthenticationMapping, Cipher: chip.AES128, Parameters: 13}},
	})
	var order []string
	progress := func(file string, read, total int) {
		if read == total && !slices.Contains(order, file) {
			order = append(order, file)
		}
	}
	reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{Progress: progress})
	if err != nil || reading.Access != "PACE-ECDH-CAM" {
		t.Fatalf("%q, %v", reading.Access, err)
	}
	want := "EF.ATR/INFO EF.CardAccess EF.CardSecurity EF.DIR EF.COM EF.SOD " +
		"DG14 DG1 DG2 DG15 DG11 DG12 DG5 DG7 DG13 DG16 DG3 DG4"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, protected := range []string{"DG3", "DG4"} {
		if reading.Files[protected] != nil || !bytes.Equal(reading.Headers[protected], files[protected][:8]) {
			t.Errorf("%s: file %x, header %x", protected, reading.Files[protected], reading.Headers[protected])
		}
	}
}

func TestProtectedFingerprintsAreNoError(t *testing.T) {
	files := chipWith(map[int][]byte{3: {0x63, 1, 'f'}})
	o := chip.Options{}
	last := commandsUntil(t, files, o, emrtd.FileDG2)
	for name, fault := range map[string]chip.Fault{"in clear": chip.Status(0x6982), "not a template": chip.Delay(0)} {
		o.Faults = map[int]chip.Fault{last + 1: fault}
		reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
		if err != nil || len(reading.Headers) != 0 || reading.Commands <= last {
			t.Errorf("%s: %d commands, %d headers, %v", name, reading.Commands, len(reading.Headers), err)
		}
	}
}

func TestAChipThatGivesUpSecureMessagingOverEFDIRIsOpenedAnew(t *testing.T) {
	files := chipWith(nil)
	pace := chip.PACEInfo{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: 12}
	o := chip.Options{PACE: []chip.PACEInfo{pace}, PACEOnly: true}
	o.Faults = map[int]chip.Fault{commandsUntil(t, files, o, emrtd.FileCardAccess) + 6: chip.Status(0x6982)}
	var names []string
	card := &tracing{Card: passport(t, files, o), seen: func(command, _ []byte) {
		names = append(names, fmt.Sprintf("%X", command[:4]))
	}}
	if reading := readAll(t, card, files); reading.Access != "PACE-ECDH-GM" {
		t.Error(reading.Access)
	}
	if !slices.Contains(names, "00A4000C") {
		t.Errorf("the chip was not opened anew: %v", names)
	}
}

func TestWhatIsThereIsToldByEFSODOrByEFCOMOrIsTried(t *testing.T) {
	everything := chipWith(map[int][]byte{
		11: {0x6B, 1, 'd'}, 12: {0x6C, 1, 'i'}, 14: chip.EncodeDG14(), 15: {0x6F, 1, 'k'},
	})
	hashes := map[int][]byte{}
	for n := 1; n <= 16; n++ {
		if file, there := everything[fmt.Sprintf("DG%d", n)]; there {
			hashes[n] = file
		}
	}
	signed := securityObject(t, hashes)
	justTwo := chipWith(nil)["EF.COM"]
	justOne := securityObject(t, map[int][]byte{1: hashes[1]})
	for name, c := range map[string]struct {
		com, sod []byte
		want     string
	}{
		"EF.COM alone":      {everything["EF.COM"], nil, "DG1 DG11 DG12 DG14 DG15 DG2"},
		"EF.SOD alone":      {nil, signed, "DG1 DG11 DG12 DG14 DG15 DG2"},
		"EF.COM tells less": {justTwo, signed, "DG1 DG11 DG12 DG14 DG15 DG2"},
		"EF.SOD tells less": {everything["EF.COM"], justOne, "DG1 DG11 DG12 DG14 DG15 DG2"},
		"neither":           {nil, nil, "DG1 DG14 DG15 DG2"},
		"nonsense":          {[]byte{0x60, 0}, []byte{0x77, 0}, "DG1 DG14 DG15 DG2"},
	} {
		files := maps.Clone(everything)
		for name, file := range map[string][]byte{"EF.COM": c.com, "EF.SOD": c.sod} {
			if files[name] = file; file == nil {
				delete(files, name)
			}
		}
		reading, _ := emrtd.Read(context.Background(), passport(t, files, chip.Options{}), printedKey, emrtd.Options{})
		var groups []string
		for name := range reading.Files {
			if strings.HasPrefix(name, "DG") {
				groups = append(groups, name)
			}
		}
		slices.Sort(groups)
		if got := strings.Join(groups, " "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// securityObject is EF.SOD over data groups.
func securityObject(t testing.TB, groups map[int][]byte) []byte {
	t.Helper()
	day := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	issuer, err := lds.NewIssuer(1, "CSCA Utopia", day)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := issuer.Signer(lds.ECDSA, "P", day, day.AddDate(10, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	sod, err := signer.SOD(lds.LDS18, groups, day)
	if err != nil {
		t.Fatal(err)
	}
	return sod
}

func TestWhatIsGuessedAtAndNotThereIsNoError(t *testing.T) {
	files := chipWith(nil)
	files["EF.COM"] = []byte{0x60, 0}
	readAll(t, passport(t, files, chip.Options{}), files)
}

func TestAChipThatKeepsItsApplicationToItselfIsARefusal(t *testing.T) {
	card := broken{passport(t, chipWith(nil), chip.Options{}), func(command []byte) (uint16, bool) {
		return 0x6982, command[0] == 0x0C
	}}
	reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{})
	var refusal *emrtd.StatusError
	if !errors.As(err, &refusal) || refusal.Status != 0x6982 || reading.Access != "BAC" {
		t.Errorf("%q, %v", reading.Access, err)
	}
}

func TestAFaultAtAnyCommandLeavesOnlyTrueFiles(t *testing.T) {
	eachAccess(t, func(t *testing.T, o chip.Options) {
		key, signer := chipKey(t, 0, 12, chip.AES128), signingKeys(t)[0].key
		files := chipWith(map[int][]byte{14: dg14(t, key), 15: signer.DG15()})
		o.ChipAuthentication, o.ActiveAuthentication = []chip.ChipAuthenticationKey{key}, signer
		whole := readAll(t, passport(t, files, o), files).Commands
		for n := 1; n <= whole; n++ {
			for name, fault := range map[string]chip.Fault{
				"torn": chip.Tear(), "corrupted": chip.Corrupt(2), "truncated": chip.Truncate(5),
				"9000": chip.Status(0x9000),
			} {
				o.Faults = map[int]chip.Fault{n: fault}
				reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{})
				for file, content := range reading.Files {
					if want, protected := files[file]; protected && !bytes.Equal(content, want) {
						t.Errorf("command %d %s: %s is %x, want %x", n, name, file, content, want)
					}
				}
				if name == "torn" && !errors.Is(err, errGone) {
					t.Errorf("command %d %s: %v", n, name, err)
				}
				if reading.Commands > 3*whole { // once more, carefully
					t.Errorf("command %d %s: %d commands", n, name, reading.Commands)
				}
			}
		}
	})
}
