package chip

import (
	"strings"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust"
)

// revoked answers whether the signer's certificate has been taken back, and tells what else is known of its documents.
func (x *examination) revoked() answer {
	if a, missing := x.needSigner(); missing {
		return a
	}
	issuer, err := x.issuer()
	if err != nil {
		return x.revokedByAnyone(err)
	}
	r := x.trust.Revocation(x.signer, issuer, x.Day)
	why := revocationReasons(r)
	switch r.Status {
	case trust.StatusRevoked:
		return answer{verify.Failed, why}
	case trust.StatusGood:
		return answer{verify.Passed, append(why, x.knownFaults()...)}
	}
	return answer{verify.Undetermined, append(why, x.knownFaults()...)}
}

// revokedByAnyone answers for a signer whose issuer is not known, or does not count any longer: what that has revoked while it did
// stays revoked.
func (x *examination) revokedByAnyone(unknown error) answer {
	if r := x.trust.Revocation(x.signer, nil, x.Day); r.Status == trust.StatusRevoked {
		return answer{verify.Failed, revocationReasons(r)}
	}
	return undetermined(verify.Because(codeUnknownRevoker), issuerReason(unknown))
}

// revocationReasons tell what is known of a signer's revocation.
func revocationReasons(r trust.Revocation) []verify.Reason {
	day, list := isoDay(r.When), isoDay(r.List)
	switch r.Ground {
	case trust.GroundDefect:
		return []verify.Reason{defectReason(r.Defect)}
	case trust.GroundNotListed:
		return []verify.Reason{verify.Because(codeNotRevoked).With("list", list)}
	case trust.GroundNoList:
		return []verify.Reason{verify.Because(codeNoList)}
	case trust.GroundOutdated:
		return []verify.Reason{verify.Because(codeOutdatedList).With("list", list)}
	}
	if r.Cause != "" {
		return []verify.Reason{verify.Because(codeRevokedFor).With("day", day).With("cause", strings.ReplaceAll(r.Cause, " ", "_")).With("list", list)}
	}
	return []verify.Reason{verify.Because(codeRevoked).With("day", day).With("list", list)}
}
