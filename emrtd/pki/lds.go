package pki

import (
	"crypto"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// oidSecurityObject is the content type of EF.SOD (ICAO Doc 9303-10, 4.6.2).
const oidSecurityObject = "2.23.136.1.1.1"

// SecurityInfosType is the content type of EF.CardSecurity and EF.ChipSecurity (BSI TR-03110-3, A.1.2.5; ICAO Doc 9303-11,
// 9.2.8).
const SecurityInfosType = "0.4.0.127.0.7.3.2.1"

// Content types of signed lists (ICAO Doc 9303-12, sections 9 and 10; BSI TR-03129-2, 7.1).
const (
	MasterListType    = "2.23.136.1.1.2"
	DeviationListType = "2.23.136.1.1.7"
	DefectListType    = "0.4.0.127.0.7.3.1.5"
)

// isSignedType says whether a content type is that of something that a CSCA's signers sign for everybody to read.
func isSignedType(oid string) bool {
	switch oid {
	case oidSecurityObject, SecurityInfosType, MasterListType, DeviationListType, DefectListType:
		return true
	}
	return false
}

// LastDataGroup is the highest number of a data group (ICAO Doc 9303-10, 4.7).
const LastDataGroup = 16

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
	HashGuessed    bool           // the one that is stated has another length than the hashes
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
	message, deviations, err := unwrapSOD(file)
	if err != nil {
		return nil, err
	}
	signed, err := parseTogether(message, (*SignedData).takeForSOD)
	if err != nil {
		return nil, err
	}
	object, more, err := parseSecurityObject(signed.Content)
	if err != nil {
		return nil, err
	}
	for _, one := range signed.Signers() {
		one.deviations = slices.Concat(one.deviations, deviations, more)
	}
	return &SOD{SignedData: signed, Object: object}, nil
}

// With is EF.SOD with other certificates, in DER, that may be its signer's beside its own. What was tested is not tested again.
func (s *SOD) With(certificates [][]byte) *SOD {
	return &SOD{s.SignedData.with(certificates), s.Object}
}

// Deviations of EF.SOD around its message, which says itself where it ends: nobody signs what is there.
const (
	DeviationNoTag     Deviation = "no_tag"
	DeviationTagLength Deviation = "tag_length"
	DeviationZeros     Deviation = "zeros"
	DeviationBehind    Deviation = "behind"
)

// unwrapSOD takes the message out of EF.SOD: out of its tag, or as it is where the tag was left out. Where the tag's length is
// wrong, or the file was padded or read by whole blocks, the message's own length counts.
func unwrapSOD(file []byte) (message []byte, deviations []Deviation, err error) {
	input := walker(file)
	_, inside := input.next(tagSOD)
	message, _, behind, ok := cutBER(inside, maxDepth)
	switch {
	case ok:
		behind = slices.Concat(behind, input)
	case len(file) > 0 && file[0] == byte(cbasn1.SEQUENCE):
		deviations = []Deviation{DeviationNoTag}
		message, _, behind, ok = cutBER(file, maxDepth)
	case len(file) > 1 && file[0] == byte(tagSOD):
		deviations = []Deviation{DeviationTagLength}
		message, _, behind, ok = cutBER(file[min(lengthOctets(file[1])+1, len(file)):], maxDepth)
	}
	switch {
	case !ok || message[0] != byte(cbasn1.SEQUENCE):
		return nil, nil, malformed("not a security object")
	case len(behind) > 0 && isZero(behind):
		deviations = append(deviations, DeviationZeros)
	case len(behind) > 0:
		deviations = append(deviations, DeviationBehind)
	}
	return message, deviations, nil
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
	s.tellType(oidSecurityObject, DeviationContentType)
	return nil
}

// checkType refuses a message that states, or whose signer signed, the type of something else that states sign.
func (s *SignedData) checkType(want string) error {
	for _, oid := range []string{s.ContentType, s.signer.contentType} {
		if oid != want && isSignedType(oid) {
			return malformed("content type " + boundedOID(oid))
		}
	}
	return nil
}

// tellType tells how the type of a message, of which want is the type and otherwise says that it is another, is not stated as it should be.
func (s *SignedData) tellType(want string, otherwise Deviation) {
	if s.ContentType != want {
		s.deviations = append([]Deviation{otherwise.of(boundedOID(s.ContentType))}, s.deviations...)
	}
	switch {
	case s.signer.attributes == nil:
		s.deviations = append(s.deviations, DeviationNoAttributes)
	case s.signer.contentType == "":
		s.deviations = append(s.deviations, DeviationNoSignedType)
	}
}

