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

// listCandidate is a list of defects or deviations that an import has, and that may come to be taken.
type listCandidate struct {
	publication
	item   item
	bundle *bundle
	origin Provenance
}

// takeLists adds the lists of defects and deviations, which may withdraw each other's signers: each is taken by what counts without
// the others.
func (s *Store) takeLists(bundles []*bundle, terms Terms) error {
	for _, k := range []kind{kindDefectList, kindDeviationList} {
		var taken []*listCandidate
		for _, candidate := range listCandidates(bundles, k) {
			if may, err := s.mayTakeList(candidate, terms); err != nil {
				return err
			} else if may {
				taken = append(taken, candidate)
			}
		}
		for _, candidate := range taken {
			if err := s.takeList(candidate, terms); err != nil {
				return err
			}
		}
	}
	return nil
}

// listCandidates parses the lists of a kind, in the order in which they were signed, the newest first, whichever they came in.
func listCandidates(bundles []*bundle, k kind) []*listCandidate {
	var lists []*listCandidate
	for i, b := range items(bundles, k) {
		list, err := parsePublication(k, i.content)
		if err != nil {
			b.refuse("", err)
			continue
		}
		candidate := &listCandidate{list, i, b, b.origin}
		candidate.origin.By = byList
		candidate.origin.Signed, _ = list.SigningTime()
		lists = append(lists, candidate)
	}
	slices.SortStableFunc(lists, func(candidate, b *listCandidate) int {
		return cmp.Or(b.origin.Signed.Compare(candidate.origin.Signed), cmp.Compare(fingerprint(candidate.item.content), fingerprint(b.item.content)))
	})
	return lists
}

// mayTakeList says whether a list is one to be taken: it is not there, and it is known who published it. Nobody vouches for one
// otherwise: it can make a forgery look like a known fault.
func (s *Store) mayTakeList(candidate *listCandidate, terms Terms) (may bool, err error) {
	b, id := candidate.bundle, fingerprint(candidate.item.content)
	if _, known := s.lists[id]; known {
		b.result.Known++
		err := s.nameKnown(candidate.item, terms)
		b.tellLimit(candidate.publication, s.lists[id].Provenance)
		return false, err
	}
	if err := s.mayTake(id, signedDigest(candidate), terms.Again); err != nil {
		b.rejectUnvouched(publisherName(candidate), err)
		return false, nil
	}
	candidate.origin.Path, candidate.origin.Warning, err = s.checkPublisher(candidate.publication, terms)
	switch {
	case errors.Is(err, pki.ErrSignature):
		b.refuse(publisherName(candidate), fmt.Errorf("list: %w", err))
	case err != nil:
		b.rejectUnvouched(publisherName(candidate), err)
	}
	return err == nil, nil
}

// takeList adds a list, unless the store has a better one of its publisher's.
func (s *Store) takeList(candidate *listCandidate, terms Terms) error {
	old, has := s.listLike(candidate.publication)
	_, known := s.lists[fingerprint(candidate.item.content)]
	candidate.origin.Rests = candidate.origin.Path[len(candidate.origin.Path)-1]
	if candidate.item.kind == kindDefectList {
		candidate.origin.Named = s.namedBy(candidate.origin.Path, candidate.publication, terms)
	}
	switch b := candidate.bundle; {
	case known:
		b.result.Known++
		return nil
	case candidate.origin.Warning != "" && s.outranked(candidate.item.kind, publisherID(candidate)):
		b.reject(publisherName(candidate), candidate.origin.Warning+", and the store has a list of this publisher whose signer does")
		return nil
	case has && candidate.item.kind == kindDefectList && s.lists[old].named() && !candidate.origin.named(): // it would say less
		b.rejectUnvouched(publisherName(candidate), strangerError{errNamed, publisherName(candidate), candidate.origin.Rests})
		return nil
	case has && candidate.origin.Signed.IsZero(): // it may be older, whatever the other says of itself
		b.reject(publisherName(candidate), errUndated.Error())
		return nil
	case has && !candidate.origin.madeOn().After(s.lists[old].madeOn()):
		b.reject(publisherName(candidate), errOlder.Error())
		return nil
	}
	candidate.bundle.warn(candidate.origin.Warning)
	candidate.bundle.result.Imported++
	candidate.bundle.tellLimit(candidate.publication, candidate.origin)
	candidate.bundle.tellDeviations(candidate.publication)
	return s.keepList(candidate.item, candidate.publication, candidate.origin)
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
		e := ListEntry{SHA256: id, Publisher: publisherName(h.content), Distrusted: st.distrustedLists[id], Provenance: h.Provenance}
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
