package pki

import (
	"crypto"
	"crypto/sha256"
	"fmt"
	"slices"
)

// Least lengths of keys that sign lists, in bits: of an RSA modulus, and of the order of a curve (ICAO Doc 9303-12, 4.1.6 and 4.4).
const (
	minListRSA = 2048
	minListEC  = 224
)

// Weakness says why a list's signature, although it verifies, is one that others than its signer may have made or turned to other
// content: a short key, SHA-1, or an algorithm that is stated and not known. Empty where there is nothing to say, and for one that
// does not verify.
func (s *SignedData) Weakness() string {
	f := s.finding()
	if !f.verified() {
		return ""
	}
	for _, weak := range []Deviation{DeviationUnknown, DeviationSHA1} {
		if slices.Contains(f.deviations, weak) {
			return string(weak)
		}
	}
	switch key := f.certificate.key.(type) {
	case rsaKey:
		if bits := key.N.BitLen(); bits < minListRSA {
			return fmt.Sprintf("its signer has an RSA key of %d bits, too short for a list", bits)
		}
	case ecKey:
		if bits := key.curve.Parameters().N.BitLen(); bits < minListEC {
			return fmt.Sprintf("its signer has a key of %d bits on its curve, too short for a list", bits)
		}
	}
	return ""
}

// tellSHA1 has the attempts by SHA-1 tell that they are.
func tellSHA1(attempts []attempt) []attempt {
	told := slices.Clone(attempts)
	for i, a := range told {
		if a.hash == crypto.SHA1 {
			told[i].deviations = append(slices.Clone(a.deviations), DeviationSHA1)
		}
	}
	return told
}

// IssuerAmong gives the certificate among those, in DER, that is signed with its own key and issued signer: nil where there is none,
// or where to try them takes too long, for they may be a stranger's.
func IssuerAmong(certificates [][]byte, signer *Certificate) *Certificate {
	spent := &effort{most: maxEffort}
	for _, der := range certificates {
		c, element, err := parseButKey(der)
		if err != nil || !c.SignsCertificates() || !signer.IssuedInNameOf(c) || !c.IssuedInNameOf(c) {
			continue
		}
		c.key, err = readKey(element)
		if !spent.spend(keyEffort(c.key, err)) {
			return nil
		}
		if err == nil && spent.spend(2*max(1, verificationEffort(c.key))) && signer.CheckSignedBy(c) == nil && c.SelfSigned() {
			return c
		}
	}
	return nil
}

// KeyDigest is a SHA-256 that is equal for certificates of one key, in whichever way each writes it. Which curve a point is on is passed
// over: one may be named and be written in full.
func (c *Certificate) KeyDigest() [sha256.Size]byte {
	switch key := c.key.(type) {
	case rsaKey:
		return sha256.Sum256(key.N.Bytes())
	case ecKey:
		return sha256.Sum256(key.point.Encode())
	case standardKey:
		point, _ := key.PublicKey.Bytes() // it was read from such
		return sha256.Sum256(point)
	}
	return sha256.Sum256(c.Raw)
}

// SignedDigest is the SHA-256 of the content and when it was signed: equal for messages that one signer signed at one moment, however
// what stands around that is written.
func (s *SignedData) SignedDigest() [sha256.Size]byte {
	signed, _ := s.SigningTime() // zero where it is not stated
	return sha256.Sum256(fmt.Appendf(nil, "%d %s", signed.Unix(), s.Content))
}

// SignedDigest is the SHA-256 of what the list's issuer signed.
func (l *CRL) SignedDigest() [sha256.Size]byte { return sha256.Sum256(l.signed.tbs) }
