package pki

import (
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Object identifiers of extensions (RFC 5280, 4.2.1; RFC 3280, 4.2.1.4; ICAO Doc 9303-12, 7.1).
const (
	oidSubjectKeyID          = "2.5.29.14"
	oidKeyUsage              = "2.5.29.15"
	oidPrivateKeyUsagePeriod = "2.5.29.16"
	oidBasicConstraints      = "2.5.29.19"
	oidAuthorityKeyID        = "2.5.29.35"
	oidExtendedKeyUsage      = "2.5.29.37"
	oidDocumentTypeList      = "2.23.136.1.1.6.2"
	oidFormerDocumentTypes   = "2.23.136.1.1.4" // before Doc 9303 took it up
)

// Bits of a key usage in its first octet (RFC 5280, 4.2.1.3).
const (
	usageDigitalSignature = 0x80
	usageCertSign         = 0x04
)

// extensions are the extensions of a certificate that this package knows; others, critical ones too, are passed over.
type extensions struct {
	constrained    bool // has basic constraints
	ca             bool
	statesUsage    bool
	usage          byte     // first octet of the key usage
	purposes       []string // extended key usage
	keyID          []byte   // of the subject; nil when there is none
	authorityKeyID []byte   // nil when there is none
	keyNotBefore   time.Time
	keyNotAfter    time.Time
	documentTypes  []string
}

// readExtension takes an Extension off s.
func readExtension(s *cryptobyte.String) (id string, value cryptobyte.String, ok bool) {
	var extension cryptobyte.String
	if !s.ReadASN1(&extension, cbasn1.SEQUENCE) {
		return "", nil, false
	}
	id, ok = readOID(&extension)
	ok = ok && extension.SkipOptionalASN1(cbasn1.BOOLEAN) && extension.ReadASN1(&value, cbasn1.OCTET_STRING)
	return id, value, ok
}

// isCritical says whether the first of extensions is one that must be heeded.
func isCritical(extensions cryptobyte.String) bool {
	var extension cryptobyte.String
	var critical bool
	return extensions.ReadASN1(&extension, cbasn1.SEQUENCE) && extension.SkipASN1(cbasn1.OBJECT_IDENTIFIER) &&
		extension.ReadASN1Boolean(&critical) && critical
}

// read reads the content of Extensions. What grants or bounds a right must be readable and stand once; what only
// describes is left out where it is not.
func (e *extensions) read(list cryptobyte.String) error {
	seen := map[string]bool{}
	for !list.Empty() {
		id, value, ok := readExtension(&list)
		if !ok || seen[id] {
			return malformed("extension")
		}
		seen[id], value = true, wholeDER(value)
		if !e.readRight(id, value) {
			return malformed("extension " + boundedOID(id))
		}
		e.readDescription(id, value)
	}
	return nil
}

// readRight keeps an extension that grants or bounds a right; false when it cannot be read.
func (e *extensions) readRight(id string, value cryptobyte.String) bool {
	var body cryptobyte.String
	switch id {
	case oidBasicConstraints:
		if !value.ReadASN1(&body, cbasn1.SEQUENCE) {
			return false
		}
		e.constrained = true
		return !body.PeekASN1Tag(cbasn1.BOOLEAN) || readBoolean(&body, &e.ca)
	case oidKeyUsage:
		// A BIT STRING: how many bits of its last octet are unused, then the bits. An unused one grants nothing.
		if !value.ReadASN1(&body, cbasn1.BIT_STRING) || body.Empty() {
			return false
		}
		e.statesUsage = true
		if len(body) > 1 {
			e.usage = body[1]
		}
		if len(body) == 2 {
			e.usage &= 0xFF << body[0]
		}
	case oidExtendedKeyUsage:
		if !value.ReadASN1(&body, cbasn1.SEQUENCE) {
			return false
		}
		for !body.Empty() {
			purpose, ok := readOID(&body)
			if !ok {
				return false
			}
			e.purposes = append(e.purposes, purpose)
		}
	}
	return true
}

// readDescription keeps an extension that helps to find a certificate or describes it, where it can be read.
func (e *extensions) readDescription(id string, value cryptobyte.String) {
	var body cryptobyte.String
	switch id {
	case oidSubjectKeyID:
		value.ReadASN1Bytes(&e.keyID, cbasn1.OCTET_STRING)
	case oidAuthorityKeyID:
		e.authorityKeyID = readAuthorityKeyID(value)
	case oidPrivateKeyUsagePeriod:
		if value.ReadASN1(&body, cbasn1.SEQUENCE) {
			readImplicitTime(&body, 0, &e.keyNotBefore)
			readImplicitTime(&body, 1, &e.keyNotAfter)
		}
	case oidDocumentTypeList, oidFormerDocumentTypes:
		e.documentTypes = append(e.documentTypes, readDocumentTypes(value)...)
	}
}

// readAuthorityKeyID gives the key identifier in an AuthorityKeyIdentifier; nil when there is none.
func readAuthorityKeyID(value cryptobyte.String) []byte {
	var body, id cryptobyte.String
	var present bool
	if !value.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadOptionalASN1(&id, &present, primitiveTag(0)) {
		return nil
	}
	return id
}

// readImplicitTime takes an optional GeneralizedTime under the n-th context-specific tag off s.
func readImplicitTime(s *cryptobyte.String, n uint8, out *time.Time) {
	var text cryptobyte.String
	if s.PeekASN1Tag(primitiveTag(n)) && s.ReadASN1(&text, primitiveTag(n)) {
		parseGeneralizedTime(string(text), out)
	}
}

// readDocumentTypes reads a DocumentTypeList: a version, and a set of document codes as the MRZ has them; or each code in a set of
// its own, as Moldova writes them.
func readDocumentTypes(value cryptobyte.String) (types []string) {
	var body, set cryptobyte.String
	if !value.ReadASN1(&body, cbasn1.SEQUENCE) || !body.SkipOptionalASN1(cbasn1.INTEGER) {
		return nil
	}
	for body.ReadASN1(&set, cbasn1.SET) {
		for !set.Empty() {
			var text cryptobyte.String
			var tag cbasn1.Tag
			if !set.ReadAnyASN1(&text, &tag) || len(types) == maxDocumentTypes {
				return types
			}
			types = append(types, boundedText(decodeText(tag, text), maxDocumentType))
		}
	}
	return types
}
