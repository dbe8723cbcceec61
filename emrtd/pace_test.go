package emrtd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"golang.org/x/crypto/cryptobyte"

	"github.com/foyer-station/foyer/emrtd/curve"
)

// newPACEChip is a chip that offers these PACEInfos and opens by the best of them.
func newPACEChip(t testing.TB, o Options, infos ...[]byte) *testChip {
	t.Helper()
	chip := newTestChip(t, testFiles(300))
	chip.cardAccess = wrap(0x31, infos...)
	variant, offered := strongest(parsed(t, infos...))
	if !offered {
		t.Fatal("nothing that can be used is offered")
	}
	password, err := o.password(exampleKey)
	if err != nil {
		t.Fatal(err)
	}
	chip.pace = &testPACE{variant: variant, password: password, selected: statusOK}
	chip.cardSecurity = wrap(0x30, []byte("signed"))
	if variant.mapping() == mappingChipAuthentication {
		chip.pace.static = chip.pace.scalar()
	}
	return chip
}

// chipsKey is the public key of a chip with chip authentication mapping.
func chipsKey(p *testPACE) ChipAuthenticationPublicKeyInfo {
	g := p.variant.group
	return ChipAuthenticationPublicKeyInfo{
		KeyID: p.variant.ParameterID, group: g, public: g.generator().multiply(p.static),
	}
}

// byCAN opens the chip with a card access number.
var byCAN = Options{CAN: "123456"}

// Every group with one cipher, and every cipher in one group of each kind; all of them meet in
// TestAChipOfTheOtherSideOpensByEveryVariantOfPACE.
func TestEveryVariantOfPACEOpensAChip(t *testing.T) {
	for _, family := range []int{1, 2, 3, 4, 6} {
		for _, cipher := range allCiphers {
			for id := range 19 {
				_, known := standardized(id)
				known = known && (cipher == cipherAES128 || id == 0 || id == 12)
				elliptic := family%2 == 0
				if !known || elliptic != (id >= 8) || family == 6 && cipher == cipher3DES || family == 4 && id == 10 {
					continue
				}
				name := fmt.Sprintf("family %d, cipher %d, parameters %d", family, cipher, id)
				chip := newPACEChip(t, Options{}, paceInfo(family, cipher, id))
				reading, err := Read(context.Background(), chip, exampleKey, Options{})
				if err != nil || reading.Access != chip.pace.variant.String() || len(reading.Files[FileDG2]) == 0 {
					t.Errorf("%s: %q, %v", name, reading.Access, err)
				}
			}
		}
	}
}

func TestACardAccessNumberOpensAChip(t *testing.T) {
	chip := newPACEChip(t, byCAN, paceInfo(2, cipherAES128, 12))
	if reading, err := Read(context.Background(), chip, Key{}, byCAN); err != nil || reading.Access != "PACE-ECDH-GM" {
		t.Errorf("%q, %v", reading.Access, err)
	}
}

func TestACardAccessNumberIsSixDigits(t *testing.T) {
	for _, number := range []string{"12345", "1234567", "12345A", "١٢٣", "12 456"} {
		chip := newPACEChip(t, byCAN, paceInfo(2, cipherAES128, 12))
		reading, err := Read(context.Background(), chip, exampleKey, Options{CAN: number})
		if !errors.Is(err, ErrKey) || reading.Commands != 0 {
			t.Errorf("%q: %d commands, %v", number, reading.Commands, err)
		}
	}
}

func TestACardAccessNumberIsNotTriedWithoutPACE(t *testing.T) {
	reading, err := Read(context.Background(), newTestChip(t, testFiles(0)), exampleKey, byCAN)
	if !errors.Is(err, ErrKey) || reading.Commands != 5 {
		t.Errorf("%d commands, %v", reading.Commands, err)
	}
}

func TestAWrongPasswordIsDeniedAndNothingElseIsTried(t *testing.T) {
	chip := newPACEChip(t, Options{}, paceInfo(2, cipherAES128, 12))
	key := exampleKey
	key.BirthDate = "690807"
	reading, err := Read(context.Background(), chip, key, Options{})
	var status *StatusError
	if !errors.Is(err, ErrAccessDenied) || !errors.As(err, &status) || status.Status != 0x6300 || reading.Access != "" {
		t.Errorf("%q, %v", reading.Access, err)
	}
	if want := 2 + 1 + 1 + 4; reading.Commands != want { // EF.ATR/INFO, EF.CardAccess, selection, four steps
		t.Errorf("%d commands, want %d: no other way was to be tried", reading.Commands, want)
	}
}

