package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// oidCountry is the attribute of a name that has a country.
const oidCountry = "2.5.4.6"

// name is a distinguished name (RFC 5280, 4.1.2.4).
type name struct {
	text      string // for people, as "CN=CSCA,O=Passports,C=UT"; bounded
	canonical string // equal for names that are the same
	country   string // as CountryCode has it; empty when the name has none, or several
	// countryWritten is the country as it stands, where there is one.
	countryWritten string
}

// readName takes a Name off s. One that is longer than any issuer's, or has more parts, is malformed: to compare names costs
// more than their length, and a stranger may write one of megabytes.
func readName(s *cryptobyte.String) (name, bool) {
	var sets cryptobyte.String
	var sequence pkix.RDNSequence
	if !s.ReadASN1(&sets, cbasn1.SEQUENCE) || len(sets) > maxName {
		return name{}, false
	}
	for parts := 0; !sets.Empty(); parts++ {
		var set cryptobyte.String
		var attributes pkix.RelativeDistinguishedNameSET
		if !sets.ReadASN1(&set, cbasn1.SET) || parts == maxNameParts {
			return name{}, false
		}
		for ; !set.Empty(); parts++ {
			attribute, ok := readNameAttribute(&set)
			if !ok || parts == maxNameParts {
				return name{}, false
			}
			attributes = append(attributes, attribute)
		}
		sequence = append(sequence, attributes)
	}
	return newName(sequence), true
}

func newName(sequence pkix.RDNSequence) name {
	var parsed pkix.Name
	parsed.FillFromRDNSequence(&sequence)
	n := name{text: boundedText(parsed.String(), maxNameText), canonical: canonical(parsed)}
	for i, written := range parsed.Country {
		country := CountryCode(written)
		if i > 0 && country != n.country { // of two countries neither is believed
			n.country, n.countryWritten = "", ""
			break
		}
		if n.country = country; i == 0 || n.countryWritten == country {
			n.countryWritten = written // one that deviates is remembered
		}
	}
	return n
}

// readNameAttribute takes an AttributeTypeAndValue off s.
func readNameAttribute(s *cryptobyte.String) (pkix.AttributeTypeAndValue, bool) {
	var attribute, value cryptobyte.String
	var kind asn1.ObjectIdentifier // at most as long as a name
	var tag cbasn1.Tag
	if !s.ReadASN1(&attribute, cbasn1.SEQUENCE) || !attribute.ReadASN1ObjectIdentifier(&kind) ||
		!attribute.ReadAnyASN1(&value, &tag) {
		return pkix.AttributeTypeAndValue{}, false
	}
	return pkix.AttributeTypeAndValue{Type: kind, Value: decodeText(tag, value)}, true
}

// Tags of string types that cryptobyte does not name (ITU-T X.680, table 1).
const (
	tagNumericString   cbasn1.Tag = 18
	tagVisibleString   cbasn1.Tag = 26
	tagUniversalString cbasn1.Tag = 28
	tagBMPString       cbasn1.Tag = 30
)

// decodeText reads a DirectoryString or another type of text, and writes what is none in hexadecimal. Bytes that are not
// UTF-8, in whichever type, are Latin-1: so issuers write T61String, and PrintableString too.
func decodeText(tag cbasn1.Tag, value []byte) string {
	switch tag {
	case tagBMPString:
		units := make([]uint16, 0, len(value)/2)
		for ; len(value) >= 2; value = value[2:] {
			units = append(units, binary.BigEndian.Uint16(value))
		}
		return string(utf16.Decode(units))
	case tagUniversalString:
		var text strings.Builder
		for ; len(value) >= 4; value = value[4:] {
			text.WriteRune(rune(binary.BigEndian.Uint32(value)))
		}
		return text.String()
	case cbasn1.UTF8String, cbasn1.PrintableString, cbasn1.IA5String, cbasn1.T61String, tagNumericString, tagVisibleString:
		if utf8.Valid(value) && tag != cbasn1.T61String {
			return string(value)
		}
		runes := make([]rune, len(value))
		for i, b := range value {
			runes[i] = rune(b)
		}
		return string(runes)
	}
	return "#" + hex.EncodeToString(value)
}

// means says whether n, by which something names its issuer, is subject's name. Old issuers left their country out of what
// they signed: one that is missing is passed over.
func (n name) means(subject name) bool {
	if n.country == "" && n.canonical != "" && subject.country != "" {
		country := attributeText(oidCountry, subject.country)
		return n.canonical == strings.Replace(subject.canonical, country, "", 1)
	}
	return n.canonical == subject.canonical
}

// resembles says whether either may be the other, where who writes it has left the country out.
func (n name) resembles(other name) bool { return n.means(other) || other.means(n) }

// canonical writes a name such that names that are the same are equal. The order of the attributes is passed over: issuers
// name themselves from the country down and from the common name up.
func canonical(n pkix.Name) string {
	var attributes []string
	for _, attribute := range n.Names {
		value, _ := attribute.Value.(string) // decodeText gives nothing else
		attributes = append(attributes, attributeText(attribute.Type.String(), value))
	}
	slices.Sort(attributes)
	return strings.Join(attributes, "")
}

// attributeText writes an attribute, its value without regard to case and spacing, and a country in whichever way it is written.
func attributeText(kind, value string) string {
	if kind == oidCountry {
		value = CountryCode(value)
	}
	return kind + strconv.Quote(strings.ToLower(strings.Join(strings.Fields(value), " ")))
}
