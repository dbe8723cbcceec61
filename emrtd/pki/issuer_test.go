package pki_test

import (
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki"
)

func TestWhetherACertificateSignsOthersIsReadFromKeyUsageAndBasicConstraints(t *testing.T) {
	const no, none = pki.DeviationConstraints, pki.DeviationNoConstraints
	party := newCSCA(t, "CSCA")
	for name, c := range map[string]struct {
		constraints, usage string // DER; left out when empty
		signs              bool
		deviation          pki.Deviation
	}{
		"both":                            {"3003 0101FF", "0302 0106", true, ""},
		"both, and how many may follow":   {"3006 0101FF 020100", "0302 0106", true, ""},
		"true as BER has it":              {"3003 010101", "0302 0106", true, ""},
		"CA alone":                        {"3003 0101FF", "", true, ""},
		"no CA by default":                {"3000", "0302 0106", true, no},
		"no CA, spelt out":                {"3003 010100", "0302 0106", true, no},
		"no CA, and how many may follow":  {"3003 020100", "0302 0106", true, no},
		"key usage alone":                 {"", "0302 0204", true, none},
		"with decipherOnly":               {"", "0303 070480", true, none},
		"neither":                         {"", "", false, ""},
		"neither CA nor usage":            {"3000", "", false, ""},
		"CA, and a usage that denies it":  {"3003 0101FF", "0302 0780", false, ""},
		"a usage of no bits":              {"3003 0101FF", "0301 00", false, ""},
		"the bit is one of the unused":    {"3000", "0302 0304", false, ""},
		"more bits unused than there are": {"3000", "0302 0904", false, ""},
	} {
		l := newLoose(t, party)
		l.extensions = []byte{}
		if c.constraints != "" {
			l.extensions = slices.Concat(l.extensions, extension(unhex(t, c.constraints), 2, 5, 29, 19))
		}
		if c.usage != "" {
			l.extensions = slices.Concat(l.extensions, extension(unhex(t, c.usage), 2, 5, 29, 15))
		}
		certificate := parseLoose(t, l)
		if certificate.SignsCertificates() != c.signs || certificate.IssuerDeviation() != c.deviation {
			t.Errorf("%s: %v, %q", name, certificate.SignsCertificates(), certificate.IssuerDeviation())
		}
	}
}
