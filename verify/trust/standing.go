package trust

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// standing is what the store makes of its lists and certificates: found out of what the folder holds, and of nothing else, whenever
// that changes. So it does not matter in which order things came.
//
// In this order: whoever keeps the store may have removed a certificate, and its issuer may have revoked it; then it vouches for
// nothing and nothing for it. What an importer vouches for stands. So does a list whose publisher is known by something that stands
// (no list makes its own publisher known), and what stands in such a list. Last, a State's own list outranks those of others for
// its own certificates.
type standing struct {
	lists           map[string]bool             // SHA-256 of the signed lists that count
	believed        revokers                    // what was believed of who is revoked
	distrustedLists map[string]string           // why the others do not
	vouchers        map[string][]string         // the master lists among them that a certificate stands in, by SHA-256
	own             map[string]string           // the master list of a State by its country
	listed          map[string]listing          // by the SHA-256 of a master list
	distrusted      map[string]string           // why a certificate of the store does not count, by SHA-256
	omittedByState  map[string]string           // why one that counts might not
	crls            map[string][]revocationList // by IssuerIndex, in a fixed order
}

// listing is what a master list has, by SHA-256.
type listing map[string]bool

// judgeBy finds out what counts where that of the revokers is believed, and of no other.
func (s *Store) judgeBy(believed revokers) *standing {
	st := &standing{
		lists: map[string]bool{}, believed: believed, distrustedLists: map[string]string{}, vouchers: map[string][]string{}, own: map[string]string{},
		listed: s.listings(), distrusted: map[string]string{}, omittedByState: map[string]string{}, crls: map[string][]revocationList{},
	}
	st.addCRLs(s, believed)
	st.takeBack(s)
	for st.grow(s) {
	}
	for id, c := range s.certificates {
		if st.distrusted[id] == "" {
			st.place(s, id, c)
		}
	}
	return st
}

// listings gives what the master lists have.
func (s *Store) listings() map[string]listing {
	if s.listed == nil {
		s.listed = map[string]listing{}
	}
	maps.DeleteFunc(s.listed, func(id string, _ listing) bool { return s.lists[id].content == nil })
	for id, h := range s.lists {
		if list, is := h.content.(*pki.MasterList); is && s.listed[id] == nil {
			s.listed[id] = listingOf(list)
		}
	}
	return s.listed
}

// listingOf gives what a list has.
func listingOf(list *pki.MasterList) listing {
	l := make(listing, len(list.Listed))
	for _, der := range list.Listed {
		l[fingerprint(der)] = true
	}
	return l
}

// takeBack finds what counts for nothing, whoever vouches for it: what was removed or revoked, and every other certificate of the
// same key, of its State where it was revoked (another may certify that State's key, and revoke that), unless it was revoked for a reason that leaves the key good, or by a CSCA that does not count itself.
func (st *standing) takeBack(s *Store) {
	type key struct {
		digest  [sha256.Size]byte
		country string // empty where it was removed
	}
	keys := map[key]string{}
	for id, c := range s.certificates {
		why, withKey := st.takenBack(s, id, c)
		if why == "" {
			continue
		}
		st.distrusted[id] = why
		if _, removed := s.removed[id]; removed {
			keys[key{c.KeyDigest(), ""}] = why
		} else if withKey {
			keys[key{c.KeyDigest(), c.IssuerCountry}] = why
		}
	}
	if len(keys) == 0 {
		return
	}
	for id, c := range s.certificates {
		why := cmp.Or(keys[key{c.KeyDigest(), ""}], keys[key{c.KeyDigest(), c.Country}])
		if why != "" && st.distrusted[id] == "" {
			st.distrusted[id] = "another certificate of its key was " + why
		}
	}
}

