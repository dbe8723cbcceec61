package chip_test

import (
	"bytes"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

func TestASignerWhoseCertificateIsLeftOutIsFoundInTheDirectory(t *testing.T) {
	for name, byKeyID := range map[string]bool{"by serial number": false, "by key": true} {
		p := newPassport(t)
		p.message.NoCertificate, p.message.ByKeyID = true, byKeyID
		dir := t.TempDir()
		store, err := trust.OpenStore(dir)
		if err != nil {
			t.Fatal(err)
		}
		trusttest.Take(t, store, p.csca.Certificate.Raw, "csca.cer")
		ids := []string{"chip.pa.signature", "chip.pa.chain"}
		checks := examine(store, p.evidence(t))
		for _, id := range ids {
			if checks[id].Result != verify.Undetermined || !strings.Contains(wordingtest.English(t, checks[id]), "not known: EF.SOD does not hold its certificate") {
				t.Errorf("%s, without: %+v", name, checks[id])
			}
		}
		other := newPassport(t)
		ldif := trusttest.Directory(
			[2]string{"userCertificate;binary", string(other.dsc.Certificate.Raw)},
			[2]string{"userCertificate;binary", string(p.dsc.Certificate.Raw)})
		result, err := trusttest.Import(store, ldif, "001.ldif", pkitest.Day)
		if err != nil || result.Signers != 2 || result.Imported != 0 || len(result.Rejected) > 0 || len(store.List()) != 1 {
			t.Fatalf("%s: %+v, %v", name, result, err)
		}
		again, err := trusttest.Import(store, ldif, "001.ldif", pkitest.Day)
		if err != nil || again.Signers != 0 || again.Known != 2 || store.Signers() != 2 {
			t.Errorf("%s, again: %+v, %d held, %v", name, again, store.Signers(), err)
		}
		reopened, err := trust.OpenStore(dir)
		if err != nil {
			t.Fatal(err)
		}
		checks = examine(reopened, p.evidence(t))
		for _, id := range ids {
			if checks[id].Result != verify.Passed {
				t.Errorf("%s, with: %+v", name, checks[id])
			}
		}
	}
}

// likenesses are certificates like p's, each with a serial number and a key identifier of its own. Nobody signed them.
func likenesses(p *pkitest.Party, howMany int) [][]byte {
	serial := p.Certificate.SerialNumber.Bytes() // the key identifier too
	made := make([][]byte, howMany)
	for i := range made {
		other := slices.Clone(serial)
		binary.BigEndian.PutUint32(other[len(other)-4:], binary.BigEndian.Uint32(other[len(other)-4:])+uint32(i)+1)
		made[i] = bytes.ReplaceAll(p.Certificate.Raw, serial, other)
	}
	return made
}

// fillSigners makes a store that knows the passport's CSCA and so many document signers, the passport's among them.
func fillSigners(t testing.TB, dir string, p *passport, howMany int) {
	t.Helper()
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	trusttest.Take(t, store, p.csca.Certificate.Raw, "csca.cer")
	values := [][2]string{{"userCertificate;binary", string(p.dsc.Certificate.Raw)}}
	for _, der := range likenesses(p.dsc, howMany-1) {
		values = append(values, [2]string{"userCertificate;binary", string(der)})
	}
	result, err := trusttest.Import(store, trusttest.Directory(values...), "001.ldif", pkitest.Day)
	if err != nil || result.Signers != howMany {
		t.Fatalf("%d signers, %d rejected, %v", result.Signers, len(result.Rejected), err)
	}
}

func TestASignerIsFoundAmongThousandsByWhatNamesItAlone(t *testing.T) {
	p := newPassport(t)
	p.message.NoCertificate = true
	dir := t.TempDir()
	fillSigners(t, dir, p, 2000)
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, byKeyID := range map[string]bool{"by serial number": false, "by key": true} {
		p.message.ByKeyID = byKeyID
		ev := p.evidence(t)
		checks := map[string]verify.Check{}
		allocated := allocatedBy(func() { checks = examine(store, ev) })
		if check := checks["chip.pa.chain"]; check.Result != verify.Passed || !strings.Contains(wordingtest.English(t, check), "CSCA Utopia") {
			t.Errorf("%s: %+v", name, check)
		}
		if allocated > 1<<20 {
			t.Errorf("%s: %d bytes for one of 2000", name, allocated)
		}
	}
}

// allocatedBy is how many bytes do allocates.
func allocatedBy(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestSignersAreLookedUpByManyAtOnce(t *testing.T) {
	p := newPassport(t)
	p.message.NoCertificate = true
	dir := t.TempDir()
	fillSigners(t, dir, p, 100)
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	ev := p.evidence(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if check := examine(store, ev)["chip.pa.signature"]; check.Result != verify.Passed {
				t.Errorf("%+v", check)
			}
		})
	}
	wait.Wait()
}