// Deviations of the LDS security object, which is signed: what it means is beyond doubt.
const (
	DeviationHashName   Deviation = "hash_name"
	DeviationHashLength Deviation = "hash_length"
	DeviationLDSVersion Deviation = "lds_version"
)

// parseSecurityObject reads an LDSSecurityObject, in BER too, with nothing behind it.
func parseSecurityObject(ber []byte) (o SecurityObject, deviations []Deviation, err error) {
	var body, hashes cryptobyte.String
	o = SecurityObject{Hashes: map[int][]byte{}}
	der, rest, ok := appendDER(nil, ber, maxDepth)
	if !ok || len(rest) > 0 {
		return o, nil, malformed("LDS security object")
	}
	content := cryptobyte.String(der)
	if !content.ReadASN1(&body, cbasn1.SEQUENCE) || !readSmall(&body, &o.Version) {
		return o, nil, malformed("LDS security object")
	}
	if deviations, err = o.readHash(&body); err != nil {
		return o, nil, err
	}
	if !body.ReadASN1(&hashes, cbasn1.SEQUENCE) {
		return o, nil, malformed("LDS security object")
	}
	more, err := o.readHashes(hashes)
	if err != nil {
		return o, nil, err
	}
	return o, slices.Concat(deviations, more, o.readVersions(body)), nil
}

// readHash takes the identifier of the hash function off body.
func (o *SecurityObject) readHash(body *cryptobyte.String) ([]Deviation, error) {
	again := *body
	hash, err := readHash(body)
	o.Hash = hash
	if err == nil {
		return nil, nil
	}
	how, otherErr := readAlgorithm(&again)
	if otherErr != nil || how.hash == 0 {
		return nil, err
	}
	o.Hash = how.hash
	return []Deviation{DeviationHashName}, nil
}

// readHashes reads the hashes of data groups, all of which have one length.
func (o *SecurityObject) readHashes(hashes cryptobyte.String) ([]Deviation, error) {
	length := 0
	for !hashes.Empty() {
		var entry cryptobyte.String
		var number int
		var hash []byte
		if !hashes.ReadASN1(&entry, cbasn1.SEQUENCE) || !readSmall(&entry, &number) ||
			!entry.ReadASN1Bytes(&hash, cbasn1.OCTET_STRING) || hashOfLength(len(hash)) == 0 ||
			number < 1 || number > LastDataGroup || length != 0 && len(hash) != length || o.Hashes[number] != nil {
			return nil, malformed("hash of a data group")
		}
		o.Hashes[number], length = hash, len(hash)
	}
	if length == 0 || length == o.Hash.Size() {
		return nil, nil
	}
	o.Hash, o.HashGuessed = hashOfLength(length), true
	return []Deviation{DeviationHashLength}, nil
}

// readSmall takes an INTEGER off s that fits into an octet, in however many octets it is written: what it says is beyond doubt.
func readSmall(s *cryptobyte.String, out *int) bool {
	n, ok := readInteger(s)
	if !ok || n.Sign() < 0 || n.BitLen() > 8 {
		return false
	}
	*out = int(n.Int64())
	return true
}

// readVersions reads the optional LDSVersionInfo, which nothing is judged by: what cannot be read of it is left out.
func (o *SecurityObject) readVersions(rest cryptobyte.String) []Deviation {
	if rest.Empty() {
		return nil
	}
	var info, lds, unicode cryptobyte.String
	var first, second cbasn1.Tag
	if !rest.ReadASN1(&info, cbasn1.SEQUENCE) || !info.ReadAnyASN1(&lds, &first) || !info.ReadAnyASN1(&unicode, &second) {
		return []Deviation{DeviationLDSVersion}
	}
	for _, tag := range []cbasn1.Tag{first, second} {
		if !isText(tag) {
			return []Deviation{DeviationLDSVersion}
		}
	}
	o.LDSVersion, o.UnicodeVersion = string(lds), string(unicode)
	if first != cbasn1.PrintableString || second != cbasn1.PrintableString {
		return []Deviation{DeviationLDSVersion}
	}
	return nil
}

// isText says whether digits may stand in a type.
func isText(tag cbasn1.Tag) bool {
	switch tag {
	case cbasn1.PrintableString, cbasn1.UTF8String, cbasn1.IA5String, cbasn1.T61String, tagVisibleString, cbasn1.OCTET_STRING:
		return true
	}
	return false
}
