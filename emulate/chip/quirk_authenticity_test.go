package chip_test

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"encoding/binary"
	"math/big"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emulate/chip"
)

func TestAChipThatRefusesTheStrongestTakesTheOther(t *testing.T) {
	key := staticKey(t, 13, chip.AES128)
	for quirk, want := range map[chip.Quirk]uint16{chip.RefusesStrongest: 0x6A80, chip.RefusesStrongestLate: 0x6300} {
		o := chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{key}}.With(quirk)
		if sw := opened(t, o).chipAuthentication(key, chip.AES128, false); sw != want {
			t.Errorf("%s: %04X, want %04X", quirk, sw, want)
		}
		for _, oneCommand := range []bool{false, true} {
			r := opened(t, o)
			if sw := r.chipAuthentication(key, chip.TripleDES, oneCommand); sw != 0x9000 {
				t.Errorf("%s, 3DES: %04X", quirk, sw)
			} else if got := r.read(0x1E); !bytes.Equal(got, com["EF.COM"]) {
				t.Errorf("%s: EF.COM is %x", quirk, got)
			}
		}
	}
}

func TestAnIdentifierThatStandsOnceMustBeTold(t *testing.T) {
	key := staticKey(t, 13, chip.AES128)
	o := chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{key}}.With(chip.IdentifierOnce)
	if sw := opened(t, o).chipAuthentication(key, chip.AES128, false); sw != 0x6A88 {
		t.Errorf("not told: %04X", sw)
	}
	if sw := opened(t, o).chipAuthentication(o.ChipAuthentication[0], chip.AES128, false); sw != 0x9000 {
		t.Errorf("told: %04X", sw)
	}
}

func TestSignaturesWithRSAHaveTheFormsOfTheField(t *testing.T) {
	private, challenge := rsaKey(t, 1024), unhex(t, "0102030405060708")
	for name, c := range map[string]struct {
		quirks        []chip.Quirk
		hash          crypto.Hash
		head, trailer string
		whole, off    bool
	}{
		"recovers all":     {[]chip.Quirk{chip.ActiveRecoversAll}, crypto.SHA256, "4A", "34CC", true, false},
		"padded":           {[]chip.Quirk{chip.ActivePadded}, crypto.SHA256, "6BBBBBBBBA", "34CC", false, false},
		"both":             {[]chip.Quirk{chip.ActivePadded, chip.ActiveRecoversAll}, crypto.SHA256, "4BBBBBBBBA", "34CC", true, false},
		"SHA-1 by number":  {[]chip.Quirk{chip.ActiveNumbersSHA1}, crypto.SHA1, "6A", "33CC", false, false},
		"without a number": {[]chip.Quirk{chip.ActiveUnnumbered}, crypto.SHA256, "6A", "BC", false, false},
		"off the modulus":  {[]chip.Quirk{chip.ActiveOffModulus}, crypto.SHA256, "6A", "34CC", false, true},
	} {
		o := chip.Options{ActiveAuthentication: chip.RSAKey{Private: private, Hash: crypto.SHA256}}.With(c.quirks...)
		signature, sw := opened(t, o).send("00880000", challenge)
		if sw != 0x9000 || len(signature) != 128 {
			t.Fatalf("%s: %04X, %d bytes", name, sw, len(signature))
		}
		opens := new(big.Int).Exp(new(big.Int).SetBytes(signature), rsaExponent, private.N)
		if c.off {
			opens.Sub(private.N, opens)
		}
		message, head, trailer := opens.FillBytes(make([]byte, 128)), unhex(t, c.head), unhex(t, c.trailer)
		body := message[len(head) : 128-len(trailer)]
		own, digest := body[:len(body)-c.hash.Size()], c.hash.New()
		digest.Write(own)
		if !c.whole {
			digest.Write(challenge)
		}
		if !bytes.HasPrefix(message, head) || !bytes.HasSuffix(message, slices.Concat(digest.Sum(nil), trailer)) ||
			c.whole != bytes.HasSuffix(own, challenge) {
			t.Errorf("%s: signature opens to %x", name, message)
		}
	}
}

func TestASignatureMayHaveAZeroMore(t *testing.T) {
	private := rsaKey(t, 1024)
	o := chip.Options{ActiveAuthentication: chip.RSAKey{Private: private, Hash: crypto.SHA256}}
	signature, sw := opened(t, o.With(chip.ActiveAddsZero)).send("00880000", make([]byte, 8))
	if sw != 0x9000 || len(signature) != 129 || signature[0] != 0 {
		t.Errorf("%04X, %x", sw, signature)
	}
	signature, sw = opened(t, o.With(chip.ActiveDropsZeros)).send("00880000", make([]byte, 8))
	if sw != 0x9000 || len(signature) > 128 || signature[0] == 0 {
		t.Errorf("%04X, %x", sw, signature)
	}
}

