package emrtd

import (
	"fmt"
	"strings"
)

// Tags of the data groups with details of the person and the document (ICAO Doc 9303-10, 4.7.7 to 4.7.16).
const (
	tagDG7     = 0x67
	tagDG11    = 0x6B
	tagDG12    = 0x6C
	tagDG16    = 0x70
	tagRepeats = 0xA0 // in DG11 and DG12: a number of fields with the same tag

	tagDisplayedSignature = 0x5F43
)

// PersonalDetails is DG11: additional personal details (ICAO Doc 9303-10, 4.7.11). Texts are UTF-8 as the chip has them; in names
// and addresses '<' parts words and "<<" parts components. What the chip does not have is empty. The picture of the proof of
// citizenship stays in the file.
type PersonalDetails struct {
	FullName       string // in national characters
	OtherNames     []string
	PersonalNumber string
	BirthDate      string // YYYYMMDD
	PlaceOfBirth   string
	Address        string
	Telephone      string
	Profession     string
	Title          string
	Summary        string
	OtherDocuments string // numbers of other valid travel documents, parted by '<'
	Custody        string
}

// ParseDG11 takes DG11 apart.
func ParseDG11(file []byte) (*PersonalDetails, error) {
	fields, err := parseDetails(file, tagDG11)
	if err != nil {
		return nil, fmt.Errorf("DG11: %w", err)
	}
	return &PersonalDetails{
		FullName: fields.text(0x5F0E), OtherNames: fields.texts(0x5F0F), PersonalNumber: fields.text(0x5F10),
		BirthDate: fields.date(0x5F2B), PlaceOfBirth: fields.text(0x5F11), Address: fields.text(0x5F42),
		Telephone: fields.text(0x5F12), Profession: fields.text(0x5F13), Title: fields.text(0x5F14),
		Summary: fields.text(0x5F15), OtherDocuments: fields.text(0x5F17), Custody: fields.text(0x5F18),
	}, nil
}

// DocumentDetails is DG12: additional details of the document (ICAO Doc 9303-10, 4.7.12), in the form of [PersonalDetails].
// The pictures of the document stay in the file.
type DocumentDetails struct {
	Authority      string
	Date           string // YYYYMMDD
	OtherPersons   []string
	Endorsements   string
	TaxOrExit      string
	Personalized   string // YYYYMMDDhhmmss
	PersonalizedBy string // the serial number of the system
}

// ParseDG12 takes DG12 apart.
func ParseDG12(file []byte) (*DocumentDetails, error) {
	fields, err := parseDetails(file, tagDG12)
	if err != nil {
		return nil, fmt.Errorf("DG12: %w", err)
	}
	return &DocumentDetails{
		Authority: fields.text(0x5F19), Date: fields.date(0x5F26), OtherPersons: fields.texts(0x5F1A),
		Endorsements: fields.text(0x5F1B), TaxOrExit: fields.text(0x5F1C), Personalized: fields.date(0x5F55),
		PersonalizedBy: fields.text(0x5F56),
	}, nil
}

// PersonToNotify is one person to notify of DG16 (ICAO Doc 9303-10, 4.7.16), in the form of [PersonalDetails].
type PersonToNotify struct {
	Recorded  string // YYYYMMDD
	Name      string
	Telephone string
	Address   string
}

// ParseDG16 gives the persons to notify.
func ParseDG16(file []byte) ([]PersonToNotify, error) {
	body, err := wantFile(file, tagDG16)
	if err != nil {
		return nil, fmt.Errorf("DG16: %w", err)
	}
	var contacts []PersonToNotify
	for len(body) > 0 {
		var tag uint32
		var value []byte
		if tag, value, body, err = nextTLV(body); err != nil {
			return nil, fmt.Errorf("DG16: %w", err)
		}
		if tag == tagInteger { // how many there are, which is seen
			continue
		}
		fields, err := gather(value)
		if err != nil {
			return nil, fmt.Errorf("DG16: %w", err)
		}
		contacts = append(contacts, PersonToNotify{fields.date(0x5F50), fields.text(0x5F51), fields.text(0x5F52), fields.text(0x5F53)})
	}
	return contacts, nil
}

// ParseDG7 gives the encoded signatures or usual marks of DG7, as they are displayed (ICAO Doc 9303-10, 4.7.7); at least one.
func ParseDG7(file []byte) ([][]byte, error) {
	fields, err := parseDetails(file, tagDG7)
	if err != nil {
		return nil, fmt.Errorf("DG7: %w", err)
	}
	if len(fields[tagDisplayedSignature]) == 0 {
		return nil, fmt.Errorf("DG7: %w: no picture", errTLV)
	}
	return fields[tagDisplayedSignature], nil
}

// details are fields by tag.
type details map[uint32][][]byte

func parseDetails(file []byte, outer uint32) (details, error) {
	body, err := wantFile(file, outer)
	if err != nil {
		return nil, err
	}
	return gather(body)
}

func gather(body []byte) (details, error) {
	fields := details{}
	return fields, fields.add(body, true)
}

// add collects fields and, where repeats may stand, those inside a template that holds several of one kind.
func (d details) add(body []byte, repeats bool) error {
	for len(body) > 0 {
		tag, value, rest, err := nextTLV(body)
		if err == nil && tag == tagRepeats && repeats {
			err = d.add(value, false)
		}
		if err != nil {
			return err
		}
		d[tag] = append(d[tag], value)
		body = rest
	}
	return nil
}

func (d details) first(tag uint32) []byte {
	if len(d[tag]) == 0 {
		return nil
	}
	return d[tag][0]
}

func (d details) text(tag uint32) string { return text(d.first(tag)) }

func (d details) texts(tag uint32) (all []string) {
	for _, value := range d[tag] {
		all = append(all, text(value))
	}
	return all
}

// text is UTF-8; what is not is replaced.
func text(value []byte) string { return strings.ToValidUTF8(string(value), "\uFFFD") }

// date reads digits, or binary coded decimals, which LDS 1.7 allows (ICAO Doc 9303-10, 4.7.11).
func (d details) date(tag uint32) string {
	value := d.first(tag)
	if len(value) == 4 || len(value) == 7 {
		return fmt.Sprintf("%X", value)
	}
	return text(value)
}
