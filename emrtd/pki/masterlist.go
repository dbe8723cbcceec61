package pki

import (
	"fmt"
	"slices"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// oidMasterListSigner is the purpose of a certificate that signs master lists (ICAO Doc 9303-12, 7.1.1.3).
const oidMasterListSigner = "2.23.136.1.1.3"

// DeviationSignerListed is a deviation of lists.
const DeviationSignerListed Deviation = "signer_listed"

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
		s.tellType(MasterListType, DeviationListContent)
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
	behind, ok := l.readListed()
	if !ok || !typed && len(behind) > 0 {
		return malformed("list of certificates")
	}
	return nil
}

// readListed reads a CscaMasterList in BER, of which what is listed is kept as it stands, and gives what is behind it.
func (l *MasterList) readListed() (behind []byte, ok bool) {
	content := walker(l.Content)
	list, body := content.next(cbasn1.SEQUENCE)
	version, _ := body.next(cbasn1.INTEGER)
	set, certificates := body.next(cbasn1.SET)
	if list == nil || version == nil || set == nil {
		return nil, false
	}
	for len(certificates) > 0 {
		element := certificates.any()
		if element == nil {
			return nil, false
		}
		l.Listed = append(l.Listed, element)
	}
	return content, true
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
		s.deviations = append(s.deviations, DeviationSignerListed)
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

// parseCosigned takes a SignedData apart as [ParseSignedData] does, once for each of its signers: those whose signatures
// verify, and where there are several and none does, the first. The content's type need not be signed.
func parseCosigned(ber []byte) ([]*SignedData, error) {
	all, err := parseEach(ber)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		s.isList = true
	}
	verified := slices.DeleteFunc(slices.Clone(all), func(s *SignedData) bool { return !s.findOne().verified() })
	if len(verified) > 0 {
		return verified, nil
	}
	return all[:1], nil
}
