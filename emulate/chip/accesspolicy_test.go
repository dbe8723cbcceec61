package chip_test

import (
	"bytes"
	"crypto"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emulate/chip"
)

// gm is the variant that most passports have.
var gm = chip.PACEInfo{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: 13}

const (
	setGM     = "0022C1A4 0F 800A04007F00070202040202 830101"
	getNonce  = "10860000 02 7C00 00"
	generator = "048BD2AEB9CB7E57CB2C4B482FFC81B7AFB9DE27E1E3BD23C23A4453BD9ACE3262" +
		"547EF835C3DAC4FD97F8461A14611DC9C27745132DED8E545C1D54C72F046997"
)

func TestAWrongPasswordFailsAtTheLastStep(t *testing.T) {
	card := newChip(t, com, chip.Options{PACE: []chip.PACEInfo{gm}, CAN: "123456"})
	for reference, password := range map[byte]string{1: "not the MRZ", 2: "123457"} {
		r := newTerminal(t, card)
		if status, _, _ := r.pace(gm, reference, []byte(password)); status != 0x6300 {
			t.Errorf("password %d: %04X, want 6300", reference, status)
		}
	}
	r := newTerminal(t, card)
	if status, _, _ := r.pace(gm, 2, []byte("123456")); status != 0x9000 {
		t.Fatalf("the right CAN: %04X", status)
	}
	if got := r.read(0x1E); !bytes.Equal(got, com["EF.COM"]) {
		t.Errorf("EF.COM is %x", got)
	}
}

func TestAWrongCANIsCountedSuspendedAndBlocked(t *testing.T) {
	card := newChip(t, com, chip.Options{PACE: []chip.PACEInfo{gm}, CAN: "123456", CANTries: 3})
	try := func(r *terminal, can string, want uint16) {
		t.Helper()
		if status, _, _ := r.pace(gm, 2, []byte(can)); status != want {
			t.Fatalf("CAN %s: %04X, want %04X", can, status, want)
		}
	}
	stranger := newTerminal(t, card)
	try(stranger, "000000", 0x63C2)
	try(newTerminal(t, card), "123456", 0x9000) // and the counter is full again
	card.Reset()
	try(stranger, "000000", 0x63C2)
	try(stranger, "000000", 0x63C1)
	card.Reset() // which a counter survives
	try(stranger, "123456", 0x6985)
	resumed := newTerminal(t, card)
	if status, _, _ := resumed.pace(gm, 1, mrzPassword()); status != 0x9000 {
		t.Fatalf("MRZ: %04X", status)
	}
	try(resumed, "000000", 0x63C0)
	try(resumed, "123456", 0x6983)
	card.Reset()
	try(stranger, "123456", 0x6983)
	converse(t, card, [2]string{strings.Replace(setGM, "830101", "830102", 1), "63C0"})
}

func TestASuspendedCANIsResumedInASessionOfTheMRZ(t *testing.T) {
	card := newChip(t, com, chip.Options{PACE: []chip.PACEInfo{gm}, CAN: "123456", CANTries: 2})
	r := newTerminal(t, card)
	for _, step := range []struct {
		reference byte
		password  []byte
		want      uint16
	}{{2, []byte("000000"), 0x63C1}, {1, mrzPassword(), 0x9000}, {2, []byte("123456"), 0x9000}} {
		if status, _, _ := r.pace(gm, step.reference, step.password); status != step.want {
			t.Fatalf("password %d: %04X, want %04X", step.reference, status, step.want)
		}
	}
	if got := r.read(0x1E); !bytes.Equal(got, com["EF.COM"]) {
		t.Errorf("EF.COM is %x", got)
	}
}

func TestADocumentWithPACEOnlyRefusesBasicAccessControl(t *testing.T) {
	converse(t, newChip(t, com, chip.Options{PACE: []chip.PACEInfo{gm}, PACEOnly: true}),
		[2]string{selectApplication, "9000"}, [2]string{"00840000 08", "6982"}, [2]string{"00A4020C 02 011E", "6982"})
}

func TestADocumentWithPACEMayHaveBasicAccessControlToo(t *testing.T) {
	random := unhex(t, "4608F91988702212 0B4F80323EB3191CB04970CB4052790B")
	c := newChip(t, map[string][]byte{"EF.COM": unhex(t, "60145F0104303130365F36063034303030305C026175")},
		chip.Options{PACE: []chip.PACEInfo{gm}, Random: bytes.NewReader(random)})
	converse(t, c, appendixD...)
}

