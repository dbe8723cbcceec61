package chip_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	emulated "github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

const brainpoolP256r1 = 13 // ICAO Doc 9303-11, 9.5.1

var challenge = []byte{1, 2, 3, 4, 5, 6, 7, 8}

// staticKey is a key for chip authentication; an ID of 0 is none.
func staticKey(t testing.TB, id int) emulated.ChipAuthenticationKey {
	t.Helper()
	private, err := emulated.NewPrivateKey(brainpoolP256r1, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return emulated.ChipAuthenticationKey{
		ID: id, Parameters: brainpoolP256r1, Ciphers: []emulated.Cipher{emulated.AES128}, Private: private,
	}
}

// infosOf are the entries of a key in DG14.
func infosOf(t testing.TB, key emulated.ChipAuthenticationKey) [][]byte {
	t.Helper()
	infos, err := key.SecurityInfos()
	if err != nil {
		t.Fatal(err)
	}
	return infos
}

// newProtected is a good passport with these data groups beside DG1 and DG2.
func newProtected(t testing.TB, groups map[int][]byte) *passport {
	t.Helper()
	p := newPassport(t)
	for number, content := range groups {
		p.groups[number] = content
	}
	p.seal(t)
	return p
}

// answered is the evidence of a passport whose chip gave all its files and these proofs.
func (p *passport) answered(t testing.TB, proofs emrtd.Proofs) verify.Evidence {
	ev := p.evidence(t)
	ev.Proofs = proofs
	for number, content := range p.groups {
		ev.Files[dataGroup(number)] = content
	}
	return ev
}

func dataGroup(number int) string {
	return map[int]string{1: "DG1", 2: "DG2", 14: "DG14", 15: "DG15"}[number]
}

// judged is an answer that must have a result and must say something.
type judged struct {
	result verify.Result
	reason string
}

func passes(reason string) judged     { return judged{verify.Passed, reason} }
func fails(reason string) judged      { return judged{verify.Failed, reason} }
func leavesOpen(reason string) judged { return judged{verify.Undetermined, reason} }
func aborts(reason string) judged     { return judged{verify.Aborted, reason} }
func isNotDone(reason string) judged  { return judged{verify.NotPerformed, reason} }
func isNotThere(reason string) judged { return judged{verify.NotSupported, reason} }

func (want judged) check(t *testing.T, name string, got verify.Check) {
	t.Helper()
	if got.Result != want.result || !strings.Contains(wordingtest.English(t, got), want.reason) {
		t.Errorf("%s: %s: %s; want %s: %s", name, got.Result, wordingtest.English(t, got), want.result, want.reason)
	}
}

func refusal(status uint16) error {
	return &emrtd.StatusError{Op: "chip authentication", Status: status}
}

func TestChipAuthenticationIsAnsweredByWhatTheChipDid(t *testing.T) {
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(infosOf(t, staticKey(t, 7))...)})
	store := trusttest.New(t, p.csca)
	asked := func(key int, err error) *emrtd.ChipAuthentication {
		return &emrtd.ChipAuthentication{KeyID: key, Err: err}
	}
	naked := &emrtd.StatusError{Op: "chip authentication", Status: 0x6A88, Err: emrtd.ErrSecureMessaging}
	for name, c := range map[string]struct {
		outcome verify.ChipOutcome
		proof   *emrtd.ChipAuthentication
		want    judged
	}{
		"proved":             {verify.ChipRead, asked(7, nil), passes("holds the private key")},
		"another's key":      {verify.ChipRead, asked(7, emrtd.ErrNotChipsKey), fails("it is a copy")},
		"unknown key":        {verify.ChipRead, asked(8, nil), leavesOpen("not in DG14")},
		"does not know it":   {verify.ChipRead, asked(7, refusal(0x6D00)), leavesOpen("refuses it")},
		"has no such key":    {verify.ChipRead, asked(7, refusal(0x6A88)), leavesOpen("6A88")},
		"runs out of memory": {verify.ChipRead, asked(7, refusal(0x6581)), leavesOpen("refuses it")},
		"naked refusal":      {verify.ChipRead, asked(7, naked), leavesOpen("did not come to its end")},
		"by a weaker key": {verify.ChipRead, &emrtd.ChipAuthentication{KeyID: 7, Refused: refusal(0x6A80)},
			passes("it refused what DG14 lists as well: chip authentication: 6A80")},
		"torn during": {verify.ChipTorn, asked(7, errGone), aborts("during")},
		"torn before": {verify.ChipTorn, nil, aborts("before")},
		"not asked":   {verify.ChipRead, nil, isNotDone("was not asked")},
		"saved":       {"", nil, isNotDone("needs the chip itself")},
	} {
		ev := p.answered(t, emrtd.Proofs{ChipAuthentication: c.proof})
		ev.Chip = c.outcome
		c.want.check(t, name, examine(store, ev)["chip.ca"])
	}
}

