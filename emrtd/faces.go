package emrtd

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
)

// Tags of DG2 (ICAO Doc 9303-10, 4.7.2; ISO/IEC 7816-11).
const (
	tagDG2           = 0x75
	tagTemplateGroup = 0x7F61
	tagTemplate      = 0x7F60
	tagInteger       = 0x02
	tagHeader        = 0xA1
	tagRecord        = 0x5F2E
	tagRecordNested  = 0x7F2E
)

// Media types of a face's picture.
const (
	MediaJPEG     = "image/jpeg"
	MediaJPEG2000 = "image/jp2"
	// MediaCodestream is JPEG 2000 without the file format around it.
	MediaCodestream = "image/j2c"
)

// Sizes in a facial record, in bytes (ISO/IEC 19794-5:2005, 5.4 to 5.7).
const (
	recordHeader = 14 // "FAC", 0, version, length (4), faces (2)
	faceHeader   = 20 // length (4), feature points (2), ...
	featurePoint = 8
	imageHeader  = 12 // two types, width (2), height (2), ...
)

var errPicture = errors.New("picture is neither JPEG nor JPEG 2000")

// Face is one face of DG2: an encoded picture, not decoded.
type Face struct {
	Image []byte
	// MediaType is [MediaJPEG], [MediaJPEG2000] or [MediaCodestream], by the picture's own first bytes: what the record
	// states is often wrong.
	MediaType     string
	Width, Height int // pixels as the record states them, up to 65,535; 0 is unknown
	// Deviations say what around the file's pictures is not as the standard has it: issuers have stated lengths and numbers
	// that are wrong.
	Deviations []Note
}

// ParseDG2 gives the faces in DG2, at least one, in the file's order (ICAO Doc 9303-10, 4.7.2), from records of ISO/IEC
// 19794-5:2005 and of ISO/IEC 39794-5:2019. The pictures share the file's memory.
//
// Lengths and numbers that do not agree with what is there are told and gone past, within the file: a picture begins as
// pictures do, and ends where the next one begins or the record does. What is signed is the hash of the whole file, whatever
// is seen in it.
func ParseDG2(file []byte) ([]Face, error) {
	var p portraits
	if err := p.readFile(file); err != nil {
		return nil, fmt.Errorf("DG2: %w", err)
	}
	for i := range p.faces {
		p.faces[i].Deviations = p.deviations
	}
	return p.faces, nil
}

// portraits are the faces that were found, and the deviations of what they stand in.
type portraits struct {
	faces      []Face
	deviations []Note
}

// maxDeviations is how many are told.
const maxDeviations = 8

func (p *portraits) tell(code NoteCode, format string, args ...any) {
	if len(p.deviations) < maxDeviations {
		p.deviations = append(p.deviations, Note{code, fmt.Sprintf(format, args...)})
	}
}

// next takes a data object off b, to b's end where it states more than is there.
func (p *portraits) next(b []byte) (tag uint32, value, rest []byte, err error) {
	tag, header, length, err := tlvHeader(b)
	if err != nil {
		return 0, nil, nil, err
	}
	if left := len(b) - header; length > left {
		p.tell(NotePictureLength, "data object %X states %d bytes, %d are there", tag, length, left)
		length = left
	}
	return tag, b[header : header+length], b[header+length:], nil
}

// want is next for a data object that must bear the tag.
func (p *portraits) want(b []byte, want uint32) ([]byte, error) {
	tag, value, _, err := p.next(b)
	if err == nil && tag != want {
		err = fmt.Errorf("%w: %X where %X should stand", errTLV, tag, want)
	}
	return value, err
}

