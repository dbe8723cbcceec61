package pki_test

import (
	"crypto"
	"crypto/rand"
	"errors"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

func TestAnECDSASignatureOverAHashFunctionThatNothingStatesIsJudged(t *testing.T) {
	m := message(t, newSigner(t, nil))
	m.SignSorted, m.SignatureHash = true, crypto.SHA512
	m.SignatureAlgorithm = unhex(t, "300A 0608 2A8648CE3D040302")
	mustBeLetPass(t, m, pki.DeviationSignatureHash)
}

// TestASignatureByRSAThatIsMadeOtherwiseThanStatedIsJudgedByHowItIsMade: nobody signs the identifier of the algorithm.
func TestASignatureByRSAThatIsMadeOtherwiseThanStatedIsJudgedByHowItIsMade(t *testing.T) {
	signer := newSigner(t, pkitest.NewRSAKey(t))
	whole := pssIdentifier(unhex(t, "3034 A00F"+"300D 0609 608648016503040201 0500"+"A11C 301A 0609 2A864886F70D010108 300D 0609 608648016503040201 0500"+"A203 020120"))
	pkcs1 := func(hash crypto.Hash) func(content []byte) []byte {
		return func(content []byte) []byte {
			h := hash.New()
			h.Write(content)
			signature, err := signer.Key.Sign(rand.Reader, h.Sum(nil), hash)
			if err != nil {
				t.Fatal(err)
			}
			return signature
		}
	}
	pss := func(hash, mask crypto.Hash, salt int) func(content []byte) []byte {
		return func(content []byte) []byte {
			return pkitest.PSS{Hash: hash, Mask: mask, Salt: salt}.Sign(signer.Key, content)
		}
	}
	for name, c := range map[string]struct {
		stated []byte
		sign   func(content []byte) []byte
		want   pki.Deviation
	}{
		"as it is stated":                           {whole, pss(crypto.SHA256, crypto.SHA256, 32), ""},
		"a shorter salt":                            {whole, pss(crypto.SHA256, crypto.SHA256, 20), pki.DeviationPSSParameters},
		"no salt":                                   {whole, pss(crypto.SHA256, crypto.SHA256, 0), pki.DeviationPSSParameters},
		"as much salt as there is room for":         {whole, pss(crypto.SHA256, crypto.SHA256, 256-32-2), pki.DeviationPSSParameters},
		"another function for the mask":             {whole, pss(crypto.SHA256, crypto.SHA1, 32), pki.DeviationPSSParameters},
		"another for the mask, and another salt":    {whole, pss(crypto.SHA256, crypto.SHA1, 20), pki.DeviationPSSParameters},
		"another hash function":                     {whole, pss(crypto.SHA512, crypto.SHA512, 64), pki.DeviationPSSParameters},
		"each another":                              {whole, pss(crypto.SHA384, crypto.SHA224, 7), pki.DeviationPSSParameters},
		"PKCS #1 v1.5 where PSS is stated":          {whole, pkcs1(crypto.SHA256), pki.DeviationOtherScheme},
		"the same over another hash function":       {whole, pkcs1(crypto.SHA512), pki.DeviationOtherScheme},
		"PSS where PKCS #1 v1.5 is stated":          {rsaWith(t, "0B"), pss(crypto.SHA256, crypto.SHA256, 32), pki.DeviationOtherScheme},
		"the same with another mask":                {rsaWith(t, "0B"), pss(crypto.SHA256, crypto.SHA1, 20), pki.DeviationOtherScheme},
		"PSS where the key is stated":               {rsaWith(t, "01"), pss(crypto.SHA256, crypto.SHA256, 32), pki.DeviationOtherScheme},
		"a hash function that nothing states":       {rsaWith(t, "0B"), pkcs1(crypto.SHA384), pki.DeviationSignatureHash},
		"PSS where ECDSA is stated":                 {unhex(t, "300A 0608 2A8648CE3D040302"), pss(crypto.SHA256, crypto.SHA256, 32), pki.DeviationOtherKind},
		"PSS with a hash function that nobody uses": {pssIdentifier(unhex(t, "300F A00D 300B 0609 60864801650304020A")), pss(crypto.SHA256, crypto.SHA256, 32), pki.DeviationUnknown},
		"PSS with parameters that cannot be read":   {pssIdentifier(unhex(t, "3005 A203 0101FF")), pss(crypto.SHA256, crypto.SHA256, 32), pki.DeviationUnknown},
	} {
		m := message(t, signer)
		m.SignSorted, m.SignatureAlgorithm, m.SignAs = true, c.stated, c.sign
		var want []pki.Deviation
		if c.want != "" {
			want = []pki.Deviation{c.want}
		}
		if deviations, err := judged(t, m); err != nil || !slices.Equal(deviations, want) {
			t.Errorf("%s: %q, %v", name, deviations, err)
		}
		for forgery, forge := range map[string]func(*pkitest.Message){
			"a bit flipped": func(m *pkitest.Message) { m.BrokenSignature = true },
			"other content": func(m *pkitest.Message) { m.SignAs = func([]byte) []byte { return c.sign([]byte("other content")) } },
		} {
			forged := m
			forge(&forged)
			if _, err := judged(t, forged); err == nil || c.want != pki.DeviationUnknown && !errors.Is(err, pki.ErrSignature) {
				t.Errorf("%s, %s: %v", name, forgery, err)
			}
		}
	}
}