// A signature is made anew for each case: over the challenge that the terminal sent, or over another.
func TestActiveAuthenticationIsAnsweredByTheSignature(t *testing.T) {
	own, others := newECDSA(t), newECDSA(t)
	ofOwn := pkitest.DG15(t, own.Public())
	withHash := emulated.EncodeDG14(emulated.ECDSAKey{Hash: crypto.SHA256}.SecurityInfo())
	withSHA512 := emulated.EncodeDG14(activeInfo(t, asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 5}))
	ofCertificates := emulated.EncodeDG14(activeInfo(t, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}))
	ofRSA := emulated.EncodeDG14(activeInfo(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}))
	rsaKey := pkitest.NewRSAKey(t).(*rsa.PrivateKey)
	for name, c := range map[string]struct {
		dg14, dg15 []byte
		proof      emrtd.ActiveAuthentication
		want       judged
	}{
		"ecdsa":                   {withHash, ofOwn, signed(t, own, challenge), passes("signed with the private key")},
		"ecdsa, another key":      {withHash, ofOwn, signed(t, others, challenge), fails("it is a copy")},
		"ecdsa, answer replayed":  {withHash, ofOwn, signed(t, own, []byte("replayed")), fails("it is a copy")},
		"ecdsa, another hash":     {withSHA512, ofOwn, signed(t, own, challenge), passes("is SHA-256, and DG14 states another")},
		"ecdsa, another, and key": {withSHA512, ofOwn, signed(t, others, challenge), fails("it is a copy")},
		"ecdsa, no hash function": {nil, ofOwn, signed(t, own, challenge), passes("the hash function, which is not stated, is SHA-256")},
		"ecdsa, none and another": {nil, ofOwn, signed(t, others, challenge), leavesOpen("states no hash function")},
		"ecdsa, of certificates":  {ofCertificates, ofOwn, signed(t, own, challenge), passes("states the algorithm of certificates")},
		"ecdsa, and another key":  {ofCertificates, ofOwn, signed(t, others, challenge), fails("it is a copy")},
		"ecdsa, algorithm of RSA": {ofRSA, ofOwn, signed(t, own, challenge), passes("which is not stated, is SHA-256")},
		"ecdsa, in DER":           {withHash, ofOwn, inDER(t, own, challenge), passes("is a DER sequence")},
		"ecdsa, in DER, replayed": {withHash, ofOwn, inDER(t, own, []byte("replayed")), fails("it is a copy")},
		"ecdsa, cut short":        {withHash, ofOwn, short(signed(t, own, challenge)), leavesOpen("signature of 40 bytes")},
		"rsa":                     {nil, pkitest.DG15(t, rsaKey.Public()), recovering(rsaKey, challenge), passes("signed with the private key")},
		"rsa, answer replayed":    {nil, pkitest.DG15(t, rsaKey.Public()), recovering(rsaKey, []byte("replayed")), fails("it is a copy")},
		"refused":                 {withHash, ofOwn, emrtd.ActiveAuthentication{Err: refusal(0x6D00)}, leavesOpen("refuses it")},
		"link lost":               {withHash, ofOwn, emrtd.ActiveAuthentication{Err: errGone}, leavesOpen("did not come to its end")},
		"unreadable key":          {withHash, []byte("\x6F\x00"), signed(t, own, challenge), leavesOpen("cannot be read here")},
	} {
		groups := map[int][]byte{15: c.dg15}
		if c.dg14 != nil {
			groups[14] = c.dg14
		}
		p := newProtected(t, groups)
		ev := p.answered(t, emrtd.Proofs{ActiveAuthentication: &c.proof})
		c.want.check(t, name, examine(trusttest.New(t, p.csca), ev)["chip.aa"])
	}
}

