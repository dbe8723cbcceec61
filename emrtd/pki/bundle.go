package pki

import (
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Bundle is what a SignedData without content and without signers carries: certificates and revocation lists, for which it
// is nothing but a wrapping (RFC 5652, 5.2; RFC 8551, 3.8), as .p7b and .p7c files have it. Nobody vouches for them by it.
type Bundle struct {
	Certificates, CRLs [][]byte // as they stand, not yet parsed
}

// ParseBundle takes such a wrapping apart, in DER or BER; false for anything else: what has content or signers is a message.
func ParseBundle(ber []byte) (b Bundle, ok bool) {
	if _, err := normalise(ber); err != nil {
		return b, false
	}
	message := walker(ber)
	_, info := message.next(cbasn1.SEQUENCE)
	identifier := cryptobyte.String(info.any())
	if kind, ok := readOID(&identifier); !ok || kind != oidSignedData {
		return b, false
	}
	_, explicit := info.next(contextTag(0))
	_, body := explicit.next(cbasn1.SEQUENCE)
	body.next(cbasn1.INTEGER)
	body.next(cbasn1.SET)
	content, typed := body.next(cbasn1.SEQUENCE)
	if content == nil || typed.any() == nil || len(typed) > 0 {
		return b, false
	}
	_, certificates := body.next(contextTag(0))
	_, lists := body.next(contextTag(1))
	signers, each := body.next(cbasn1.SET)
	if signers == nil || len(each) > 0 {
		return b, false
	}
	b = Bundle{sequences(certificates), sequences(lists)}
	return b, len(b.Certificates)+len(b.CRLs) > 0
}

// sequences are the elements of a set that are X.509's, and no other kind of certificate or list, which are tagged.
func sequences(set walker) (elements [][]byte) {
	for len(set) > 0 {
		elements = append(elements, set.any())
	}
	return slices.DeleteFunc(elements, func(e []byte) bool { return len(e) == 0 || e[0] != byte(cbasn1.SEQUENCE) })
}

// FirstElement gives the element that data begins with, in DER or BER, as it stands; all of it where it begins with none.
func FirstElement(data []byte) []byte {
	element, _, _, ok := cutBER(data, maxDepth)
	if !ok {
		return data
	}
	return element
}
