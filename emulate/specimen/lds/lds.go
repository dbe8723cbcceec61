// Package lds makes the files of a specimen's chip and the signatures on them: EF.DIR, EF.COM, DG1, DG2, DG11, DG12 and
// EF.SOD as in ICAO Doc 9303 part 10, EF.CardSecurity as in part 11, under a specimen CSCA and document signer as in part
// 12. DG14, DG15 and EF.CardAccess come from package chip, which holds their keys.
//
// It shares no code with package emrtd, which reads such files, so that one cannot hide the other's mistakes. What comes
// out depends on the seed and the dates that went in and on nothing else; the keys are worthless by design.
package lds

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Tags of the files and of what stands in them (Doc 9303-10, 4.6 and 4.7; ISO/IEC 7816-11).
const (
	tagCOM = 0x60
	tagDG1 = 0x61
	tagDG2 = 0x75
	tagSOD = 0x77

	tagApplication = 0x61 // application template
	tagIdentifier  = 0x4F // AID

	tagLDSVersion     = 0x5F01
	tagUnicodeVersion = 0x5F36
	tagTagList        = 0x5C
	tagMRZ            = 0x5F1F

	tagTemplateGroup = 0x7F61 // biometric information template group
	tagTemplate      = 0x7F60 // biometric information template
	tagHeader        = 0xA1   // biometric header template
	tagDataBlock     = 0x5F2E // biometric data block
)

// Version is that of the logical data structure.
type Version string

// The versions of the LDS (Doc 9303-10, 4.6.1).
const (
	LDS17 Version = "0107"
	LDS18 Version = "0108"
)

// unicodeVersion is 4.0.0.
const unicodeVersion = "040000"

// dataGroupTags are the tags of DG1 to DG16 (Doc 9303-10, 4.6.1).
const dataGroupTags = "\x61\x75\x63\x76\x65\x66\x67\x68\x69\x6A\x6B\x6C\x6D\x6E\x6F\x70"

// COM is EF.COM of a chip that holds these data groups, by their numbers.
func COM(v Version, groups ...int) []byte {
	var tags []byte
	for _, n := range groups {
		tags = append(tags, dataGroupTags[n-1])
	}
	return tlv(tagCOM,
		tlv(tagLDSVersion, []byte(v)),
		tlv(tagUnicodeVersion, []byte(unicodeVersion)),
		tlv(tagTagList, tags))
}

// DIR is EF.DIR of a chip with the eMRTD application alone (Doc 9303-10, 3.11.2).
func DIR() []byte {
	return tlv(tagApplication, tlv(tagIdentifier, []byte{0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01}))
}

// DG1 holds the lines of the machine-readable zone, one after the other.
func DG1(lines []string) []byte {
	return tlv(tagDG1, tlv(tagMRZ, []byte(strings.Join(lines, ""))))
}

// Portrait is the picture that goes into DG2.
type Portrait struct {
	JPEG          []byte
	Width, Height int
	Sex           string // "F", "M", or anything else for unspecified
}

// DG2 holds one full frontal picture in an ISO/IEC 19794-5 record, as the only biometric information template.
func DG2(p Portrait) ([]byte, error) {
	if p.Width < 1 || p.Width > 0xFFFF || p.Height < 1 || p.Height > 0xFFFF {
		return nil, fmt.Errorf("DG2: a picture of %d x %d does not fit the record", p.Width, p.Height)
	}
	header := tlv(tagHeader,
		tlv(0x80, []byte{1, 1}), // version of the header
		tlv(0x81, []byte{2}),    // facial features
		tlv(0x87, []byte{1, 1}), // format owner: ISO/IEC JTC 1/SC 37
		tlv(0x88, []byte{0, 8})) // format: face image, 19794-5
	template := tlv(tagTemplate, header, tlv(tagDataBlock, faceRecord(p)))
	return tlv(tagDG2, tlv(tagTemplateGroup, tlv(0x02, []byte{1}), template)), nil
}

// faceRecord is a facial record with one picture (ISO/IEC 19794-5:2005, 5.4 to 5.8).
func faceRecord(p Portrait) []byte {
	const recordHeader, faceInformation, imageInformation = 14, 20, 12
	face := faceInformation + imageInformation + len(p.JPEG)

	b := append([]byte("FAC\x00"), "010\x00"...)
	b = binary.BigEndian.AppendUint32(b, uint32(recordHeader+face))
	b = binary.BigEndian.AppendUint16(b, 1) // pictures

	b = binary.BigEndian.AppendUint32(b, uint32(face))
	b = append(b, 0, 0)                // no feature points
	b = append(b, sexCode(p.Sex))      // gender
	b = append(b, make([]byte, 13)...) // eyes, hair, properties, expression, pose: unspecified

	b = append(b, 1, 0) // full frontal, JPEG
	b = binary.BigEndian.AppendUint16(b, uint16(p.Width))
	b = binary.BigEndian.AppendUint16(b, uint16(p.Height))
	b = append(b, 1, 2)       // sRGB, static picture from a digital camera
	b = append(b, 0, 0, 0, 0) // device and quality: unspecified
	return append(b, p.JPEG...)
}

// sexCode is the gender of ISO/IEC 19794-5:2005, 5.5.3.
func sexCode(sex string) byte {
	switch sex {
	case "M":
		return 1
	case "F":
		return 2
	}
	return 0
}

// tlv is one DER data object; a tag above FF has two bytes.
func tlv(tag uint16, values ...[]byte) []byte {
	n := 0
	for _, v := range values {
		n += len(v)
	}
	var b []byte
	if tag > 0xFF {
		b = append(b, byte(tag>>8))
	}
	b = append(b, byte(tag))
	switch {
	case n < 0x80:
		b = append(b, byte(n))
	case n < 0x100:
		b = append(b, 0x81, byte(n))
	case n < 0x10000:
		b = append(b, 0x82, byte(n>>8), byte(n))
	default:
		b = append(b, 0x83, byte(n>>16), byte(n>>8), byte(n))
	}
	for _, v := range values {
		b = append(b, v...)
	}
	return b
}