// TestAnEFSODThatHoldsOtherCertificatesAloneIsLookedUpToo has an issuer that put its CSCA's certificate there.
func TestAnEFSODThatHoldsOtherCertificatesAloneIsLookedUpToo(t *testing.T) {
	p := newPassport(t)
	p.message.OtherCertificate = p.csca.Certificate.Raw
	dir := t.TempDir()
	fillSigners(t, dir, p, 3)
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	if check := examine(store, p.evidence(t))["chip.pa.chain"]; check.Result != verify.Passed {
		t.Errorf("%+v", check)
	}
}

// TestASignerWhoseIssuerIsNamedOtherwiseIsFoundByItsSerialNumber: the key tells that it is the one, and that is told.
func TestASignerWhoseIssuerIsNamedOtherwiseIsFoundByItsSerialNumber(t *testing.T) {
	p := newPassport(t)
	dir := t.TempDir()
	fillSigners(t, dir, p, 3)
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	named := func(serial *big.Int) []byte {
		id, err := asn1.Marshal(struct {
			Issuer pkix.RDNSequence
			Serial *big.Int
		}{pkix.Name{CommonName: "Somebody"}.ToRDNSequence(), serial})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	p.message.NoCertificate, p.message.NamedBy = true, named(p.dsc.Certificate.SerialNumber)
	checks := examine(store, p.evidence(t))
	if c := checks["chip.pa.signature"]; c.Result != verify.Passed || !tells(c, pki.DeviationIssuer) {
		t.Errorf("%+v", c)
	}
	if c := checks["chip.pa.chain"]; c.Result != verify.Passed {
		t.Errorf("%+v", c)
	}
	p.message.NamedBy = named(new(big.Int).Add(p.dsc.Certificate.SerialNumber, big.NewInt(1))) // another's, with the same key
	p.message.Signer = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC 2", Country: "UT"})
	if c := examine(store, p.evidence(t))["chip.pa.signature"]; c.Result != verify.Undetermined {
		t.Errorf("another key: %+v", c)
	}
}

// TestOfSeveralSignersOfOneSerialNumberTheNamedOneIsTaken has states that count from one.
func TestOfSeveralSignersOfOneSerialNumberTheNamedOneIsTaken(t *testing.T) {
	p := newPassport(t)
	p.message.NoCertificate = true
	store := trusttest.New(t, p.csca)
	values := [][2]string{}
	for i := range 100 {
		name := []byte(fmt.Sprintf("CSCA Utop%03d", i)) // as long as the passport's
		values = append(values, [2]string{"userCertificate", string(bytes.Replace(p.dsc.Certificate.Raw, []byte("CSCA Utopia"), name[:11], 1))})
	}
	values = append(values, [2]string{"userCertificate", string(p.dsc.Certificate.Raw)})
	if _, err := trusttest.Import(store, trusttest.Directory(values...), "x.ldif", pkitest.Day); err != nil {
		t.Fatal(err)
	}
	if check := examine(store, p.evidence(t))["chip.pa.chain"]; check.Result != verify.Passed {
		t.Errorf("%+v", check)
	}
}

func TestASignerOfTheDirectoryIsNoAnchor(t *testing.T) {
	p, forger := newPassport(t), newPassport(t)
	p.message.Signer = pkitest.Issue(t, forger.csca, pkitest.Template{CommonName: "DSC", Country: "UT"})
	p.message.NoCertificate = true
	store := trusttest.New(t, p.csca)
	ldif := trusttest.Directory([2]string{"userCertificate", string(p.message.Signer.Certificate.Raw)})
	if _, err := trusttest.Import(store, ldif, "x.ldif", pkitest.Day); err != nil {
		t.Fatal(err)
	}
	checks := examine(store, p.evidence(t))
	if checks["chip.pa.signature"].Result != verify.Passed || checks["chip.pa.chain"].Result != verify.Undetermined {
		t.Errorf("%+v, %+v", checks["chip.pa.signature"], checks["chip.pa.chain"])
	}
}

// TestACertificateThatAStrangerPutIntoADirectoryAccusesNobody: he can give one any name, the key identifier of any CSCA, and
// a key that signed nothing, or the signer's own. Nor does one that a CSCA issued: the name that a signer goes by is not
// signed.
func TestACertificateThatAStrangerPutIntoADirectoryAccusesNobody(t *testing.T) {
	p := newPassport(t)
	p.message.NoCertificate = true
	shape := pkitest.Template{CommonName: "DSC Utopia", Country: "UT", Serial: p.dsc.Certificate.SerialNumber}
	forger := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, KeyID: p.csca.Certificate.SubjectKeyId})
	old := shape
	old.From, old.To = pkitest.Day.AddDate(-9, 0, 0), pkitest.Day.AddDate(-5, 0, 0)
	keyed := old
	keyed.Key, keyed.Country = p.dsc.Key, "XX"
	for name, c := range map[string]struct {
		held *pkitest.Party
		want verify.Result
	}{
		"a stranger's":                            {pkitest.Issue(t, newPassport(t).csca, shape), verify.Undetermined},
		"a stranger's, of the CSCA's key":         {pkitest.Issue(t, forger, shape), verify.Undetermined},
		"a stranger's that is not valid any more": {pkitest.Issue(t, forger, old), verify.Undetermined},
		"a stranger's, with the signer's key":     {pkitest.Issue(t, forger, keyed), verify.Passed},
		"one that its CSCA issued":                {pkitest.Issue(t, p.csca, shape), verify.Undetermined},
	} {
		store := trusttest.New(t, p.csca)
		if _, err := trusttest.Import(store, trusttest.Directory([2]string{"userCertificate", string(c.held.Certificate.Raw)}), "x.ldif", pkitest.Day); err != nil {
			t.Fatal(err)
		}
		checks := examine(store, p.evidence(t))
		if check := checks["chip.pa.signature"]; check.Result != c.want {
			t.Errorf("%s: %+v", name, check)
		}
		for id, check := range checks {
			if check.Result == verify.Failed {
				t.Errorf("%s: %s: %+v", name, id, check)
			}
		}
	}
}