func TestTriesThatAreLeftAreTold(t *testing.T) {
	for status, want := range map[uint16]int{0x63C2: 2, 0x63C0: 0} {
		chip := newPACEChip(t, byCAN, paceInfo(2, cipherAES128, 12))
		chip.spoil = func(n int, answer []byte) []byte {
			if chip.pace.step == 5 {
				return []byte{byte(status >> 8), byte(status)}
			}
			return answer
		}
		_, err := Read(context.Background(), chip, Key{}, byCAN)
		var refusal *StatusError
		if !errors.Is(err, ErrAccessDenied) || !errors.As(err, &refusal) {
			t.Fatal(err)
		}
		if tries, counted := refusal.TriesLeft(); !counted || tries != want {
			t.Errorf("%04X: %d, %t: %v", status, tries, counted, err)
		}
	}
	if tries, counted := (&StatusError{Status: 0x6300}).TriesLeft(); counted {
		t.Errorf("6300 counts %d tries", tries)
	}
}

func TestTheLastTryIsNeverSpentOnACardAccessNumber(t *testing.T) {
	for _, c := range []struct {
		by     Options
		status uint16
		opens  string
	}{
		{byCAN, 0x63C2, "PACE-ECDH-GM"}, {byCAN, 0x63C1, ""}, {byCAN, 0x63C0, ""}, {byCAN, 0x6983, ""},
		{Options{}, 0x63C1, "PACE-ECDH-GM"}, {Options{}, 0x63C0, "BAC"}, {Options{}, 0x6300, "BAC"},
	} {
		chip := newPACEChip(t, c.by, paceInfo(2, cipherAES128, 12))
		chip.pace.selected = c.status
		reading, err := Read(context.Background(), chip, exampleKey, c.by)
		if reading.Access != c.opens || c.opens == "" && (!errors.Is(err, ErrRefused) || errors.Is(err, ErrAccessDenied)) {
			t.Errorf("%04X: opened by %q: %v", c.status, reading.Access, err)
		}
		if c.opens != "PACE-ECDH-GM" && chip.pace.nonce != nil {
			t.Errorf("%04X: the password was tried, in %d commands", c.status, reading.Commands)
		}
	}
}

func TestAChipThatWantsTheReferenceOfItsParametersIsGivenIt(t *testing.T) {
	for _, status := range []uint16{0x6A80, 0x6A88, 0x6700} {
		chip := newPACEChip(t, Options{}, paceInfo(2, cipherAES128, 12))
		chip.pace.wantsReference = status
		if reading, err := Read(context.Background(), chip, exampleKey, Options{}); err != nil {
			t.Errorf("%04X: %q, %v", status, reading.Access, err)
		}
	}
}

func TestAnExplicitSetOfParametersIsToldByItsOwnIdentifier(t *testing.T) {
	good, _ := curve.Named("brainpoolP256r1")
	for _, id := range []int{32, 127, 255, 0x1234} {
		chip := newPACEChip(t, Options{}, domainParameters(good.Parameters(), int64(id)), paceInfo(2, cipherAES128, id))
		chip.pace.wantsReference = 0x6A88
		if reading, err := Read(context.Background(), chip, exampleKey, Options{}); err != nil {
			t.Errorf("%d: %q, %v", id, reading.Access, err)
		}
	}
}

func TestSeveralSetsOfParametersAreToldApartAtOnce(t *testing.T) {
	chip := newPACEChip(t, Options{}, paceInfo(2, cipherAES128, 12), paceInfo(2, cipherAES128, 15))
	chip.instead = func(int) ([]byte, error, bool) {
		if chip.pace.step == 0 {
			chip.pace.wantsReference = 0x6F00 // not asked back
		}
		return nil, nil, false
	}
	if reading, err := Read(context.Background(), chip, exampleKey, Options{}); err != nil {
		t.Errorf("%q, %v", reading.Access, err)
	}
	if name := chip.pace.variant.group.(ellipticGroup).Name(); name != "P-384" {
		t.Errorf("%s was chosen", name)
	}
}

func TestTheBestVariantIsChosen(t *testing.T) {
	order := [][]byte{ // the best first
		paceInfo(6, cipherAES256, 12), paceInfo(6, cipherAES128, 18), paceInfo(2, cipherAES256, 12), paceInfo(1, cipherAES256, 2),
		paceInfo(2, cipherAES128, 18), paceInfo(2, cipherAES128, 12), paceInfo(1, cipherAES128, 2), paceInfo(2, cipher3DES, 12),
		paceInfo(4, cipherAES256, 12), paceInfo(3, cipher3DES, 0),
	}
	for i, best := range order {
		offered := slices.Clone(order[i:])
		slices.Reverse(offered)
		got, there := strongest(parsed(t, offered...))
		if want := parsed(t, best).PACE[0]; !there || !got.Protocol.Equal(want.Protocol) || got.ParameterID != want.ParameterID {
			t.Errorf("%v %d before %v %d", got, got.ParameterID, want, want.ParameterID)
		}
	}
}

