package chip

import (
	"fmt"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// revocation says whether signer, which issuer issued, has been taken back as of day, by a revocation list of the issuer or
// a defect list. Revoked is said by any list, current or not; that it is not is known only by a revocation list that was
// current on day. Why is the reason for either answer, and for none.
func (s *Store) revocation(signer, issuer *pki.Certificate, day time.Time) (revoked, known bool, why string) {
	if why, withdrawn := s.withdrawn(signer); withdrawn {
		return true, true, why
	}
	if why := s.current().revokedByIssuer(signer); why != "" {
		return true, true, "the signer was " + why
	}
	var newest *pki.CRL
	for _, list := range s.current().crls[issuer.SubjectIndex()] {
		if list.counts && !list.Partial && list.IssuedInNameOf(issuer) && list.isOf(issuer.Country) && (newest == nil || list.ThisUpdate.After(newest.ThisUpdate)) {
			newest = list.CRL
		}
	}
	switch {
	case newest == nil:
		return false, false, "the trust store has no revocation list of the signer's issuer"
	case !newest.CoversDay(day):
		return false, false, "the newest revocation list of the signer's issuer, of " + newest.ThisUpdate.Format(isoDay) +
			", is outdated: import a newer one"
	}
	return false, true, "not in its issuer's revocation list of " + newest.ThisUpdate.Format(isoDay)
}

// reasonOf writes why a certificate was revoked, where that is stated.
func reasonOf(r pki.Revocation) string {
	if r.Reason == "" {
		return ""
	}
	return fmt.Sprintf(" (%s)", r.Reason)
}

// revoked answers whether the signer's certificate has been taken back, and tells what else is known of its documents.
func (x *examination) revoked() answer {
	if a, missing := x.needSigner(); missing {
		return a
	}
	issuer, err := x.issuer()
	if err != nil {
		return x.revokedByAnyone(err)
	}
	revoked, known, why := x.trust.revocation(x.signer, issuer, x.Day)
	switch {
	case revoked:
		return answer{verify.Failed, why}
	case known:
		return answer{verify.Passed, why + x.knownFaults()}
	}
	return answer{verify.Undetermined, why + x.knownFaults()}
}

// revokedByAnyone answers for a signer whose issuer is not known, or does not count any longer: what that has revoked while it did
// stays revoked.
func (x *examination) revokedByAnyone(unknown error) answer {
	if why, withdrawn := x.trust.withdrawn(x.signer); withdrawn {
		return answer{verify.Failed, why}
	}
	if why := x.trust.current().revokedByIssuer(x.signer); why != "" {
		return answer{verify.Failed, "the signer was " + why}
	}
	return answer{verify.Undetermined, "the signer's issuer is not known, nor what it revoked: " + unknown.Error()}
}
