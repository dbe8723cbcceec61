package chip_test

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	emulated "github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

// deviatingSignatures are genuine documents whose signatures are written otherwise than the standard has them, with what their
// reason tells.
func deviatingSignatures(t testing.TB) map[string]struct {
	change func(*passport)
	told   string
} {
	t.Helper()
	pss, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 2, 840, 113549, 1, 1, 10}})
	if err != nil {
		t.Fatal(err)
	}
	rsaKey := pkitest.NewRSAKey(t)
	withRSA := func(p *passport) {
		p.message.Signer = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT", Key: rsaKey})
	}
	return map[string]struct {
		change func(*passport)
		told   string
	}{
		"of another type": {func(p *passport) { p.message.Type = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1} },
			"the content type is 1.2.840.113549.1.7.1, not that of a security object"},
		"by a signer who is not named": {func(p *passport) { p.message.NamedBy = []byte{0x30, 0} },
			"the signer is not named"},
		"without NULL in DigestInfo": {func(p *passport) { withRSA(p); p.message.NoNull = true },
			"the RSA signature leaves out the NULL of its hash function"},
		"beside a CSCA of the same serial number": {func(p *passport) {
			serial := big.NewInt(1)
			p.csca = pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Serial: serial})
			p.message.Signer = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT", Serial: serial})
			p.message.Certificates = [][]byte{p.csca.Certificate.Raw, p.message.Signer.Certificate.Raw}
		}, "several certificates have the signer's issuer and serial number"},
		"by RSASSA-PSS without parameters": {func(p *passport) { withRSA(p); p.message.PSS, p.message.SignatureAlgorithm = true, pss },
			"RSASSA-PSS leaves out parameters that are not the defaults of RFC 4055"},
		"by RSASSA-PSS with the defaults": {func(p *passport) {
			withRSA(p)
			p.message.PSS, p.message.SignatureAlgorithm, p.message.SignatureHash = true, pss, crypto.SHA1
		}, "RSASSA-PSS without parameters: those of RFC 4055 were used"},
		"without attributes": {func(p *passport) { p.message.Bare, p.message.SigningTime = true, time.Time{} },
			"the content is signed directly, without signed attributes"},
	}
}

func TestASignatureThatDeviatesIsJudgedAndTheDeviationIsTold(t *testing.T) {
	for name, c := range deviatingSignatures(t) {
		t.Run(name, func(t *testing.T) {
			p := newPassport(t)
			c.change(p)
			checks := examine(trusttest.New(t, p.csca), p.evidence(t))
			if diff := cmp.Diff(plain(verify.Passed, nil), results(checks)); diff != "" {
				t.Error(diff)
			}
			if reason := wordingtest.English(t, checks["chip.pa.signature"]); !strings.Contains(reason, "; deviates: ") || !strings.Contains(reason, c.told) || len(reason) > 500 {
				t.Errorf("reason %q", reason)
			}
		})
	}
}

// TestNoSignatureThatDeviatesHelpsAForger writes forgeries with each of the deviations: none of them is genuine, and the same checks tell
// as of a forgery that is written well.
func TestNoSignatureThatDeviatesHelpsAForger(t *testing.T) {
	forgeries := map[string]struct {
		forge func(*passport) *trust.Store
		want  map[string]verify.Result
	}{
		"another DG1": {func(p *passport) *trust.Store {
			p.groups[1] = []byte(strings.Replace(string(p.groups[1]), "ANNA", "OTTO", 1))
			return trusttest.New(t, p.csca)
		}, map[string]verify.Result{"chip.pa.signature": verify.Passed, "chip.pa.hashes": verify.Failed}},
		"another security object": {func(p *passport) *trust.Store {
			p.message.DigestOf = p.message.Content
			p.groups[1] = []byte(strings.Replace(string(p.groups[1]), "ANNA", "OTTO", 1))
			p.seal(t)
			return trusttest.New(t, p.csca)
		}, map[string]verify.Result{"chip.pa.signature": verify.Failed, "chip.pa.hashes": verify.Passed}},
		"a signer of the forger's own": {func(p *passport) *trust.Store {
			return trusttest.New(t, newPassport(t).csca)
		}, map[string]verify.Result{"chip.pa.signature": verify.Passed, "chip.pa.chain": verify.Undetermined}},
	}
	for name, c := range deviatingSignatures(t) {
		for forgery, f := range forgeries {
			if forgery == "another security object" && name == "without attributes" {
				continue // there is no digest to be wrong; a broken signature stands in package pki's tests
			}
			p := newPassport(t)
			c.change(p)
			checks := examine(f.forge(p), p.evidence(t))
			for id, want := range f.want {
				if got := checks[id]; got.Result != want {
					t.Errorf("%s, %s: %s: %s: %s", name, forgery, id, got.Result, wordingtest.English(t, got))
				}
			}
		}
	}
}