func newECDSA(t testing.TB) *ecdsa.PrivateKey {
	return pkitest.NewECKey(t, elliptic.P256()).(*ecdsa.PrivateKey)
}

// signed is a chip's answer with ECDSA: r and s side by side (BSI TR-03111, 5.2.1). The terminal sent challenge.
func signed(t testing.TB, key *ecdsa.PrivateKey, over []byte) emrtd.ActiveAuthentication {
	t.Helper()
	digest := sha256.Sum256(over)
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	response := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return emrtd.ActiveAuthentication{Challenge: challenge, Response: response}
}

// inDER is a chip's answer with ECDSA as certificates have it.
func inDER(t testing.TB, key *ecdsa.PrivateKey, over []byte) emrtd.ActiveAuthentication {
	t.Helper()
	digest := sha256.Sum256(over)
	der, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return emrtd.ActiveAuthentication{Challenge: challenge, Response: der}
}

// short is an answer of which the chip gave the beginning.
func short(a emrtd.ActiveAuthentication) emrtd.ActiveAuthentication {
	a.Response = a.Response[:40]
	return a
}

// activeInfo is the ActiveAuthenticationInfo in DG14 that names an algorithm.
func activeInfo(t testing.TB, algorithm asn1.ObjectIdentifier) []byte {
	t.Helper()
	der, err := asn1.Marshal(struct {
		Protocol  asn1.ObjectIdentifier
		Version   int
		Algorithm asn1.ObjectIdentifier
	}{asn1.ObjectIdentifier{2, 23, 136, 1, 1, 5}, 1, algorithm})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// recovering is a chip's answer with RSA and SHA-256, by digital signature scheme 1 (ICAO Doc 9303-11, 6.1.2.2).
func recovering(key *rsa.PrivateKey, over []byte) emrtd.ActiveAuthentication {
	own := make([]byte, key.Size()-1-sha256.Size-2)
	digest := sha256.Sum256(slices.Concat(own, over))
	message := slices.Concat([]byte{0x6A}, own, digest[:], []byte{0x34, 0xCC})
	signature := new(big.Int).Exp(new(big.Int).SetBytes(message), key.D, key.N)
	return emrtd.ActiveAuthentication{Challenge: challenge, Response: signature.FillBytes(make([]byte, key.Size()))}
}

// The forger has a whole copy of a passport and a chip of his own, and does what he can so that nobody asks for the keys
// that he lacks.
func TestACopyIsNeverGenuine(t *testing.T) {
	aa := newECDSA(t)
	groups := map[int][]byte{
		14: emulated.EncodeDG14(append(infosOf(t, staticKey(t, 0)), emulated.ECDSAKey{Hash: crypto.SHA256}.SecurityInfo())...),
		15: pkitest.DG15(t, aa.Public()),
	}
	p := newProtected(t, groups)
	store := trusttest.New(t, p.csca)
	proved := func() emrtd.Proofs {
		answer := signed(t, aa, challenge)
		return emrtd.Proofs{ChipAuthentication: &emrtd.ChipAuthentication{KeyID: emrtd.NoID}, ActiveAuthentication: &answer}
	}
	if got := verdict(t, store, p.answered(t, proved())); got != verify.Genuine {
		t.Fatalf("the original is %s", got)
	}
	for name, c := range map[string]struct {
		forge func(*verify.Evidence)
		want  verify.Verdict
	}{
		"hides DG14 and DG15": {func(ev *verify.Evidence) {
			ev.Proofs = emrtd.Proofs{}
			delete(ev.Files, "DG14")
			delete(ev.Files, "DG15")
		}, verify.Unverified},
		"hides DG14": {func(ev *verify.Evidence) {
			ev.Proofs.ChipAuthentication = nil
			delete(ev.Files, "DG14")
		}, verify.Unverified},
		"puts its own key into DG14": {func(ev *verify.Evidence) {
			ev.Files["DG14"] = emulated.EncodeDG14(infosOf(t, staticKey(t, 0))...)
		}, verify.Doubtful},
		"empties DG14": {func(ev *verify.Evidence) {
			ev.Proofs.ChipAuthentication = nil
			ev.Files["DG14"] = emulated.EncodeDG14()
		}, verify.Doubtful},
		"puts its own key into DG15": {func(ev *verify.Evidence) {
			own := newECDSA(t)
			answer := signed(t, own, challenge)
			ev.Files["DG15"], ev.Proofs.ActiveAuthentication = pkitest.DG15(t, own.Public()), &answer
		}, verify.Doubtful},
		"refuses both": {func(ev *verify.Evidence) {
			ev.Proofs.ChipAuthentication = &emrtd.ChipAuthentication{KeyID: emrtd.NoID, Err: refusal(0x6A80)}
			ev.Proofs.ActiveAuthentication = &emrtd.ActiveAuthentication{Err: refusal(0x6D00)}
		}, verify.Unverified},
		"is pulled away in time": {func(ev *verify.Evidence) {
			ev.Chip, ev.Proofs = verify.ChipTorn, emrtd.Proofs{}
		}, verify.Unverified},
		"signs EF.SOD itself": {func(ev *verify.Evidence) {
			forger := newPassport(t)
			delete(ev.Files, "DG14")
			delete(ev.Files, "DG15")
			ev.Files["EF.SOD"], ev.Proofs = forger.evidence(t).Files["EF.SOD"], emrtd.Proofs{}
		}, verify.Unverified},
	} {
		ev := p.answered(t, proved())
		// EF.COM, which nobody signs, agrees: it lists DG1 and DG2 alone.
		c.forge(&ev)
		if got := verdict(t, store, ev); got != c.want {
			t.Errorf("a copy that %s is %s, want %s", name, got, c.want)
		}
		for _, id := range []string{"chip.original", "chip.ca", "chip.aa"} {
			if got := examine(store, ev)[id]; got.Result == verify.NotSupported && name != "signs EF.SOD itself" {
				t.Errorf("a copy that %s: %s is believed not to be supported", name, id)
			}
		}
	}
}

// A chip need prove itself by one of its protocols; what could not be carried out beside it does no harm, and a failure
// does. Whoever pulls the chip away, or answers in its place without its session keys, leaves it unproved.
func TestOneProtocolIsEnoughAndNoneMayFail(t *testing.T) {
	aa := newECDSA(t)
	groups := map[int][]byte{14: emulated.EncodeDG14(append(infosOf(t, staticKey(t, 0)), hashInfo())...), 15: pkitest.DG15(t, aa.Public())}
	p := newProtected(t, groups)
	store := trusttest.New(t, p.csca)
	naked := &emrtd.StatusError{Op: "chip authentication", Status: 0x6A80, Err: emrtd.ErrSecureMessaging}
	asked := func(err error) *emrtd.ChipAuthentication {
		return &emrtd.ChipAuthentication{KeyID: emrtd.NoID, Err: err}
	}
	right, replayed := signed(t, aa, challenge), signed(t, aa, []byte("replayed"))
	lost, refused := emrtd.ActiveAuthentication{Err: naked}, emrtd.ActiveAuthentication{Err: refusal(0x6D00)}
	for name, c := range map[string]struct {
		outcome verify.ChipOutcome
		ca      *emrtd.ChipAuthentication
		aa      *emrtd.ActiveAuthentication
		want    verify.Result
		verdict verify.Verdict
	}{
		"both":                      {verify.ChipRead, asked(nil), &right, verify.Passed, verify.Genuine},
		"the first, and one lost":   {verify.ChipRead, asked(nil), &lost, verify.Passed, verify.Genuine},
		"the first, and one pulled": {verify.ChipTorn, asked(nil), nil, verify.Passed, verify.Genuine},
		"the second, and one lost":  {verify.ChipRead, asked(naked), &right, verify.Passed, verify.Genuine},
		"the first, one refused":    {verify.ChipRead, asked(nil), &refused, verify.Passed, verify.Genuine},
		"the second, one refused":   {verify.ChipRead, asked(refusal(0x6A80)), &right, verify.Passed, verify.Genuine},
		"both refused":              {verify.ChipRead, asked(refusal(0x6A80)), &refused, verify.Undetermined, verify.Unverified},
		"the first, one replayed":   {verify.ChipRead, asked(nil), &replayed, verify.Failed, verify.Doubtful},
		"the second, not the first": {verify.ChipRead, asked(emrtd.ErrNotChipsKey), &right, verify.Failed, verify.Doubtful},
		"both lost":                 {verify.ChipRead, asked(naked), &lost, verify.Undetermined, verify.Unverified},
		"lost and pulled":           {verify.ChipTorn, asked(naked), nil, verify.Aborted, verify.Unverified},
		"pulled before":             {verify.ChipTorn, nil, nil, verify.Aborted, verify.Unverified},
		"none asked":                {verify.ChipRead, nil, nil, verify.NotPerformed, verify.Unverified},
	} {
		ev := p.answered(t, emrtd.Proofs{ChipAuthentication: c.ca, ActiveAuthentication: c.aa})
		ev.Chip = c.outcome
		if got := examine(store, ev)["chip.original"]; got.Result != c.want {
			t.Errorf("%s: %s, want %s: %s", name, got.Result, c.want, wordingtest.English(t, got))
		}
		if got := verdict(t, store, ev); got != c.verdict {
			t.Errorf("%s: %s, want %s", name, got, c.verdict)
		}
	}
}

// hashInfo is the entry of DG14 that names the hash function of active authentication by ECDSA.
func hashInfo() []byte { return emulated.ECDSAKey{Hash: crypto.SHA256}.SecurityInfo() }

// verdict is the shipped policy's, over the checks of the chip.
func verdict(t *testing.T, store *trust.Store, ev verify.Evidence) verify.Verdict {
	t.Helper()
	policy, err := verify.DefaultPolicy()
	if err != nil {
		t.Fatal(err)
	}
	checks := (chip.Examiner{Trust: store}).Examine(t.Context(), ev)
	return policy.Only("chip.", "cross.dg1_").Judge(checks, verify.Valid).Verdict
}

func TestNobodyVouchesForKeysUnderABrokenSignature(t *testing.T) {
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(infosOf(t, staticKey(t, 0))...)})
	p.message.BrokenSignature = true
	ev := p.answered(t, emrtd.Proofs{ChipAuthentication: &emrtd.ChipAuthentication{KeyID: emrtd.NoID}})
	checks := examine(trusttest.New(t, p.csca), ev)
	for _, id := range []string{"chip.original", "chip.ca", "chip.aa"} {
		leavesOpen("nobody vouches").check(t, id, checks[id])
	}
}

