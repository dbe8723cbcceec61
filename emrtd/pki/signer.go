package pki

import (
	"bytes"
	"crypto"
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// signerIdentifier names a certificate, by issuer and serial number or by its subject key identifier (RFC 5652, 5.3).
type signerIdentifier struct {
	issuer    name
	rawIssuer []byte   // DER
	serial    *big.Int // nil when the certificate is named by keyID
	meanings  []string // of serial
	keyID     []byte
}

// read takes a SignerIdentifier off s.
func (id *signerIdentifier) read(s *cryptobyte.String) error {
	if s.PeekASN1Tag(cbasn1.SEQUENCE) {
		var named cryptobyte.String
		if !s.ReadASN1(&named, cbasn1.SEQUENCE) || !id.readIssuerAndSerial(named) {
			return malformed("signer's issuer and serial number")
		}
		return nil
	}
	if !s.ReadASN1Bytes(&id.keyID, primitiveTag(0)) {
		return malformed("signer's identifier")
	}
	return nil
}

// readLeniently takes a SignerIdentifier off s that need not say anything: the signature tells who signed. False where there
// is none.
func (id *signerIdentifier) readLeniently(s *cryptobyte.String) bool {
	var element, explicit cryptobyte.String
	var tag cbasn1.Tag
	if !s.ReadAnyASN1Element(&element, &tag) ||
		tag != cbasn1.SEQUENCE && tag != primitiveTag(0) && tag != contextTag(0) {
		return false
	}
	read := *id
	if tag == contextTag(0) { // written as if it were tagged explicitly
		if element.ReadASN1(&explicit, tag) && explicit.ReadASN1Bytes(&read.keyID, cbasn1.OCTET_STRING) {
			*id = read
		}
	} else if read.read(&element) == nil {
		*id = read
	}
	return true
}

// readIssuerAndSerial reads the content of an IssuerAndSerialNumber.
func (id *signerIdentifier) readIssuerAndSerial(content cryptobyte.String) bool {
	whole := content
	issuer, hasIssuer := readName(&content)
	id.issuer, id.rawIssuer = issuer, whole[:len(whole)-len(content)]
	serial, meanings, hasSerial := readSerial(&content)
	id.serial, id.meanings = serial, meanings
	return hasIssuer && hasSerial
}

// names says whether c, which may have been read in part, is the one.
func (id *signerIdentifier) names(c *Certificate) bool {
	if id.serial == nil {
		return len(id.keyID) > 0 && bytes.Equal(id.keyID, c.extensions.keyID)
	}
	return c.SerialNumber != nil && id.serial.Cmp(c.SerialNumber) == 0 && id.issuer.canonical == c.issuerName.canonical
}

// resembles is names for who is named in a list: as tolerant as where certificates are issued.
func (id *signerIdentifier) resembles(c *Certificate) bool {
	if id.serial == nil {
		return id.names(c)
	}
	same := func(meaning string) bool { return slices.Contains(id.meanings, meaning) }
	return id.issuer.resembles(c.issuerName) && slices.ContainsFunc(c.serialMeanings(), same)
}

// SignerID is how the signer is named, which an index of certificates is asked by; none of it is signed.
func (s *SignedData) SignerID() Identifiers {
	id := s.signer.signerIdentifier
	return Identifiers{id.issuer.canonical, id.issuer.country, id.serial, id.keyID}
}

// SignerID is what a signer may be named by whose certificate c is.
func (c *Certificate) SignerID() Identifiers {
	return Identifiers{c.issuerName.canonical, c.issuerName.country, c.SerialNumber, c.extensions.keyID}
}

// documentSigner names a document signer in a list of defects or deviations: by identifier, by the hash of its certificate,
// or by both.
type documentSigner struct {
	identifier *signerIdentifier // nil when there is none
	hash       crypto.Hash
	digest     []byte // of the certificate in DER; nil when there is none
}

// names says whether c is the one. A name that says nothing is nobody's. Issuer and serial number are one certificate's,
// whatever its hash is; several may have one key identifier.
func (d *documentSigner) names(c *Certificate) bool {
	switch {
	case d.identifier != nil && !d.identifier.resembles(c):
		return false
	case d.digest == nil || d.identifier != nil && d.identifier.serial != nil:
		return d.identifier != nil
	}
	return c.hasDigest(d.hash, d.digest)
}
