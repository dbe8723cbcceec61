package trust

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// publication is a list that somebody signed and published: a [*pki.MasterList], [*pki.DefectList] or [*pki.DeviationList].
type publication interface {
	Verify() error
	Deviations() []pki.Deviation
	SigningTime() (time.Time, bool)
	SignerCertificate() (*pki.Certificate, error)
	Weakness() string
	SignedDigest() [sha256.Size]byte
}

// parsePublication parses a list of a kind.
func parsePublication(k kind, data []byte) (publication, error) {
	switch k {
	case kindDefectList:
		return pki.ParseDefectList(data)
	case kindDeviationList:
		return pki.ParseDeviationList(data)
	}
	return pki.ParseMasterList(data)
}

// kindOf is the kind of a list.
func kindOf(list publication) kind {
	switch list.(type) {
	case *pki.DefectList:
		return kindDefectList
	case *pki.DeviationList:
		return kindDeviationList
	}
	return kindMasterList
}

// publisherName names the state or office that published a list, by the CSCA that issued its signer: a publisher renews its
// signers often, and the name of its CSCA hardly ever. Empty when that cannot be read.
func publisherName(list publication) string {
	signer, err := list.SignerCertificate()
	if err != nil {
		return ""
	}
	return signer.Issuer
}

// publisherID is equal for lists of one publisher, however its name is written; empty when it cannot be read.
func publisherID(list publication) string {
	signer, err := list.SignerCertificate()
	if err != nil {
		return ""
	}
	return signer.SignerID().Issuer
}

// listArrival is a list of defects or deviations on its way into the store.
type listArrival struct {
	publication
	item   item
	parcel *parcel
	origin Provenance
}

// takeLists adds the lists of defects and deviations, which may withdraw each other's signers: each is taken by what counts without
// the others.
func (s *Store) takeLists(parcels []*parcel, terms Terms) error {
	for _, k := range []kind{kindDefectList, kindDeviationList} {
		var taken []*listArrival
		for _, a := range listArrivals(parcels, k) {
			if may, err := s.mayTakeList(a, terms); err != nil {
				return err
			} else if may {
				taken = append(taken, a)
			}
		}
		for _, a := range taken {
			if err := s.takeList(a, terms); err != nil {
				return err
			}
		}
	}
	return nil
}

// listArrivals parses the lists of a kind, in the order in which they were signed, the newest first, whichever they came in.
func listArrivals(parcels []*parcel, k kind) []*listArrival {
	var lists []*listArrival
	for i, p := range items(parcels, k) {
		list, err := parsePublication(k, i.content)
		if err != nil {
			p.refuse("", err)
			continue
		}
		a := &listArrival{list, i, p, p.origin}
		a.origin.By = byList
		a.origin.Signed, _ = list.SigningTime()
		lists = append(lists, a)
	}
	slices.SortStableFunc(lists, func(a, b *listArrival) int {
		return cmp.Or(b.origin.Signed.Compare(a.origin.Signed), cmp.Compare(fingerprint(a.item.content), fingerprint(b.item.content)))
	})
	return lists
}

// mayTakeList says whether a list is one to be taken: it is not there, and it is known who published it. Nobody vouches for one
// otherwise: it can make a forgery look like a known fault.
func (s *Store) mayTakeList(a *listArrival, terms Terms) (may bool, err error) {
	p, id := a.parcel, fingerprint(a.item.content)
	if _, known := s.lists[id]; known {
		p.result.Known++
		err := s.nameKnown(a.item, terms)
		p.tellLimit(a.publication, s.lists[id].Provenance)
		return false, err
	}
	if err := s.mayTake(id, signedDigest(a), terms.Again); err != nil {
		p.rejectUnvouched(publisherName(a), err)
		return false, nil
	}
	a.origin.Path, a.origin.Warning, err = s.checkPublisher(a.publication, terms)
	switch {
	case errors.Is(err, pki.ErrSignature):
		p.refuse(publisherName(a), fmt.Errorf("list: %w", err))
	case err != nil:
		p.rejectUnvouched(publisherName(a), err)
	}
	return err == nil, nil
}