func TestAProofUnderAnUnknownSignerSaysSo(t *testing.T) {
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(infosOf(t, staticKey(t, 0))...)})
	ev := p.answered(t, emrtd.Proofs{ChipAuthentication: &emrtd.ChipAuthentication{KeyID: emrtd.NoID}})
	passes("it is not known here who signed").check(t, "unknown signer", examine(trusttest.New(t), ev)["chip.ca"])
	if got := verdict(t, trusttest.New(t), ev); got != verify.Unverified {
		t.Errorf("verdict %s", got)
	}
}

func TestAChipWithoutProtectionAgainstCopiesCanBeGenuine(t *testing.T) {
	p := newPassport(t)
	store := trusttest.New(t, p.csca)
	checks := examine(store, p.evidence(t))
	for _, id := range []string{"chip.ca", "chip.aa"} {
		isNotThere("EF.SOD, which is signed, lists no DG1").check(t, id, checks[id])
	}
	if got := verdict(t, store, p.evidence(t)); got != verify.Genuine {
		t.Errorf("verdict %s", got)
	}
	withoutKey := newProtected(t, map[int][]byte{14: emulated.EncodeDG14()})
	got := examine(trusttest.New(t, withoutKey.csca), withoutKey.answered(t, emrtd.Proofs{}))["chip.ca"]
	isNotThere("has no key").check(t, "DG14 without a key", got)
}

func TestAKeyThatCannotBeUsedHereIsNotAMissingOne(t *testing.T) {
	unknown, err := asn1.Marshal(struct {
		Protocol asn1.ObjectIdentifier
		Key      []byte
	}{asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 2, 2, 1, 2}, []byte("?")})
	if err != nil {
		t.Fatal(err)
	}
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(unknown)})
	unused := emrtd.Proofs{ChipAuthentication: &emrtd.ChipAuthentication{KeyID: emrtd.NoID, Err: errors.New("unusable key")}}
	got := examine(trusttest.New(t, p.csca), p.answered(t, unused))["chip.ca"]
	leavesOpen("cannot be read here").check(t, "unknown", got)
}
