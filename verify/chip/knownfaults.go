package chip

import (
	"strings"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/mrz"
)

// knownFaults gives, for people, what lists of defects and deviations say of the document; empty when they say nothing.
// What revokes the signer is left out: that is an answer of its own.
func (x *examination) knownFaults() string {
	var found []string
	for _, d := range x.trust.Defects(x.signer) {
		if d.Kind != pki.DefectCertRevoked {
			found = append(found, d.Reason)
		}
	}
	code, number := x.document()
	found = append(found, x.trust.Deviations(x.signer, code, number)...)
	if len(found) == 0 {
		return ""
	}
	return "; known of such documents: " + strings.Join(found, "; ")
}

// document gives the document's code and number as DG1 has them; empty where it cannot be read.
func (x *examination) document() (code, number string) {
	zone, err := mrz.Parse(x.lines, x.Day)
	if err != nil {
		return "", ""
	}
	return zone.Fields.DocumentCode, zone.Fields.DocumentNumber
}
