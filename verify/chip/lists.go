package chip

import (
	"cmp"
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

// publisherOf names the state or office that published a list, by the CSCA that issued its signer: a publisher renews its
// signers often, and the name of its CSCA hardly ever. Empty when that cannot be read.
func publisherOf(list publication) string {
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

// takeLists adds the lists of defects and deviations.
func (s *Store) takeLists(parcels []*parcel) error {
	for _, k := range []kind{kindDefectList, kindDeviationList} {
		for i, p := range items(parcels, k) {
			if err := s.takeList(i, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeList adds one list of defects or deviations, if it is known who published it. Nobody vouches for one otherwise: it
// can make a forgery look like a known fault.
func (s *Store) takeList(i item, p *parcel) error {
	list, err := parsePublication(i.kind, i.content)
	if err != nil {
		p.refuse("", err)
		return nil
	}
	if _, known := s.lists[fingerprint(i.content)]; known {
		p.result.Known++
		return nil
	}
	warning, err := s.checkPublisher(list)
	switch {
	case errors.Is(err, pki.ErrSignature):
		p.refuse(publisherOf(list), fmt.Errorf("list: %w", err))
		return nil
	case err != nil:
		p.reject(publisherOf(list), err.Error())
		return nil
	case warning != "" && s.outranked(i.kind, publisherID(list)):
		p.reject(publisherOf(list), warning+", and the store has a list of this publisher whose signer does")
		return nil
	}
	p.warn(warning)
	origin := p.origin
	origin.Warning = warning
	kept, err := s.keepList(i, list, origin)
	switch {
	case err != nil:
		return err
	case !kept:
		p.reject(publisherOf(list), "the store has a newer list of this publisher")
	default:
		p.result.Imported++
		p.tellDeviations(list)
	}
	return nil
}

// checkPublisher checks who signed a list of defects or deviations: a certificate that a CSCA of the store issued for that,
// valid at the time. The warning is what it should state and does not.
func (s *Store) checkPublisher(list publication) (warning string, err error) {
	if err := list.Verify(); err != nil {
		return "", err
	}
	signer, err := list.SignerCertificate()
	if err != nil {
		return "", err
	}
	if err := s.checkListSigner(signer); errors.Is(err, errRevoked) {
		return "", err
	} else if err != nil {
		return "", fmt.Errorf("the list's publisher is not known: %w", err)
	}
	if signed, stated := list.SigningTime(); stated && !signer.ValidOn(signed) {
		return "", errors.New("the list's signer was not valid when it signed")
	}
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

// checkListSigner checks that a trusted CSCA issued the signer of a list, and that nobody has taken it back.
func (s *Store) checkListSigner(signer *pki.Certificate) error {
	path, err := s.issuerOf(signer)
	if err != nil {
		return err
	}
	if revoked, _, why := s.revocation(signer, first(path), time.Time{}); revoked {
		return fmt.Errorf("%w: %s", errRevoked, why)
	}
	return nil
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

// keepList puts a list into the store, in the place of older ones of its publisher; false when a newer one is there.
func (s *Store) keepList(i item, list publication, origin Provenance) (bool, error) {
	origin.Signed, _ = list.SigningTime()
	for _, deviation := range list.Deviations() {
		origin.Deviations = append(origin.Deviations, string(deviation))
	}
	publisher := publisherID(list)
	var older []string
	for id, h := range s.lists {
		if kindOf(h.content) != i.kind || publisher == "" || publisherID(h.content) != publisher {
			continue
		}
		if !origin.madeOn().After(h.madeOn()) {
			return false, nil
		}
		older = append(older, id)
	}
	id := fingerprint(i.content)
	if err := s.save(id, i.kind, i.content, origin); err != nil {
		return false, err
	}
	s.lists[id] = held[publication]{list, origin}
	for _, id := range older {
		if err := s.drop(id, i.kind); err != nil {
			return false, err
		}
		delete(s.lists, id)
	}
	return true, nil
}

// ListEntry is one signed list of the store, described.
type ListEntry struct {
	SHA256    string `json:"sha256"`    // of the file, hexadecimal
	Kind      string `json:"kind"`      // "master list", "defect list" or "deviation list"
	Publisher string `json:"publisher"` // the CSCA that issued its signer; empty when that cannot be read
	Entries   int    `json:"entries"`
	Provenance
}

// Lists gives the master lists, defect lists and deviation lists by kind and publisher.
func (s *Store) Lists() []ListEntry {
	entries := make([]ListEntry, 0, len(s.lists))
	for id, h := range s.lists {
		e := ListEntry{SHA256: id, Publisher: publisherOf(h.content), Provenance: h.Provenance}
		switch list := h.content.(type) {
		case *pki.MasterList:
			e.Kind, e.Entries = "master list", len(list.Listed)
		case *pki.DefectList:
			e.Kind, e.Entries = "defect list", len(list.Defects)
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
