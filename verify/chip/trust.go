package chip

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// Why an issuer is not known. Neither is evidence of forgery.
var (
	errNoIssuer   = errors.New("no CSCA of this issuer in the trust store")
	errNoKey      = errors.New("no CSCA of this issuer in the trust store has the key that is named: a newer one may be missing")
	errNoAncestor = errors.New("the issuer is a link certificate whose own issuer is not in the trust store")
)

// Bounds of how many keys are tried on one signature, of those that are trusted and of others. A state has a dozen.
const (
	maxKeys      = 64
	maxStrangers = 8
)

// issued is what a CSCA issues: a [pki.Certificate] or a [pki.CRL].
type issued interface {
	IssuerIndex() string
	IssuedInNameOf(issuer *pki.Certificate) bool
	NamesKeyOf(issuer *pki.Certificate) bool
	CheckSignedBy(issuer *pki.Certificate) error
}

// issuerOf finds the certificate that issued c and is trusted, and gives it with those that it is signed down from, up to the
// anchor. The error is one of those above; a [pki.ErrSignature] when a trusted certificate of the issuer's name has the key that
// c names, and c is signed with no trusted key of that name; or a [pki.ErrUnsupported] when that cannot be told. Countries
// renew their keys under one name, so a signer that names a key which the store lacks is unknown, not forged. Where several
// certificates have the key, one that was valid on c's first day is preferred.
func (s *Store) issuerOf(c *pki.Certificate) ([]*pki.Certificate, error) {
	return s.walk(c, c.NotBefore)
}

// issuerOfCRL finds the certificate that issued a revocation list and is trusted, as issuerOf does.
func (s *Store) issuerOfCRL(l *pki.CRL) (*pki.Certificate, error) {
	path, err := s.walk(l, l.ThisUpdate)
	if err != nil {
		return nil, err
	}
	return path[0], nil
}

// walk finds the issuer of what was issued on that day, with at most maxLinks link certificates between it and an anchor. Only
// what is trusted accuses: that a link which nobody vouches for has the key's name says nothing.
func (s *Store) walk(c issued, day time.Time) (found []*pki.Certificate, err error) {
	var refusals []error
	keyHeld := false
	trusted, strangers := s.namesakes(c)
	for _, path := range trusted[:min(len(trusted), maxKeys)] {
		keyHeld = keyHeld || c.NamesKeyOf(path[0])
		if err := c.CheckSignedBy(path[0]); err != nil {
			refusals = append(refusals, err)
		} else if path[0].ValidOn(day) {
			return path, nil
		} else {
			found = path
		}
	}
	switch {
	case found != nil:
		return found, nil
	case signedByAny(c, strangers[:min(len(strangers), maxStrangers)]):
		return nil, errNoAncestor
	case len(trusted) == 0:
		return nil, errNoIssuer
	case !keyHeld:
		return nil, errNoKey
	}
	return nil, refused(refusals)
}

// signedByAny says whether c is signed with a key of one of these certificates.
func signedByAny(c issued, issuers []*pki.Certificate) bool {
	return slices.ContainsFunc(issuers, func(issuer *pki.Certificate) bool { return c.CheckSignedBy(issuer) == nil })
}

// issuerName names an issuer in a reason, with how its certificate deviates.
func issuerName(issuer *pki.Certificate) string {
	if deviation := issuer.IssuerDeviation(); deviation != "" {
		return issuer.Subject + " (" + deviation + ")"
	}
	return issuer.Subject
}

// refused sums up that no key of the issuer's name fits, although one has the identifier that is named. One that
// could not be tried leaves it open.
func refused(refusals []error) error {
	for _, err := range refusals {
		if !errors.Is(err, pki.ErrSignature) {
			return fmt.Errorf("signature of the issuer: %w", err)
		}
	}
	return fmt.Errorf("%w under any of %d CSCA certificates of its issuer's name", pki.ErrSignature, len(refusals))
}
