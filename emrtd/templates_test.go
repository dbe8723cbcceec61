package emrtd

import (
	"bytes"
	"slices"
	"testing"
)

func TestTemplatesThatStateTooFewBytesCutNoPictureOff(t *testing.T) {
	picture := slices.Concat([]byte("\xFF\xD8\xFF\xE0"), bytes.Repeat([]byte("\xA5\x5A\x33"), 60), []byte("\xFF\xD9"))
	object := func(tag string, value []byte, less int) []byte {
		n := len(value) - less
		return slices.Concat([]byte(tag), []byte{0x82, byte(n >> 8), byte(n)}, value)
	}
	face := slices.Concat([]byte{0, 0, 0, byte(faceHeader + imageHeader + len(picture))}, make([]byte, faceHeader-4+imageHeader), picture)
	record := slices.Concat([]byte("FAC\x00010\x00"), []byte{0, 0, 0, byte(recordHeader + len(face)), 0, 1}, face)
	for _, less := range []int{0, 1, 8, 14, 100} {
		for _, wrong := range []string{"7F60", "7F61", "both"} {
			inTemplate, inGroup := less, less
			switch wrong {
			case "7F60":
				inGroup = 0
			case "7F61":
				inTemplate = 0
			}
			template := object("\x7F\x60", object("\x5F\x2E", record, 0), inTemplate)
			group := object("\x7F\x61", append([]byte{tagInteger, 1, 1}, template...), inGroup)
			for _, padding := range []int{0, 3} {
				if less == 1 && padding > 0 { // that is an empty data object
					continue
				}
				faces, err := ParseDG2(object("\x75", append(bytes.Clone(group), make([]byte, padding)...), 0))
				if err != nil || len(faces) != 1 || !bytes.HasPrefix(faces[0].Image, picture) || (len(faces[0].Deviations) > 0) != (less > 0) {
					t.Errorf("%s of %d too few, %d zeros: %d faces, %v", wrong, less, padding, len(faces), err)
				}
			}
		}
	}
}
