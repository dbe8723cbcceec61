package pki

import (
	"crypto"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// oidDefectListSigner is the purpose of a certificate that signs defect lists (BSI TR-03129-2, 7.2).
const oidDefectListSigner = "0.4.0.127.0.7.3.11.2.1.2"

// DefectKind is a kind of defect, by its object identifier.
type DefectKind string

// The kinds of defects (BSI TR-03129-2, 7.3); there may be others.
const (
	DefectCertRevoked             DefectKind = DefectListType + ".1.1"
	DefectCertReplaced            DefectKind = DefectListType + ".1.2"
	DefectChipAuthKeyRevoked      DefectKind = DefectListType + ".1.3"
	DefectActiveAuthKeyRevoked    DefectKind = DefectListType + ".1.4"
	DefectProtocolFailure         DefectKind = DefectListType + ".1.5"
	DefectValidityPeriodIncorrect DefectKind = DefectListType + ".1.6"
	DefectDGMalformed             DefectKind = DefectListType + ".2.1"
	DefectSODInvalid              DefectKind = DefectListType + ".2.2"
	DefectCOMSODDiscrepancy       DefectKind = DefectListType + ".2.3"
	DefectWrongSignerIdentifier   DefectKind = DefectListType + ".2.4"
	DefectIssuingCountry          DefectKind = DefectListType + ".2.5"
	DefectCardSecurityMalformed   DefectKind = DefectListType + ".4.1"
	DefectChipSecurityMalformed   DefectKind = DefectListType + ".4.2"
	DefectPowerDownRequired       DefectKind = DefectListType + ".4.3"
	DefectSignerMalformed         DefectKind = DefectListType + ".4.4"
)

// String gives the standard's words for the kind, or the object identifier of one that it does not know.
func (k DefectKind) String() string {
	switch k {
	case DefectCertRevoked:
		return "document signer certificate revoked"
	case DefectCertReplaced:
		return "document signer certificate malformed and replaced"
	case DefectChipAuthKeyRevoked:
		return "chip authentication private keys compromised"
	case DefectActiveAuthKeyRevoked:
		return "active authentication private keys compromised"
	case DefectProtocolFailure:
		return "authentication protocol failure"
	case DefectValidityPeriodIncorrect:
		return "validity period incorrect"
	case DefectDGMalformed:
		return "data group malformed"
	case DefectSODInvalid:
		return "document security object malformed"
	case DefectCOMSODDiscrepancy:
		return "COM and SOD discrepancy"
	case DefectWrongSignerIdentifier:
		return "wrong signer identifier"
	case DefectIssuingCountry:
		return "issuing country defect"
	case DefectCardSecurityMalformed:
		return "card security object malformed"
	case DefectChipSecurityMalformed:
		return "chip security object malformed"
	case DefectPowerDownRequired:
		return "powerdown required"
	case DefectSignerMalformed:
		return "document signer certificate malformed"
	}
	return "defect " + boundedOID(string(k))
}

// NoStatus is the status of a defect that states none.
const NoStatus = -1

// KnownDefect is one thing that is wrong with every document of a signer.
type KnownDefect struct {
	Kind DefectKind
	// Status is the kind's status code, from 0, as of why a certificate was revoked; [NoStatus] when there is none.
	Status int
	// DataGroups are those that are malformed, 1 to 16; empty for other kinds.
	DataGroups []int
	// Description is the publisher's, for people; empty in lists of version 1.
	Description string
}

// Defect is what is known of the documents of one signer.
type Defect struct {
	Known       []KnownDefect
	Description string // the publisher's, for people; empty in lists of version 1

	signer documentSigner
}

// Concerns says whether the defect is that of documents which signer signed.
func (d Defect) Concerns(signer *Certificate) bool { return d.signer.names(signer) }

// IsOf says whether the defect is known to be that of a signer of a country, as of [CountryCode]: who is named by a digest or a key
// identifier alone may be of any.
func (d Defect) IsOf(country string) bool {
	id := d.signer.identifier
	return id != nil && id.serial != nil && id.issuer.country == country
}

// DefectList is a defect list (BSI TR-03129-2, section 7): what is wrong with the documents of which signers, signed by who
// says so.
type DefectList struct {
	*SignedData
	Defects []Defect
}

// ParseDefectList takes a defect list of version 1 or 2 apart, in DER or BER, and checks nothing. The error is an
// [ErrMalformed]; or an [ErrUnsupported] where signers are named by a hash function that is not known.
func ParseDefectList(ber []byte) (*DefectList, error) {
	list, err := parseDefectList(ber)
	if err != nil {
		return nil, fmt.Errorf("defect list: %w", err)
	}
	return list, nil
}

func parseDefectList(ber []byte) (*DefectList, error) {
	signed, content, err := parseSignedList(ber, DefectListType)
	if err != nil {
		return nil, err
	}
	var body, defects cryptobyte.String
	var version int
	if !content.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadASN1Integer(&version) {
		return nil, malformed("list of defects")
	}
	algorithm, ok := readOID(&body)
	if !ok || !body.ReadASN1(&defects, cbasn1.SET) {
		return nil, malformed("list of defects")
	}
	all, err := readEach(defects, func(s *cryptobyte.String) (Defect, error) {
		return readDefect(s, hashFunction(algorithm))
	})
	if err != nil {
		return nil, err
	}
	return &DefectList{SignedData: signed, Defects: all}, nil
}

// readEach takes what a set or sequence holds, one after the other, to its end.
func readEach[T any](s cryptobyte.String, read func(*cryptobyte.String) (T, error)) (all []T, err error) {
	for !s.Empty() {
		one, err := read(&s)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// parseSignedList takes a signed list of one content type apart; content is in DER.
func parseSignedList(ber []byte, contentType string) (signed *SignedData, content cryptobyte.String, err error) {
	all, err := parseCosigned(ber)
	if err != nil {
		return nil, nil, err
	}
	signed = all[0]
	if signed.ContentType != contentType {
		return nil, nil, malformed("content type " + boundedOID(signed.ContentType))
	}
	if signed.signer.contentType == "" {
		return nil, nil, malformed("the content's type is not signed")
	}
	content, err = normalise(signed.Content)
	return signed, content, err
}

// readDefect takes a Defect off s; digests of certificates are made with hash, which is 0 where it is not known.
func readDefect(s *cryptobyte.String, hash crypto.Hash) (Defect, error) {
	var body, known cryptobyte.String
	d := Defect{signer: documentSigner{hash: hash}}
	if !s.ReadASN1(&body, cbasn1.SEQUENCE) {
		return d, malformed("defect")
	}
	if body.PeekASN1Tag(cbasn1.SEQUENCE) || body.PeekASN1Tag(primitiveTag(0)) {
		d.signer.identifier = &signerIdentifier{}
		if err := d.signer.identifier.read(&body); err != nil {
			return d, err
		}
	}
	if body.PeekASN1Tag(cbasn1.OCTET_STRING) {
		if !body.ReadASN1Bytes(&d.signer.digest, cbasn1.OCTET_STRING) {
			return d, malformed("hash of a certificate")
		}
		if hash == 0 {
			return d, fmt.Errorf("%w: hash function of certificates", ErrUnsupported)
		}
	}
	if !body.ReadASN1(&known, cbasn1.SET) {
		return d, malformed("known defects")
	}
	var err error
	if d.Known, err = readEach(known, readKnownDefect); err != nil {
		return d, err
	}
	d.Description = readDescription(&body, cbasn1.UTF8String)
	return d, nil
}

// readDescription takes an optional text for people off s.
func readDescription(s *cryptobyte.String, tag cbasn1.Tag) string {
	var text cryptobyte.String
	if !s.PeekASN1Tag(tag) || !s.ReadASN1(&text, tag) {
		return ""
	}
	return decodeText(cbasn1.UTF8String, text)
}

// readKnownDefect takes a VersionedKnownDefect off s. That of version 2 stands behind a tag, and the standard does not say
// whether it takes the place of the sequence's own: both are read.
func readKnownDefect(s *cryptobyte.String) (KnownDefect, error) {
	var body, wrapped cryptobyte.String
	var second bool
	k := KnownDefect{Status: NoStatus}
	if !s.ReadOptionalASN1(&body, &second, contextTag(0)) || !second && !s.ReadASN1(&body, cbasn1.SEQUENCE) {
		return k, malformed("known defect")
	}
	if second && body.PeekASN1Tag(cbasn1.SEQUENCE) && !body.ReadASN1(&body, cbasn1.SEQUENCE) {
		return k, malformed("known defect")
	}
	kind, ok := readOID(&body)
	if !ok {
		return k, malformed("type of a defect")
	}
	k.Kind = DefectKind(kind)
	parameters := body
	if second {
		if !body.ReadOptionalASN1(&wrapped, nil, contextTag(0)) {
			return k, malformed("parameters of a defect")
		}
		parameters = wrapped
		k.Description = readDescription(&body, primitiveTag(1))
	}
	if !k.readParameters(parameters) {
		return k, malformed("parameters of " + k.Kind.String())
	}
	return k, nil
}

// readParameters reads what is needed of the parameters; false where that must be there and is not.
func (k *KnownDefect) readParameters(s cryptobyte.String) bool {
	switch {
	case k.Kind == DefectDGMalformed:
		var ok bool
		k.DataGroups, ok = readDataGroups(&s)
		return ok
	case s.PeekASN1Tag(cbasn1.ENUM):
		return s.ReadASN1Enum(&k.Status) && k.Status >= 0
	}
	return true
}

// readDataGroups takes a SET OF INTEGER off s and keeps the numbers of data groups.
func readDataGroups(s *cryptobyte.String) ([]int, bool) {
	var set cryptobyte.String
	var groups []int
	if !s.ReadASN1(&set, cbasn1.SET) {
		return nil, false
	}
	for !set.Empty() {
		var number int
		if !set.ReadASN1Integer(&number) {
			return nil, false
		}
		if number >= 1 && number <= LastDataGroup {
			groups = append(groups, number)
		}
	}
	return groups, true
}
