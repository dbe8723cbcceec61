package chip

import (
	"fmt"
	"slices"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust"
)

// defect gives what a defect list says of the documents of the signer of EF.SOD, where it tells of this kind (BSI
// TR-03135-1, 5.8.2).
func (x *examination) defect(kind pki.DefectKind) (d trust.Defect, known bool) {
	if x.signer == nil {
		return d, false
	}
	return x.defectOf(x.signer, kind)
}

// defectOf is defect for any signer.
func (x *examination) defectOf(signer *pki.Certificate, kind pki.DefectKind) (d trust.Defect, known bool) {
	for _, d := range x.trust.Defects(signer) {
		if d.Kind == kind {
			return d, true
		}
	}
	return d, false
}

// malformed answers a check of something that is wrong, as a signature: it failed, unless a defect list says that the issuer itself has
// made it wrong. Then it proves nothing, either way.
func (x *examination) malformed(why verify.Reason, kind pki.DefectKind) answer {
	if d, known := x.defect(kind); known {
		return undetermined(why, defectReason(d))
	}
	return failed(why)
}

// excuse gives why the wrong hash of a data group is no sign of forgery: a defect list says that the issuer has made it so.
// For who the holder is, and for the keys of the chip, there is none.
func (x *examination) excuse(number int) (d trust.Defect, excused bool) {
	if x.signer == nil || slices.Contains([]int{1, 2, 14, 15}, number) {
		return d, false
	}
	for _, d := range x.trust.Defects(x.signer) {
		if d.Kind == pki.DefectDGMalformed && slices.Contains(d.DataGroups, number) {
			return d, true
		}
	}
	return d, false
}

// defectReason tells what a defect list says.
func defectReason(d trust.Defect) verify.Reason {
	if d.Kind == pki.DefectCertRevoked && 1 <= d.Status && d.Status <= 5 {
		return verify.Because(codeKnownRevoked).With("status", fmt.Sprint(d.Status)).With("publisher", d.Publisher).With("day", isoDay(d.Made))
	}
	if d.Kind == pki.DefectCertRevoked {
		return verify.Because(codeKnownWithdrawn).With("publisher", d.Publisher).With("day", isoDay(d.Made))
	}
	if len(d.DataGroups) == 0 {
		return verify.Because(codeKnownDefect).With("kind", string(d.Kind)).With("publisher", d.Publisher).With("day", isoDay(d.Made))
	}
	var groups []string
	for _, number := range d.DataGroups {
		groups = append(groups, dataGroup(number))
	}
	return verify.Because(codeKnownGroups).With("kind", string(d.Kind)).With("groups", groups...).With("publisher", d.Publisher).With("day", isoDay(d.Made))
}

// deviationReason tells what a deviation list says.
func deviationReason(d trust.KnownDeviation) verify.Reason {
	told := verify.Because(codeKnownDeviant)
	if d.DataGroup > 0 {
		told = verify.Because(codeKnownGroup).With("group", dataGroup(d.DataGroup))
	}
	return told.With("kind", string(d.Kind)).With("publisher", d.Publisher).With("day", isoDay(d.Made))
}