func TestVariantsThatCannotBeUsedAreNotChosen(t *testing.T) {
	for name, info := range map[string][]byte{
		"no such mapping":          paceInfo(5, cipherAES128, 13),
		"no such cipher":           paceInfo(2, 5, 13),
		"CAM with 3DES":            paceInfo(6, cipher3DES, 13),
		"a curve for DH":           paceInfo(1, cipherAES128, 13),
		"a residue group for ECDH": paceInfo(2, cipherAES128, 2),
		"P-224, integrated":        paceInfo(4, cipherAES128, 10),
	} {
		infos := parsed(t, info)
		if variant, offered := strongest(infos); offered {
			t.Errorf("%s: %+v", name, variant)
		}
		chip := newTestChip(t, testFiles(0))
		chip.cardAccess = wrap(0x31, info)
		if reading, err := Read(context.Background(), chip, exampleKey, Options{}); err != nil || reading.Access != "BAC" {
			t.Errorf("%s: %q, %v", name, reading.Access, err)
		}
	}
}

// domainParameters builds a PACEDomainParameterInfo for ECDH-GM with explicit parameters.
func domainParameters(k curve.Parameters, id int64) []byte {
	return securityInfo(idSmartcard+".4.2", func(b *cryptobyte.Builder) {
		explicitCurve(b, k)
		b.AddASN1Int64(id)
	})
}

func TestExplicitParametersAreUsedOnlyIfTheyAreKnownToBeGood(t *testing.T) {
	good, _ := curve.Named("brainpoolP384r1")
	chip := newPACEChip(t, Options{}, domainParameters(good.Parameters(), 40), paceInfo(2, cipherAES128, 40))
	if reading, err := Read(context.Background(), chip, exampleKey, Options{}); err != nil {
		t.Errorf("%q, %v", reading.Access, err)
	}
	own := good.Parameters() // the same curve with another generator: nobody has published this one
	g := good.Generator().Add(good.Generator()).Encode()
	own.Gx, own.Gy = new(big.Int).SetBytes(g[1:49]), new(big.Int).SetBytes(g[49:])
	infos := parsed(t, domainParameters(own, 40), paceInfo(2, cipherAES128, 40))
	if variant, offered := strongest(infos); offered || len(infos.Unusable) != 0 {
		t.Errorf("%+v, %v", variant, infos.Unusable)
	}
}

func TestWithoutEFCardAccessTheChipIsOpenedByBAC(t *testing.T) {
	for _, status := range []uint16{0x6982, 0x6986, 0x6A82, 0x6A88, 0x6D00, 0x6F00} {
		chip := newTestChip(t, testFiles(0))
		chip.noCardAccess = status
		if reading, err := Read(context.Background(), chip, exampleKey, Options{}); err != nil || reading.Access != "BAC" {
			t.Errorf("%04X: %q, %v", status, reading.Access, err)
		}
	}
	for _, nonsense := range []string{
		"00", "00000000", "3100", "31023000", "3003020101", "31FFFF", "3183FFFFFF", "FFFFFFFFFF",
	} {
		chip := newTestChip(t, testFiles(0))
		chip.cardAccess = unhex(t, nonsense)
		if reading, err := Read(context.Background(), chip, exampleKey, Options{}); err != nil || reading.Access != "BAC" {
			t.Errorf("%s: %q, %v", nonsense, reading.Access, err)
		}
	}
}

// spoiled runs PACE on a chip whose answer with this data object is changed.
func spoiled(t *testing.T, info []byte, tag byte, change func(p *testPACE, value []byte) []byte) (*Reading, error) {
	t.Helper()
	chip := newPACEChip(t, Options{}, info)
	chip.pace.spoil = func(at byte, value []byte) []byte {
		if at == tag {
			return change(chip.pace, bytes.Clone(value))
		}
		return value
	}
	reading, err := Read(context.Background(), chip, exampleKey, Options{})
	if err != nil && chip.session == nil && reading.Access != "" {
		t.Errorf("opened by %q: %v", reading.Access, err)
	}
	return reading, err
}

