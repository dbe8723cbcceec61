package chip_test

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"math/big"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// outerShape is a certificate or a revocation list cut up.
type outerShape struct {
	TBS       asn1.RawValue
	Algorithm asn1.RawValue
	Signature asn1.BitString
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	der, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func unmarshal(t testing.TB, der []byte, v any) {
	t.Helper()
	if _, err := asn1.Unmarshal(der, v); err != nil {
		t.Fatal(err)
	}
}

// respelt is a certificate whose signature is written otherwise.
func respelt(t testing.TB, der []byte, how func([]byte) []byte) []byte {
	t.Helper()
	var c outerShape
	unmarshal(t, der, &c)
	signature := how(c.Signature.Bytes)
	c.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	return marshal(t, c)
}

// withSerial is a certificate with its serial number written so, and signed anew.
func withSerial(t testing.TB, der, serial []byte, key crypto.Signer) []byte {
	t.Helper()
	return withPart(t, der, 1, append([]byte{2, byte(len(serial))}, serial...), nil, key)
}

// byUnknownAlgorithm is p whose certificate states ecdsa-with-Specified, which names a hash function and nobody has.
func byUnknownAlgorithm(t testing.TB, p, issuer *pkitest.Party) *pkitest.Party {
	t.Helper()
	type identifier struct {
		Algorithm asn1.ObjectIdentifier
		Hash      pkix.AlgorithmIdentifier
	}
	algorithm := marshal(t, identifier{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3},
		pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}}})
	certificate, err := x509.ParseCertificate(withPart(t, p.Certificate.Raw, 2, algorithm, algorithm, issuer.Key))
	if err != nil {
		t.Fatal(err)
	}
	return &pkitest.Party{Certificate: certificate, Key: p.Key}
}

// withPart is a certificate with another n-th part of what is signed, another algorithm outside where one is given, and signed anew.
func withPart(t testing.TB, der []byte, n int, part, algorithm []byte, key crypto.Signer) []byte {
	t.Helper()
	var c outerShape
	unmarshal(t, der, &c)
	var content []byte
	for i, rest := 0, c.TBS.Bytes; len(rest) > 0; i++ {
		var v asn1.RawValue
		next, err := asn1.Unmarshal(rest, &v)
		if err != nil {
			t.Fatal(err)
		}
		if rest = next; i == n {
			v = asn1.RawValue{FullBytes: part}
		}
		content = append(content, v.FullBytes...)
	}
	if algorithm != nil {
		c.Algorithm = asn1.RawValue{FullBytes: algorithm}
	}
	c.TBS = asn1.RawValue{FullBytes: marshal(t, asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: content})}
	digest := sha256.Sum256(c.TBS.FullBytes)
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	c.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	return marshal(t, c)
}

// lengthened is an element of 256 octets or more with a longer length than DER has, from at on.
func lengthened(der []byte, at int) []byte {
	return slices.Concat(der[:at], []byte{der[at], 0x84, 0, 0}, der[at+2:])
}