func TestSignersThatWereTamperedWithAreNotUsed(t *testing.T) {
	p := newPassport(t)
	p.message.NoCertificate = true
	dir := t.TempDir()
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	trusttest.Take(t, store, p.csca.Certificate.Raw, "csca.cer")
	ldif := trusttest.Directory([2]string{"userCertificate", string(p.dsc.Certificate.Raw)})
	if _, err := trusttest.Import(store, ldif, "x.ldif", pkitest.Day); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.signers"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%q, %v", files, err)
	}
	if err := os.WriteFile(files[0], newPassport(t).dsc.Certificate.Raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if check := examine(store, p.evidence(t))["chip.pa.chain"]; check.Result != verify.Undetermined {
		t.Errorf("%+v", check)
	}
	if _, err := trust.OpenStore(dir); err == nil {
		t.Error("the store opens")
	}
}

// TestWhatStandsInADirectoryKeepsNoRightCertificateFromBeingTried has a stranger who fills it with the signer's name.
func TestWhatStandsInADirectoryKeepsNoRightCertificateFromBeingTried(t *testing.T) {
	forger := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true})
	other := big.NewInt(4711)
	for name, c := range map[string]struct {
		change func(*passport)
		serial func(*passport) *big.Int
		held   bool
	}{
		"EF.SOD holds it, and names another": {func(p *passport) {
			p.message.NamedBy = marshal(t, struct {
				Issuer pkix.RDNSequence
				Serial *big.Int
			}{pkix.Name{CommonName: "CSCA Utopia", Country: []string{"UT"}}.ToRDNSequence(), other})
		}, func(*passport) *big.Int { return other }, false},
		"the directory holds it": {func(p *passport) { p.message.NoCertificate = true },
			func(p *passport) *big.Int { return p.dsc.Certificate.SerialNumber }, true},
	} {
		p := newPassport(t)
		c.change(p)
		var values [][2]string
		for range 12 {
			poison := pkitest.Issue(t, forger, pkitest.Template{CommonName: "DSC Utopia", Country: "UT", Serial: c.serial(p)})
			values = append(values, [2]string{"userCertificate;binary", string(poison.Certificate.Raw)})
		}
		if c.held {
			values = append(values, [2]string{"userCertificate;binary", string(p.dsc.Certificate.Raw)})
		}
		store := trusttest.New(t, p.csca)
		if _, err := trusttest.Import(store, trusttest.Directory(values...), "x.ldif", pkitest.Day); err != nil {
			t.Fatal(err)
		}
		checks := examine(store, p.evidence(t))
		for _, id := range []string{"chip.pa.signature", "chip.pa.chain"} {
			if checks[id].Result != verify.Passed {
				t.Errorf("%s: %+v", name, checks[id])
			}
		}
	}
}

