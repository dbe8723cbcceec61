package lds

import (
	"encoding/binary"
	"strings"
	"time"
)

// Tags of DG11 and DG12 and of their data elements (Doc 9303-10, 4.7.11 and 4.7.12).
const (
	tagDG11 = 0x6B
	tagDG12 = 0x6C

	tagFullName         = 0x5F0E
	tagPersonalNumber   = 0x5F10
	tagFullBirthDate    = 0x5F2B
	tagPlaceOfBirth     = 0x5F11
	tagIssuingAuthority = 0x5F19
	tagIssueDate        = 0x5F26
)

// compactDay writes a date as YYYYMMDD.
const compactDay = "20060102"

// PersonalDetails go into DG11: texts in national characters, UTF-8.
type PersonalDetails struct {
	Surname, GivenNames string
	PersonalNumber      string
	BirthDate           string // YYYY-MM-DD
	PlaceOfBirth        string
}

// DG11 holds additional personal details.
func DG11(p PersonalDetails) []byte {
	return details(tagDG11,
		element{tagFullName, words(p.Surname) + "<<" + words(p.GivenNames)},
		element{tagPersonalNumber, p.PersonalNumber},
		element{tagFullBirthDate, strings.ReplaceAll(p.BirthDate, "-", "")},
		element{tagPlaceOfBirth, words(p.PlaceOfBirth)})
}

// DG12 holds additional document details.
func DG12(authority string, issued time.Time) []byte {
	return details(tagDG12,
		element{tagIssuingAuthority, words(authority)},
		element{tagIssueDate, issued.Format(compactDay)})
}

// words puts the filler between words, as names and places have it there.
func words(text string) string { return strings.ReplaceAll(text, " ", "<") }

type element struct {
	tag  uint16
	text string
}

// details is a data group that lists the tags of its elements before them.
func details(tag uint16, elements ...element) []byte {
	var list, body []byte
	for _, e := range elements {
		list = binary.BigEndian.AppendUint16(list, e.tag)
		body = append(body, tlv(e.tag, []byte(e.text))...)
	}
	return tlv(tag, tlv(tagTagList, list), body)
}