// readFile goes through the biometric information group template: the number of templates, and each of them. One without a
// picture does not keep those of the others from being had.
func (p *portraits) readFile(file []byte) error {
	body, err := p.want(file, tagDG2)
	if err != nil {
		return err
	}
	rest, err := p.want(body, tagTemplateGroup)
	if err != nil {
		return err
	}
	rest = p.withRemnant(tagTemplateGroup, body, rest)
	var number, value []byte
	var tag uint32
	var failed error
	templates := 0
	for len(rest) > 0 && rest[0] != 0 { // zeros are padding
		behind := rest
		if tag, value, rest, err = p.next(rest); err != nil {
			failed = cmp.Or(failed, err)
			break
		}
		switch tag {
		case tagInteger:
			number = value
		case tagTemplate:
			templates++
			if templates == 1 { // once, for it looks at all that is behind
				if whole := p.withRemnant(tag, behind, value); len(whole) > len(value) {
					value, rest = whole, nil
				}
			}
			if err := p.readTemplate(value); err != nil {
				p.tell(NotePictureTemplate, "template %d: %v", templates, err)
				failed = cmp.Or(failed, err)
			}
		}
	}
	if len(p.faces) == 0 {
		return cmp.Or(failed, errors.New("no face"))
	}
	if len(number) != 1 || int(number[0]) != templates {
		p.tell(NotePictureCount, "the number of templates is not that of those that are there, %d", templates)
	}
	return nil
}

// readTemplate takes the faces of one biometric information template: a header, whose contents nobody needs, and a record,
// whose data object may state fewer bytes than the record does itself, or than there are.
func (p *portraits) readTemplate(template []byte) error {
	for rest := template; len(rest) > 0; {
		tag, record, after, err := p.next(rest)
		if err != nil {
			return err
		}
		rest = after
		if tag != tagRecord && tag != tagRecordNested {
			continue
		}
		room := template[len(template)-len(after)-len(record):]
		size := statedSize(record)
		if !isFacialRecord(record) || size <= len(record) || size > len(room) {
			size = len(record)
			if isRemnant(after) {
				size = len(room)
			}
		}
		if size > len(record) {
			p.tell(NotePictureLength, "data object %X states %d bytes, what stands in it has %d", tag, len(record), size)
		}
		return p.readData(room[:size])
	}
	return errors.New("no facial record")
}

// withRemnant gives the value of the data object that b begins with, to b's end where what is behind it is no data object but the
// rest of one in it: the length of a template, too, has been stated too small.
func (p *portraits) withRemnant(tag uint32, b, value []byte) []byte {
	_, header, _, err := tlvHeader(b)
	if err != nil || !isRemnant(b[header+len(value):]) {
		return value
	}
	p.tell(NotePictureLength, "data object %X states %d bytes, %d are there", tag, len(value), len(b)-header)
	return b[header:]
}

// isRemnant says that bytes behind a data object are not further ones, nor zeros.
func isRemnant(after []byte) bool {
	for len(bytes.Trim(after, "\x00")) > 0 {
		_, _, rest, err := nextTLV(after)
		if err != nil {
			return true
		}
		after = rest
	}
	return false
}

// readData takes biometric data apart: a record of either standard, which may stand in a data object of its own or behind
// zeros; or a picture alone.
func (p *portraits) readData(data []byte) error {
	if tag, record, _, err := nextTLV(data); err == nil && tag == tagRecord {
		p.tell(NotePicturePlace, "the record stands in a data object of its own, %X", tag)
		data = record
	}
	if record := bytes.TrimLeft(data, "\x00"); len(record) < len(data) && isFacialRecord(record) {
		p.tell(NotePicturePlace, "%d zeros stand before the facial record", len(data)-len(record))
		data = record
	}
	if isFacialRecord(data) {
		return p.readRecord(data)
	}
	if media := mediaType(data); media != "" {
		p.tell(NotePicturePlace, "the picture stands alone, without a record")
		p.faces = append(p.faces, Face{Image: data, MediaType: media})
		return nil
	}
	more, err := parseFaceBlock(data)
	p.faces = append(p.faces, more...)
	return err
}

// isFacialRecord says whether data begin as an ISO/IEC 19794-5 record does.
func isFacialRecord(data []byte) bool { return bytes.HasPrefix(data, []byte("FAC\x00")) }

// statedSize is the length that a facial record states of itself, 0 where it is too short for that.
func statedSize(record []byte) int {
	if len(record) < recordHeader {
		return 0
	}
	return int(binary.BigEndian.Uint32(record[8:]))
}

