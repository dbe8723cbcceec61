package pki

import (
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Slips of lists.
const (
	SlipCosigned     Slip = "the list has several signers; one whose signature verifies is enough"
	SlipSignerListed Slip = "the certificate of the list's signer stands in the list alone"
)

// MasterList is a CSCA master list (ICAO Doc 9303-12): certificates that a state vouches for, signed by it.
type MasterList struct {
	*SignedData          // its Certificates are the publisher's own
	Listed      [][]byte // DER, not yet parsed; what stands in the place of a certificate, too
	// Cosigners are others who signed the same content, and whose signatures verify: ICAO Doc 9303-12 recommends none.
	Cosigners []*SignedData
}

// ParseMasterList takes a master list apart, in DER or BER. Of several signers it takes the first whose signature verifies;
// otherwise it checks nothing.
//
// The content's type may be another than a master list's, or not signed, as long as it is no other type that states sign:
// the content must then be a master list from its first octet to its last, which nothing else is that they sign.
func ParseMasterList(ber []byte) (*MasterList, error) {
	signed, err := parseCosigned(ber)
	if err != nil {
		return nil, fmt.Errorf("master list: %w", err)
	}
	list := &MasterList{SignedData: signed[0], Cosigners: signed[1:]}
	if err := list.read(); err != nil {
		return nil, fmt.Errorf("master list: %w", err)
	}
	for _, s := range signed {
		s.tellType(MasterListType, "a master list")
		list.findSignerListed(s)
	}
	return list, nil
}

// read reads the content, in DER or, where it is none, in BER.
func (l *MasterList) read() error {
	if err := l.checkType(MasterListType); err != nil {
		return err
	}
	typed := l.signer.contentType == MasterListType
	if typed && l.readListed(l.Content) {
		return nil
	}
	der, behind, ok := appendDER(nil, l.Content, maxDepth)
	if !ok || !typed && len(behind) > 0 || !l.readListed(der) {
		return malformed("list of certificates")
	}
	return nil
}

// readListed reads a CscaMasterList.
func (l *MasterList) readListed(content cryptobyte.String) bool {
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

// findSignerListed looks for the certificate of s's signer among those that are listed, for a list that holds it nowhere
// else: a CSCA may sign its list itself.
func (l *MasterList) findSignerListed(s *SignedData) {
	if s.embedded > 0 {
		return
	}
	for _, der := range l.Listed {
		if c, _, err := parseButKey(der); err == nil && s.signer.names(c) {
			s.Certificates = append(s.Certificates, der)
		}
	}
	s.embedded = len(s.Certificates)
	if s.embedded > 0 {
		s.slips = append(s.slips, SlipSignerListed)
	}
}

// ContentType gives the content type of a SignedData, in DER or BER, whoever signed it.
func ContentType(ber []byte) (string, error) {
	s, err := parseCosigned(ber)
	if err != nil {
		return "", err
	}
	return s[0].ContentType, nil
}

// maxCosigners bounds how many signers of a list are tried.
const maxCosigners = 8

// parseCosigned takes a SignedData apart as [ParseSignedData] does, once for each of its signers: those whose signatures
// verify, and where there are several and none does, the first. The content's type need not be signed.
func parseCosigned(ber []byte) ([]*SignedData, error) {
	all, err := parseEachSigner(ber)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		s.isList = true
	}
	return all, nil
}

func parseEachSigner(ber []byte) ([]*SignedData, error) {
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
	if len(all) > 1 {
		return thatVerify(der, all)
	}
	one, err := parseSignedData(der)
	return []*SignedData{one}, err
}

// thatVerify gives the message as those of its signers signed it whose signatures verify; where none does, as the first did.
func thatVerify(der []byte, signers []cryptobyte.String) (all []*SignedData, err error) {
	for _, signer := range signers {
		if one, err := signedBy(der, signer); err != nil || one.Verify() != nil {
			continue
		}
		one, err := signedBy(der, signer) // anew: more may be told of it before anything is asked
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if len(all) > 0 {
		return all, nil
	}
	first, err := signedBy(der, signers[0])
	return []*SignedData{first}, err
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