func TestAPublicKeyOutsideTheGroupIsNotTaken(t *testing.T) {
	modp := residueGroupOf(modp1024P, modp1024Q, modp1024G)
	last := new(big.Int).Sub(modp.p, big.NewInt(1))
	for _, c := range []struct {
		name string
		info []byte
		key  []byte
	}{
		{"no key", paceInfo(2, cipherAES128, 12), nil},
		{"infinity", paceInfo(2, cipherAES128, 12), []byte{0}},
		{"too short", paceInfo(2, cipherAES128, 12), make([]byte, 64)},
		{"not on the curve", paceInfo(2, cipherAES128, 12), append([]byte{4}, bytes.Repeat([]byte{1}, 64)...)},
		{"zero", paceInfo(1, cipherAES128, 0), []byte{0}},
		{"one", paceInfo(1, cipherAES128, 0), []byte{1}},
		{"order two", paceInfo(1, cipherAES128, 0), last.Bytes()},
		{"not in the subgroup", paceInfo(1, cipherAES128, 0), []byte{2}},
		{"the prime and more", paceInfo(1, cipherAES128, 0), new(big.Int).Add(modp.p, modp.g).Bytes()},
		{"very long", paceInfo(1, cipherAES128, 0), bytes.Repeat([]byte{0xFF}, 200)},
	} {
		for _, tag := range []byte{tagMapping + 1, tagEphemeralKey + 1} {
			_, err := spoiled(t, c.info, tag, func(*testPACE, []byte) []byte { return c.key })
			if !errors.Is(err, errPublicKey) {
				t.Errorf("%s, tag %X: %v", c.name, tag, err)
			}
		}
	}
}

func TestAChipThatSendsTheTerminalsOwnKeyBackIsFoundOut(t *testing.T) {
	for _, info := range [][]byte{paceInfo(2, cipherAES128, 12), paceInfo(1, cipherAES128, 0), paceInfo(4, cipher3DES, 13)} {
		_, err := spoiled(t, info, tagEphemeralKey+1, func(p *testPACE, _ []byte) []byte { return p.theirs })
		if !errors.Is(err, errPublicKey) {
			t.Error(err)
		}
	}
}

func TestEveryFlippedBitOfTheChipsTokenIsFoundOut(t *testing.T) {
	for bit := range macSize * 8 {
		_, err := spoiled(t, paceInfo(2, cipherAES128, 8), tagToken+1, func(_ *testPACE, token []byte) []byte {
			token[bit/8] ^= 1 << (bit % 8)
			return token
		})
		if !errors.Is(err, ErrSecureMessaging) {
			t.Errorf("bit %d: %v", bit, err)
		}
	}
	for _, token := range [][]byte{nil, {1}, make([]byte, 16)} {
		given := func(*testPACE, []byte) []byte { return token }
		if _, err := spoiled(t, paceInfo(2, cipherAES128, 8), tagToken+1, given); err == nil {
			t.Errorf("a token of %d bytes was taken", len(token))
		}
	}
}

func TestANonceThatIsNotWholeBlocksIsAnError(t *testing.T) {
	for _, length := range []int{0, 1, 15, 17, maxNonce + 16} {
		given := func(*testPACE, []byte) []byte { return make([]byte, length) }
		_, err := spoiled(t, paceInfo(2, cipherAES128, 12), tagNonce, given)
		if err == nil || errors.Is(err, ErrAccessDenied) {
			t.Errorf("%d bytes: %v", length, err)
		}
	}
	_, err := spoiled(t, paceInfo(4, cipherAES256, 12), tagNonce, func(*testPACE, []byte) []byte { return make([]byte, 16) })
	if !errors.Is(err, errMapping) {
		t.Errorf("integrated mapping by a short nonce: %v", err)
	}
}

func TestChipAuthenticationMappingProvesTheChip(t *testing.T) {
	for _, cipher := range allCiphers[1:] {
		chip := newPACEChip(t, Options{}, paceInfo(6, cipher, 17), paceInfo(2, cipher, 17))
		reading, err := Read(context.Background(), chip, exampleKey, Options{})
		if err != nil || reading.Access != "PACE-ECDH-CAM" || !bytes.Equal(reading.Files[FileCardSecurity], chip.cardSecurity) {
			t.Fatalf("%q, %v", reading.Access, err)
		}
		if err := reading.Mapping.Verify(chipsKey(chip.pace)); err != nil {
			t.Error(err)
		}
	}
}