// TestAListThatNamesASignerByItsHashMeansItInBERToo: nobody signs the lengths of a certificate, and that what is signed is in DER
// is tried too.
func TestAListThatNamesASignerByItsHashMeansItInBERToo(t *testing.T) {
	p := newPassport(t)
	store := trusttest.New(t, p.csca)
	trusttest.TakeNamed(t, store, pkitest.DefectList(t, pkitest.Message{Signer: trusttest.ListSigner(t, p.csca, pkitest.DefectListSigner), SigningTime: pkitest.Day}, 2,
		pkitest.Defect{Signer: p.dsc, Identification: pkitest.Identification{ByHash: true}, Known: []pkitest.KnownDefect{
			{Kind: []int{1, 1}, Parameters: pkitest.Enumerated(3)}}}), p.csca)
	issued := p.dsc.Certificate.Raw
	inside := bytes.Clone(issued)
	binary.BigEndian.PutUint16(inside[2:], binary.BigEndian.Uint16(inside[2:])+2)
	for name, certificate := range map[string][]byte{
		"as issued":                       issued,
		"a long length outside":           lengthened(issued, 0),
		"a long length of what is signed": lengthened(inside, 4),
		"both":                            lengthened(lengthened(inside, 4), 0),
		"no length outside":               slices.Concat([]byte{0x30, 0x80}, issued[4:], []byte{0, 0}),
	} {
		p.message.Certificates = [][]byte{certificate}
		checks := examine(store, p.evidence(t))
		if got := checks["chip.pa.chain"]; got.Result != verify.Passed {
			t.Errorf("%s: %+v", name, got)
		}
		if got := checks["chip.pa.revocation"]; got.Result != verify.Failed {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestAListThatNamesASignerByItsHashMeansEverySpellingOfItsSignature: nobody signs a signature, and who holds the document can
// write the one of the signer's certificate otherwise.
func TestAListThatNamesASignerByItsHashMeansEverySpellingOfItsSignature(t *testing.T) {
	type pair struct{ R, S *big.Int }
	flipped := func(der []byte) []byte {
		var p pair
		unmarshal(t, der, &p)
		p.S.Sub(elliptic.P256().Params().N, p.S)
		return marshal(t, p)
	}
	plain := func(der []byte) []byte {
		var p pair
		unmarshal(t, der, &p)
		return append(p.R.FillBytes(make([]byte, 32)), p.S.FillBytes(make([]byte, 32))...)
	}
	ecdsa, rsa := newPassport(t), newPassport(t)
	rsa.csca = pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: pkitest.NewRSAKey(t)})
	rsa.dsc = pkitest.Issue(t, rsa.csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})
	rsa.message.Signer = rsa.dsc
	unknown := newPassport(t)
	unknown.dsc = byUnknownAlgorithm(t, unknown.dsc, unknown.csca)
	unknown.message.Signer = unknown.dsc
	known := []pkitest.KnownDefect{{Kind: []int{1, 1}, Parameters: pkitest.Enumerated(3)}}
	for name, by := range map[string]pkitest.Identification{
		"hash": {ByHash: true}, "serial number and hash": {BySerial: true, ByHash: true}, "key and hash": {ByKeyID: true, ByHash: true},
	} {
		for spelling, c := range map[string]struct {
			p   *passport
			how func([]byte) []byte
		}{
			"as issued":    {ecdsa, func(s []byte) []byte { return s }},
			"n - s":        {ecdsa, flipped},
			"side by side": {ecdsa, plain},
			"both":         {ecdsa, func(s []byte) []byte { return plain(flipped(s)) }},
			"a zero more":  {rsa, func(s []byte) []byte { return append([]byte{0}, s...) }},
			"n - s, by an algorithm that nobody knows": {unknown, flipped},
		} {
			store := trusttest.New(t, c.p.csca)
			trusttest.TakeNamed(t, store, pkitest.DefectList(t, pkitest.Message{Signer: trusttest.ListSigner(t, c.p.csca, pkitest.DefectListSigner), SigningTime: pkitest.Day}, 2,
				pkitest.Defect{Signer: c.p.dsc, Identification: by, Known: known}), c.p.csca)
			c.p.message.Certificates = [][]byte{respelt(t, c.p.dsc.Certificate.Raw, c.how)}
			checks := examine(store, c.p.evidence(t))
			if check := checks["chip.pa.revocation"]; check.Result != verify.Failed {
				t.Errorf("by %s, %s: %+v", name, spelling, check)
			}
			if check := checks["chip.pa.chain"]; check.Result != verify.Passed {
				t.Errorf("by %s, %s: %+v", name, spelling, check)
			}
			c.p.message.Certificates = [][]byte{pkitest.Issue(t, c.p.csca, pkitest.Template{CommonName: "DSC 2", Country: "UT", Key: c.p.dsc.Key}).Certificate.Raw}
			if check := examine(store, c.p.evidence(t))["chip.pa.revocation"]; check.Result == verify.Failed {
				t.Errorf("by %s, another certificate: %+v", name, check)
			}
		}
	}
}

// TestWhatIsLetPassWhereASignerIsIssuedHidesNoneThatIsRevoked has issuers that leave out their country, and the leading zero of
// a serial number, in one of two places.
func TestWhatIsLetPassWhereASignerIsIssuedHidesNoneThatIsRevoked(t *testing.T) {
	nameless := marshal(t, pkix.Name{CommonName: "CSCA Utopia"}.ToRDNSequence())
	serial := []byte{0x9C, 1, 2, 3, 4, 5, 6, 7}
	known := []pkitest.KnownDefect{{Kind: []int{1, 1}, Parameters: pkitest.Enumerated(3)}}
	for name, written := range map[string]struct {
		inCertificate []byte
		inList        *big.Int
		issuer        []byte
	}{
		"the country is left out of the list": {nil, nil, nameless},
		"the certificate lacks the zero":      {serial, new(big.Int).SetBytes(serial), nil},
		"the list lacks the zero": {append([]byte{0}, serial...),
			new(big.Int).Sub(new(big.Int).SetBytes(serial), new(big.Int).Lsh(big.NewInt(1), 64)), nil},
		"a negative number with an octet too many": {append([]byte{0xFF}, serial...), new(big.Int).SetBytes(serial), nil},
		"all of it": {serial, new(big.Int).SetBytes(serial), nameless},
	} {
		p := newPassport(t)
		listed, issuer := *p.dsc.Certificate, *p.csca.Certificate
		if written.inCertificate != nil {
			p.message.Certificates = [][]byte{withSerial(t, listed.Raw, written.inCertificate, p.csca.Key)}
			listed.SerialNumber = written.inList
		}
		if written.issuer != nil {
			listed.RawIssuer, issuer.RawSubject = written.issuer, written.issuer
		}
		entry := pkitest.Revoke(&pkitest.Party{Certificate: &listed}, pkitest.Day, 1)
		for kind, list := range map[string][]byte{
			"revocation list": pkitest.RevocationList{Issuer: &pkitest.Party{Certificate: &issuer, Key: p.csca.Key}, Revoked: []x509.RevocationListEntry{entry}}.Encode(t),
			"defect list": pkitest.DefectList(t, pkitest.Message{Signer: trusttest.ListSigner(t, p.csca, pkitest.DefectListSigner), SigningTime: pkitest.Day}, 2,
				pkitest.Defect{Signer: &pkitest.Party{Certificate: &listed}, Identification: pkitest.Identification{BySerial: true}, Known: known}),
		} {
			store := trusttest.New(t, p.csca)
			trusttest.TakeNamed(t, store, list, p.csca)
			checks := examine(store, p.evidence(t))
			if check := checks["chip.pa.revocation"]; check.Result != verify.Failed {
				t.Errorf("%s, %s: %+v", name, kind, check)
			}
			if check := checks["chip.pa.chain"]; check.Result != verify.Passed {
				t.Errorf("%s, %s: %+v", name, kind, check)
			}
		}
	}
}
