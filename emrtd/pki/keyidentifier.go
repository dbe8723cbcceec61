package pki

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// KeyIDIsDigest says whether the subject key identifier is a digest of the certificate's public key, so that no other key has
// it: SHA-1, or its last 60 bits behind 0100 (RFC 5280, 4.2.1.2, methods 1 and 2), SHA-256, SHA-384 or SHA-512, whole or the
// first 160 bits (RFC 7093, 2), over the key or the whole SubjectPublicKeyInfo. Others are numbers of the authority's choice,
// which it may give to its next key too.
func (c *Certificate) KeyIDIsDigest() bool {
	id := c.extensions.keyID
	if len(id) < shortestDigest {
		return false
	}
	p, ok := cutCertificate(c.Raw)
	if !ok {
		return false
	}
	info, key := bytes.Clone(p.key), cryptobyte.String(nil)
	body := p.key
	if !body.ReadASN1(&body, cbasn1.SEQUENCE) || !body.SkipASN1(cbasn1.SEQUENCE) || !body.ReadASN1(&key, cbasn1.BIT_STRING) || len(key) == 0 {
		return false
	}
	return isDigest(id, key[1:]) || isDigest(id, info) // the first octet counts unused bits
}

// shortestDigest is the length of method 2 in octets: 4 bits of type and 60 of SHA-1.
const shortestDigest = 8

func isDigest(id, of []byte) bool {
	first := sha1.Sum(of)
	method2 := bytes.Clone(first[len(first)-shortestDigest:])
	method2[0] = method2[0]&0x0F | 0x40
	if bytes.Equal(id, method2) || bytes.Equal(id, first[:]) {
		return true
	}
	sha256, sha384, sha512 := sha256.Sum256(of), sha512.Sum384(of), sha512.Sum512(of)
	for _, digest := range [][]byte{sha256[:], sha384[:], sha512[:]} {
		if bytes.Equal(id, digest) || bytes.Equal(id, digest[:len(first)]) {
			return true
		}
	}
	return false
}
