package pki

import (
	"crypto"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// oidSecurityObject is the content type of EF.SOD (ICAO Doc 9303-10, 4.6.2).
const oidSecurityObject = "2.23.136.1.1.1"

// oidSecurityInfos is the content type of EF.CardSecurity and EF.ChipSecurity (BSI TR-03110-3, A.1.2.5).
const oidSecurityInfos = "0.4.0.127.0.7.3.2.1"

// Content types of signed lists (ICAO Doc 9303-12, sections 9 and 10; BSI TR-03129-2, 7.1).
const (
	MasterListType    = "2.23.136.1.1.2"
	DeviationListType = "2.23.136.1.1.7"
	DefectListType    = "0.4.0.127.0.7.3.1.5"
)

// isSignedType says whether a content type is that of something that a CSCA's signers sign for everybody to read.
func isSignedType(oid string) bool {
	switch oid {
	case oidSecurityObject, oidSecurityInfos, MasterListType, DeviationListType, DefectListType:
		return true
	}
	return false
}

// lastDataGroup is the highest number of a data group (ICAO Doc 9303-10, 4.7).
const lastDataGroup = 16

// tagSOD is the tag of EF.SOD (ICAO Doc 9303-10, 4.6.2).
const tagSOD cbasn1.Tag = 0x77

// SOD is EF.SOD: the LDS security object, signed.
type SOD struct {
	*SignedData
	Object SecurityObject
}

// SecurityObject is the LDS security object (ICAO Doc 9303-10, 4.6.2.3): what the chip's files hash to.
type SecurityObject struct {
	Version        int // 0 is LDS 1.7, 1 is LDS 1.8
	Hash           crypto.Hash
	Hashes         map[int][]byte // by data group, 1 to 16
	LDSVersion     string         // "0108"; empty in version 0
	UnicodeVersion string         // "040000"; empty in version 0
}

// ParseSOD takes EF.SOD apart, in DER or BER, and checks nothing. An unknown hash function gives an [ErrUnsupported].
func ParseSOD(file []byte) (*SOD, error) {
	sod, err := parseSOD(file)
	if err != nil {
		return nil, fmt.Errorf("EF.SOD: %w", err)
	}
	return sod, nil
}

func parseSOD(file []byte) (*SOD, error) {
	input := walker(file)
	element, body := input.next(tagSOD)
	if element == nil {
		return nil, malformed("not a security object")
	}
	signed, err := parseTogether(body, (*SignedData).takeForSOD)
	if err != nil {
		return nil, err
	}
	object, err := parseSecurityObject(signed.Content)
	if err != nil {
		return nil, err
	}
	return &SOD{SignedData: signed, Object: object}, nil
}

// takeForSOD sees whether a message may be EF.SOD's, by its types. Issuers have given other types than that of the standard,
// both in the message and signed, and have signed none, or the content itself. What keeps another message of such a signer
// from being passed off as EF.SOD is then the content: it must be a security object from its first octet to its last, which
// neither the signed attributes of a message are, for they begin as a set, nor a list or SecurityInfos. The types of these
// are refused besides.
func (s *SignedData) takeForSOD() error {
	if err := s.checkType(oidSecurityObject); err != nil {
		return err
	}
	s.tellType(oidSecurityObject, "a security object")
	return nil
}

// checkType refuses a message that states, or whose signer signed, the type of something else that states sign.
func (s *SignedData) checkType(want string) error {
	for _, oid := range []string{s.ContentType, s.signer.contentType} {
		if oid != want && isSignedType(oid) {
			return malformed("content type " + oid)
		}
	}
	return nil
}

// tellType tells how the type of a message, of which want is the type, is not stated as it should be.
func (s *SignedData) tellType(want, of string) {
	if s.ContentType != want {
		s.slips = append([]Slip{slipContentType(s.ContentType, of)}, s.slips...)
	}
	switch {
	case s.signer.attributes == nil:
		s.slips = append(s.slips, SlipNoAttributes)
	case s.signer.contentType == "":
		s.slips = append(s.slips, SlipNoSignedType)
	}
}

// parseSecurityObject reads an LDSSecurityObject, in BER too, with nothing behind it.
func parseSecurityObject(ber []byte) (SecurityObject, error) {
	var body, hashes cryptobyte.String
	o := SecurityObject{Hashes: map[int][]byte{}}
	der, rest, ok := appendDER(nil, ber, maxDepth)
	if !ok || len(rest) > 0 {
		return o, malformed("LDS security object")
	}
	content := cryptobyte.String(der)
	if !content.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadASN1Integer(&o.Version) {
		return o, malformed("LDS security object")
	}
	var err error
	if o.Hash, err = readHash(&body); err != nil {
		return o, err
	}
	if !body.ReadASN1(&hashes, cbasn1.SEQUENCE) {
		return o, malformed("LDS security object")
	}
	for !hashes.Empty() {
		var entry cryptobyte.String
		var number int
		var hash []byte
		if !hashes.ReadASN1(&entry, cbasn1.SEQUENCE) || !entry.ReadASN1Integer(&number) ||
			!entry.ReadASN1Bytes(&hash, cbasn1.OCTET_STRING) ||
			number < 1 || number > lastDataGroup || len(hash) != o.Hash.Size() || o.Hashes[number] != nil {
			return o, malformed("hash of a data group")
		}
		o.Hashes[number] = hash
	}
	return o, o.readVersions(body)
}

// readVersions reads the optional LDSVersionInfo.
func (o *SecurityObject) readVersions(rest cryptobyte.String) error {
	if rest.Empty() {
		return nil
	}
	var info cryptobyte.String
	var lds, unicode []byte
	if !rest.ReadASN1(&info, cbasn1.SEQUENCE) || !info.ReadASN1Bytes(&lds, cbasn1.PrintableString) ||
		!info.ReadASN1Bytes(&unicode, cbasn1.PrintableString) {
		return malformed("LDS version")
	}
	o.LDSVersion, o.UnicodeVersion = string(lds), string(unicode)
	return nil
}