// takenBack says why a certificate counts for nothing, and whether its key does not either; empty where it may count.
func (st *standing) takenBack(s *Store, id string, c *certificate) (why string, withKey bool) {
	if r, removed := s.removed[id]; removed {
		return "removed from the trust store on " + r.Removed.Format(time.DateOnly), true
	}
	for _, list := range st.crls[c.IssuerIndex()] {
		if r, revoked := list.revokes(c.Certificate); revoked {
			return "revoked on " + r.When.Format(time.DateOnly) + reasonOf(r) + ", says the revocation list of " + list.Issuer + " of " +
				list.ThisUpdate.Format(time.DateOnly), list.counts && !r.KeepsKey()
		}
	}
	return "", false
}

// grow lets those lists count whose publishers are known by what counts so far; false where there were none left.
func (st *standing) grow(s *Store) (grown bool) {
	for _, id := range slices.Sorted(maps.Keys(s.lists)) {
		h := s.lists[id]
		if st.lists[id] {
			continue
		}
		if st.distrustedLists[id] = st.distrustOf(s, h); st.distrustedLists[id] != "" {
			continue
		}
		if st.superseded(s, id) {
			st.distrustedLists[id] = "the trust store has a newer one of this publisher"
			continue
		}
		st.lists[id], grown = true, true
		if list, is := h.content.(*pki.MasterList); is {
			if country := countryOfPublisher(list); country != "" {
				st.own[country] = id
			}
		}
		for listed := range st.listed[id] {
			st.vouchers[listed] = append(st.vouchers[listed], id)
		}
	}
	return grown
}

// distrustOf says why a list does not count; empty where it does.
func (st *standing) distrustOf(s *Store, h held[publication]) string {
	signer, err := h.content.SignerCertificate()
	if err != nil {
		return err.Error()
	}
	if _, _, removed := s.removedLike(fingerprint(signer.Raw), keyDigest(signer)); removed {
		return "its signer was removed from the trust store"
	}
	for _, id := range h.Path {
		if _, removed := s.removed[id]; removed {
			return "what its publisher was known by was removed from the trust store"
		} else if why := st.distrusted[id]; why != "" {
			return "what its publisher was known by was " + why
		}
	}
	if why := st.revokedByIssuer(signer); why != "" {
		return "its signer was " + why
	}
	if why, withdrawn := s.withdrawnBy(st.believed, signer); withdrawn {
		return "its signer: " + why
	}
	if h.Rests == "" {
		return distrustOfOld(h.content, signer)
	}
	return st.distrustOfRest(s, h)
}

// distrustOfOld is distrustOf a list in the store of an earlier version, which took those of publishers whom it did not know, as whoever
// imported them vouched for them, and did not ask what their signers may sign.
func distrustOfOld(list publication, signer *pki.Certificate) string {
	if kindOf(list) != kindMasterList {
		return ""
	}
	if weakness := list.Weakness(); weakness != "" {
		return weakness
	}
	if !signer.SignsMasterLists() && !signer.SignsCertificates() {
		return errPurpose.Error()
	}
	return ""
}

// distrustOfRest says why what a list rests on does not stand, so far; empty where it does.
func (st *standing) distrustOfRest(s *Store, h held[publication]) string {
	if len(h.Path) > 0 && h.Rests == h.Path[0] {
		return ""
	}
	rests, held := s.certificates[h.Rests]
	switch {
	case !held:
		return "what its publisher was known by is not in the trust store"
	case st.distrusted[h.Rests] != "":
		return "what its publisher was known by was " + st.distrusted[h.Rests]
	}
	if _, vouched := rests.vouchedFor(); vouched || len(st.vouchers[h.Rests]) > 0 {
		return ""
	}
	return "nothing vouches any longer for the CSCA that its publisher was known by"
}

// revokedByIssuer says which revocation list of its issuer revokes a list's signer; empty where none does.
func (st *standing) revokedByIssuer(signer *pki.Certificate) string {
	r, list, revoked := st.revocationByIssuer(signer)
	if !revoked {
		return ""
	}
	return "revoked on " + r.When.Format(time.DateOnly) + reasonOf(r) + ", says its issuer's revocation list of " + list.Format(time.DateOnly)
}

