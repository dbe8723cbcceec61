package emrtd_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emulate/chip"
)

func TestTheNextKeyIsAskedForWhereTheStrongestIsRefused(t *testing.T) {
	keys := []chip.ChipAuthenticationKey{chipKey(t, 1, 12, chip.TripleDES), chipKey(t, 2, 13, chip.AES128, chip.AES256)}
	files := chipWith(map[int][]byte{14: dg14(t, keys...)})
	eachAccess(t, func(t *testing.T, o chip.Options) {
		for _, quirks := range [][]chip.Quirk{
			{chip.RefusesStrongest}, {chip.RefusesStrongestLate}, {chip.RefusesStrongest, chip.DropsSession},
			{chip.RefusesStrongestLate, chip.DropsSession}, {chip.RefusesStrongest, chip.KeepsSession},
		} {
			o.ChipAuthentication, o.Quirks = keys, quirks
			proof := readAll(t, passport(t, files, o), files).ChipAuthentication
			if proof == nil || proof.Err != nil || proof.KeyID != 2 || proof.Refused == nil ||
				!strings.Contains(proof.Refused.Error(), "ECDH with AES-256, key 2") {
				t.Errorf("%v: %+v", quirks, proof)
			}
			o.ChipAuthentication = keys[:1] // and there is no other than the weakest
			proof = readAll(t, passport(t, files, o), files).ChipAuthentication
			if proof == nil || proof.Err != nil || proof.KeyID != 1 || proof.Refused == nil {
				t.Errorf("%v, one key left: %+v", quirks, proof)
			}
		}
	})
}

func TestARefusalInClearOfTheStrongestKeyIsNoEndEither(t *testing.T) {
	keys := []chip.ChipAuthenticationKey{chipKey(t, 1, 12, chip.TripleDES), chipKey(t, 2, 13, chip.AES128)}
	files := chipWith(map[int][]byte{14: dg14(t, keys...)})
	eachAccess(t, func(t *testing.T, o chip.Options) {
		o.ChipAuthentication = keys
		for _, status := range []uint16{0x6300, 0x6700, 0x6881, 0x6982, 0x6985, 0x6988, 0x6A80, 0x6A88, 0x6D00, 0x6F00} {
			card := broken{passport(t, files, o), func(command []byte) (uint16, bool) {
				return status, bytes.HasPrefix(command, []byte{0x0C, 0x22, 0x41, 0xA4}) // what is for AES alone here
			}}
			proof := readAll(t, card, files).ChipAuthentication
			if proof == nil || proof.Err != nil || proof.KeyID != 1 || proof.Refused == nil {
				t.Errorf("%04X: %+v", status, proof)
			}
		}
	})
}

func TestACopyIsFoundOutByTheKeyThatItAgreesTo(t *testing.T) {
	keys := []chip.ChipAuthenticationKey{chipKey(t, 1, 12, chip.TripleDES), chipKey(t, 2, 13, chip.AES128)}
	others := []chip.ChipAuthenticationKey{chipKey(t, 1, 12, chip.TripleDES), chipKey(t, 2, 13, chip.AES128)}
	files := chipWith(map[int][]byte{14: dg14(t, keys...)})
	eachAccess(t, func(t *testing.T, o chip.Options) {
		o.Quirks, o.ChipAuthentication = []chip.Quirk{chip.RefusesStrongest}, others
		proof := readAll(t, passport(t, files, o), files).ChipAuthentication
		if proof == nil || !errors.Is(proof.Err, emrtd.ErrNotChipsKey) || proof.KeyID != 1 || proof.Refused == nil {
			t.Errorf("it refuses the stronger: %+v", proof)
		}
		o.Quirks, o.ChipAuthentication = nil, []chip.ChipAuthenticationKey{keys[0], others[1]}
		proof = readAll(t, passport(t, files, o), files).ChipAuthentication
		if proof == nil || !errors.Is(proof.Err, emrtd.ErrNotChipsKey) || proof.KeyID != 2 {
			t.Errorf("it holds the weaker: %+v", proof)
		}
		o.ChipAuthentication = nil
		proof = readAll(t, passport(t, files, o), files).ChipAuthentication
		var refusal *emrtd.StatusError
		if proof == nil || !errors.As(proof.Err, &refusal) || errors.Is(proof.Err, emrtd.ErrNotChipsKey) || proof.KeyID != 2 {
			t.Errorf("it refuses both: %+v", proof)
		}
	})
}