// TestACSCAThatHasIssuerAndSerialNumberOfTheSignerAccusesNobody: an EF.SOD holds it alone, and the signer's certificate is in
// the directory, or nowhere.
func TestACSCAThatHasIssuerAndSerialNumberOfTheSignerAccusesNobody(t *testing.T) {
	serial := big.NewInt(1)
	for name, shape := range map[string]pkitest.Template{
		"by basic constraints":        {CA: true},
		"without basic constraints":   {Usage: x509.KeyUsageCertSign, NoConstraints: true},
		"which says that it is no CA": {Usage: x509.KeyUsageCertSign},
		"by both":                     {CA: true, Usage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign},
	} {
		shape.CommonName, shape.Country, shape.Serial = "CSCA Utopia", "UT", serial
		p := newPassport(t)
		p.csca = pkitest.Issue(t, nil, shape)
		p.dsc = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT", Serial: serial, KeyID: []byte{4, 5, 6}})
		p.message.Signer, p.message.OtherCertificate = p.dsc, p.csca.Certificate.Raw
		store := trusttest.New(t, p.csca)
		for id, check := range examine(store, p.evidence(t)) {
			if check.Result == verify.Failed {
				t.Errorf("%s, %s: %+v", name, id, check)
			}
		}
		if _, err := trusttest.Import(store, trusttest.Directory([2]string{"userCertificate;binary", string(p.dsc.Certificate.Raw)}), "x.ldif", pkitest.Day); err != nil {
			t.Fatal(err)
		}
		if check := examine(store, p.evidence(t))["chip.pa.signature"]; check.Result != verify.Passed {
			t.Errorf("%s: %+v", name, check)
		}
		p.message.DigestOf = []byte("something else")
		if check := examine(store, p.evidence(t))["chip.pa.signature"]; check.Result != verify.Failed {
			t.Errorf("%s, altered: %+v", name, check)
		}
	}
}