// revocationByIssuer gives the entry by which a revocation list of its issuer revokes a signer, and the day of the list.
func (st *standing) revocationByIssuer(signer *pki.Certificate) (r pki.Revocation, list time.Time, revoked bool) {
	for _, list := range st.crls[signer.IssuerIndex()] {
		if r, revoked := list.revokes(signer); revoked {
			return r, list.ThisUpdate, true
		}
	}
	return pki.Revocation{}, time.Time{}, false
}

// superseded says whether the store has a newer list of the same kind and publisher that may count, which two imports at once may
// leave there.
func (st *standing) superseded(s *Store, id string) bool {
	h := s.lists[id]
	for other, o := range s.lists {
		newer := o.madeOn().After(h.madeOn()) || o.madeOn().Equal(h.madeOn()) && other < id
		if other != id && newer && samePublisher(h.content, o.content) && st.distrustOf(s, o) == "" {
			return true
		}
	}
	return false
}

// place finds out whether a certificate counts that nobody has taken back.
func (st *standing) place(s *Store, id string, c *certificate) {
	since, vouched := c.vouchedFor()
	why := st.leftOut(s, id, c, since)
	switch {
	case why != "" && !vouched:
		st.distrusted[id] = why
	case why != "" && since.Before(st.leftOutOn(s, id, c)):
		st.distrusted[id] = why + ", after it had been imported"
	case why != "":
		st.omittedByState[id] = why + "; it counts because it was imported by itself"
	case !vouched && len(st.vouchers[id]) == 0 && !c.inDirectory():
		st.distrusted[id] = "no list of the trust store vouches for it any longer"
	}
}

// leftOut says that the list of a certificate's own State does not have it; empty where there is none, or it says nothing about it:
// it has no certificates of that State, or is older than this one, or has left it out when it had expired.
func (st *standing) leftOut(s *Store, id string, c *certificate, vouchedSince time.Time) string {
	own, has := st.own[c.Country]
	if !has || c.Country == "" || st.listed[own][id] {
		return ""
	}
	h := s.lists[own]
	_, noted := h.LeftOut[id]
	switch {
	case !noted && (!vouchedSince.IsZero() || c.NotBefore.After(h.madeOn()) || !st.speaksOfItsOwn(s, own, c.Country)):
		return ""
	case c.NotAfter.Before(h.madeOn()):
		return ""
	}
	return fmt.Sprintf("the list of its own State, %s, of %s does not have it", publisherName(h.content), h.madeOn().Format(time.DateOnly))
}

// leftOutOn is when a list was imported by which its State left a certificate out; zero where none had it.
func (st *standing) leftOutOn(s *Store, id string, c *certificate) time.Time {
	return s.lists[st.own[c.Country]].LeftOut[id]
}

// speaksOfItsOwn says whether a list has certificates of its own State.
func (st *standing) speaksOfItsOwn(s *Store, list, country string) bool {
	for id := range st.listed[list] {
		if c, held := s.certificates[id]; held && c.Country == country {
			return true
		}
	}
	return false
}

// vouchersOf says who vouches for a certificate.
func (st *standing) vouchersOf(s *Store, id string, c *certificate) []Voucher {
	var all []Voucher
	for _, file := range slices.Sorted(maps.Keys(c.origins)) {
		if p := c.origins[file]; !p.fromList() && p.By != byDirectory {
			all = append(all, Voucher{By: byImporter, Source: p.Source, Since: p.Imported})
		}
	}
	for _, list := range st.vouchers[id] {
		h := s.lists[list]
		all = append(all, Voucher{By: byList, Source: h.Source, Since: h.Imported, Publisher: publisherName(h.content), SHA256: list})
	}
	return all
}
