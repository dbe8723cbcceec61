package pki

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Object identifiers of CMS and its attributes (RFC 5652, 5.1 and 11).
const (
	oidSignedData    = "1.2.840.113549.1.7.2"
	oidContentType   = "1.2.840.113549.1.9.3"
	oidMessageDigest = "1.2.840.113549.1.9.4"
	oidSigningTime   = "1.2.840.113549.1.9.5"
)

// SignedData is a CMS SignedData with one signer, as ICAO Doc 9303-10 and 9303-12 have them; of several, who all sign the
// same content, that is the first whose signature verifies. Several goroutines may use it at once.
type SignedData struct {
	ContentType string // object identifier, as "2.23.136.1.1.1"; nobody signs it
	Content     []byte // what is signed
	// Certificates are as they stand, not yet parsed: which of them can be is known one by one. Others that may be the
	// signer's are added before anything is asked about the signer.
	Certificates [][]byte

	signer      signerInfo
	number      int            // of the signer, among those of the message
	trials      *trials        // of all signers
	others      []*SignedData  // the message as each of its other signers signed it
	moreSigners bool           // beyond those that are tried
	embedded    int            // how many certificates the message holds, which stand first
	isList      bool           // which a CSCA may have signed itself
	deviations  []Deviation    // of what stands around the signature
	finding     func() finding // found out once
}

// signerInfo is a SignerInfo; algorithms stay unread, so that an unknown one is an answer of Verify and not of Parse.
type signerInfo struct {
	signerIdentifier
	digestAlgorithm    cryptobyte.String
	signatureAlgorithm cryptobyte.String
	signature          []byte
	attributes         [][]byte // DER of each signed attribute; nil where there are none
	standing           []byte   // the attributes as a whole, as they stand; nil where there are none
	contentType        string   // empty where it is not stated
	messageDigest      []byte
	signingTime        time.Time // zero when not stated
	unreadableTime     bool      // the signing time is stated, and cannot be read
}

// ParseSignedData takes a CMS ContentInfo with SignedData apart, in DER or BER. What follows it in ber is left alone. No
// signer gives an [ErrUnsupported], everything else an [ErrMalformed].
//
// The content must be signed with its type: else the attributes that were signed of one message could be taken for the
// content of another.
func ParseSignedData(ber []byte) (*SignedData, error) {
	return parseTogether(ber, func(s *SignedData) error {
		if s.signer.contentType == "" {
			return malformed("the content's type is not signed")
		}
		return nil
	})
}

// parseUpToSigners takes a message apart but for its set of SignerInfos, whose content it gives.
func parseUpToSigners(input cryptobyte.String) (*SignedData, cryptobyte.String, error) {
	var info, explicit, body, content, signers cryptobyte.String
	if !input.ReadASN1(&info, cbasn1.SEQUENCE) {
		return nil, nil, malformed("not CMS SignedData")
	}
	if kind, ok := readOID(&info); !ok || kind != oidSignedData || !info.ReadASN1(&explicit, contextTag(0)) ||
		!explicit.ReadASN1(&body, cbasn1.SEQUENCE) {
		return nil, nil, malformed("not CMS SignedData")
	}
	var version int64
	if !body.ReadASN1Integer(&version) || !body.SkipASN1(cbasn1.SET) || !body.ReadASN1(&content, cbasn1.SEQUENCE) {
		return nil, nil, malformed("SignedData")
	}
	s := &SignedData{}
	s.finding = sync.OnceValue(s.findSigner)
	if err := s.readContent(content); err != nil {
		return nil, nil, err
	}
	if err := s.readCertificates(&body); err != nil {
		return nil, nil, err
	}
	if !body.SkipOptionalASN1(contextTag(1)) || !body.ReadASN1(&signers, cbasn1.SET) {
		return nil, nil, malformed("SignedData without signers")
	}
	return s, signers, nil
}

// compareTypes compares the content's type, which nobody signs, with the type that is signed. That they differ is a
// deviation: the signature says of what type the content is. Where each is that of something that states sign, one is passed
// off as the other, or might be.
func (s *SignedData) compareTypes() error {
	signed := s.signer.contentType
	switch {
	case signed == "" || signed == s.ContentType:
		return nil
	case isSignedType(signed) && isSignedType(s.ContentType):
		return malformed("content type " + boundedOID(s.ContentType) + ", signed as " + boundedOID(signed))
	}
	s.deviations = append(s.deviations, DeviationSignedType.of(boundedOID(signed)))
	return nil
}