func TestTheChipWritesEFCardAccessUnlessItIsGiven(t *testing.T) {
	im := chip.PACEInfo{Mapping: chip.IntegratedMapping, Cipher: chip.TripleDES, Parameters: 0}
	converse(t, newChip(t, com, chip.Options{PACE: []chip.PACEInfo{im, gm}}), [2]string{"00B09C00 00",
		"3128 3012060A04007F0007020204020202010202010D 3012060A04007F00070202040301020102020100 9000"})
	given := map[string][]byte{"EF.CardAccess": {0x31, 0x00}}
	converse(t, newChip(t, given, chip.Options{PACE: []chip.PACEInfo{gm}}), [2]string{"00B09C00 00", "3100 9000"})
	converse(t, newChip(t, com, chip.Options{}), [2]string{"00B09C00 00", "6A82"})
}

func TestPACECommandsAreChecked(t *testing.T) {
	const template = "800A04007F00070202040202 830101"
	for name, exchanges := range map[string][][2]string{
		"unknown mapping":        {{"0022C1A4 0F 800A04007F00070202040402 830101", "6A80"}},
		"no mechanism":           {{"0022C1A4 03 830101", "6A80"}},
		"cut off":                {{"0022C1A4 04 800A0400", "6A80"}},
		"other parameters":       {{"0022C1A4 12" + template + "84010C", "6A88"}},
		"a PIN":                  {{"0022C1A4 0F 800A04007F00070202040202 830103", "6A88"}},
		"no CAN on the document": {{"0022C1A4 0F 800A04007F00070202040202 830102", "6A88"}},
		"no password":            {{"0022C1A4 0C 800A04007F00070202040202", "6A88"}},
		"other template":         {{"0022C1B6 0F" + template, "6A86"}},
		"objects it ignores": {{"0022C1A4 1A" + template + "84010D 7F4C05 5303010203", "9000"},
			{getNonce, "*"}},
		"no MSE":                   {{getNonce, "6985"}},
		"other command in between": {{setGM, "9000"}, {"00A4000C", "9000"}, {getNonce, "6985"}},
		"first step not chained":   {{setGM, "9000"}, {"00860000 02 7C00 00", "6A80"}},
		"parameters":               {{setGM, "9000"}, {"10860001 02 7C00 00", "6A86"}},
		"no template":              {{setGM, "9000"}, {"10860000 02 8000 00", "6A80"}},
		"no room for the answer":   {{setGM, "9000"}, {"10860000 02 7C00 08", "6700"}},
		"a step left out":          {{setGM, "9000"}, {getNonce, "*"}, {"10860000 45 7C438341" + generator + "00", "6A80"}},
		"a failed step ends it":    {{setGM, "9000"}, {getNonce, "*"}, {getNonce, "6A80"}, {getNonce, "6985"}},
		"point at infinity":        {{setGM, "9000"}, {getNonce, "*"}, {"10860000 05 7C03810100 00", "6A80"}},
		"compressed point": {{setGM, "9000"}, {getNonce, "*"},
			{"10860000 25 7C238121 02" + generator[2:66] + "00", "6A80"}},
		"not on the curve": {{setGM, "9000"}, {getNonce, "*"},
			{"10860000 45 7C438141" + generator[:128] + "98 00", "6A80"}},
		"last step chained": {{setGM, "9000"}, {getNonce, "*"}, {"10860000 45 7C438141" + generator + "00", "*"},
			{"10860000 45 7C438341" + generator + "00", "*"}, {"10860000 0C 7C0A85080102030405060708 00", "6883"}},
		"short token": {{setGM, "9000"}, {getNonce, "*"}, {"10860000 45 7C438141" + generator + "00", "*"},
			{"10860000 45 7C438341" + generator + "00", "*"}, {"00860000 05 7C03850101 00", "6300"}},
	} {
		t.Run(name, func(t *testing.T) {
			converse(t, newChip(t, com, chip.Options{PACE: []chip.PACEInfo{gm}}), exchanges...)
		})
	}
}

func TestTheATRTellsChainingAndExtendedLength(t *testing.T) {
	for want, o := range map[byte]chip.Options{
		0x40: {}, 0x00: {ShortOnly: true}, 0xC0: {PACE: []chip.PACEInfo{gm}}, 0x80: {ShortOnly: true, PACE: []chip.PACEInfo{gm}},
	} {
		if atr := newChip(t, com, o).ATR(); atr[8] != want {
			t.Errorf("ATR %x, want capabilities %02X", atr, want)
		}
	}
}

func TestAChipWithoutPACEDoesNotKnowIt(t *testing.T) {
	converse(t, newChip(t, com, chip.Options{}), [2]string{setGM, "6A80"})
}

