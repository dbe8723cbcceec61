package pki

import (
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Slips of lists.
const (
	SlipCosigned     Slip = "the list has several signers; the first counts whose signature verifies"
	SlipSignerListed Slip = "the certificate of the list's signer stands in the list alone"
)

// MasterList is a CSCA master list (ICAO Doc 9303-12): certificates that a state vouches for, signed by it.
type MasterList struct {
	*SignedData          // its Certificates are the publisher's own
	Listed      [][]byte // DER, not yet parsed; what stands in the place of a certificate, too
}

// ParseMasterList takes a master list apart, in DER or BER. Of several signers, of whom ICAO Doc 9303-12 recommends one, it
// takes the first whose signature verifies; otherwise it checks nothing.
//
// The content's type may be another than a master list's, or not signed, as long as it is no other type that states sign:
// the content must then be a master list from its first octet to its last, which nothing else is that they sign.
func ParseMasterList(ber []byte) (*MasterList, error) {
	list, err := parseMasterList(ber)
	if err != nil {
		return nil, fmt.Errorf("master list: %w", err)
	}
	return list, nil
}

func parseMasterList(ber []byte) (*MasterList, error) {
	signed, err := parseCosigned(ber)
	if err != nil {
		return nil, err
	}
	for _, oid := range []string{signed.ContentType, signed.signer.contentType} {
		if oid != MasterListType && isSignedType(oid) {
			return nil, malformed("content type " + oid)
		}
	}
	list := &MasterList{SignedData: signed}
	der, behind, ok := appendDER(nil, signed.Content, maxDepth)
	if !ok || len(behind) > 0 && signed.signer.contentType != MasterListType ||
		!list.read(signed.Content) && !list.read(der) {
		return nil, malformed("list of certificates")
	}
	list.tellSlips()
	list.findSignerListed()
	return list, nil
}

// read reads a CscaMasterList.
func (l *MasterList) read(content cryptobyte.String) bool {
	var body, set cryptobyte.String
	var version int64
	if !content.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadASN1Integer(&version) ||
		!body.ReadASN1(&set, cbasn1.SET) {
		return false
	}
	l.Listed = nil
	for !set.Empty() {
		var element cryptobyte.String
		var tag cbasn1.Tag
		if !set.ReadAnyASN1Element(&element, &tag) {
			return false
		}
		l.Listed = append(l.Listed, element)
	}
	return true
}

// tellSlips tells how the content's type is not what it should be.
func (l *MasterList) tellSlips() {
	if l.ContentType != MasterListType {
		l.slips = append(l.slips, Slip("the content type is "+boundedOID(l.ContentType)+", not that of a master list"))
	}
	switch {
	case l.signer.attributes == nil:
		l.slips = append(l.slips, SlipNoAttributes)
	case l.signer.contentType == "":
		l.slips = append(l.slips, SlipNoSignedType)
	}
}

// findSignerListed looks for the signer's certificate among those that are listed, for a list that holds it nowhere else: a
// CSCA may sign its list itself.
func (l *MasterList) findSignerListed() {
	if len(l.Certificates) > 0 {
		return
	}
	for _, der := range l.Listed {
		if c, _, err := parseButKey(der); err == nil && l.signer.names(c) {
			l.Certificates = append(l.Certificates, der)
		}
	}
	if len(l.Certificates) > 0 {
		l.slips = append(l.slips, SlipSignerListed)
	}
}

// ContentType gives the content type of a SignedData, in DER or BER, whoever signed it.
func ContentType(ber []byte) (string, error) {
	s, err := parseCosigned(ber)
	if err != nil {
		return "", err
	}
	return s.ContentType, nil
}

// maxCosigners bounds how many signers of a list are tried.
const maxCosigners = 8

// parseCosigned takes a SignedData apart as [ParseSignedData] does, with one signer or several, of whom it takes the first
// whose signature verifies, and the first where none does. The content's type need not be signed.
func parseCosigned(ber []byte) (*SignedData, error) {
	der, err := normalise(ber)
	if err != nil {
		return nil, err
	}
	_, signers, err := parseUpToSigners(der)
	if err != nil {
		return nil, err
	}
	var all []cryptobyte.String
	for rest := signers; !rest.Empty() && len(all) < maxCosigners; {
		var info cryptobyte.String
		if !rest.ReadASN1Element(&info, cbasn1.SEQUENCE) {
			return nil, malformed("SignerInfo")
		}
		all = append(all, info)
	}
	if len(all) < 2 {
		return parseSignedData(der)
	}
	return firstToVerify(der, all)
}

// firstToVerify gives the message as the first of its signers signed it whose signature verifies; where none does, as the
// first did.
func firstToVerify(der []byte, signers []cryptobyte.String) (*SignedData, error) {
	for _, signer := range signers {
		if one, err := signedBy(der, signer); err == nil && one.Verify() == nil {
			return signedBy(der, signer) // anew: more may be told of it before anything is asked
		}
	}
	return signedBy(der, signers[0])
}

// signedBy gives the message as that one of its signers signed it.
func signedBy(der []byte, signer cryptobyte.String) (*SignedData, error) {
	s, _, err := parseUpToSigners(der)
	if err != nil {
		return nil, err
	}
	if err := s.readSigner(signer); err != nil {
		return nil, err
	}
	s.slips = append(s.slips, SlipCosigned)
	return s, s.compareTypes()
}
