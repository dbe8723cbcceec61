package emrtd

import (
	"errors"
	"fmt"
)

// Tags on the way to the picture in a face image data block (ISO/IEC 39794-5:2019, annex A, with implicit tags). Each
// choice between a base and an extension is a tag of its own.
const (
	tagFaceBlock       = 0x65 // FaceImageDataBlock
	tagFaceProfile     = 0xA1 // what ICAO's profile puts around it
	tagRepresentations = 0xA1
	tagRepresentation  = 0x30
	tagRepresented     = 0xA1 // imageRepresentation
	tagBase            = 0xA0
	tagBlock2D         = 0xA0
	tagPicture         = 0x80 // representationData2D
)

// parseFaceBlock gives the faces of an ISO/IEC 39794-5 block. The size of their pictures is left unknown: it stands in the
// pictures themselves.
func parseFaceBlock(record []byte) ([]Face, error) {
	body := record
	if inside, err := findTLV(body, tagFaceProfile); err == nil {
		body = inside
	}
	body, err := findTLV(body, tagFaceBlock)
	if err != nil {
		return nil, fmt.Errorf("neither an ISO/IEC 19794-5 nor a 39794-5 record: %w", err)
	}
	rest, err := findTLV(body, tagRepresentations)
	if err != nil {
		return nil, err
	}
	var faces []Face
	for len(rest) > 0 {
		var representation []byte
		if representation, rest, err = wantTLV(rest, tagRepresentation); err != nil {
			return nil, err
		}
		picture, err := findTLV(representation, tagRepresented, tagBase, tagBlock2D, tagPicture)
		if err != nil {
			return nil, fmt.Errorf("face %d: %w", len(faces)+1, err)
		}
		media := mediaType(picture)
		if media == "" {
			return nil, errPicture
		}
		faces = append(faces, Face{Image: picture, MediaType: media})
	}
	if len(faces) == 0 {
		return nil, errors.New("face image data block without a representation")
	}
	return faces, nil
}

// findTLV goes down a path of tags: the first object with the first tag, in it the first with the second, and so on.
func findTLV(b []byte, path ...uint32) ([]byte, error) {
	for _, want := range path {
		value, err := firstTLV(b, want)
		if err != nil {
			return nil, err
		}
		b = value
	}
	return b, nil
}

func firstTLV(b []byte, want uint32) ([]byte, error) {
	for len(b) > 0 {
		tag, value, rest, err := nextTLV(b)
		if err != nil {
			return nil, err
		}
		if tag == want {
			return value, nil
		}
		b = rest
	}
	return nil, fmt.Errorf("%w: no %X", errTLV, want)
}