// Two sets of parameters for one object identifier: the terminal must say which.
func TestAmbiguousDomainParametersMustBeNamed(t *testing.T) {
	other := gm
	other.Parameters = 12
	card := newChip(t, com, chip.Options{PACE: []chip.PACEInfo{gm, other}})
	converse(t, card, [2]string{setGM, "6A88"})
	for _, info := range []chip.PACEInfo{gm, other} {
		if status, _, _ := newTerminal(t, card).pace(info, 1, mrzPassword()); status != 0x9000 {
			t.Errorf("domain parameters %d: %04X", info.Parameters, status)
		}
		card.Reset()
	}
}

// An attacker who sends the chip's own key back, which it foresees here, learns nothing.
func TestTheChipsOwnKeyIsNotTakenBack(t *testing.T) {
	one := append(make([]byte, 31), 1)
	random := slices.Concat(make([]byte, 16), one, one) // a nonce of zero: the mapped generator is the terminal's key
	card := newChip(t, com, chip.Options{PACE: []chip.PACEInfo{gm}, Random: bytes.NewReader(random)})
	converse(t, card, [2]string{setGM, "9000"}, [2]string{getNonce, "*"},
		[2]string{"10860000 45 7C438141" + generator + "00", "7C438241" + generator + "9000"},
		[2]string{"10860000 45 7C438341" + generator + "00", "6300"})
}

// With a nonce and keys of 1 the generator becomes G+H, H being the terminal's key: the chip must double where H is G, and
// must not go on from the point at infinity where H is -G.
func TestTheMappedGeneratorIsNeverThePointAtInfinity(t *testing.T) {
	g := groupOf(t, 13)
	one := append(make([]byte, 31), 1)
	random := slices.Concat(one[16:], one, one)
	opposite := memberOf(g.base.x, new(big.Int).Sub(g.p, g.base.y))
	for h, want := range map[member]uint16{g.base: 0x9000, opposite: 0x6300} {
		card := newChip(t, com, chip.Options{PACE: []chip.PACEInfo{gm}, Random: bytes.NewReader(random)})
		converse(t, card, [2]string{setGM, "9000"}, [2]string{getNonce, "*"})
		r := newTerminal(t, card)
		if _, sw := r.send("10860000", tlv(0x7C, tlv(0x81, g.encode(h)))); sw != want {
			t.Fatalf("map nonce: %04X, want %04X", sw, want)
		}
		if want != 0x9000 {
			continue
		}
		answer, _ := r.send("10860000", tlv(0x7C, tlv(0x83, g.encode(g.base))))
		if double := g.encode(g.add(g.base, g.base)); !bytes.Equal(find(find(answer, 0x7C), 0x84), double) {
			t.Errorf("the chip's key is %x, want 2G", answer)
		}
	}
}

// A DH public key is an unsigned integer without leading zeros, but readers are about that send them. The authentication
// token covers what was received, so that either reader agrees with the chip.
func TestADHKeyMayComeWithLeadingZeros(t *testing.T) {
	info := chip.PACEInfo{Mapping: chip.GenericMapping, Cipher: chip.AES128}
	one, two := append(make([]byte, 19), 1), append(make([]byte, 19), 2)
	for _, padded := range []bool{false, true} {
		random := slices.Concat(make([]byte, 16), one, two) // a nonce of zero: the mapped generator is the terminal's key
		r := newTerminal(t, newChip(t, com, chip.Options{PACE: []chip.PACEInfo{info}, Random: bytes.NewReader(random)}))
		r.scalars, r.padded = []*big.Int{big.NewInt(1), groupOf(t, 0).scalarOfLeadingZero()}, padded
		if status, _, _ := r.pace(info, 1, mrzPassword()); status != 0x9000 {
			t.Errorf("padded %v: %04X", padded, status)
		}
	}
}

// Numbers of a small order would tell the chip's key bit by bit (RFC 2631, 2.1.5).
func TestADHKeyOutsideTheSubgroupIsRefused(t *testing.T) {
	g := groupOf(t, 0)
	card := newChip(t, com, chip.Options{PACE: []chip.PACEInfo{{Cipher: chip.AES128}}})
	one := big.NewInt(1)
	for name, key := range map[string]*big.Int{
		"zero": new(big.Int), "one": one, "order 2": new(big.Int).Sub(g.p, one), "no residue": big.NewInt(2),
		"the prime": g.p, "more than the prime": new(big.Int).Add(g.p, g.base.x),
	} {
		converse(t, card, [2]string{"0022C1A4 0F 800A04007F00070202040102 830101", "9000"}, [2]string{getNonce, "*"})
		if _, sw := newTerminal(t, card).send("10860000", tlv(0x7C, tlv(0x81, key.Bytes()))); sw != 0x6A80 {
			t.Errorf("%s: %04X, want 6A80", name, sw)
		}
	}
}

