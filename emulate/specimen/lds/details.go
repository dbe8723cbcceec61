package lds

import (
	"encoding/binary"
	"strings"
	"time"
)

// Tags of DG7, DG11, DG12 and DG16 and of their data elements (Doc 9303-10, 4.7.7, 4.7.11, 4.7.12 and 4.7.16).
const (
	tagDG7  = 0x67
	tagDG11 = 0x6B
	tagDG12 = 0x6C
	tagDG16 = 0x70

	tagDisplayedSignature = 0x5F43

	tagFullName       = 0x5F0E
	tagOtherName      = 0x5F0F
	tagPersonalNumber = 0x5F10
	tagFullBirthDate  = 0x5F2B
	tagPlaceOfBirth   = 0x5F11
	tagAddress        = 0x5F42
	tagTelephone      = 0x5F12
	tagProfession     = 0x5F13
	tagTitle          = 0x5F14
	tagCustody        = 0x5F18

	tagIssuingAuthority = 0x5F19
	tagIssueDate        = 0x5F26
	tagEndorsements     = 0x5F1B

	tagRecorded        = 0x5F50
	tagNotifyName      = 0x5F51
	tagNotifyTelephone = 0x5F52
	tagNotifyAddress   = 0x5F53

	tagRepeats = 0xA0 // around several elements of one tag
	tagCount   = 0x02 // how many there are
	tagFirst   = 0xA1 // around the first person of DG16; the others follow
)

// compactDay writes a date as YYYYMMDD.
const compactDay = "20060102"

// PersonalDetails go into DG11: texts in national characters, UTF-8. What is empty is left out.
type PersonalDetails struct {
	Surname, GivenNames string
	OtherNames          []string
	PersonalNumber      string
	BirthDate           string // YYYY-MM-DD
	PlaceOfBirth        string
	Address             string // ", " parts its components
	Telephone           string
	Profession          string
	Title               string
	Custody             string
}

// DG11 holds additional personal details.
func DG11(p PersonalDetails) []byte {
	return details(tagDG11,
		element{tagFullName, []string{words(p.Surname) + "<<" + words(p.GivenNames)}},
		element{tagOtherName, p.OtherNames},
		element{tagPersonalNumber, one(p.PersonalNumber)},
		element{tagFullBirthDate, one(strings.ReplaceAll(p.BirthDate, "-", ""))},
		element{tagPlaceOfBirth, one(p.PlaceOfBirth)},
		element{tagAddress, one(p.Address)},
		element{tagTelephone, one(p.Telephone)},
		element{tagProfession, one(p.Profession)},
		element{tagTitle, one(p.Title)},
		element{tagCustody, one(p.Custody)})
}

// DocumentDetails go into DG12, as PersonalDetails do.
type DocumentDetails struct {
	Authority    string
	Issued       time.Time
	Endorsements string
}

// DG12 holds additional document details.
func DG12(d DocumentDetails) []byte {
	return details(tagDG12,
		element{tagIssuingAuthority, one(d.Authority)},
		element{tagIssueDate, one(d.Issued.Format(compactDay))},
		element{tagEndorsements, one(d.Endorsements)})
}

// DG7 holds one displayed signature, JPEG.
func DG7(picture []byte) []byte {
	return tlv(tagDG7, tlv(tagCount, []byte{1}), tlv(tagDisplayedSignature, picture))
}

// PersonToNotify goes into DG16, as PersonalDetails do.
type PersonToNotify struct {
	Recorded            time.Time
	Surname, GivenNames string
	Telephone, Address  string
}

// DG16 holds persons to notify, 14 at most.
func DG16(persons ...PersonToNotify) []byte {
	entries := [][]byte{tlv(tagCount, []byte{byte(len(persons))})}
	for i, p := range persons {
		entries = append(entries, tlv(uint16(tagFirst+i),
			tlv(tagRecorded, []byte(p.Recorded.Format(compactDay))),
			tlv(tagNotifyName, []byte(words(p.Surname)+"<<"+words(p.GivenNames))),
			tlv(tagNotifyTelephone, []byte(p.Telephone)),
			tlv(tagNotifyAddress, []byte(words(p.Address)))))
	}
	return tlv(tagDG16, entries...)
}

// words puts the filler between words, as names and places have it there, and two between components.
func words(text string) string {
	return strings.NewReplacer(", ", "<<", " ", "<").Replace(text)
}

// one is a text as the only element of its tag.
func one(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// element is the data elements of one tag.
type element struct {
	tag   uint16
	texts []string
}

// details is a data group that lists the tags of its elements before them. Other names stand in a template of their own, with how
// many there are.
func details(tag uint16, elements ...element) []byte {
	var list, body []byte
	for _, e := range elements {
		if len(e.texts) == 0 {
			continue
		}
		var values []byte
		for _, text := range e.texts {
			values = append(values, tlv(e.tag, []byte(words(text)))...)
		}
		if e.tag == tagOtherName {
			values = tlv(tagRepeats, tlv(tagCount, []byte{byte(len(e.texts))}), values)
		}
		list = binary.BigEndian.AppendUint16(list, e.tag)
		body = append(body, values...)
	}
	return tlv(tag, tlv(tagTagList, list), body)
}