// Where DG14 does not tell two keys apart, a chip may take the one that was not meant.
func TestAChipIsNotAccusedOfAKeyThatItWasNotClearlyAskedFor(t *testing.T) {
	first, second := chipKey(t, 0, 13, chip.AES128), chipKey(t, 0, 13, chip.AES128)
	files := chipWith(map[int][]byte{14: dg14(t, first, second)})
	for _, held := range []chip.ChipAuthenticationKey{first, second} {
		o := chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{held}}
		if proof := readAll(t, passport(t, files, o), files).ChipAuthentication; proof == nil || proof.Err != nil {
			t.Errorf("one of two: %+v", proof)
		}
	}
	o := chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{chipKey(t, 0, 13, chip.AES128)}}
	proof := readAll(t, passport(t, files, o), files).ChipAuthentication
	if proof == nil || proof.Err == nil || errors.Is(proof.Err, emrtd.ErrNotChipsKey) {
		t.Errorf("neither of two: %+v", proof)
	}
}

// agreementInfo is a ChipAuthenticationInfo for ECDH with AES-128 of any version.
func agreementInfo(t testing.TB, version int, id ...int) []byte {
	t.Helper()
	der, err := asn1.Marshal(struct {
		Protocol asn1.ObjectIdentifier
		Version  int
		ID       int `asn1:"optional,omitempty"`
	}{asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 2, 2, 3, 2, 2}, version, append(id, 0)[0]})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestEntriesThatDoNotAgreeAreTriedAsTheyCanBeMeant(t *testing.T) {
	withID, without := chipKey(t, 7, 13, chip.AES128), chipKey(t, 0, 13, chip.AES128)
	entries := func(key chip.ChipAuthenticationKey) []byte {
		infos, err := key.SecurityInfos()
		if err != nil {
			t.Fatal(err)
		}
		return infos[len(infos)-1]
	}
	named := without
	named.ID = 7
	other := chipKey(t, 9, 12, chip.TripleDES)
	for name, c := range map[string]struct {
		infos [][]byte
		key   chip.ChipAuthenticationKey
	}{
		"an identifier beside the key alone":       {[][]byte{agreementInfo(t, 1), entries(withID)}, withID},
		"an identifier in the entry alone":         {[][]byte{agreementInfo(t, 1, 7), entries(without)}, named},
		"an identifier that the chip has not":      {[][]byte{agreementInfo(t, 1, 7), entries(withID)}, nameless(withID)},
		"two that differ":                          {[][]byte{agreementInfo(t, 1, 8), entries(withID)}, withID},
		"version 2":                                {[][]byte{agreementInfo(t, 2), entries(without)}, without},
		"version 0":                                {[][]byte{agreementInfo(t, 0), entries(without)}, without},
		"one of two keys without an entry":         {[][]byte{agreementInfo(t, 1, 7), entries(withID), entries(other)}, withID},
		"the entry of one of two keys without one": {[][]byte{agreementInfo(t, 1, 7), entries(withID), entries(other)}, other},
	} {
		files := chipWith(map[int][]byte{14: chip.EncodeDG14(c.infos...)})
		o := chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{c.key}, Quirks: []chip.Quirk{chip.IdentifierOnce}}
		proof := readAll(t, passport(t, files, o), files).ChipAuthentication
		if proof == nil || proof.Err != nil {
			t.Errorf("%s: %+v", name, proof)
		}
	}
}

// An entry that stands in DG14 many times is one way to be asked, and leaves room for the others.
func TestAnEntryOfDG14ThatIsRepeatedIsAskedForOnce(t *testing.T) {
	refused, held := chipKey(t, 7, 13, chip.AES128), chipKey(t, 9, 12, chip.TripleDES)
	entries := func(key chip.ChipAuthenticationKey) [][]byte {
		infos, err := key.SecurityInfos()
		if err != nil {
			t.Fatal(err)
		}
		return infos
	}
	infos := slices.Concat(slices.Repeat(entries(refused), 4), entries(held))
	files := chipWith(map[int][]byte{14: chip.EncodeDG14(infos...)})
	o := chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{held}}
	proof := readAll(t, passport(t, files, o), files).ChipAuthentication
	if proof == nil || proof.Err != nil || proof.KeyID != 9 || strings.Count(fmt.Sprint(proof.Refused), "AES-128, key 7") != 1 {
		t.Errorf("%+v", proof)
	}
}

