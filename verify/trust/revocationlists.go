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

// crlArrival is a revocation list on its way into the store.
type crlArrival struct {
	list   *pki.CRL
	parcel *parcel
	path   []*pki.Certificate // from its issuer up to the anchor; nil where that is not known
	err    error              // why it is not taken so far
}

// revocationLists parses the revocation lists, in the order in which they were issued, the newest first, whichever they came in.
func revocationLists(parcels []*parcel) []*crlArrival {
	var lists []*crlArrival
	for i, p := range items(parcels, kindCRL) {
		list, err := pki.ParseCRL(i.content)
		if err != nil {
			p.refuse("", err)
			continue
		}
		lists = append(lists, &crlArrival{list: list, parcel: p})
	}
	slices.SortStableFunc(lists, func(a, b *crlArrival) int {
		return cmp.Or(b.list.ThisUpdate.Compare(a.list.ThisUpdate), cmp.Compare(fingerprint(a.list.Raw), fingerprint(b.list.Raw)))
	})
	return lists
}

// takeCRLs adds the revocation lists that a CSCA of the store signed, a newer one in the place of an older, and gives those whose
// issuer may yet be known. They may revoke each other's issuers: each is taken by what counts without the others.
func (s *Store) takeCRLs(lists []*crlArrival, terms Terms) (left []*crlArrival, err error) {
	var taken []*crlArrival
	for _, a := range lists {
		switch later := s.mayTakeCRL(a, terms); {
		case later:
			left = append(left, a)
		case a.path != nil:
			taken = append(taken, a)
		}
	}
	for _, a := range taken {
		if err := s.addCRL(a.list, a.path, a.parcel); err != nil {
			return nil, err
		}
	}
	return left, nil
}

// mayTakeCRL finds the issuer of one that may be taken; later says that it is not known.
func (s *Store) mayTakeCRL(a *crlArrival, terms Terms) (later bool) {
	id := fingerprint(a.list.Raw)
	if _, known := s.crls[id]; known {
		a.parcel.result.Known++
		return false
	}
	if err := s.mayTake(id, signedDigest(a.list), terms.Again); err != nil {
		a.parcel.rejectUnvouched(a.list.Issuer, err)
		return false
	}
	if isAfter(a.list.ThisUpdate, terms.Day) {
		a.parcel.refuse(a.list.Issuer, fmt.Errorf("it was issued on %s, which is after %s: set the clock, or wait",
			a.list.ThisUpdate.Format(time.DateOnly), terms.Day.Format(time.DateOnly)))
		return false
	}
	name := a.list.IssuerIndex()
	if a.parcel.directory && a.parcel.unsigned[name] >= maxUnsigned {
		a.parcel.reject(a.list.Issuer, "a directory has many revocation lists in this name that its issuer did not sign")
		return false
	}
	a.path, a.err = s.pathOfCRL(a.list)
	if errors.Is(a.err, pki.ErrSignature) || errors.As(a.err, new(otherKeyError)) {
		a.parcel.countUnsigned(name)
		a.parcel.refuse(a.list.Issuer, fmt.Errorf("revocation list: %w", a.err))
		return false
	}
	return a.err != nil
}

// addCRL puts a revocation list into the store, unless a newer one of the same issuer and key is there. That one names the
// same key as another is no proof of it: it takes the place of none that its own issuer's key did not sign.
func (s *Store) addCRL(list *pki.CRL, path []*pki.Certificate, p *parcel) error {
	id := fingerprint(list.Raw)
	if _, known := s.crls[id]; known {
		p.result.Known++
		return nil
	}
	var older []string
	for id, h := range s.crls {
		if !h.content.SameIssuerAs(list) || h.content.CheckSignedBy(path[0]) != nil {
			continue
		}
		if !list.ThisUpdate.After(h.content.ThisUpdate) {
			p.reject(list.Issuer, "the store has a newer revocation list of this issuer, of "+
				h.content.ThisUpdate.Format(time.DateOnly))
			return nil
		}
		older = append(older, id)
	}
	origin := p.origin
	origin.Signed, origin.Path = list.ThisUpdate, fingerprints(path)
	if err := s.save(id, kindCRL, list.Raw, origin); err != nil {
		return err
	}
	s.crls[id] = held[*pki.CRL]{list, origin}
	p.result.Imported++
	for _, id := range older {
		s.dropCRL(id)
	}
	s.lineage.forget()
	return nil
}
