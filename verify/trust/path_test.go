package trust_test

import (
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// TestLinksAreWalkedAmongSeveralKeysOfOneName has a state that renewed its key twice under one name, and a store that trusts
// the first key alone.
func TestLinksAreWalkedAmongSeveralKeysOfOneName(t *testing.T) {
	p := newSigner(t)
	key := func() pkitest.Template {
		return pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: pkitest.NewECKey(t, elliptic.P256())}
	}
	second := pkitest.Issue(t, p.csca, key())
	third := pkitest.Issue(t, second, key())
	stranger := newSigner(t).csca // of the same name
	const linkAlone = "a link certificate whose own issuer is not in the trust store"
	for name, c := range map[string]struct {
		held []*pkitest.Party
		why  string
	}{
		"every link":       {[]*pkitest.Party{stranger, p.csca, second, third}, ""},
		"a link missing":   {[]*pkitest.Party{stranger, p.csca, third}, linkAlone},
		"no anchor":        {[]*pkitest.Party{stranger, second, third}, linkAlone},
		"the last missing": {[]*pkitest.Party{stranger, p.csca, second}, "a newer one may be missing"},
	} {
		why := whyNoPath(t, trusttest.New(t, c.held...), signerOf(t, third))
		if (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: %q", name, why)
		}
	}
}

// TestCirclesOfLinksEnd has two keys that link each other, as Turkey's of 2021 do, each in many certificates: whoever walks
// every way through them walks for ever.
func TestCirclesOfLinksEnd(t *testing.T) {
	self := func() *pkitest.Party {
		return pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true})
	}
	a, b := self(), self()
	var links []*pkitest.Party
	for range 12 {
		of := func(key, by *pkitest.Party) *pkitest.Party {
			return pkitest.Issue(t, by, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: key.Key,
				KeyID: key.Certificate.SubjectKeyId})
		}
		links = append(links, of(a, b), of(b, a))
	}
	signer := signerOf(t, a)
	if whyNoPath(t, trusttest.New(t, links...), signer) == "" {
		t.Error("there is a path without an anchor")
	}
	if why := whyNoPath(t, trusttest.New(t, append(links, b)...), signer); why != "" {
		t.Errorf("with an anchor: %s", why)
	}
}

func TestTheGermanListVouchesForItsOwnPublisherOnlyWhenThatIsKnown(t *testing.T) {
	list := germanList(t)
	store := trusttest.New(t)
	files := []trust.ImportFile{{Name: "de.ml", Data: list}}
	refused, err := store.ImportFiles(files, trust.Terms{Now: germanDay()})
	if err != nil || refused[0].Unvouched != 1 || len(store.List()) != 0 || refused[0].Rejected[0].Fingerprint != germanCSCA {
		t.Fatalf("%+v, %v", refused, err)
	}
	pinned := trusttest.New(t)
	if _, err := trusttest.Import(pinned, certificateOf(t, list, germanCSCA), "csca-germany.cer", pkitest.Day); err != nil {
		t.Fatal(err)
	}
	result, err := pinned.ImportFiles(files, trust.Terms{Now: germanDay()})
	if err != nil || result[0].Imported != 587 || len(pinned.List()) != 588 {
		t.Errorf("%+v, %v", result, err)
	}
}

// Anyone can write a link into a directory: that one has the name of a key which the store lacks accuses nobody.
func TestALinkThatNobodyVouchesForAccusesNobody(t *testing.T) {
	p := newSigner(t)
	store := trusttest.New(t, pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true}))
	nobody := pkitest.Issue(t, nil, pkitest.Template{CommonName: "Nobody", Country: "UT", CA: true})
	link := pkitest.Issue(t, nobody, pkitest.Template{
		CommonName: "CSCA Utopia", Country: "UT", CA: true, KeyID: p.csca.Certificate.SubjectKeyId,
	})
	if result, err := trusttest.Import(store, trusttest.Directory([2]string{"cACertificate;binary", string(link.Certificate.Raw)}), "x.ldif", pkitest.Day); err != nil ||
		result.Imported != 1 {
		t.Fatal(result, err)
	}
	if why := whyNoPath(t, store, p); !strings.Contains(why, "a newer one may be missing") {
		t.Errorf("%q", why)
	}
}

// Thousands of links in a directory, with keys that take long, do not make an examination long: keys that nobody vouches for
// are not tried one after the other.
func TestLinksThatNobodyVouchesForTakeNoTime(t *testing.T) {
	p := signerOf(t, pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: pkitest.NewRSAKey(t)}))
	modulus := new(big.Int).SetBit(new(big.Int).Lsh(big.NewInt(1), 8191), 0, 1)
	key := pkitest.NewECKey(t, elliptic.P256())
	var values [][2]string
	for i := range int64(300) {
		long := &rsa.PublicKey{N: new(big.Int).Add(modulus, big.NewInt(2*i)), E: 1<<31 - 1}
		link := &x509.Certificate{
			SerialNumber: big.NewInt(i + 1), NotBefore: pkitest.Day, NotAfter: pkitest.Day.AddDate(1, 0, 0), RawSubject: p.csca.Certificate.RawSubject,
			IsCA: true, BasicConstraintsValid: true, SubjectKeyId: p.csca.Certificate.SubjectKeyId,
		}
		der, err := x509.CreateCertificate(rand.Reader, link, &x509.Certificate{Subject: pkix.Name{CommonName: "Nobody"}}, long, key)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, [2]string{"cACertificate;binary", string(der)})
	}
	store := trusttest.New(t, p.csca)
	result, err := trusttest.Import(store, trusttest.Directory(values...), "x.ldif", pkitest.Day)
	if err != nil || result.Imported != 32 || len(result.Rejected) != 268 {
		t.Errorf("%d imported, %d rejected, %v", result.Imported, len(result.Rejected), err)
	}
	begin := time.Now()
	why := whyNoPath(t, store, p)
	if took := time.Since(begin); why != "" || took > time.Second {
		t.Errorf("%q, after %v", why, took)
	}
}
