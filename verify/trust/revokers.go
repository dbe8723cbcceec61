package trust

import (
	"maps"
	"slices"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// revokers are what of the store takes signers back, by SHA-256: the revocation lists of CSCAs that count, and the lists of defects
// that do.
type revokers map[string]bool

// revocationList is a revocation list of the store. Each was issued by a CSCA that counted when it was imported. Of one whose issuer
// does not any longer, that remains: it revokes what the same key signed, and nothing else, least of all another key of the State.
type revocationList struct {
	*pki.CRL
	issuer *pki.Certificate // nil where the store has no certificate of the key
	counts bool             // the issuer does
}

// revokes says whether the list revokes c, as far as it may.
func (l revocationList) revokes(c *pki.Certificate) (pki.Revocation, bool) {
	r, revoked := l.Revokes(c)
	if !revoked || l.issuer == nil || !l.counts && c.CheckSignedBy(l.issuer) != nil || !l.isOf(c.IssuerCountry) {
		return pki.Revocation{}, false
	}
	return r, true
}

// isOf says whether the list is that of an issuer of a country, which that may leave out of what it signs: a CSCA that names none has
// the name of each State's that is otherwise called so.
func (l revocationList) isOf(country string) bool {
	return country == "" || l.issuer != nil && l.issuer.Country == country
}

// judge finds out what counts. What revokes may be revoked itself, or vouched for by what it revokes; so it is asked again and again,
// beginning with all that would count if nothing were revoked, until no more of that falls. Of two that revoke each other both are
// believed.
func (s *Store) judge() *standing {
	believed := s.judgeBy(nil).revokers(s)
	for {
		st := s.judgeBy(believed)
		standing := st.revokers(s)
		if maps.Equal(standing, believed) {
			return st
		}
		before := len(believed)
		spared := s.judgeBy(standing).revokers(s)
		maps.DeleteFunc(believed, func(id string, _ bool) bool { return !spared[id] })
		if len(believed) == before {
			return st
		}
	}
}

// revokers gives those of the store that count.
func (st *standing) revokers(s *Store) revokers {
	counting := revokers{}
	for id, h := range s.crls {
		if st.lapse(s, h) == "" {
			counting[id] = true
		}
	}
	for id := range st.lists {
		if kindOf(s.lists[id].content) == kindDefectList {
			counting[id] = true
		}
	}
	return counting
}

// addCRLs takes in the revocation lists, of which those that are believed count.
func (st *standing) addCRLs(s *Store, believed revokers) {
	for _, id := range slices.Sorted(maps.Keys(s.crls)) {
		h := s.crls[id]
		list := revocationList{CRL: h.content, counts: believed[id]}
		if issuer := s.certificates[h.signer()]; issuer != nil {
			list.issuer = issuer.Certificate
		}
		st.crls[list.IssuerIndex()] = append(st.crls[list.IssuerIndex()], list)
	}
}

// lapse says why the issuer of a revocation list counts no longer, or did not when it was imported; empty where it does, by the path
// that it was known by, or by an anchor that has its key.
func (st *standing) lapse(s *Store, h held[*pki.CRL]) string {
	issuer := s.certificates[h.signer()]
	if issuer == nil {
		return "the trust store has no certificate of its issuer's"
	}
	why := ""
	for _, id := range h.Path {
		if s.certificates[id] == nil {
			why = "a certificate that its issuer was known by is not in the trust store"
		} else if distrusted := st.distrusted[id]; distrusted != "" {
			why = distrusted
			break
		}
	}
	switch expired := !h.validAtImport(issuer); {
	case why == "" && !expired:
		return ""
	case why == "":
		why = "it had expired on " + issuer.NotAfter.Format(time.DateOnly) + ", before the list was imported"
	}
	for id, c := range s.certificates {
		if st.distrusted[id] == "" && h.validAtImport(c) && c.KeyDigest() == issuer.KeyDigest() && h.content.IssuedInNameOf(c.Certificate) && c.SelfSigned() {
			return ""
		}
	}
	return why
}

// findIssuers finds who signed the revocation lists of an earlier version's store, which does not say.
func (s *Store) findIssuers() {
	var all *lineage
	for id, h := range s.crls {
		if len(h.Path) > 0 {
			continue
		}
		if all == nil {
			all = &lineage{}
			all.index(s.certificates, &standing{}) // as they counted then
		}
		h.Path = fingerprints(all.signerOf(h.content))
		s.crls[id] = h
	}
}

// signerOf gives the path of whoever signed a revocation list; nil where nobody did who has one.
func (l *lineage) signerOf(list *pki.CRL) []*pki.Certificate {
	l.settle(list.IssuerIndex())
	for _, c := range l.bySubject[list.IssuerIndex()] {
		if path := l.paths[c]; path != nil && list.IssuedInNameOf(c) && list.CheckSignedBy(c) == nil {
			return path
		}
	}
	return nil
}

// limitOf says why a revocation list revokes no more than what its issuer's key signed; empty where it does.
func (st *standing) limitOf(s *Store, id string) string {
	if st.believed[id] {
		return ""
	}
	why := st.lapse(s, s.crls[id])
	return "its issuer does not count any longer, so that it revokes what that one's own key signed, and nothing else: " + why
}