func TestLengthsThatAreNotTheSignaturesAreRefused(t *testing.T) {
	o := chip.Options{ActiveAuthentication: chip.RSAKey{Private: rsaKey(t, 1024), Hash: crypto.SHA256}}
	for quirk, want := range map[chip.Quirk]uint16{
		chip.ActiveExactLength: 0x6700, chip.ActiveCorrectsLength: 0x6C80, chip.ActiveNeedsExtended: 0x6700,
	} {
		if _, sw := opened(t, o.With(quirk)).send("00880000", make([]byte, 8)); sw != want {
			t.Errorf("%s: %04X, want %04X", quirk, sw, want)
		}
	}
}

func TestASignatureByECDSAMayBeInDER(t *testing.T) {
	private := staticKey(t, 13).Private
	key := chip.ECDSAKey{Parameters: 13, Private: private, Hash: crypto.SHA256}
	challenge := unhex(t, "0102030405060708")
	answer, sw := opened(t, chip.Options{ActiveAuthentication: key, Quirks: []chip.Quirk{chip.ActiveInDER}}).send("00880000", challenge)
	if sw != 0x9000 {
		t.Fatalf("%04X", sw)
	}
	var pair struct{ R, S *big.Int }
	decode(t, answer, &pair)
	var info publicKeyInfo
	decode(t, find(key.DG15(), 0x6F), &info)
	g := explicitGroup(t, info)
	plain := append(pair.R.FillBytes(make([]byte, 32)), pair.S.FillBytes(make([]byte, 32))...)
	if !g.verify(g.decode(info.Key.Bytes), crypto.SHA256, challenge, plain) {
		t.Error("wrong signature")
	}
}

func TestAnIssuerWritesItsFilesInItsOwnWay(t *testing.T) {
	key := staticKey(t, 13, chip.AES128)
	key.ID = 5
	infos, err := key.SecurityInfos()
	if err != nil {
		t.Fatal(err)
	}
	active := chip.ECDSAKey{Parameters: 13, Private: []byte{1}, Hash: crypto.SHA256}
	dg14 := chip.EncodeDG14(append(infos, active.SecurityInfo())...)
	for quirk, want := range map[chip.Quirk]struct {
		members int
		has     string
	}{
		chip.ActiveHashUnstated: {2, ""}, chip.StaticKeyAlone: {2, ""}, chip.IdentifierOnce: {3, ""},
		chip.ActiveAsCertificates: {3, "3015 0606678108010105 020101 06082A8648CE3D040302"}, // ecdsa-with-SHA256
	} {
		var members []asn1.RawValue
		issued := chip.Options{}.With(quirk).Issue(map[int][]byte{14: dg14})[14]
		if _, err := asn1.UnmarshalWithParams(find(issued, 0x6E), &members, "set"); err != nil {
			t.Fatalf("%s: %v", quirk, err)
		}
		entry := unhex(t, want.has)
		has := slices.ContainsFunc(members, func(m asn1.RawValue) bool { return bytes.Equal(m.FullBytes, entry) })
		if len(members) != want.members || bytes.Equal(issued, dg14) || want.has != "" && !has {
			t.Errorf("%s: %d members: %x", quirk, len(members), issued)
		}
	}
	long := chip.Options{}.With(chip.LongLengths).Issue(map[int][]byte{14: dg14, 15: active.DG15()})
	if !bytes.HasPrefix(long[14], []byte{0x6E, 0x82}) || long[14][4] != 0x31 || long[14][5] != 0x82 || long[15][5] != 0x82 {
		t.Errorf("%x, %x", long[14][:8], long[15][:8])
	}
	record := append([]byte("\x75\x30FAC\x00010\x00\x00\x00\x00\x30\x00\x01\x00\x00\x00\x22"), make([]byte, 30)...)
	short := chip.Options{}.With(chip.PortraitTooLong).Issue(map[int][]byte{2: record})[2]
	if binary.BigEndian.Uint32(short[10:]) != 0x28 || binary.BigEndian.Uint32(short[16:]) != 0x1A || len(short) != len(record) {
		t.Errorf("%x", short)
	}
}