func TestASignerForNonRepudiationAloneSignsAndThatIsTold(t *testing.T) {
	for usage, want := range map[x509.KeyUsage]string{
		x509.KeyUsageContentCommitment:                                 "; deviates: the key usage of the signer is non-repudiation alone, not digital signature",
		x509.KeyUsageContentCommitment | x509.KeyUsageDigitalSignature: "",
		x509.KeyUsageDigitalSignature:                                  "",
	} {
		p := newPassport(t)
		p.message.Signer = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT", Usage: usage})
		got := examine(trusttest.New(t, p.csca), p.evidence(t))["chip.pa.chain"]
		if got.Result != verify.Passed || !strings.HasSuffix(wordingtest.English(t, got), "on 2025-06-01"+want) {
			t.Errorf("usage %b: %+v", usage, got)
		}
	}
}

func TestASignerForAnyPurposeSignsAndThatIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		purposes []x509.ExtKeyUsage
		want     verify.Result
	}{
		"any":             {[]x509.ExtKeyUsage{x509.ExtKeyUsageAny}, verify.Passed},
		"any and servers": {[]x509.ExtKeyUsage{x509.ExtKeyUsageAny, x509.ExtKeyUsageServerAuth}, verify.Undetermined},
	} {
		p := newPassport(t)
		p.message.Signer = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT", Purposes: c.purposes})
		got := examine(trusttest.New(t, p.csca), p.evidence(t))["chip.pa.chain"]
		if told := strings.Contains(wordingtest.English(t, got), "the extended key usage of the signer is any"); got.Result != c.want || told != (c.want == verify.Passed) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAnotherPurposeKeepsANonRepudiationKeyFromSigningDocuments(t *testing.T) {
	p := newPassport(t)
	p.message.Signer = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "Mail", Country: "UT",
		Usage: x509.KeyUsageContentCommitment, Purposes: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}})
	if got := examine(trusttest.New(t, p.csca), p.evidence(t))["chip.pa.chain"]; got.Result != verify.Undetermined {
		t.Errorf("%+v", got)
	}
}

func TestOfSeveralSignersOfEFSODTheOneThatIsKnownCounts(t *testing.T) {
	stranger := pkitest.Issue(t, trusttest.CSCA(t, "CSCA S", "SS"), pkitest.Template{CommonName: "DSC S", Country: "SS"})
	for name, c := range map[string]struct {
		knownFirst, spoilt bool
		signature, chain   verify.Result
	}{
		"the known one first":                      {true, false, verify.Passed, verify.Passed},
		"the known one last":                       {false, false, verify.Passed, verify.Passed},
		"only the stranger's signature is of this": {true, true, verify.Passed, verify.Undetermined},
	} {
		p := newPassport(t)
		known, also := p.message, p.message
		also.Signer, also.Type = stranger, pkitest.SecurityObjectType
		known.Type, known.BrokenSignature = pkitest.SecurityObjectType, c.spoilt
		if !c.knownFirst {
			known, also = also, known
		}
		p.message = known
		p.message.Also = [][]byte{also.SignerInfo(t)}
		p.message.Certificates = [][]byte{stranger.Certificate.Raw, p.dsc.Certificate.Raw}
		checks := examine(trusttest.New(t, p.csca), p.evidence(t))
		if checks["chip.pa.signature"].Result != c.signature || checks["chip.pa.chain"].Result != c.chain {
			t.Errorf("%s: %+v, %+v", name, checks["chip.pa.signature"], checks["chip.pa.chain"])
		}
		if !strings.Contains(wordingtest.English(t, checks["chip.pa.signature"]), "there are several signers") {
			t.Errorf("%s: not told: %+v", name, checks["chip.pa.signature"])
		}
	}
}

