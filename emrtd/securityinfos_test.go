package emrtd

import (
	"bytes"
	"crypto/rand"
	"encoding/asn1"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd/curve"
)

// securityInfo builds one entry: its protocol, then what is added.
func securityInfo(protocol string, add func(*cryptobyte.Builder)) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(objectID(protocol))
		add(b)
	})
	return b.BytesOrPanic()
}

func objectID(dotted string) asn1.ObjectIdentifier {
	var oid asn1.ObjectIdentifier
	for _, arc := range strings.Split(dotted, ".") {
		var n int
		fmt.Sscan(arc, &n)
		oid = append(oid, n)
	}
	return oid
}

// paceInfo builds a PACEInfo; a parameter below zero is left out.
func paceInfo(family int, cipher cipherID, parameter int) []byte {
	return securityInfo(fmt.Sprintf("%s.4.%d.%d", idSmartcard, family, cipher), func(b *cryptobyte.Builder) {
		b.AddASN1Int64(PACEVersion)
		if parameter >= 0 {
			b.AddASN1Int64(int64(parameter))
		}
	})
}

// explicitCurve builds an AlgorithmIdentifier with explicit parameters.
func explicitCurve(b *cryptobyte.Builder, k curve.Parameters) {
	size := (k.P.BitLen() + 7) / 8
	b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(objectID("1.2.840.10045.2.1"))
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(1)
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(objectID("1.2.840.10045.1.1"))
				b.AddASN1BigInt(k.P)
			})
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1OctetString(k.A.FillBytes(make([]byte, size)))
				b.AddASN1OctetString(k.B.FillBytes(make([]byte, size)))
			})
			g := append([]byte{4}, k.Gx.FillBytes(make([]byte, size))...)
			b.AddASN1OctetString(append(g, k.Gy.FillBytes(make([]byte, size))...))
			b.AddASN1BigInt(k.N)
			b.AddASN1Int64(1)
		})
	})
}

// chipKeyInfo is the ChipAuthenticationPublicKeyInfo of appendix I.
const chipKeyInfo = "30620609" + "04007F000702020102" + "3052300C060704007F0007010202010D" + "034200" +
	"041872709494399E7470A6431BE25E83EEE24FEA568C2ED28DB48E05DB3A610DC8" +
	"84D256A40E35EFCB59BF6753D3A489D28C7A4D973C2DA138A6E7A4A08F68E16F" + "02010D"

func parsed(t testing.TB, entries ...[]byte) *SecurityInfos {
	t.Helper()
	infos, err := ParseSecurityInfos(wrap(0x31, entries...))
	if err != nil {
		t.Fatal(err)
	}
	return infos
}

func TestSecurityInfosOfCardsInTheFieldAreUnderstood(t *testing.T) {
	infos, err := ParseSecurityInfos(unhex(t,
		"31283012060A04007F0007020204020202010202010D3012060A04007F0007020204060202010202010D"+"00000000"))
	if err != nil || len(infos.PACE) != 2 || len(infos.Unusable) != 0 {
		t.Fatalf("%+v, %v", infos, err)
	}
	for i, want := range []string{"PACE-ECDH-GM", "PACE-ECDH-CAM"} {
		if p := infos.PACE[i]; p.String() != want || p.Version != 2 || p.ParameterID != 13 || p.cipher() != cipherAES128 {
			t.Errorf("%v: %+v", p, p)
		}
	}
}

func TestDG14OfBSIsTestPassportIsUnderstood(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("..", "..", "shared", "vectors", "bsi2008", "Datagroup14.bin"))
	if err != nil {
		t.Skipf("SKIPPED: BSI's file set of 2008 is not here: %v", err)
	}
	set, _, err := wantTLV(file, 0x6E)
	if err != nil {
		t.Fatal(err)
	}
	infos, err := ParseSecurityInfos(set)
	if err != nil || len(infos.ChipAuthenticationKeys) != 1 || len(infos.Unusable) != 0 {
		t.Errorf("%+v, %v", infos, err)
	}
}

