package pki

import (
	"bytes"
	"crypto"
	"math/big"
	"slices"
	"sync"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd/curve"
)

// What names a certificate by its hash names what its issuer signed, and the signature is not signed: whoever holds a
// document can write it otherwise, such that it verifies as before. The hash is looked for among those of the spellings, so
// that none is lost: with r and s as a sequence or side by side, with n - s in the place of s, for n the order of any curve
// that has a name; with the zeros before a signature by RSA; and with the identifier of the algorithm that is not signed.

// digests are those of a certificate's spellings, made when they are asked for.
type digests struct {
	sync.Mutex
	by map[crypto.Hash]map[string]bool
}

// hasDigest says whether digest is that of one of c's spellings.
func (c *Certificate) hasDigest(hash crypto.Hash, digest []byte) bool {
	c.digests.Lock()
	defer c.digests.Unlock()
	known, made := c.digests.by[hash]
	if !made {
		known = c.spellingDigests(hash)
		if c.digests.by == nil {
			c.digests.by = map[crypto.Hash]map[string]bool{}
		}
		c.digests.by[hash] = known
	}
	return known[string(digest)]
}

func (c *Certificate) spellingDigests(hash crypto.Hash) map[string]bool {
	found := map[string]bool{string(hashed(hash, c.Raw)): true}
	p, ok := cutCertificate(c.Raw)
	if !ok {
		return found
	}
	for _, tbs := range [][]byte{p.tbs, p.standing} {
		if tbs == nil {
			continue
		}
		for _, algorithm := range [][]byte{p.algorithm, p.signedAlgorithm} {
			for _, signature := range p.respelt() {
				bits := appendElement(nil, byte(cbasn1.BIT_STRING), append([]byte{0}, signature...))
				header := appendLength([]byte{byte(cbasn1.SEQUENCE)}, len(tbs)+len(algorithm)+len(bits))
				found[string(hashed(hash, header, tbs, algorithm, bits))] = true
			}
		}
	}
	return found
}

// respelt gives the ways in which the signature may be written, of whichever kind: the algorithm that is stated may be another, or
// one that nobody knows.
func (s signed) respelt() [][]byte {
	return slices.Concat([][]byte{s.signature}, respeltECDSA(s.signature), respeltRSA(s.signature))
}

// respeltRSA gives a signature without leading zeros, with those that fill the modulus, and with one too many. The lengths of
// moduli are multiples of 128 bits.
func respeltRSA(signature []byte) [][]byte {
	const step = 128 / 8
	digits := bytes.TrimLeft(signature, "\x00")
	filled := append(make([]byte, (step-len(digits)%step)%step), digits...)
	return [][]byte{digits, filled, append([]byte{0}, filled...)}
}

func respeltECDSA(signature []byte) (all [][]byte) {
	add := func(r, s *big.Int, size int) {
		all = append(all, encodeECDSASignature(r, s), encodeUnsigned(r, s))
		if r.BitLen() <= 8*size && s.BitLen() <= 8*size {
			all = append(all, append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...))
		}
	}
	r, s, ok := readECDSASignature(signature)
	if half := len(signature) / 2; !ok {
		r, s = new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])
	}
	for _, c := range curve.All() {
		order := c.Parameters().N
		if r.Cmp(order) < 0 && s.Cmp(order) < 0 {
			add(r, s, c.OrderSize())
			add(r, new(big.Int).Sub(order, s), c.OrderSize())
		}
	}
	return all
}

// encodeUnsigned writes an ECDSA-Sig-Value without the zeros that keep numbers from being negative.
func encodeUnsigned(r, s *big.Int) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, n := range []*big.Int{r, s} {
			b.AddASN1(cbasn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes(n.Bytes()) })
		}
	})
	return b.BytesOrPanic()
}