func TestEFCardSecurityIsReadAfterPACE(t *testing.T) {
	files := map[string][]byte{"EF.CardSecurity": {0x30, 0x00}}
	r := newTerminal(t, newChip(t, files, chip.Options{PACE: []chip.PACEInfo{gm}}))
	converse(t, r.card, [2]string{"00B09D00 00", "6982"})
	if status, _, _ := r.pace(gm, 1, mrzPassword()); status != 0x9000 {
		t.Fatalf("PACE: %04X", status)
	}
	if got, sw := r.send("00B09D00", nil); sw != 0x9000 || !bytes.Equal(got, files["EF.CardSecurity"]) {
		t.Errorf("EF.CardSecurity is %x, %04X", got, sw)
	}
}

func TestImpossibleOptionsAreRefused(t *testing.T) {
	for name, o := range map[string]chip.Options{
		"integrated mapping on P-224": {PACE: []chip.PACEInfo{
			{Mapping: chip.IntegratedMapping, Cipher: chip.AES128, Parameters: 10}}},
		"chip authentication mapping with DH": {PACE: []chip.PACEInfo{
			{Mapping: chip.ChipAuthenticationMapping, Cipher: chip.AES128}}},
		"chip authentication mapping with 3DES": {PACE: []chip.PACEInfo{
			{Mapping: chip.ChipAuthenticationMapping, Cipher: chip.TripleDES, Parameters: 13}}},
		"no cipher":            {PACE: []chip.PACEInfo{{Parameters: 13}}},
		"unknown parameters":   {PACE: []chip.PACEInfo{{Cipher: chip.AES128, Parameters: 7}}},
		"a long key in short":  {ShortOnly: true, PACE: []chip.PACEInfo{{Cipher: chip.AES128, Parameters: 1}}},
		"one try":              {CANTries: 1},
		"sixteen tries":        {CANTries: 16},
		"static key of zero":   {ChipAuthentication: []chip.ChipAuthenticationKey{{Parameters: 13, Private: []byte{0}}}},
		"static key, no group": {ChipAuthentication: []chip.ChipAuthenticationKey{{Parameters: 3, Private: []byte{1}}}},
		"static key, identifier": {ChipAuthentication: []chip.ChipAuthenticationKey{
			{ID: 256, Parameters: 13, Private: []byte{1}}}},
		"X9.42 on a curve": {ChipAuthentication: []chip.ChipAuthenticationKey{
			{Parameters: 13, Private: []byte{1}, Encoding: chip.X942Parameters}}},
		"a long static key in short": {ShortOnly: true, ChipAuthentication: []chip.ChipAuthenticationKey{
			{Parameters: 2, Private: []byte{1}}}},
		"no RSA key":              {ActiveAuthentication: chip.RSAKey{}},
		"no hash":                 {ActiveAuthentication: chip.ECDSAKey{Parameters: 13, Private: []byte{1}}},
		"a hash beyond the order": {ActiveAuthentication: chip.ECDSAKey{Parameters: 8, Private: []byte{1}, Hash: crypto.SHA224}},
	} {
		if _, err := chip.New(com, published, o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// FuzzPACE sends anything at each of PACE's steps.
func FuzzPACE(f *testing.F) {
	f.Add(unhex(f, "7C00"), byte(0))
	f.Add(unhex(f, "7C438141"+generator), byte(1))
	f.Add(unhex(f, "7C438341"+generator), byte(2))
	f.Add(unhex(f, "7C0A85080102030405060708"), byte(3))
	f.Fuzz(func(t *testing.T, data []byte, steps byte) {
		if len(data) > 0xFFFF {
			return
		}
		r := newTerminal(t, newChip(t, com, chip.Options{PACE: []chip.PACEInfo{gm}}))
		for _, step := range []string{setGM, getNonce, "10860000 45 7C438141" + generator + "00",
			"10860000 45 7C438341" + generator + "00"}[:1+steps%4] {
			converse(r.t.(*testing.T), r.card, [2]string{step, "*"})
		}
		r.send([]string{"10860000", "00860000", "0022C1A4"}[steps>>2%3], data)
	})
}

func BenchmarkPACE(b *testing.B) {
	card := newChip(b, com, chip.Options{PACE: []chip.PACEInfo{gm}})
	steps := [][]byte{unhex(b, setGM), unhex(b, getNonce), unhex(b, "10860000 45 7C438141"+generator+"00"),
		unhex(b, "10860000 45 7C438341"+generator+"00"), unhex(b, "00860000 0C 7C0A85080102030405060708 00")}
	for b.Loop() {
		for _, step := range steps {
			card.Transmit(b.Context(), step)
		}
	}
}
