package emrtd

import (
	"bytes"
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
}

// ParseDG2 gives the faces in DG2, at least one, in the file's order (ICAO Doc 9303-10, 4.7.2), from records of ISO/IEC
// 19794-5:2005 and of ISO/IEC 39794-5:2019. The pictures share the file's memory.
func ParseDG2(file []byte) ([]Face, error) {
	faces, err := parseDG2(file)
	if err != nil {
		return nil, fmt.Errorf("DG2: %w", err)
	}
	return faces, nil
}

func parseDG2(file []byte) ([]Face, error) {
	body, _, err := wantTLV(file, tagDG2)
	if err != nil {
		return nil, err
	}
	group, _, err := wantTLV(body, tagTemplateGroup)
	if err != nil {
		return nil, err
	}
	count, rest, err := wantTLV(group, tagInteger)
	if err != nil {
		return nil, err
	}
	if len(count) != 1 {
		return nil, fmt.Errorf("%w: number of templates in %d bytes", errTLV, len(count))
	}
	var faces []Face
	for range count[0] {
		var template []byte
		if template, rest, err = wantTLV(rest, tagTemplate); err != nil {
			return nil, err
		}
		more, err := parseTemplate(template)
		if err != nil {
			return nil, err
		}
		faces = append(faces, more...)
	}
	if len(faces) == 0 {
		return nil, errors.New("no face")
	}
	return faces, nil
}

// parseTemplate gives the faces of one biometric information template: a header, whose contents nobody needs, and a
// facial record.
func parseTemplate(template []byte) ([]Face, error) {
	_, rest, err := wantTLV(template, tagHeader)
	if err != nil {
		return nil, err
	}
	tag, record, _, err := nextTLV(rest)
	if err != nil {
		return nil, err
	}
	if tag != tagRecord && tag != tagRecordNested {
		return nil, fmt.Errorf("%w: %X where a facial record should stand", errTLV, tag)
	}
	if !bytes.HasPrefix(record, []byte("FAC\x00")) {
		return parseFaceBlock(record)
	}
	return parseFacialRecord(record)
}

// parseFacialRecord takes an ISO/IEC 19794-5 record apart.
func parseFacialRecord(record []byte) ([]Face, error) {
	if len(record) < recordHeader {
		return nil, fmt.Errorf("facial record of %d bytes", len(record))
	}
	if stated := binary.BigEndian.Uint32(record[8:]); int64(stated) != int64(len(record)) {
		return nil, fmt.Errorf("facial record states %d bytes, %d are there", stated, len(record))
	}
	count, rest := binary.BigEndian.Uint16(record[12:]), record[recordHeader:]
	var faces []Face
	for range count {
		if len(rest) < faceHeader {
			return nil, fmt.Errorf("facial record ends after %d of %d faces", len(faces), count)
		}
		length := int64(binary.BigEndian.Uint32(rest))
		if length < faceHeader || length > int64(len(rest)) {
			return nil, fmt.Errorf("face states %d bytes, %d are there", length, len(rest))
		}
		face, err := parseFace(rest[:length])
		if err != nil {
			return nil, err
		}
		faces, rest = append(faces, face), rest[length:]
	}
	return faces, nil
}

// parseFace takes one face of at least faceHeader bytes apart: information, feature points, image information, image.
func parseFace(face []byte) (Face, error) {
	points := int(binary.BigEndian.Uint16(face[4:]))
	start := faceHeader + points*featurePoint
	if len(face) < start+imageHeader {
		return Face{}, fmt.Errorf("face of %d bytes has no room for %d feature points", len(face), points)
	}
	information, picture := face[start:start+imageHeader], face[start+imageHeader:]
	media := mediaType(picture)
	if media == "" {
		return Face{}, errPicture
	}
	return Face{
		Image: picture, MediaType: media,
		Width:  int(binary.BigEndian.Uint16(information[2:])),
		Height: int(binary.BigEndian.Uint16(information[4:])),
	}, nil
}

// mediaType tells the encodings that ICAO Doc 9303-9 allows by their first bytes; empty for any other.
func mediaType(picture []byte) string {
	switch {
	case bytes.HasPrefix(picture, []byte("\xFF\xD8\xFF")):
		return MediaJPEG
	case bytes.HasPrefix(picture, []byte("\x00\x00\x00\x0CjP  \r\n\x87\n")):
		return MediaJPEG2000
	case bytes.HasPrefix(picture, []byte("\xFF\x4F\xFF\x51")):
		return MediaCodestream
	}
	return ""
}
