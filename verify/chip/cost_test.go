package chip_test

import (
	"bytes"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/curve"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// slowKeys are public keys that take long to read, or to test a signature with.
func slowKeys(t testing.TB) map[string]func(n int) []byte {
	t.Helper()
	named, _ := curve.ByOID("1.3.132.0.35") // secp521r1
	return map[string]func(n int) []byte{
		"another generator of P-521": func(n int) []byte {
			g := named.Generator().Multiply([]byte{byte(n/250 + 1), byte(n%250 + 2)}).Encode()
			return pkitest.ExplicitKey(named.Parameters(), g, g)
		},
		"a prime over which roots take long": func(n int) []byte {
			p := new(big.Int).Lsh(big.NewInt(755), 505)
			p.Add(p, big.NewInt(1))
			x := big.NewInt(int64(2 + n))
			z := big.NewInt(2) // no square, so that the square of it is of the largest order
			for big.Jacobi(z, p) != -1 {
				z.Add(z, big.NewInt(1))
			}
			b := new(big.Int).Mul(z, z)
			b.Sub(b, new(big.Int).Exp(x, big.NewInt(3), p)).Mod(b, p)
			k := curve.Parameters{P: p, A: new(big.Int), B: b, N: named.Parameters().N}
			g := append([]byte{2}, x.FillBytes(make([]byte, (p.BitLen()+7)/8))...)
			return pkitest.ExplicitKey(k, g, g)
		},
	}
}

// withKey gives p's certificate with another key in it, which nobody signed.
func withKey(t testing.TB, p *pkitest.Party, key []byte) []byte {
	t.Helper()
	return pkitest.Reissue(t, p, p, false, func(content []byte) []byte {
		return bytes.Replace(content, p.Certificate.RawSubjectPublicKeyInfo, key, 1)
	})
}

// slowPassport has as many signers and certificates in EF.SOD as are tried, with keys of a stranger.
func slowPassport(t testing.TB, key func(n int) []byte) *passport {
	t.Helper()
	p := newPassport(t)
	signer := p.message
	signer.Type, signer.NamedBy, signer.BrokenSignature = pkitest.SecurityObjectType, []byte{0x80, 1, 1}, true
	p.message = signer
	for n := range 15 {
		p.message.Also = append(p.message.Also, signer.SignerInfo(t))
		p.message.Certificates = append(p.message.Certificates, withKey(t, p.dsc, key(n)))
	}
	return p
}

// slowDirectory has 80 certificates of such keys under the name of p's signer.
func slowDirectory(t testing.TB, p *passport, key func(n int) []byte) []byte {
	t.Helper()
	var values [][2]string
	for n := range 80 {
		values = append(values, [2]string{"userCertificate;binary", string(withKey(t, p.dsc, key(n)))})
	}
	return trusttest.Directory(values...)
}

// TestWhoeverSignsWithManySlowKeysTakesNoTime has signers, certificates and curves that a stranger chose, each tried with each other: it
// was minutes. What is not tried accuses nobody.
func TestWhoeverSignsWithManySlowKeysTakesNoTime(t *testing.T) {
	for name, key := range slowKeys(t) {
		p := slowPassport(t, key)
		store := trusttest.New(t, p.csca)
		for _, where := range []string{"in EF.SOD", "in a directory"} {
			before, begin := multiplication(t), time.Now()
			check := examine(store, p.evidence(t))["chip.pa.signature"]
			took := time.Since(begin)
			long := 1000 * max(before, multiplication(t)) // it was ten times as much in EF.SOD alone; others may use the computer meanwhile
			t.Logf("%s, %s: %v of %v", name, where, took, long)
			if took > long || check.Result != verify.Undetermined {
				t.Errorf("%s, %s: %v, %+v", name, where, took, check)
			}
			if _, err := trusttest.Import(store, slowDirectory(t, p, key), "x.ldif", pkitest.Day); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// multiplication is what one takes on the longest curve, on this computer as it is now.
func multiplication(t testing.TB) time.Duration {
	t.Helper()
	named, _ := curve.ByOID("1.3.132.0.35")
	const several = 16
	scalar, begin := bytes.Repeat([]byte{0xA5}, named.OrderSize()), time.Now()
	for range several {
		named.Generator().Multiply(scalar)
	}
	return time.Since(begin) / several
}

// TestSlowKeysBesideTheSignersKeepNobodyFromBeingFound: the named certificate is tried first, and the store's own are.
func TestSlowKeysBesideTheSignersKeepNobodyFromBeingFound(t *testing.T) {
	slow := slowKeys(t)["another generator of P-521"]
	p := newPassport(t)
	p.message.Certificates = [][]byte{withKey(t, p.dsc, slow(1)), withKey(t, p.dsc, slow(2)), p.dsc.Certificate.Raw}
	if check := examine(trusttest.New(t, p.csca), p.evidence(t))["chip.pa.signature"]; check.Result != verify.Passed {
		t.Errorf("%+v", check)
	}
}

// TestADirectoryOfSlowKeysIsReadInBoundedTime has a directory of document signers whose keys state curves of their own: each took 30 ms,
// and there was no end to them. Those that state known curves are kept all the same, wherever they stand.
func TestADirectoryOfSlowKeysIsReadInBoundedTime(t *testing.T) {
	p := newPassport(t)
	const many = 400
	for name, key := range slowKeys(t) {
		var values [][2]string
		for n := range many {
			values = append(values, [2]string{"userCertificate;binary", string(withKey(t, p.dsc, key(n)))})
		}
		known, _ := curve.ByOID("1.2.840.10045.3.1.7")
		g := known.Generator().Encode()
		for _, genuine := range [][]byte{p.dsc.Certificate.Raw, withKey(t, p.dsc, pkitest.ExplicitKey(known.Parameters(), g, g))} {
			values = append(values, [2]string{"userCertificate;binary", string(genuine)})
		}
		file := trusttest.Directory(values...)
		begin := time.Now()
		result, err := trusttest.Import(trusttest.New(t, p.csca), file, "x.ldif", pkitest.Day)
		took := time.Since(begin)
		left := 0
		for _, r := range result.Rejected {
			if strings.Contains(r.Reason, "states a curve of its own, and of those as many came before it") {
				left++
			}
		}
		t.Logf("%s: %v, %d kept, %d not tried", name, took, result.Signers, left)
		if err != nil || left < many-80 || result.Signers+len(result.Rejected) != many+2 || result.Signers < 2 {
			t.Errorf("%s: %d kept, %d rejected, %d of them not tried, %v", name, result.Signers, len(result.Rejected), left, err)
		}
	}
}
