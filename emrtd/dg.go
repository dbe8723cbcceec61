package emrtd

import "errors"

// COM is what EF.COM says of the chip's contents (ICAO Doc 9303-10, 4.6.1). It is not signed.
type COM struct {
	LDSVersion     string // "0107" is LDS 1.7
	UnicodeVersion string // "040000"
	DataGroups     []int  // numbers from 1 to 16, in the file's order
}

// ParseCOM takes EF.COM apart.
func ParseCOM(file []byte) (*COM, error) { return nil, errors.New("not yet") }

// ParseDG1 gives the lines of the machine-readable zone in DG1: two of 44 (TD3) or 36 (TD2) characters or three of 30
// (TD1), all from A-Z, 0-9 and '<' (ICAO Doc 9303-10, 4.7.1).
func ParseDG1(file []byte) ([]string, error) { return nil, errors.New("not yet") }

// Face is one face of DG2: an encoded picture, not decoded.
type Face struct {
	Image         []byte
	MediaType     string // "image/jpeg" or "image/jp2", by the picture's own first bytes
	Width, Height int    // pixels as the record states them; 0 is unknown
}

// ParseDG2 gives the faces in DG2, at least one, in the file's order (ICAO Doc 9303-10, 4.7.2; ISO/IEC 19794-5:2005).
func ParseDG2(file []byte) ([]Face, error) { return nil, errors.New("not yet") }