// takeList adds a list, unless the store has a better one of its publisher's.
func (s *Store) takeList(a *listArrival, terms Terms) error {
	old, has := s.listLike(a.publication)
	_, known := s.lists[fingerprint(a.item.content)]
	a.origin.Rests = a.origin.Path[len(a.origin.Path)-1]
	if a.item.kind == kindDefectList {
		a.origin.Named = s.namedBy(a.origin.Path, a.publication, terms)
	}
	switch p := a.parcel; {
	case known:
		p.result.Known++
		return nil
	case a.origin.Warning != "" && s.outranked(a.item.kind, publisherID(a)):
		p.reject(publisherName(a), a.origin.Warning+", and the store has a list of this publisher whose signer does")
		return nil
	case has && a.item.kind == kindDefectList && s.lists[old].named() && !a.origin.named(): // it would say less
		p.rejectUnvouched(publisherName(a), strangerError{errNamed, publisherName(a), a.origin.Rests})
		return nil
	case has && a.origin.Signed.IsZero(): // it may be older, whatever the other says of itself
		p.reject(publisherName(a), errUndated.Error())
		return nil
	case has && !a.origin.madeOn().After(s.lists[old].madeOn()):
		p.reject(publisherName(a), errOlder.Error())
		return nil
	}
	a.parcel.warn(a.origin.Warning)
	a.parcel.result.Imported++
	a.parcel.tellLimit(a.publication, a.origin)
	a.parcel.tellDeviations(a.publication)
	return s.keepList(a.item, a.publication, a.origin)
}

// checkPublisher checks who signed a list of defects or deviations: a certificate that a CSCA of the store issued for that, valid at
// the time; and gives the path to it, as of Provenance. The warning is what it should state and does not, which is let pass where the
// importer names the signer.
func (s *Store) checkPublisher(list publication, terms Terms) (path []string, warning string, err error) {
	if err := list.Verify(); err != nil {
		return nil, "", err
	}
	signer, err := list.SignerCertificate()
	if err != nil {
		return nil, "", err
	}
	id := fingerprint(signer.Raw)
	named := terms.trusts(id)
	if err := s.mayTake(id, keyDigest(signer), terms.Again || named); err != nil {
		return nil, "", fmt.Errorf("its signer: %w", err)
	}
	if path, err = s.checkListSigner(signer, terms.Day); errors.Is(err, errRevoked) {
		return nil, "", err
	} else if err != nil && named {
		path = []string{id}
	} else if err != nil {
		return nil, "", fmt.Errorf("the list's publisher is not known: %w", err)
	}
	signed, stated := list.SigningTime()
	weak := list.Weakness()
	switch {
	case stated && isAfter(signed, terms.Day):
		return nil, "", fmt.Errorf("it was signed on %s, which is after %s: set the clock, or wait", signed.Format(time.DateOnly), terms.Day.Format(time.DateOnly))
	case stated && !signer.ValidOn(signed):
		return nil, "", errors.New("the list's signer was not valid when it signed")
	case !signer.ValidOn(terms.Day):
		return nil, "", fmt.Errorf("the list's signer is not valid on %s", terms.Day.Format(time.DateOnly))
	case weak != "":
		return nil, "", errors.New("its signature is not taken for a list: " + weak)
	}
	warning, err = mayPublish(list, signer)
	if warning != "" && !named {
		return nil, "", strangerError{errors.New(warning), signer.Subject, id}
	}
	return path, warning, err
}

// mayPublish says whether the signer of a list of defects or deviations says that it signs such; the warning is that it does not
// say what else it signs, as some of defect lists do.
func mayPublish(list publication, signer *pki.Certificate) (warning string, err error) {
	_, defects := list.(*pki.DefectList)
	switch {
	case defects && signer.SignsDefectLists(), !defects && signer.SignsDeviationLists():
		return "", nil
	case defects && !signer.StatesPurpose():
		return "the list's signer does not state that it signs defect lists", nil
	}
	return "", errors.New("the list's signer may not sign such lists")
}

