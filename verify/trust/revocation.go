package trust

import (
	"fmt"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// RevocationStatus is what is known of a certificate's revocation: good, revoked or unknown (RFC 6960, 2.2).
type RevocationStatus int

// What may be known.
const (
	StatusUnknown RevocationStatus = iota // no revocation list says that it is not revoked
	StatusGood
	StatusRevoked
)

// Revocation says whether signer, which issuer issued, has been revoked as of day, by a revocation list of its issuer or by a defect
// list. Any list revokes, current or not; that a signer is not revoked is known only from a revocation list of its issuer that was
// current on day, and so not where the issuer is unknown, which is nil. Why is the reason for people; empty for an unknown issuer
// and a signer that is not revoked.
func (s *Store) Revocation(signer, issuer *pki.Certificate, day time.Time) (status RevocationStatus, why string) {
	if why, withdrawn := s.withdrawn(signer); withdrawn {
		return StatusRevoked, why
	}
	if why := s.current().revokedByIssuer(signer); why != "" {
		return StatusRevoked, "the signer was " + why
	}
	if issuer == nil {
		return StatusUnknown, ""
	}
	var newest *pki.CRL
	for _, list := range s.current().crls[issuer.SubjectIndex()] {
		if list.counts && !list.Partial && list.IssuedInNameOf(issuer) && list.isOf(issuer.Country) && (newest == nil || list.ThisUpdate.After(newest.ThisUpdate)) {
			newest = list.CRL
		}
	}
	switch {
	case newest == nil:
		return StatusUnknown, "the trust store has no revocation list of the signer's issuer"
	case !newest.CoversDay(day):
		return StatusUnknown, "the newest revocation list of the signer's issuer, of " + newest.ThisUpdate.Format(time.DateOnly) +
			", is outdated: import a newer one"
	}
	return StatusGood, "not in its issuer's revocation list of " + newest.ThisUpdate.Format(time.DateOnly)
}

// reasonOf writes why a certificate was revoked, where that is stated.
func reasonOf(r pki.Revocation) string {
	if r.Reason == "" {
		return ""
	}
	return fmt.Sprintf(" (%s)", r.Reason)
}
