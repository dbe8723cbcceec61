package trust

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// maxUnsigned bounds how many revocation lists of one directory are tried, in the name of one issuer, that none of its keys signed:
// anyone can write them, and each is tried with every key of a state.
const maxUnsigned = 32

// crlCandidate is a revocation list that an import has, and that may come to be taken.
type crlCandidate struct {
	list   *pki.CRL
	bundle *bundle
	path   []*pki.Certificate // from its issuer up to the anchor; nil where that is not known
	err    error              // why it is not taken so far
}

// crlCandidates parses the revocation lists, in the order in which they were issued, the newest first, whichever they came in.
func crlCandidates(bundles []*bundle) []*crlCandidate {
	var lists []*crlCandidate
	for i, b := range items(bundles, kindCRL) {
		list, err := pki.ParseCRL(i.content)
		if err != nil {
			b.refuse("", err)
			continue
		}
		lists = append(lists, &crlCandidate{list: list, bundle: b})
	}
	slices.SortStableFunc(lists, func(candidate, b *crlCandidate) int {
		return cmp.Or(b.list.ThisUpdate.Compare(candidate.list.ThisUpdate), cmp.Compare(fingerprint(candidate.list.Raw), fingerprint(b.list.Raw)))
	})
	return lists
}

// takeCRLs adds the revocation lists that a CSCA of the store signed, a newer one in the place of an older, and gives those whose
// issuer may yet be known. They may revoke each other's issuers: each is taken by what counts without the others.
func (s *Store) takeCRLs(lists []*crlCandidate, terms Terms) (left []*crlCandidate, err error) {
	var taken []*crlCandidate
	for _, candidate := range lists {
		switch later := s.mayTakeCRL(candidate, terms); {
		case later:
			left = append(left, candidate)
		case candidate.path != nil:
			taken = append(taken, candidate)
		}
	}
	for _, candidate := range taken {
		if err := s.addCRL(candidate.list, candidate.path, candidate.bundle); err != nil {
			return nil, err
		}
	}
	return left, nil
}

// mayTakeCRL finds the issuer of one that may be taken; later says that it is not known.
func (s *Store) mayTakeCRL(candidate *crlCandidate, terms Terms) (later bool) {
	id := fingerprint(candidate.list.Raw)
	if _, known := s.crls[id]; known {
		candidate.bundle.result.Known++
		return false
	}
	if err := s.mayTake(id, signedDigest(candidate.list), terms.Again); err != nil {
		candidate.bundle.rejectUnvouched(candidate.list.Issuer, err)
		return false
	}
	if isAfter(candidate.list.ThisUpdate, terms.Day) {
		candidate.bundle.refuse(candidate.list.Issuer, fmt.Errorf("it was issued on %s, which is after %s: set the clock, or wait",
			candidate.list.ThisUpdate.Format(time.DateOnly), terms.Day.Format(time.DateOnly)))
		return false
	}
	name := candidate.list.IssuerIndex()
	if candidate.bundle.directory && candidate.bundle.unsigned[name] >= maxUnsigned {
		candidate.bundle.reject(candidate.list.Issuer, "a directory has many revocation lists in this name that its issuer did not sign")
		return false
	}
	candidate.path, candidate.err = s.pathOfCRL(candidate.list)
	if errors.Is(candidate.err, pki.ErrSignature) || errors.As(candidate.err, new(OtherKeyError)) {
		candidate.bundle.countUnsigned(name)
		candidate.bundle.refuse(candidate.list.Issuer, fmt.Errorf("revocation list: %w", candidate.err))
		return false
	}
	return candidate.err != nil
}

// addCRL puts a revocation list into the store, unless a newer one of the same issuer and key is there. That one names the
// same key as another is no proof of it: it takes the place of none that its own issuer's key did not sign.
func (s *Store) addCRL(list *pki.CRL, path []*pki.Certificate, b *bundle) error {
	id := fingerprint(list.Raw)
	if _, known := s.crls[id]; known {
		b.result.Known++
		return nil
	}
	var older []string
	for id, h := range s.crls {
		if !h.content.SameIssuerAs(list) || h.content.CheckSignedBy(path[0]) != nil {
			continue
		}
		if !list.ThisUpdate.After(h.content.ThisUpdate) {
			b.reject(list.Issuer, "the store has a newer revocation list of this issuer, of "+
				h.content.ThisUpdate.Format(time.DateOnly))
			return nil
		}
		older = append(older, id)
	}
	origin := b.origin
	origin.Signed, origin.Path = list.ThisUpdate, fingerprints(path)
	if err := s.save(id, kindCRL, list.Raw, origin); err != nil {
		return err
	}
	s.crls[id] = held[*pki.CRL]{list, origin}
	b.result.Imported++
	for _, id := range older {
		s.dropCRL(id)
	}
	s.lineage.forget()
	return nil
}
