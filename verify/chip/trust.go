package chip

import (
	"errors"
	"fmt"
	"maps"
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

// maxLinks bounds how many link certificates are walked from a signer to an anchor: more key changes than the life of a
// passport holds.
const maxLinks = 8

// issued is what a CSCA issues: a [pki.Certificate] or a [pki.CRL].
type issued interface {
	IssuedInNameOf(issuer *pki.Certificate) bool
	NamesKeyOf(issuer *pki.Certificate) bool
	CheckSignedBy(issuer *pki.Certificate) error
}

// issuerOf finds the certificate that issued c and is trusted. The error is one of those above; a [pki.ErrSignature] when a
// certificate of the issuer's name has the key that c names, and c is signed with no key of that name; or a
// [pki.ErrUnsupported] when that cannot be told. Countries renew their keys under one name, so a signer that names a key
// which the store lacks is unknown, not forged. Where several certificates have the key, one that was valid on c's first
// day is preferred.
func (s *Store) issuerOf(c *pki.Certificate) (*pki.Certificate, error) {
	return s.walk(c, c.NotBefore)
}

// issuerOfCRL finds the certificate that issued a revocation list and is trusted, as issuerOf does.
func (s *Store) issuerOfCRL(l *pki.CRL) (*pki.Certificate, error) {
	return s.walk(l, l.ThisUpdate)
}

// walk finds the issuer of what was issued on that day, with at most maxLinks link certificates between it and an anchor.
func (s *Store) walk(c issued, day time.Time) (*pki.Certificate, error) {
	var refusals []error
	seen := map[*pki.Certificate]bool{}
	var found *pki.Certificate
	linked, keyHeld := false, false
	for _, issuer := range s.namesakes(c) {
		keyHeld = keyHeld || c.NamesKeyOf(issuer)
		if err := c.CheckSignedBy(issuer); err != nil {
			refusals = append(refusals, err)
		} else if !s.trusts(issuer, seen) {
			linked = true
		} else if issuer.ValidOn(day) {
			return issuer, nil
		} else {
			found = issuer
		}
	}
	switch {
	case found != nil:
		return found, nil
	case linked:
		return nil, errNoAncestor
	case len(refusals) == 0:
		return nil, errNoIssuer
	case !keyHeld:
		return nil, errNoKey
	}
	return nil, refused(refusals)
}

// namesakes are the certificates of the issuer's name, those first that have the key which c names: it is nearly always one
// of these, and trying each key of a country takes its time.
func (s *Store) namesakes(c issued) []*pki.Certificate {
	var likely, others []*pki.Certificate
	for _, id := range slices.Sorted(maps.Keys(s.certificates)) {
		switch issuer := s.certificates[id].content; {
		case !c.IssuedInNameOf(issuer):
		case c.NamesKeyOf(issuer):
			likely = append(likely, issuer)
		default:
			others = append(others, issuer)
		}
	}
	return append(likely, others...)
}

// trusts says whether a certificate of the store is an anchor or linked to one. None is asked twice, and seen are those that
// were: states link two keys in both directions, and several certificates may have one key.
func (s *Store) trusts(c *pki.Certificate, seen map[*pki.Certificate]bool) bool {
	linked := []*pki.Certificate{c}
	for range maxLinks + 1 {
		var issuers []*pki.Certificate
		for _, c := range linked {
			if c.SelfSigned() {
				return true
			}
			if !seen[c] {
				seen[c] = true
				issuers = append(issuers, s.issuersOf(c)...)
			}
		}
		linked = issuers
	}
	return false
}

// issuersOf gives the certificates of the store under whose keys, and in whose names, c is issued.
func (s *Store) issuersOf(c *pki.Certificate) []*pki.Certificate {
	return slices.DeleteFunc(s.namesakes(c), func(issuer *pki.Certificate) bool { return c.CheckSignedBy(issuer) != nil })
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
