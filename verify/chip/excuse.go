package chip

import (
	"slices"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// defect gives what a defect list says of the documents of the signer of EF.SOD, where it tells of this kind (BSI
// TR-03135-1, 5.8.2).
func (x *examination) defect(kind pki.DefectKind) (why string, known bool) {
	if x.signer == nil {
		return "", false
	}
	return x.defectOf(x.signer, kind)
}

// defectOf is defect for any signer.
func (x *examination) defectOf(signer *pki.Certificate, kind pki.DefectKind) (why string, known bool) {
	for _, d := range x.trust.Defects(signer) {
		if d.Kind == kind {
			return d.Reason, true
		}
	}
	return "", false
}

// malformed answers a check of something that is wrong, as a signature: it failed, unless a defect list says that the issuer itself has
// made it wrong. Then it proves nothing, either way.
func (x *examination) malformed(reason string, kind pki.DefectKind) answer {
	if why, known := x.defect(kind); known {
		return answer{verify.Undetermined, reason + "; " + why}
	}
	return answer{verify.Failed, reason}
}

// excuse gives why the wrong hash of a data group is no sign of forgery: a defect list says that the issuer has made it so.
// For who the holder is, and for the keys of the chip, there is none.
func (x *examination) excuse(number int) (why string, excused bool) {
	if x.signer == nil || slices.Contains([]int{1, 2, 14, 15}, number) {
		return "", false
	}
	for _, d := range x.trust.Defects(x.signer) {
		if d.Kind == pki.DefectDGMalformed && slices.Contains(d.DataGroups, number) {
			return d.Reason, true
		}
	}
	return "", false
}
