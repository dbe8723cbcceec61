package pki

import (
	"crypto"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// oidDeviationListSigner is the purpose of a certificate that signs deviation lists (ICAO Doc 9303-12, 7.1.1.3).
const oidDeviationListSigner = "2.23.136.1.1.8"

// ListedDeviationKind is a kind of deviation, by its object identifier.
type ListedDeviationKind string

// The kinds of deviations (ICAO Doc 9303-3, 7.3.5).
const (
	ListedDeviationCertOrKey         ListedDeviationKind = DeviationListType + ".1"
	ListedDeviationDSSignature       ListedDeviationKind = DeviationListType + ".1.1"
	ListedDeviationDSEncoding        ListedDeviationKind = DeviationListType + ".1.2"
	ListedDeviationCSCAEncoding      ListedDeviationKind = DeviationListType + ".1.3"
	ListedDeviationAAKeyCompromised  ListedDeviationKind = DeviationListType + ".1.4"
	ListedDeviationLDS               ListedDeviationKind = DeviationListType + ".2"
	ListedDeviationDGMalformed       ListedDeviationKind = DeviationListType + ".2.1"
	ListedDeviationDGHashWrong       ListedDeviationKind = DeviationListType + ".2.2"
	ListedDeviationSODSignatureWrong ListedDeviationKind = DeviationListType + ".2.3"
	ListedDeviationCOMInconsistent   ListedDeviationKind = DeviationListType + ".2.4"
	ListedDeviationMRZ               ListedDeviationKind = DeviationListType + ".3"
	ListedDeviationMRZWrongData      ListedDeviationKind = DeviationListType + ".3.1"
	ListedDeviationMRZCheckDigit     ListedDeviationKind = DeviationListType + ".3.2"
	ListedDeviationChip              ListedDeviationKind = DeviationListType + ".4"
)

// String gives words for the kind, or the object identifier of one that the standard does not know.
func (k ListedDeviationKind) String() string {
	switch k {
	case ListedDeviationCertOrKey:
		return "certificate or key"
	case ListedDeviationDSSignature:
		return "document signer certificate wrongly signed"
	case ListedDeviationDSEncoding:
		return "document signer certificate wrongly encoded"
	case ListedDeviationCSCAEncoding:
		return "CSCA certificate wrongly encoded"
	case ListedDeviationAAKeyCompromised:
		return "active authentication key compromised"
	case ListedDeviationLDS:
		return "logical data structure"
	case ListedDeviationDGMalformed:
		return "data group malformed"
	case ListedDeviationDGHashWrong:
		return "hash of a data group wrong"
	case ListedDeviationSODSignatureWrong:
		return "signature of EF.SOD wrong"
	case ListedDeviationCOMInconsistent:
		return "EF.COM and EF.SOD inconsistent"
	case ListedDeviationMRZ:
		return "machine-readable zone"
	case ListedDeviationMRZWrongData:
		return "wrong data in the machine-readable zone"
	case ListedDeviationMRZCheckDigit:
		return "wrong check digit in the machine-readable zone"
	case ListedDeviationChip:
		return "chip not usable"
	}
	return "deviation " + boundedOID(string(k))
}

// ListedDeviationDescription is one way in which documents deviate.
type ListedDeviationDescription struct {
	Kind      ListedDeviationKind
	DataGroup int    // 1 to 16 where the kind is of one; else 0
	Text      string // the publisher's, for people; may be empty
}

// ListedDeviation is what a state tells of some of its documents.
type ListedDeviation struct {
	Descriptions []ListedDeviationDescription
	// DocumentType is the document code, as "P<"; empty for all.
	DocumentType string
	// IssuedFrom and IssuedTo bound the days on which the documents were issued, which neither zone nor chip states; zero
	// when not given.
	IssuedFrom, IssuedTo time.Time
	// DocumentNumbers are those of the documents; empty for all.
	DocumentNumbers []string

	anySigner bool
	signer    documentSigner
}

// Concerns says whether the deviation is that of a document of that code and number which signer signed, as far as that can
// be told without its day of issue. All that the list says of a document must fit (ICAO Doc 9303-3, 7.3.6).
func (d ListedDeviation) Concerns(signer *Certificate, documentCode, documentNumber string) bool {
	trim := func(s string) string { return strings.TrimRight(s, "< ") }
	return (d.anySigner || d.signer.names(signer)) &&
		(d.DocumentType == "" || trim(d.DocumentType) == trim(documentCode)) &&
		(len(d.DocumentNumbers) == 0 || slices.ContainsFunc(d.DocumentNumbers, func(n string) bool {
			return trim(n) == trim(documentNumber)
		}))
}

// DeviationList is a deviation list (ICAO Doc 9303-3, 7.3, and 9303-12, section 10): what a state tells of its own
// documents.
type DeviationList struct {
	*SignedData
	Entries []ListedDeviation
}

// ParseDeviationList takes a deviation list apart, in DER or BER, and checks nothing. The error is an [ErrMalformed]; or an
// [ErrUnsupported] where signers are named by a hash function that is not known.
func ParseDeviationList(ber []byte) (*DeviationList, error) {
	list, err := parseDeviationList(ber)
	if err != nil {
		return nil, fmt.Errorf("deviation list: %w", err)
	}
	return list, nil
}

func parseDeviationList(ber []byte) (*DeviationList, error) {
	signed, content, err := parseSignedList(ber, DeviationListType)
	if err != nil {
		return nil, err
	}
	var body, deviations cryptobyte.String
	var version int
	if !content.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadASN1Integer(&version) {
		return nil, malformed("list of deviations")
	}
	// Digests of certificates are made as that of the list itself where it states no other function.
	algorithm := signed.signer.digestAlgorithm
	if body.PeekASN1Tag(cbasn1.SEQUENCE) && !body.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) ||
		!body.ReadASN1(&deviations, cbasn1.SET) {
		return nil, malformed("list of deviations")
	}
	oid, _, err := readIdentifier(&algorithm)
	if err != nil {
		return nil, err
	}
	all, err := readEach(deviations, func(s *cryptobyte.String) (ListedDeviation, error) {
		return readDeviation(s, hashFunction(oid))
	})
	if err != nil {
		return nil, err
	}
	return &DeviationList{SignedData: signed, Entries: all}, nil
}