// TestASignerThatIsLeftOutAndMisnamedIsFoundInTheDirectory: nobody signs how EF.SOD names its signer.
func TestASignerThatIsLeftOutAndMisnamedIsFoundInTheDirectory(t *testing.T) {
	type issuerAndSerial struct {
		Issuer pkix.RDNSequence
		Serial *big.Int
	}
	name := func(commonName, country string) pkix.RDNSequence {
		return pkix.Name{CommonName: commonName, Country: []string{country}}.ToRDNSequence()
	}
	turned := name("CSCA Utopia", "UT")
	slices.Reverse(turned)
	for what, c := range map[string]struct {
		issuer pkix.RDNSequence
		serial *big.Int // the signer's where it is nil
		keyID  []byte
		told   pki.Deviation
	}{
		"the issuer's parts in another order":            {issuer: turned, told: pki.DeviationSpelling},
		"another serial number":                          {issuer: name("CSCA Utopia", "UT"), serial: big.NewInt(4711), told: pki.DeviationSerial},
		"another issuer":                                 {issuer: name("CSCA Ruritania", "RR"), told: pki.DeviationIssuer},
		"another issuer of its country, another serial":  {issuer: name("CSCA of old", "UT"), serial: big.NewInt(4711), told: pki.DeviationStranger},
		"another country's issuer, and another serial":   {issuer: name("CSCA Ruritania", "RR"), serial: big.NewInt(4711), told: pki.DeviationStranger},
		"an issuer that says nothing, another serial":    {issuer: pkix.RDNSequence{}, serial: big.NewInt(4711), told: pki.DeviationStranger},
		"its country in another writing, another serial": {issuer: name("CSCA of old", "UTO"), serial: big.NewInt(4711), told: pki.DeviationStranger},
		"another key identifier":                         {keyID: []byte("another"), told: pki.DeviationKeyID},
	} {
		p := newPassport(t)
		p.message.NoCertificate = true
		switch {
		case c.keyID != nil:
			p.message.NamedBy = append([]byte{0x80, byte(len(c.keyID))}, c.keyID...)
		case c.serial == nil:
			c.serial = p.dsc.Certificate.SerialNumber
			fallthrough
		default:
			p.message.NamedBy = marshal(t, issuerAndSerial{c.issuer, c.serial})
		}
		store := trusttest.New(t, p.csca)
		values := [][2]string{{"userCertificate;binary", string(p.dsc.Certificate.Raw)}}
		for range 40 {
			other := pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})
			values = append(values, [2]string{"userCertificate;binary", string(other.Certificate.Raw)})
		}
		if _, err := trusttest.Import(store, trusttest.Directory(values...), "x.ldif", pkitest.Day); err != nil {
			t.Fatal(err)
		}
		checks := examine(store, p.evidence(t))
		if got := checks["chip.pa.signature"]; got.Result != verify.Passed || !tells(got, c.told) {
			t.Errorf("%s: %+v", what, got)
		}
		if got := verdict(t, store, p.evidence(t)); got != verify.Genuine {
			t.Errorf("%s: %s, %+v", what, got, checks["chip.pa.chain"])
		}
		p.message.BrokenSignature = true
		for id, check := range examine(store, p.evidence(t)) {
			if id == "chip.pa.signature" && check.Result != verify.Undetermined {
				t.Errorf("%s, broken: %+v", what, check)
			}
		}
	}
}

// TestTheSearchForAMisnamedSignerEnds: what lies beyond its bound is not found, and accuses nobody.
func TestTheSearchForAMisnamedSignerEnds(t *testing.T) {
	p := newPassport(t)
	p.message.NoCertificate, p.message.NamedBy = true, []byte{0x80, 1, 1}
	key := pkitest.NewECKey(t, elliptic.P256())
	var values [][2]string
	for range 600 {
		other := pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT", Key: key})
		values = append(values, [2]string{"userCertificate;binary", string(other.Certificate.Raw)})
	}
	store := trusttest.New(t, p.csca)
	if _, err := trusttest.Import(store, trusttest.Directory(values...), "x.ldif", pkitest.Day); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	check := examine(store, p.evidence(t))["chip.pa.signature"]
	if took := time.Since(begin); check.Result != verify.Undetermined || !strings.Contains(wordingtest.English(t, check), "none that was tried") || took > 5*time.Second {
		t.Errorf("%+v, after %v", check, took)
	} else {
		t.Log(took)
	}
}
