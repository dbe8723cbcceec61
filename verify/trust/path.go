package trust

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// Why an issuer is not known, for errors.Is. None is evidence of forgery.
var (
	ErrNoIssuer   = errors.New("no CSCA of this issuer in the trust store")
	ErrNoKey      = errors.New("no CSCA of this issuer in the trust store has the key that is named: a newer one may be missing")
	ErrNoAncestor = errors.New("the issuer is a link certificate whose own issuer is not in the trust store, or had expired before")
)

// Bounds of how many keys are tried on one signature, of those that are trusted and of others. A state has a dozen.
const (
	maxKeys      = 64
	maxUntrusted = 8
)

// issued is what a CSCA issues: a [pki.Certificate] or a [pki.CRL].
type issued interface {
	IssuerIndex() string
	IssuedInNameOf(issuer *pki.Certificate) bool
	NamesKeyOf(issuer *pki.Certificate) bool
	CheckSignedBy(issuer *pki.Certificate) error
}

// CertificationPath finds the certificate that issued c and is trusted, and gives it with those that it is signed down from, up to
// the anchor, which is a self-signed CSCA that counts: one to nine certificates, c not among them. Where several certificates have
// the key, one that was valid on c's first day is preferred.
//
// The error is a [pki.ErrSignature] where c contradicts a trusted key: that has signed it with other content, or did not sign it
// although c names it by its digest. That is evidence of a forgery. Any other is none, and says for people why the issuer is not
// known: a [pki.ErrUnsupported] where its signature cannot be checked here, else that the store lacks a CSCA, or that it counts no
// longer.
//
// That c names a key which is trusted, and is signed by another, is evidence where the key identifier is a digest of that key:
// c says by which key it is signed, and is not. Else it accuses nobody: a State renews its keys under one name, the store
// cannot know that it has all of them, and six of the 588 CSCAs of the German list have an identifier that is no digest of their
// key, in whichever way: a number, say, which a new key may inherit. Neither ICAO Doc 9303-12, 7.1, nor RFC 5280,
// 4.2.1.2, says how it must be made.
func (s *Store) CertificationPath(c *pki.Certificate) ([]*pki.Certificate, error) {
	return s.walk(c, c.NotBefore)
}

// pathOfCRL is [Store.CertificationPath] for a revocation list.
func (s *Store) pathOfCRL(l *pki.CRL) ([]*pki.Certificate, error) {
	return s.walk(l, l.ThisUpdate)
}

// HasIssuer says whether [Store.CertificationPath] finds c's issuer. Why not is not asked for, which would try keys that nobody
// vouches for.
func (s *Store) HasIssuer(c *pki.Certificate) bool {
	trusted, _ := s.namesakes(c)
	return slices.ContainsFunc(trusted[:min(len(trusted), maxKeys)], func(path []*pki.Certificate) bool {
		return c.CheckSignedBy(path[0]) == nil
	})
}

// walk finds the issuer of what was issued on that day, with at most maxLinks link certificates between it and an anchor. Only
// what is trusted accuses: that a link which nobody vouches for has the key's name says nothing.
func (s *Store) walk(c issued, day time.Time) (found []*pki.Certificate, err error) {
	var refusals []refusal
	keyHeld := false
	trusted, untrusted := s.namesakes(c)
	for _, path := range trusted[:min(len(trusted), maxKeys)] {
		keyHeld = keyHeld || c.NamesKeyOf(path[0])
		if err := c.CheckSignedBy(path[0]); err != nil {
			refusals = append(refusals, refusal{err, c.NamesKeyOf(path[0]) && path[0].KeyIDIsDigest()})
		} else if path[0].ValidOn(day) {
			return path, nil
		} else {
			found = path
		}
	}
	if found != nil {
		return found, nil
	}
	if issuer := signerAmong(c, untrusted[:min(len(untrusted), maxUntrusted)]); issuer != nil {
		if why := s.whyDistrusted(issuer); why != "" {
			return nil, DistrustedError{issuer.Subject, why}
		}
		return nil, ErrNoAncestor
	}
	switch {
	case len(trusted) == 0:
		return nil, ErrNoIssuer
	case !keyHeld && !contradicted(refusals):
		return nil, ErrNoKey
	}
	return nil, refused(refusals)
}

// signerAmong gives the first of the certificates with whose key c is signed; nil where there is none.
func signerAmong(c issued, issuers []*pki.Certificate) *pki.Certificate {
	i := slices.IndexFunc(issuers, func(issuer *pki.Certificate) bool { return c.CheckSignedBy(issuer) == nil })
	if i < 0 {
		return nil
	}
	return issuers[i]
}

// DistrustedError is that the issuer stands in the store, and no longer counts.
type DistrustedError struct {
	Issuer string // its subject
	why    string
}

// Error names the issuer, and why it counts no longer.
func (e DistrustedError) Error() string {
	return e.Issuer + " issued it, which no longer counts: " + e.why
}

// OtherKeyError is that something has another signature than by any of the CSCAs that it names.
type OtherKeyError struct {
	Tried int // how many have the issuer's name
}

// Error says what staff need to know: this is how a forgery looks, and how a missing CSCA does.
func (e OtherKeyError) Error() string {
	return fmt.Sprintf("the issuer's signature does not fit the CSCA in the trust store that has the issuer's name and key identifier "+
		"(%d of that name tried): it is forged, or a CSCA with the same identifier and another key is missing in the store", e.Tried)
}

// refusal is a trusted certificate of the issuer's name that did not sign.
type refusal struct {
	err   error
	named bool // its key is the one that is named, beyond doubt
}

// contradicted says whether one of the refusals is evidence.
func contradicted(refusals []refusal) bool {
	return slices.ContainsFunc(refusals, func(r refusal) bool { return errors.Is(r.err, pki.ErrOtherContent) })
}

// refused sums up that no key of the issuer's name fits, although one has the identifier that is named. One that has signed
// other content was the issuer's, and one that could not be tried leaves it open.
func refused(refusals []refusal) error {
	forged := error(OtherKeyError{Tried: len(refusals)})
	for _, r := range refusals {
		switch {
		case errors.Is(r.err, pki.ErrOtherContent):
			return fmt.Errorf("changed after a CSCA of the trust store had signed it: %w", r.err)
		case !errors.Is(r.err, pki.ErrSignature):
			return fmt.Errorf("signature of the issuer: %w", r.err)
		case r.named:
			forged = fmt.Errorf("it names a CSCA of the trust store by its key's digest, whose key did not sign it: %w", r.err)
		}
	}
	return forged
}
