package trust

import (
	"errors"
	"fmt"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// Of whom a list of defects may speak. Each State's CSCA can make a publisher, and what a list says revokes signers and excuses what
// would fail. So it speaks of its own State's signers alone, unless whoever imported it has named the publisher: by the fingerprint of
// a certificate that the list is known by.

// errNamed is why one of a publisher whom nobody named does not take the place of a list of one who was: another key of the State's may
// be in wrong hands.
var errNamed = errors.New("the trust store has a list of its State's that is known by another certificate, which was named")

// maySpeakOf says whether the publisher of a list of defects may speak of a signer.
func (p Provenance) maySpeakOf(signer *pki.Certificate, country string) bool {
	return p.named() || country != "" && country == signer.IssuerCountry
}

// named says whether the importer named the publisher of a list of defects; one whom nothing else makes known was named.
func (p Provenance) named() bool {
	return p.Named != "" || p.Rests != "" && p.Rests == p.signer()
}

// limitOf says of whom alone a list of defects speaks, if it has more to say; empty where it may.
func limitOf(list publication, origin Provenance) string {
	defects, is := list.(*pki.DefectList)
	if !is || origin.named() {
		return ""
	}
	country := countryOfPublisher(list)
	for _, d := range defects.Defects {
		if !d.IsOf(country) {
			return fmt.Sprintf("it is believed of the signers of its own State alone, %q, and has others: its publisher was not named", country)
		}
	}
	return ""
}

// tellLimit tells that a list of defects is not believed in all that it says, and how the importer names its publisher.
func (b *bundle) tellLimit(list publication, origin Provenance) {
	limit := limitOf(list, origin)
	if limit == "" {
		return
	}
	subject, last := publisherName(list), origin.Path[len(origin.Path)-1]
	b.rejectUnvouched(subject, strangerError{errors.New(limit), subject, last})
}

// namedBy gives the certificate of a path that the importer names as that of a publisher; or that he had named for the list before,
// which this one takes the place of.
func (s *Store) namedBy(path []string, list publication, terms Terms) string {
	old, has := s.listLike(list)
	for _, id := range path {
		if terms.trusts(id) || has && s.lists[old].Named == id {
			return id
		}
	}
	return ""
}

// nameKnown has the publisher of a list that the store has named from now on, if the importer does.
func (s *Store) nameKnown(i item, terms Terms) error {
	id := fingerprint(i.content)
	h := s.lists[id]
	if h.Named != "" || i.kind != kindDefectList {
		return nil
	}
	if h.Named = s.namedBy(h.Path, h.content, terms); h.Named == "" {
		return nil
	}
	s.lists[id] = h
	s.lineage.forget()
	return s.save(id, i.kind, i.content, h.Provenance)
}
