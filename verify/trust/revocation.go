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

// Ground is what a [Revocation] rests on.
type Ground int

// The grounds.
const (
	GroundNone      Ground = iota // the issuer is not known
	GroundDefect                  // a defect list revokes
	GroundRevoked                 // a revocation list does
	GroundNotListed               // a current revocation list does not
	GroundNoList                  // there is none
	GroundOutdated                // there is none that is current
)

// Revocation is what is known of a signer's revocation, and by what.
type Revocation struct {
	Status RevocationStatus
	Ground Ground
	Defect Defect    // of GroundDefect
	When   time.Time // of GroundRevoked: the day of revocation
	Cause  string    // likewise: as [pki.Revocation] has it; empty where none is stated
	List   time.Time // of GroundRevoked, GroundNotListed and GroundOutdated: the day of the list
}

// Revocation says whether signer, which issuer issued, has been revoked as of day, by a revocation list of its issuer or by a defect
// list. Any list revokes, current or not; that a signer is not revoked is known only from a revocation list of its issuer that was
// current on day, and so not where the issuer is unknown, which is nil.
func (s *Store) Revocation(signer, issuer *pki.Certificate, day time.Time) Revocation {
	if d, withdrawn := s.withdrawalBy(s.current().lists, signer); withdrawn {
		return Revocation{Status: StatusRevoked, Ground: GroundDefect, Defect: d}
	}
	if r, list, revoked := s.current().revocationByIssuer(signer); revoked {
		return Revocation{Status: StatusRevoked, Ground: GroundRevoked, When: r.When, Cause: r.Reason, List: list}
	}
	if issuer == nil {
		return Revocation{}
	}
	var newest *pki.CRL
	for _, list := range s.current().crls[issuer.SubjectIndex()] {
		if list.counts && !list.Partial && list.IssuedInNameOf(issuer) && list.isOf(issuer.Country) && (newest == nil || list.ThisUpdate.After(newest.ThisUpdate)) {
			newest = list.CRL
		}
	}
	switch {
	case newest == nil:
		return Revocation{Ground: GroundNoList}
	case !newest.CoversDay(day):
		return Revocation{Ground: GroundOutdated, List: newest.ThisUpdate}
	}
	return Revocation{Status: StatusGood, Ground: GroundNotListed, List: newest.ThisUpdate}
}

// reasonOf writes why a certificate was revoked, where that is stated.
func reasonOf(r pki.Revocation) string {
	if r.Reason == "" {
		return ""
	}
	return fmt.Sprintf(" (%s)", r.Reason)
}