func TestWhatIsNotKnownIsPassedOver(t *testing.T) {
	infos := parsed(t,
		securityInfo("1.2.3.4", func(b *cryptobyte.Builder) { b.AddASN1OctetString([]byte("whatever")) }),
		securityInfo(idSmartcard+".2", func(b *cryptobyte.Builder) { b.AddASN1Int64(1) }), // terminal authentication
		securityInfo(idSmartcard, func(*cryptobyte.Builder) {}),
		securityInfo(idSmartcard+".4", func(*cryptobyte.Builder) {}),
		paceInfo(2, cipherAES256, 16),
	)
	if len(infos.PACE) != 1 || len(infos.Unusable) != 0 {
		t.Errorf("%+v", infos)
	}
}

func TestAMalformedEntryIsToldAndDoesNotHideTheOthers(t *testing.T) {
	version := func(b *cryptobyte.Builder) { b.AddASN1OctetString([]byte{2}) }
	infos := parsed(t,
		securityInfo(idSmartcard+".4.2.2", version),
		securityInfo(idSmartcard+".4.2", version),
		securityInfo(idSmartcard+".3.2.2", version),
		securityInfo(idSmartcard+".1.2", version),
		securityInfo(idActiveAuthentication, version),
		paceInfo(2, cipherAES128, 13),
	)
	if len(infos.PACE) != 1 || len(infos.Unusable) != 5 {
		t.Errorf("%d usable, %v", len(infos.PACE), infos.Unusable)
	}
}

func TestAnEntryThatIsNoneIsToldAndDoesNotHideTheOthers(t *testing.T) {
	good := paceInfo(2, cipherAES128, 13)
	for name, none := range map[string]string{
		"NULL": "0500", "an empty SEQUENCE": "3000", "no identifier": "3003020101", "an identifier of no bytes": "30020600",
		"one zero": "00", "zeros": "000000", "more zeros than entries are taken": strings.Repeat("00", 200),
		"a length that ends beyond the set": "307F06", "a tag without end": "1F", "an OCTET STRING": "040101",
	} {
		for place, entries := range map[string][][]byte{"behind": {good, unhex(t, none)}, "before": {unhex(t, none), good}} {
			if place == "before" && strings.Contains(name, "end") {
				continue // there is no telling where the next begins
			}
			infos, err := ParseSecurityInfos(wrap(0x31, entries...))
			if err != nil || len(infos.PACE) != 1 || len(infos.Unusable) != 1 {
				t.Errorf("%s %s: %+v, %v", name, place, infos, err)
			}
		}
	}
}

func TestChipAndActiveAuthenticationAreUnderstood(t *testing.T) {
	infos := parsed(t,
		securityInfo(idSmartcard+".3.2.4", func(b *cryptobyte.Builder) { b.AddASN1Int64(1); b.AddASN1Int64(7) }),
		securityInfo(idSmartcard+".3.1.1", func(b *cryptobyte.Builder) { b.AddASN1Int64(1) }),
		securityInfo(idActiveAuthentication, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(1)
			b.AddASN1ObjectIdentifier(objectID("0.4.0.127.0.7.1.1.4.1.3"))
		}),
		unhex(t, chipKeyInfo),
	)
	if ca := infos.ChipAuthentication; len(ca) != 2 || ca[0].KeyID != 7 || ca[1].KeyID != NoID {
		t.Errorf("%+v", ca)
	}
	if aa := infos.ActiveAuthentication; len(aa) != 1 || aa[0].SignatureAlgorithm.String() != "0.4.0.127.0.7.1.1.4.1.3" {
		t.Errorf("%+v", aa)
	}
	if keys := infos.ChipAuthenticationKeys; len(keys) != 1 || keys[0].KeyID != 13 || !isStandardized(keys[0].group) {
		t.Errorf("%+v", keys)
	}
}

