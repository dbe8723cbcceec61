package emrtd

import "fmt"

// Data objects of EF.DIR (ISO/IEC 7816-4, 12.2.3).
const (
	tagApplication = 0x61
	tagAID         = 0x4F
	tagLabel       = 0x50
)

// The length of an application identifier in bytes: a registered provider, and what that adds (ISO/IEC 7816-4, 12.2.3).
const (
	minAID = 5
	maxAID = 16
)

// maxApplications bounds what is taken for a directory; the applications for travel documents are four.
const maxApplications = 32

// Application is an entry of EF.DIR.
type Application struct {
	AID   []byte // 5 to 16 bytes; a0000002471001 is the ePassport application
	Label string // for people, as it stands there; empty where there is none
}

// ParseDIR gives the applications that EF.DIR lists, at most 32: application templates, and identifiers that stand alone
// (ICAO Doc 9303-10, 3.11.2; ISO/IEC 7816-4, 12.2.3). Zeros behind them fill the file up; objects of other kinds are
// passed over.
func ParseDIR(file []byte) ([]Application, error) {
	var applications []Application
	for rest := file; len(rest) > 0 && rest[0] != 0x00; {
		tag, value, after, err := nextTLV(rest)
		if err != nil {
			return nil, fmt.Errorf("EF.DIR: %w", err)
		}
		if tag == tagAID {
			tag, value = tagApplication, rest[:len(rest)-len(after)]
		}
		rest = after
		if tag != tagApplication {
			continue
		}
		application, err := parseApplication(value)
		if err != nil {
			return nil, fmt.Errorf("EF.DIR: %w", err)
		}
		if applications = append(applications, application); len(applications) > maxApplications {
			return nil, fmt.Errorf("EF.DIR: %w: more than %d applications", errTLV, maxApplications)
		}
	}
	return applications, nil
}

// parseApplication takes the contents of an application template apart.
func parseApplication(template []byte) (a Application, err error) {
	for rest := template; len(rest) > 0; {
		tag, value, after, err := nextTLV(rest)
		if err != nil {
			return a, err
		}
		switch tag {
		case tagAID:
			a.AID = value
		case tagLabel:
			a.Label = string(value)
		}
		rest = after
	}
	if len(a.AID) < minAID || len(a.AID) > maxAID {
		return a, fmt.Errorf("%w: application identifier of %d bytes", errTLV, len(a.AID))
	}
	return a, nil
}