// readRecord takes an ISO/IEC 19794-5 record apart.
func (p *portraits) readRecord(record []byte) error {
	if len(record) < recordHeader {
		return fmt.Errorf("facial record of %d bytes", len(record))
	}
	if stated := statedSize(record); stated != len(record) {
		p.tell(NotePictureLength, "the facial record states %d bytes, %d are there", stated, len(record))
	}
	found := 0
	for rest := record[recordHeader:]; len(rest) > 0; found++ {
		size := p.faceSize(rest)
		face, err := p.readFace(rest[:size])
		if err != nil && found == 0 {
			return err
		}
		if err != nil {
			p.tell(NotePictureCount, "%d bytes behind the last face", len(rest))
			break
		}
		p.faces, rest = append(p.faces, face), rest[size:]
	}
	if count := binary.BigEndian.Uint16(record[12:]); int(count) != found {
		p.tell(NotePictureCount, "%d faces are stated, %d are there", count, found)
	}
	if found == 0 {
		return errors.New("no face")
	}
	return nil
}

// faceSize is how many bytes the first face of those in rest takes: what it states, where another face begins behind it,
// else all.
func (p *portraits) faceSize(rest []byte) int {
	if len(rest) < faceHeader {
		return len(rest)
	}
	stated := int(binary.BigEndian.Uint32(rest))
	if stated == len(rest) {
		return stated
	}
	if stated >= faceHeader+imageHeader && stated < len(rest) {
		if picture := pictureIn(rest[stated:]); mediaType(picture) != "" {
			return stated
		}
	}
	p.tell(NotePictureLength, "a face states %d bytes, %d are there", stated, len(rest))
	return len(rest)
}

// pictureIn is the picture of a face by its number of feature points: behind information, these points, and image
// information; none where there is no room for that.
func pictureIn(face []byte) []byte {
	if len(face) < faceHeader {
		return nil
	}
	start := faceHeader + int(binary.BigEndian.Uint16(face[4:]))*featurePoint + imageHeader
	return face[min(start, len(face)):]
}

// readFace takes one face apart. Where its number of feature points leads to no picture, the picture is looked for.
func (p *portraits) readFace(face []byte) (Face, error) {
	picture := pictureIn(face)
	if mediaType(picture) == "" {
		if picture = searchPicture(face); picture == nil {
			return Face{}, errPicture
		}
		p.tell(NotePicturePlace, "the picture is not where the number of feature points has it")
	}
	found := Face{Image: picture, MediaType: mediaType(picture)}
	if start := len(face) - len(picture) - imageHeader; start >= faceHeader {
		found.Width = int(binary.BigEndian.Uint16(face[start+2:]))
		found.Height = int(binary.BigEndian.Uint16(face[start+4:]))
	}
	return found, nil
}

// searchPicture gives the first picture in a face, nil where there is none.
func searchPicture(face []byte) []byte {
	first := len(face)
	for _, begin := range []string{beginsJPEG, beginsJPEG2000, beginsCodestream} {
		if at := bytes.Index(face[:first], []byte(begin)); at >= 0 {
			first = at
		}
	}
	if first == len(face) {
		return nil
	}
	return face[first:]
}

// How the encodings that ICAO Doc 9303-9 allows begin.
const (
	beginsJPEG       = "\xFF\xD8\xFF"
	beginsJPEG2000   = "\x00\x00\x00\x0CjP  \r\n\x87\n"
	beginsCodestream = "\xFF\x4F\xFF\x51"
)

// mediaType tells an encoding by its first bytes; empty for any other.
func mediaType(picture []byte) string {
	switch {
	case bytes.HasPrefix(picture, []byte(beginsJPEG)):
		return MediaJPEG
	case bytes.HasPrefix(picture, []byte(beginsJPEG2000)):
		return MediaJPEG2000
	case bytes.HasPrefix(picture, []byte(beginsCodestream)):
		return MediaCodestream
	}
	return ""
}