func TestEveryStandardizedGroupIsOne(t *testing.T) {
	for id := range 32 {
		g, known := standardized(id)
		if want := id <= 2 || id >= 8 && id <= 18; known != want {
			t.Errorf("%d known: %t", id, known)
		}
		if !known {
			continue
		}
		private, err := g.scalar(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		public := g.generator().multiply(private)
		if got, err := g.decode(public.encode()); err != nil || !got.equal(public) || !isStandardized(g) {
			t.Errorf("%d: %v", id, err)
		}
		if r, modp := g.(*residueGroup); modp && (!r.p.ProbablyPrime(1) || !r.q.ProbablyPrime(1)) {
			t.Errorf("%d: not prime", id)
		}
	}
}

func TestDomainParametersAreUnderstoodInEveryForm(t *testing.T) {
	p384, _ := curve.Named("P-384")
	modp := residueGroupOf(modp2048q256P, modp2048q256Q, modp2048q256G)
	parameters := func(kind string, add func(*cryptobyte.Builder)) cryptobyte.String {
		return cryptobyte.String(securityInfo(kind, add))
	}
	var explicit cryptobyte.Builder
	explicitCurve(&explicit, p384.Parameters())
	for name, c := range map[string]struct {
		der  cryptobyte.String
		want group
	}{
		"standardized": {parameters("0.4.0.127.0.7.1.2", func(b *cryptobyte.Builder) {
			b.AddASN1Int64(15)
		}), ellipticGroup{p384}},
		"named": {parameters("1.2.840.10045.2.1", func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(objectID("1.3.132.0.34"))
		}), ellipticGroup{p384}},
		"explicit": {cryptobyte.String(explicit.BytesOrPanic()), ellipticGroup{p384}},
		"X9.42": {parameters("1.2.840.10046.2.1", func(b *cryptobyte.Builder) {
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1BigInt(modp.p)
				b.AddASN1BigInt(modp.g)
				b.AddASN1BigInt(modp.q)
			})
		}), modp},
		"PKCS #3": {parameters("1.2.840.113549.1.3.1", func(b *cryptobyte.Builder) {
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1BigInt(modp.p)
				b.AddASN1BigInt(modp.g)
				b.AddASN1Int64(256) // privateValueLength
			})
		}), modp},
	} {
		var algorithm cryptobyte.String
		if !c.der.ReadASN1(&algorithm, tags.SEQUENCE) {
			t.Fatal(name)
		}
		got, err := parseDomainParameters(algorithm)
		if err != nil || !isStandardized(got) || !bytes.Equal(got.generator().encode(), c.want.generator().encode()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecurityInfosThatCannotBeOnesAreAnError(t *testing.T) {
	many := bytes.Repeat(paceInfo(2, cipherAES128, 13), maxSecurityInfos+1)
	for name, der := range map[string][]byte{
		"nothing":             nil,
		"a sequence":          unhex(t, "30143012060A04007F0007020204020202010202010D"),
		"cut off":             unhex(t, "31143012060A04007F0007020204020202010202"),
		"no entries within":   unhex(t, "3103020101"),
		"entry without name":  unhex(t, "31053003020101"),
		"more than are taken": wrap(0x31, many),
	} {
		if infos, err := ParseSecurityInfos(der); err == nil {
			t.Errorf("%s: %+v", name, infos)
		}
	}
}

func FuzzSecurityInfos(f *testing.F) {
	f.Add(wrap(0x31, paceInfo(2, cipherAES128, 13), paceInfo(6, cipherAES128, 13)))
	var explicit cryptobyte.Builder
	c, _ := curve.Named("brainpoolP256r1")
	explicitCurve(&explicit, c.Parameters())
	f.Add(wrap(0x31, securityInfo(idSmartcard+".4.2", func(b *cryptobyte.Builder) {
		b.AddBytes(explicit.BytesOrPanic())
	})))
	f.Fuzz(func(t *testing.T, der []byte) {
		infos, err := ParseSecurityInfos(der)
		if err != nil {
			return
		}
		if variant, offered := strongest(infos); offered && !isStandardized(variant.group) {
			t.Errorf("PACE in a group that nobody has looked at: %v", variant)
		}
		for _, key := range infos.ChipAuthenticationKeys {
			if key.public.neutral() {
				t.Error("a public key that is neutral")
			}
		}
	})
}

// A stranger's file may be full of keys, each of which takes long to check.
func TestOfHundredsOfKeysAFewAreLookedInto(t *testing.T) {
	infos := parsed(t, slices.Repeat([][]byte{unhex(t, chipKeyInfo)}, maxSecurityInfos)...)
	if len(infos.ChipAuthenticationKeys) != maxGroups || len(infos.Unusable) != maxSecurityInfos-maxGroups {
		t.Errorf("%d keys, %d unusable", len(infos.ChipAuthenticationKeys), len(infos.Unusable))
	}
}

// strongest is the variant of PACE that a chip is tried with first.
func strongest(infos *SecurityInfos) (variant paceVariant, offered bool) {
	all := infos.usablePACE()
	if len(all) == 0 {
		return variant, false
	}
	return all[0], true
}