// readContent reads an EncapsulatedContentInfo, which must hold its content.
func (s *SignedData) readContent(content cryptobyte.String) error {
	var explicit, octets cryptobyte.String
	kind, ok := readOID(&content)
	if !ok || !content.ReadASN1(&explicit, contextTag(0)) || !explicit.ReadASN1(&octets, cbasn1.OCTET_STRING) {
		return malformed("signed content")
	}
	s.ContentType, s.Content = kind, octets
	return nil
}

// maxCertificates bounds how many certificates a message holds: each of its signers is looked for among all. Those of the field have
// three, and all CSCAs that a list has are fewer.
const maxCertificates = 1024

// readCertificates takes the optional set of certificates off body; other kinds than X.509 are passed over.
func (s *SignedData) readCertificates(body *cryptobyte.String) error {
	var set cryptobyte.String
	var present bool
	if !body.ReadOptionalASN1(&set, &present, contextTag(0)) {
		return malformed("set of certificates")
	}
	for !set.Empty() {
		var element cryptobyte.String
		var tag cbasn1.Tag
		if !set.ReadAnyASN1Element(&element, &tag) {
			return malformed("set of certificates")
		}
		if len(s.Certificates) == maxCertificates {
			return malformed(fmt.Sprintf("more than %d certificates", maxCertificates))
		}
		if tag == cbasn1.SEQUENCE {
			s.Certificates = append(s.Certificates, element)
		}
	}
	s.embedded = len(s.Certificates)
	return nil
}

// readSigner reads a SignerInfo, of which info is the content.
func (s *SignedData) readSigner(info cryptobyte.String) error {
	var attributes cryptobyte.String
	var version int64
	if !info.ReadASN1Integer(&version) {
		return malformed("SignerInfo")
	}
	signer := &s.signer
	var present bool
	if !signer.signerIdentifier.readLeniently(&info) ||
		!info.ReadASN1Element(&signer.digestAlgorithm, cbasn1.SEQUENCE) ||
		!info.ReadOptionalASN1(&attributes, &present, contextTag(0)) ||
		!info.ReadASN1Element(&signer.signatureAlgorithm, cbasn1.SEQUENCE) ||
		!info.ReadASN1Bytes(&signer.signature, cbasn1.OCTET_STRING) {
		return malformed("SignerInfo")
	}
	if !present {
		return nil
	}
	if err := signer.readAttributes(attributes); err != nil {
		return err
	}
	if signer.unreadableTime {
		s.deviations = append(s.deviations, DeviationSigningTime)
	}
	return nil
}

// readAttributes reads the signed attributes; each that matters must stand once, with one value.
func (s *signerInfo) readAttributes(set cryptobyte.String) error {
	seen := map[string]bool{}
	for !set.Empty() {
		var element, attribute, values cryptobyte.String
		if !set.ReadASN1Element(&element, cbasn1.SEQUENCE) {
			return malformed("signed attribute")
		}
		s.attributes = append(s.attributes, element)
		if !element.ReadASN1(&attribute, cbasn1.SEQUENCE) {
			return malformed("signed attribute")
		}
		id, ok := readOID(&attribute)
		if !ok || !attribute.ReadASN1(&values, cbasn1.SET) || seen[id] {
			return malformed("signed attribute")
		}
		seen[id] = true
		if !s.readAttribute(id, values) {
			return malformed("signed attribute " + boundedOID(id))
		}
	}
	if !seen[oidMessageDigest] {
		return malformed("signed attributes without message digest")
	}
	return nil
}

// readAttribute keeps the value of an attribute that matters.
func (s *signerInfo) readAttribute(id string, values cryptobyte.String) bool {
	switch id {
	case oidContentType:
		var ok bool
		s.contentType, ok = readOID(&values)
		return ok && values.Empty()
	case oidMessageDigest:
		return values.ReadASN1Bytes(&s.messageDigest, cbasn1.OCTET_STRING) && values.Empty()
	case oidSigningTime:
		s.unreadableTime = !readTime(&values, &s.signingTime) || !values.Empty()
	}
	return true
}

// SigningTime is when the signer says that it signed; false when it does not say, or not readably. Trust it as far as the
// signature.
func (s *SignedData) SigningTime() (time.Time, bool) {
	signer := &s.signer
	if len(s.others) > 0 {
		signer = s.finding().signer
	}
	if signer.unreadableTime {
		return time.Time{}, false
	}
	return signer.signingTime, !signer.signingTime.IsZero()
}

// setOf encodes a SET OF elements in their order.
func setOf(elements [][]byte) []byte {
	return appendElement(nil, byte(cbasn1.SET), bytes.Join(elements, nil))
}