// errRevoked says that whoever signed a list may no longer.
var errRevoked = errors.New("the list's signer was revoked")

// checkListSigner checks that a trusted CSCA issued the signer of a list, and that nobody has taken it back; and gives the path to it,
// as of Provenance.
func (s *Store) checkListSigner(signer *pki.Certificate, day time.Time) ([]string, error) {
	if why := s.revokedAnyhow(signer); why != "" {
		return nil, fmt.Errorf("%w: %s", errRevoked, why)
	}
	issuers, err := s.CertificationPath(signer)
	if err != nil {
		return nil, err
	}
	return pathFrom(signer, issuers), checkIssuerOfLists(issuers, signer, day)
}

// pathFrom gives a path as of Provenance.
func pathFrom(signer *pki.Certificate, issuers []*pki.Certificate) []string {
	return fingerprints(append([]*pki.Certificate{signer}, issuers...))
}

// fingerprints are those of certificates.
func fingerprints(certificates []*pki.Certificate) []string {
	ids := make([]string, len(certificates))
	for i, c := range certificates {
		ids[i] = fingerprint(c.Raw)
	}
	return ids
}

// outranked says whether the store has a list of this kind and publisher whose signer states that it signs such lists, which
// one that a signer of another kind has signed does not replace.
func (s *Store) outranked(k kind, publisher string) bool {
	for _, h := range s.lists {
		if kindOf(h.content) == k && publisherID(h.content) == publisher && h.Warning == "" {
			return true
		}
	}
	return false
}

// keepList puts a list into the store, in the place of those of its publisher.
func (s *Store) keepList(i item, list publication, origin Provenance) error {
	for _, deviation := range list.Deviations() {
		origin.Deviations = append(origin.Deviations, string(deviation))
	}
	id := fingerprint(i.content)
	for old, h := range s.lists {
		if old != id && samePublisher(list, h.content) {
			s.drop(old, i.kind)
			delete(s.lists, old)
		}
	}
	s.lists[id] = held[publication]{list, origin}
	s.lineage.forget()
	return s.save(id, i.kind, i.content, origin)
}

// ListEntry is one signed list of the store, described.
type ListEntry struct {
	SHA256    string `json:"sha256"`    // of the file, hexadecimal
	Kind      string `json:"kind"`      // "master list", "defect list" or "deviation list"
	Publisher string `json:"publisher"` // the CSCA that issued its signer; empty when that cannot be read
	Entries   int    `json:"entries"`
	// Distrusted is why the list does not count: its signer was revoked, say, or what its publisher was known by was removed. Empty for
	// one that does.
	Distrusted string `json:"distrusted,omitempty"`
	// Limited is why a list of defects that counts is not believed in all that it says. Empty for one that is.
	Limited string `json:"limited,omitempty"`
	Provenance
}

// Unvouched says that the list is one of an earlier version's store, which took it although its publisher was not known.
func (e ListEntry) Unvouched() bool {
	return e.Rests == "" && e.Warning != "" && e.Kind == "master list"
}

// Lists gives the master lists, defect lists and deviation lists by kind and publisher.
func (s *Store) Lists() []ListEntry {
	entries := make([]ListEntry, 0, len(s.lists))
	st := s.current()
	for id, h := range s.lists {
		e := ListEntry{SHA256: id, Publisher: publisherName(h.content), Distrusted: st.doubts[id], Provenance: h.Provenance}
		switch list := h.content.(type) {
		case *pki.MasterList:
			e.Kind, e.Entries = "master list", len(list.Listed)
		case *pki.DefectList:
			e.Kind, e.Entries, e.Limited = "defect list", len(list.Defects), limitOf(list, h.Provenance)
		case *pki.DeviationList:
			e.Kind, e.Entries = "deviation list", len(list.Entries)
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b ListEntry) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Publisher, b.Publisher), cmp.Compare(a.SHA256, b.SHA256))
	})
	return entries
}