// Of many signers each is tried, as far as a bound goes; what lies beyond it is not read, and accuses nobody.
func TestOfManySignersOfEFSODTheLastMayBeTheOneThatIsKnown(t *testing.T) {
	stranger := pkitest.Issue(t, trusttest.CSCA(t, "CSCA S", "SS"), pkitest.Template{CommonName: "DSC S", Country: "SS"})
	for name, c := range map[string]struct {
		before           int
		spoilt           bool // the strangers' signatures
		signature, chain verify.Result
	}{
		"the tenth": {9, false, verify.Passed, verify.Passed},
		"the tenth, and others' are of another file": {9, true, verify.Passed, verify.Passed},
		"the sixteenth": {15, true, verify.Passed, verify.Passed},
		"the thirtieth": {29, false, verify.Passed, verify.Undetermined},
		"the thirtieth, and others' are of another": {29, true, verify.Undetermined, verify.Undetermined},
	} {
		p := newPassport(t)
		known, other := p.message, p.message
		known.Type, other.Type = pkitest.SecurityObjectType, pkitest.SecurityObjectType
		other.Signer, other.BrokenSignature = stranger, c.spoilt
		p.message = other
		for range c.before - 1 {
			p.message.Also = append(p.message.Also, other.SignerInfo(t))
		}
		p.message.Also = append(p.message.Also, known.SignerInfo(t))
		p.message.Certificates = [][]byte{stranger.Certificate.Raw, p.dsc.Certificate.Raw}
		checks := examine(trusttest.New(t, p.csca), p.evidence(t))
		if checks["chip.pa.signature"].Result != c.signature || checks["chip.pa.chain"].Result != c.chain {
			t.Errorf("%s: %+v, %+v", name, checks["chip.pa.signature"], checks["chip.pa.chain"])
		}
	}
}

func TestEFCardSecurityWithTheSameSignerTwiceIsBelieved(t *testing.T) {
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14()})
	ev := p.answered(t, emrtd.Proofs{})
	ev.Files["EF.CardAccess"] = securityInfos(generic, mapped)
	m := pkitest.Message{
		Type: asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 3, 2, 1}, Signer: p.dsc, SigningTime: pkitest.Day.AddDate(-1, 0, 0),
		Content: emulated.EncodeSecurityInfos(entries(generic, mapped)...), SignerTwice: true,
	}
	ev.Files["EF.CardSecurity"] = m.Encode(t)
	passes("EF.CardSecurity, which is signed").check(t, "twice", examine(trusttest.New(t, p.csca), ev)["chip.card_access"])
	m.BrokenSignature = true
	ev.Files["EF.CardSecurity"] = m.Encode(t)
	if c := examine(trusttest.New(t, p.csca), ev)["chip.card_access"]; c.Result == verify.Passed {
		t.Errorf("broken twice: %+v", c)
	}
}

func TestADataGroupWithoutAHashIsToldAndIsNoForgery(t *testing.T) {
	p := newPassport(t)
	ev := p.evidence(t)
	ev.Files["DG11"] = []byte(file("\x6B", "more about the holder"))
	check := examine(trusttest.New(t, p.csca), ev)["chip.pa.hashes"]
	if check.Result != verify.Undetermined || wordingtest.English(t, check) != "DG11: EF.SOD lists no hash for it" {
		t.Errorf("%+v", check)
	}
	ev.Files["DG2"][4] ^= 1 // beside a wrong one it excuses nothing
	check = examine(trusttest.New(t, p.csca), ev)["chip.pa.hashes"]
	if check.Result != verify.Failed || wordingtest.English(t, check) != "DG2: not the hash that EF.SOD states" {
		t.Errorf("%+v", check)
	}
}

// TestNothingIsBelievedOfADataGroupWithoutAHash: neither who the holder is nor a key by which the chip could prove itself.
func TestNothingIsBelievedOfADataGroupWithoutAHash(t *testing.T) {
	for _, number := range []int{1, 2, 14, 15} {
		p := newPassport(t)
		ev := p.evidence(t)
		name := map[int]string{1: "DG1", 2: "DG2", 14: "DG14", 15: "DG15"}[number]
		if number > 2 {
			ev.Files[name] = []byte(file(map[int]string{14: "\x6E", 15: "\x6F"}[number], "keys"))
		} else {
			delete(p.groups, number)
			p.seal(t)
			ev.Files["EF.SOD"] = pkitest.SOD(t, p.message)
		}
		checks := examine(trusttest.New(t, p.csca), ev)
		if got := checks["chip.pa.hashes"]; got.Result != verify.Undetermined || wordingtest.English(t, got) != name+": EF.SOD lists no hash for it" {
			t.Errorf("%+v", got)
		}
		for _, id := range []string{"chip.ca", "chip.aa", "chip.original"} {
			if got := checks[id]; got.Result == verify.Passed {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}