// readDeviation takes a ListedDeviation off s.
func readDeviation(s *cryptobyte.String, hash crypto.Hash) (ListedDeviation, error) {
	var body, documents, descriptions cryptobyte.String
	d := ListedDeviation{signer: documentSigner{hash: hash}}
	if !s.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadASN1(&documents, cbasn1.SEQUENCE) ||
		!body.ReadASN1(&descriptions, cbasn1.SET) {
		return d, malformed("deviation")
	}
	if err := d.readDocuments(documents); err != nil {
		return d, err
	}
	for !descriptions.Empty() {
		description, ok := readDeviationDescription(&descriptions)
		if !ok {
			return d, malformed("description of a deviation")
		}
		d.Descriptions = append(d.Descriptions, description)
	}
	return d, nil
}

// readDocuments reads the content of a DeviationDocuments.
func (d *ListedDeviation) readDocuments(s cryptobyte.String) error {
	d.DocumentType = readDescription(&s, primitiveTag(0))
	if err := d.readSigner(&s); err != nil {
		return err
	}
	var period, numbers cryptobyte.String
	var present bool
	if !s.ReadOptionalASN1(&period, &present, contextTag(4)) ||
		present && !(readTime(&period, &d.IssuedFrom) && readTime(&period, &d.IssuedTo)) {
		return malformed("days of issue")
	}
	if !s.ReadOptionalASN1(&numbers, &present, contextTag(5)) {
		return malformed("document numbers")
	}
	for !numbers.Empty() {
		var text cryptobyte.String
		var tag cbasn1.Tag
		if !numbers.ReadAnyASN1(&text, &tag) {
			return malformed("document numbers")
		}
		d.DocumentNumbers = append(d.DocumentNumbers, decodeText(tag, text))
	}
	if !s.Empty() {
		return malformed("documents of a deviation")
	}
	return nil
}

// readSigner takes an optional DocumentSignerIdentifier off s.
func (d *ListedDeviation) readSigner(s *cryptobyte.String) error {
	var named cryptobyte.String
	switch {
	case s.PeekASN1Tag(contextTag(1)):
		d.signer.identifier = &signerIdentifier{}
		if !s.ReadASN1(&named, contextTag(1)) || !d.signer.identifier.readIssuerAndSerial(named) {
			return malformed("signer's issuer and serial number")
		}
	case s.PeekASN1Tag(primitiveTag(2)):
		d.signer.identifier = &signerIdentifier{}
		if !s.ReadASN1Bytes(&d.signer.identifier.keyID, primitiveTag(2)) {
			return malformed("signer's key identifier")
		}
	case s.PeekASN1Tag(primitiveTag(3)):
		if !s.ReadASN1Bytes(&d.signer.digest, primitiveTag(3)) {
			return malformed("hash of a certificate")
		}
		if d.signer.hash == 0 {
			return fmt.Errorf("%w: hash function of certificates", ErrUnsupported)
		}
	default:
		d.anySigner = true
	}
	return nil
}

// readDeviationDescription takes a ListedDeviationDescription off s; its national part is passed over.
func readDeviationDescription(s *cryptobyte.String) (d ListedDeviationDescription, ok bool) {
	var body, parameters cryptobyte.String
	if !s.ReadASN1(&body, cbasn1.SEQUENCE) {
		return d, false
	}
	d.Text = readDescription(&body, cbasn1.PrintableString)
	kind, ok := readOID(&body)
	if !ok || !body.ReadOptionalASN1(&parameters, nil, contextTag(0)) {
		return d, false
	}
	d.Kind = ListedDeviationKind(kind)
	if d.Kind == ListedDeviationDGMalformed || d.Kind == ListedDeviationDGHashWrong {
		if !parameters.ReadASN1Integer(&d.DataGroup) {
			return d, false
		}
		if d.DataGroup < 1 || d.DataGroup > LastDataGroup { // EF.SOD and EF.COM have numbers too
			d.DataGroup = 0
		}
	}
	return d, true
}