func TestACopiedChipIsOpenedButProvesNothing(t *testing.T) {
	chip := newPACEChip(t, Options{}, paceInfo(6, cipherAES128, 13))
	original := chipsKey(chip.pace)
	chip.pace.static = chip.pace.scalar()
	reading, err := Read(context.Background(), chip, exampleKey, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := reading.Mapping.Verify(original); !errors.Is(err, ErrNotChipsKey) {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		change func([]byte) []byte
		want   error
	}{
		"no data":          {func([]byte) []byte { return nil }, ErrNoMappingData},
		"not whole blocks": {func(b []byte) []byte { return b[1:] }, ErrNoMappingData},
		"padding broken":   {func(b []byte) []byte { b[len(b)-1] ^= 1; return b }, ErrNoMappingData},
		"another scalar":   {func(b []byte) []byte { b[0] ^= 1; return b }, ErrNotChipsKey},
	} {
		var p *testPACE
		reading, err := spoiled(t, paceInfo(6, cipherAES128, 13), tagChipData, func(chip *testPACE, b []byte) []byte {
			p = chip
			return c.change(b)
		})
		if err != nil || !errors.Is(reading.Mapping.Verify(chipsKey(p)), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAKeyOfAnotherCurveIsNotTheMappings(t *testing.T) {
	chip := newPACEChip(t, Options{}, paceInfo(6, cipherAES128, 13))
	reading, err := Read(context.Background(), chip, exampleKey, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []int{12, 0} {
		g, _ := standardized(id)
		key := ChipAuthenticationPublicKeyInfo{KeyID: NoID, group: g, public: g.generator()}
		if err := reading.Mapping.Verify(key); err == nil {
			t.Errorf("a key of group %d was taken", id)
		}
	}
}

// seeded is a source of random bytes that is the same in every run.
type seeded struct{ *rand.ChaCha8 }

func newSeeded() seeded { return seeded{rand.NewChaCha8([32]byte{'p', 'a', 'c', 'e'})} }

func TestSharedSecretsHaveOneLengthHoweverTheyBegin(t *testing.T) {
	p192, _ := curve.Named("P-192")
	small, err := newResidueGroup(big.NewInt(65267), big.NewInt(32633), big.NewInt(4)) // p = 2q+1
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		group  group
		length int
		rounds int
	}{{ellipticGroup{p192}, 24, 1000}, {small, 2, 4000}} {
		random, zeros := newSeeded(), 0
		for range c.rounds {
			a, errA := c.group.scalar(random)
			b, errB := c.group.scalar(random)
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			base := c.group.generator()
			one := base.multiply(a).multiply(b).secret()
			other := base.multiply(b).multiply(a).secret()
			if !bytes.Equal(one, other) || len(one) != c.length {
				t.Fatalf("%X and %X", one, other)
			}
			if one[0] == 0 {
				zeros++
			}
		}
		if zeros == 0 {
			t.Error("no secret began with a zero: nothing was proved")
		}
		t.Logf("%d of %d secrets began with a zero", zeros, c.rounds)
	}
}

func TestRandomSessionsNeverFail(t *testing.T) {
	sessions := 40
	if testing.Short() {
		sessions = 10
	}
	for _, info := range [][]byte{paceInfo(2, cipherAES128, 8), paceInfo(4, cipherAES128, 8), paceInfo(6, cipherAES128, 8)} {
		random := newSeeded()
		for n := range sessions {
			chip := newPACEChip(t, Options{}, info)
			chip.pace.random = random
			reading, err := Read(context.Background(), chip, exampleKey, Options{Rand: random})
			if err != nil {
				t.Fatalf("session %d, %q: %v", n, reading.Access, err)
			}
			if reading.Mapping != nil && reading.Mapping.Verify(chipsKey(chip.pace)) != nil {
				t.Fatalf("session %d: the chip's key is not proved", n)
			}
		}
	}
}

func TestAnyFieldElementIsMappedOntoTheCurve(t *testing.T) {
	for _, id := range []int{8, 9, 11, 12, 13, 14, 15, 16, 17, 18} {
		g, _ := standardized(id)
		rapid.Check(t, func(rt *rapid.T) {
			size := (g.fieldPrime().BitLen() + 7) / 8
			b := rapid.SliceOfN(rapid.Byte(), size, size).Draw(rt, "t")
			v := new(big.Int).SetBytes(b)
			if v.Mod(v, g.fieldPrime()).Sign() == 0 {
				rt.Skip("SKIPPED: 0 is outside the encoding's domain")
			}
			p, err := g.fromField(v)
			if err != nil || p.neutral() {
				rt.Fatalf("parameters %d: %v", id, err)
			}
		})
	}
}
