package emrtd_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/emulate/specimen/lds"
)

// dataGroupTags name the data groups in EF.COM (ICAO Doc 9303-10, 4.6.1).
const dataGroupTags = "\x61\x75\x63\x76\x65\x66\x67\x68\x69\x6A\x6B\x6C\x6D\x6E\x6F\x70"

// passportFiles are those of a chip with EF.COM, EF.SOD, DG1, DG2 and the data groups given; EF.COM lists them.
func passportFiles(groups map[int][]byte) map[string][]byte {
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
			files := passportFiles(map[int][]byte{14: dg14(t, key)})
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
	files := passportFiles(map[int][]byte{14: dg14(t, keys...)})
	reading := readAll(t, passport(t, files, chip.Options{ChipAuthentication: keys}), files)
	if proof := reading.ChipAuthentication; proof == nil || *proof != (emrtd.ChipAuthentication{KeyID: 3}) {
		t.Errorf("%+v", proof)
	}
}

func TestAKeyWithoutItsInfoIsUsedForTripleDES(t *testing.T) {
	key := chipKey(t, 0, 12) // no cipher: DG14 has the key alone
	files := passportFiles(map[int][]byte{14: dg14(t, key)})
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
			files := passportFiles(map[int][]byte{14: dg14(t, key), 11: {0x6B, 1, 'd'}, 13: {0x6D, 1, 'o'}})
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

func TestAnAnswerUnderTheNewKeysThatIsNotAuthenticIsNoProof(t *testing.T) {
	eachAccess(t, func(t *testing.T, o chip.Options) {
		key := chipKey(t, 0, 12, chip.AES128)
		files := passportFiles(map[int][]byte{14: dg14(t, key)})
		o.ChipAuthentication = []chip.ChipAuthenticationKey{key}
		first := commandsUntil(t, files, o, emrtd.FileDG14) + 3 // behind MSE:Set AT and GENERAL AUTHENTICATE
		for name, fault := range map[string]chip.Fault{
			"checksum": chip.Corrupt(-3), "6987": chip.Status(0x6987), "6988": chip.Status(0x6988), "6F00": chip.Status(0x6F00),
		} {
			o.Faults = map[int]chip.Fault{first: fault}
			proof := readAll(t, passport(t, files, o), files).ChipAuthentication
			if proof == nil || !errors.Is(proof.Err, emrtd.ErrNotChipsKey) {
				t.Errorf("%s: %+v", name, proof)
			}
		}
	})
}

func TestARefusalInClearIsTheAnswerAndTheChipIsOpenedAnew(t *testing.T) {
	eachAccess(t, func(t *testing.T, o chip.Options) {
		key := chipKey(t, 0, 12, chip.AES128)
		files := passportFiles(map[int][]byte{14: dg14(t, key)})
		o.ChipAuthentication = []chip.ChipAuthenticationKey{key}
		last := commandsUntil(t, files, o, emrtd.FileDG14)
		for step := 1; step <= 2; step++ {
			o.Faults = map[int]chip.Fault{last + step: chip.Status(0x6A80)}
			proof := readAll(t, passport(t, files, o), files).ChipAuthentication
			var refusal *emrtd.StatusError
			if proof == nil || !errors.As(proof.Err, &refusal) || refusal.Status != 0x6A80 {
				t.Errorf("step %d: %+v", step, proof)
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
	files := passportFiles(map[int][]byte{14: dg14(t, key)})
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

func TestFilesAreReadInTheOrderOfTheStandard(t *testing.T) {
	key, mapped := chipKey(t, 1, 12, chip.AES128), chipKey(t, 13, 13, chip.AES128)
	signer := signingKeys(t)[0].key
	groups := map[int][]byte{14: dg14(t, key), 15: signer.DG15()}
	for i, tag := range []byte(dataGroupTags) {
		if n := i + 1; n > 2 && n != 14 && n != 15 {
			groups[n] = []byte{tag, 9, 0x7F, 0x61, 6, 2, 1, 2, 0x7F, 0x60, 0}
		}
	}
	files := passportFiles(groups)
	files["EF.DIR"] = []byte("\x61\x09\x4F\x07\xA0\x00\x00\x02\x47\x10\x01")
	card := passport(t, files, chip.Options{
		ChipAuthentication: []chip.ChipAuthenticationKey{key, mapped}, ActiveAuthentication: signer, OpenBiometrics: true,
		PACE: []chip.PACEInfo{{Mapping: chip.ChipAuthenticationMapping, Cipher: chip.AES128, Parameters: 13}},
	})
	var order []string
	reading, err := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{Progress: func(file string, read, total int) {
		if read == total && !slices.Contains(order, file) {
			order = append(order, file)
		}
	}})
	if err != nil || reading.Access != "PACE-ECDH-CAM" {
		t.Fatalf("%q, %v", reading.Access, err)
	}
	want := "EF.ATR/INFO EF.CardAccess EF.CardSecurity EF.DIR EF.COM EF.SOD DG14 DG1 DG2 DG15 DG11 DG12 DG5 DG7 DG13 DG16 DG3 DG4"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, guarded := range []string{"DG3", "DG4"} {
		if reading.Files[guarded] != nil || !bytes.Equal(reading.Headers[guarded], files[guarded][:8]) {
			t.Errorf("%s: file %x, header %x", guarded, reading.Files[guarded], reading.Headers[guarded])
		}
	}
}

func TestFingerprintsThatAreGuardedAreNoError(t *testing.T) {
	files := passportFiles(map[int][]byte{3: {0x63, 1, 'f'}})
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
	files := passportFiles(nil)
	o := chip.Options{PACE: []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: 12}}, PACEOnly: true}
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
	everything := passportFiles(map[int][]byte{
		11: {0x6B, 1, 'd'}, 12: {0x6C, 1, 'i'}, 14: chip.EncodeDG14(), 15: {0x6F, 1, 'k'},
	})
	hashes := map[int][]byte{}
	for n := 1; n <= 16; n++ {
		if file, there := everything[fmt.Sprintf("DG%d", n)]; there {
			hashes[n] = file
		}
	}
	signed := securityObject(t, hashes)
	justTwo := passportFiles(nil)["EF.COM"]
	for name, c := range map[string]struct {
		com, sod []byte
		want     string
	}{
		"EF.COM alone":      {everything["EF.COM"], nil, "DG1 DG11 DG12 DG14 DG15 DG2"},
		"EF.SOD alone":      {nil, signed, "DG1 DG11 DG12 DG14 DG15 DG2"},
		"EF.COM tells less": {justTwo, signed, "DG1 DG11 DG12 DG14 DG15 DG2"},
		"EF.SOD tells less": {everything["EF.COM"], securityObject(t, map[int][]byte{1: hashes[1]}), "DG1 DG11 DG12 DG14 DG15 DG2"},
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
	sod, err := signer.SOD(groups, day)
	if err != nil {
		t.Fatal(err)
	}
	return sod
}

func TestWhatIsGuessedAtAndNotThereIsNoError(t *testing.T) {
	files := passportFiles(nil)
	files["EF.COM"] = []byte{0x60, 0}
	readAll(t, passport(t, files, chip.Options{}), files)
}

func TestActiveAuthenticationAnswersAChallengeThatWasDrawn(t *testing.T) {
	for _, c := range signingKeys(t) {
		files := passportFiles(map[int][]byte{15: c.key.DG15()})
		public, err := pki.ParseDG15(files["DG15"])
		if err != nil {
			t.Fatal(err)
		}
		card := passport(t, files, chip.Options{ActiveAuthentication: c.key})
		proof := readAll(t, card, files).ActiveAuthentication
		if proof == nil || proof.Err != nil || len(proof.Challenge) != 8 {
			t.Fatalf("%s: %+v", c.name, proof)
		}
		if err := public.Check(proof.Challenge, proof.Response, c.hash); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		card.Reset()
		again := readAll(t, card, files).ActiveAuthentication
		if bytes.Equal(again.Challenge, proof.Challenge) {
			t.Errorf("%s: the same challenge twice", c.name)
		}
		if err := public.Check(again.Challenge, proof.Response, c.hash); !errors.Is(err, pki.ErrSignature) {
			t.Errorf("%s: an answer to another challenge: %v", c.name, err)
		}
	}
}

// signingKey is a key pair for active authentication; hash is that of DG14, for ECDSA.
type signingKey struct {
	name string
	key  chip.ActiveAuthenticationKey
	hash crypto.Hash
}

func signingKeys(t testing.TB) []signingKey {
	t.Helper()
	keys := []signingKey{rsaSigner(t, 1024, crypto.SHA1), rsaSigner(t, 1280, crypto.SHA224), rsaSigner(t, 2048, crypto.SHA256)}
	for id, hash := range map[int]crypto.Hash{12: crypto.SHA256, 13: crypto.SHA224, 17: crypto.SHA512} {
		private, err := chip.NewPrivateKey(id, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, signingKey{fmt.Sprintf("ECDSA, parameters %d", id), chip.ECDSAKey{Parameters: id, Private: private, Hash: hash}, hash})
	}
	return keys
}

func rsaSigner(t testing.TB, bits int, hash crypto.Hash) signingKey {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return signingKey{fmt.Sprintf("RSA-%d", bits), chip.RSAKey{Private: private, Hash: hash}, 0}
}

func TestACloneCannotAnswerTheChallenge(t *testing.T) {
	others := signingKeys(t)
	for i, c := range signingKeys(t) {
		files := passportFiles(map[int][]byte{15: c.key.DG15()})
		public, err := pki.ParseDG15(files["DG15"])
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range others[i:] { // the same kind of key, or a longer one
			proof := readAll(t, passport(t, files, chip.Options{ActiveAuthentication: other.key}), files).ActiveAuthentication
			if proof == nil || proof.Err == nil && !errors.Is(public.Check(proof.Challenge, proof.Response, c.hash), pki.ErrSignature) {
				t.Errorf("%s, answered by %s: %+v", c.name, other.name, proof)
			}
		}
		proof := readAll(t, passport(t, files, chip.Options{}), files).ActiveAuthentication
		var refusal *emrtd.StatusError
		if proof == nil || proof.Response != nil || !errors.As(proof.Err, &refusal) || refusal.Status != 0x6D00 {
			t.Errorf("%s, no key: %+v", c.name, proof)
		}
	}
}

func TestALongSignatureTakesExtendedLength(t *testing.T) {
	long := rsaSigner(t, 4096, crypto.SHA512)
	files := passportFiles(map[int][]byte{15: long.key.DG15()})
	public, err := pki.ParseDG15(files["DG15"])
	if err != nil {
		t.Fatal(err)
	}
	o := chip.Options{ActiveAuthentication: long.key}
	for name, atrInfo := range map[string][]byte{"announced": nil, "not announced": {0x43, 1, 0xB8}} {
		if atrInfo != nil {
			files["EF.ATR/INFO"] = atrInfo
		}
		proof := readAll(t, passport(t, files, o), files).ActiveAuthentication
		if proof == nil || proof.Err != nil {
			t.Errorf("%s: %+v", name, proof)
		} else if err := public.Check(proof.Challenge, proof.Response, 0); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.ShortOnly = true
	proof := readAll(t, passport(t, files, o), files).ActiveAuthentication
	var refusal *emrtd.StatusError
	if proof == nil || !errors.As(proof.Err, &refusal) || refusal.Status != 0x6700 {
		t.Errorf("short length only: %+v", proof)
	}
}