// nameless is a key that the chip holds under no identifier.
func nameless(key chip.ChipAuthenticationKey) chip.ChipAuthenticationKey {
	key.ID = 0
	return key
}

func TestAnUnclearRequestAccusesNobody(t *testing.T) {
	key := chipKey(t, 0, 13, chip.AES128)
	infos, err := key.SecurityInfos()
	if err != nil {
		t.Fatal(err)
	}
	files := chipWith(map[int][]byte{14: chip.EncodeDG14(agreementInfo(t, 2), infos[1])})
	o := chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{chipKey(t, 0, 13, chip.AES128)}}
	proof := readAll(t, passport(t, files, o), files).ChipAuthentication
	if proof == nil || proof.Err == nil || errors.Is(proof.Err, emrtd.ErrNotChipsKey) {
		t.Errorf("%+v", proof)
	}
}

// What is said in clear behind chip authentication, in every session, is no word about a key, unless it is the one for
// session keys that are others.
func TestWordsInClearAreNoProofOfACopy(t *testing.T) {
	key := chipKey(t, 0, 12, chip.AES128)
	files := chipWith(map[int][]byte{14: dg14(t, key)})
	for _, status := range []uint16{0x6282, 0x6300, 0x6700, 0x6800, 0x6881, 0x6882, 0x6982, 0x6985, 0x6A80, 0x6A82, 0x6A86, 0x6B00, 0x6D00, 0x6E00, 0x6F00} {
		agreed := false
		card := broken{passport(t, files, chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{key}}),
			func(command []byte) (uint16, bool) {
				switch {
				case bytes.HasPrefix(command, []byte{0x0C, 0x86}):
					agreed = true
				case command[0] == 0x00:
					agreed = false
				case agreed:
					return status, true
				}
				return 0, false
			}}
		reading, _ := emrtd.Read(context.Background(), card, printedKey, emrtd.Options{})
		if proof := reading.ChipAuthentication; proof == nil || proof.Err == nil || errors.Is(proof.Err, emrtd.ErrNotChipsKey) {
			t.Errorf("%04X: %+v", status, proof)
		}
		if reading.Files[emrtd.FileDG1] == nil || reading.Files[emrtd.FileDG2] == nil {
			t.Errorf("%04X: the data are not read", status)
		}
	}
}

func TestASignatureIsAskedForByEveryLength(t *testing.T) {
	signers := append(signingKeys(t), rsaSigner(t, 3072, crypto.SHA256))
	quirks := [][]chip.Quirk{
		{chip.ActiveExactLength}, {chip.ActiveCorrectsLength}, {chip.ActiveNeedsExtended}, {chip.ActiveExactLength, chip.DropsSession},
		{chip.ActiveNeedsExtended, chip.DropsSession}, {chip.ActiveExactLength, chip.GetResponse},
	}
	eachAccess(t, func(t *testing.T, o chip.Options) {
		for i, c := range signers {
			files := chipWith(map[int][]byte{15: c.key.DG15(), 11: {0x6B, 1, 'd'}})
			public, err := pki.ParseDG15(files["DG15"])
			if err != nil {
				t.Fatal(err)
			}
			for j, q := range quirks {
				if (i+j)%2 == 1 && c.name != "RSA-1024" {
					continue
				}
				o.ActiveAuthentication, o.Quirks = c.key, q
				proof := readAll(t, passport(t, files, o), files).ActiveAuthentication
				if proof == nil || proof.Err != nil {
					t.Errorf("%s, %v: %+v", c.name, q, proof)
				} else if _, err := public.Check(proof.Challenge, proof.Response, c.hash); err != nil {
					t.Errorf("%s, %v: %v", c.name, q, err)
				}
			}
		}
	})
}
