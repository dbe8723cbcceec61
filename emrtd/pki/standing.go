package pki

import (
	"bytes"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// What is signed is signed as it stands, whether in DER or not, and certificates stand in messages as their issuers signed
// them. So both are taken off a message before it is put into DER, in which they are read.

// cutBER takes the first element of in off, which may hold elements depth deep: as it stands, and its content.
func cutBER(in []byte, depth int) (element, content, rest []byte, ok bool) {
	_, length, body, ok := readHeader(in)
	if !ok || depth == 0 {
		return nil, nil, nil, false
	}
	if length != indefiniteLength {
		return in[:len(in)-len(body)+length], body[:length], body[length:], true
	}
	rest = body
	for len(rest) > 0 && rest[0] != 0 {
		if _, _, rest, ok = cutBER(rest, depth-1); !ok {
			return nil, nil, nil, false
		}
	}
	if len(rest) < 2 || rest[1] != 0 { // the end-of-contents octets
		return nil, nil, nil, false
	}
	content, rest = body[:len(body)-len(rest)], rest[2:]
	return in[:len(in)-len(rest)], content, rest, true
}

// walker goes through elements as they stand; from where one cannot be read on, there are none.
type walker []byte

// next takes off the next element, with its content; nil where there is none of that tag.
func (w *walker) next(tag cbasn1.Tag) (element []byte, content walker) {
	if len(*w) == 0 || (*w)[0] != byte(tag) {
		return nil, nil
	}
	element, content, rest, ok := cutBER(*w, maxDepth)
	if *w = rest; !ok {
		return nil, nil
	}
	return element, content
}

// any takes off the next element, whatever it is; nil where there is none.
func (w *walker) any() []byte {
	element, _, rest, _ := cutBER(*w, maxDepth)
	*w = rest
	return element
}

// wholeDER gives what is one element in DER; as it stands where it is that, or is none, or something is behind it.
func wholeDER(ber []byte) []byte {
	der, rest, ok := appendDER(make([]byte, 0, len(ber)), ber, maxDepth)
	if !ok || len(rest) > 0 || bytes.Equal(der, ber) {
		return ber
	}
	return der
}

// standing is what is signed in a message, as it stands.
type standing struct {
	certificates [][]byte
	attributes   [][]byte // whole, of each signer; nil for one that has none
}

// readStanding goes through a SignedData, which can be put into DER (RFC 5652, 5.1 and 5.3).
func readStanding(ber []byte) (s standing) {
	message := walker(ber)
	_, info := message.next(cbasn1.SEQUENCE)
	info.any()
	_, explicit := info.next(contextTag(0))
	_, body := explicit.next(cbasn1.SEQUENCE)
	for range 3 { // version, digest algorithms, content
		body.any()
	}
	_, certificates := body.next(contextTag(0))
	for len(certificates) > 0 {
		if element := certificates.any(); len(element) > 0 && element[0] == byte(cbasn1.SEQUENCE) {
			s.certificates = append(s.certificates, element)
		}
	}
	body.next(contextTag(1))
	_, signers := body.next(cbasn1.SET)
	for len(signers) > 0 && len(s.attributes) < maxCosigners {
		_, signer := signers.next(cbasn1.SEQUENCE)
		for range 3 { // version, name, digest algorithm
			signer.any()
		}
		attributes, _ := signer.next(contextTag(0))
		s.attributes = append(s.attributes, attributes)
	}
	return s
}

// keep puts what was signed, as it stands, in the place of what it is in DER, for the n-th of the message's signers.
func (s *SignedData) keep(as standing, n int) {
	if len(as.certificates) == len(s.Certificates) {
		s.Certificates = slices.Clone(as.certificates)
	}
	if n < len(as.attributes) && s.signer.attributes != nil {
		s.signer.standing = as.attributes[n]
	}
}

// standingTBS is what an issuer signed of a certificate or a revocation list, as it stands; nil where it cannot be told.
func standingTBS(ber []byte) cryptobyte.String {
	whole := walker(ber)
	_, body := whole.next(cbasn1.SEQUENCE)
	tbs, _ := body.next(cbasn1.SEQUENCE)
	return tbs
}
