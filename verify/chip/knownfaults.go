package chip

import (
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// knownFaults are what lists of defects and deviations say of the document. What revokes the signer is left out: that is an answer of
// its own.
func (x *examination) knownFaults() (found []verify.Reason) {
	for _, d := range x.trust.Defects(x.signer) {
		if d.Kind != pki.DefectCertRevoked {
			found = append(found, defectReason(d))
		}
	}
	code, number := x.document()
	for _, d := range x.trust.Deviations(x.signer, code, number) {
		found = append(found, deviationReason(d))
		if !d.IssuedFrom.IsZero() {
			found = append(found, verify.Because(codeKnownPeriod).With("from", isoDay(d.IssuedFrom)).With("until", isoDay(d.IssuedTo)))
		}
	}
	return found
}

// document gives the document's code and number as DG1 has them; empty where it cannot be read.
func (x *examination) document() (code, number string) {
	zone, err := mrz.Parse(x.lines, x.Day)
	if err != nil {
		return "", ""
	}
	return zone.Fields.DocumentCode, zone.Fields.DocumentNumber
}
