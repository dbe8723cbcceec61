package trust

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// Defect is something that a defect list of the store says of a signer's documents (BSI TR-03129-2, 7.3.1; TR-03135-1, 5.8.2).
type Defect struct {
	Kind       pki.DefectKind
	DataGroups []int     // the numbers, 1 to 16, of those that are malformed; empty for other kinds
	Status     int       // why a signer is revoked (BSI TR-03129-2, 7.3.1.1), or [pki.NoStatus]
	Publisher  string    // of the list that says so
	Made       time.Time // the list
	Reason     string    // all that in English
}

// Defects gives what the store's defect lists that count say of the documents that signer signed, in a fixed order. What a list says
// of another State's signers is left out, unless the importer has named its publisher.
func (s *Store) Defects(signer *pki.Certificate) []Defect {
	return s.defectsBy(s.current().lists, signer)
}

// defectsBy is Defects by those lists alone that count.
func (s *Store) defectsBy(counts map[string]bool, signer *pki.Certificate) []Defect {
	var found []Defect
	for list, h := range listsOf[*pki.DefectList](s, counts) {
		if !h.maySpeakOf(signer, countryOfPublisher(list)) {
			continue
		}
		from := fromOf(h)
		for _, d := range list.Defects {
			if !d.Concerns(signer) {
				continue
			}
			for _, known := range d.Known {
				found = append(found, Defect{known.Kind, known.DataGroups, known.Status, publisherName(h.content), h.madeOn(),
					wordsOf(known) + ", says the defect list " + from})
			}
		}
	}
	return found
}

// listsOf gives those of the store's lists of a kind that count, in a fixed order, and how each is held.
func listsOf[T publication](s *Store, counts map[string]bool) iter.Seq2[T, held[publication]] {
	return func(yield func(T, held[publication]) bool) {
		for _, id := range slices.Sorted(maps.Keys(s.lists)) {
			h := s.lists[id]
			list, is := h.content.(T)
			if is && counts[id] && !yield(list, h) {
				return
			}
		}
	}
}

// fromOf says where a list is from.
func fromOf(h held[publication]) string {
	return fmt.Sprintf("of %s of %s", publisherName(h.content), h.madeOn().Format(time.DateOnly))
}

// wordsOf writes a defect for people.
func wordsOf(known pki.KnownDefect) string {
	words := known.Kind.String()
	if known.Kind == pki.DefectCertRevoked {
		words += statusOf(known.Status)
	}
	for i, number := range known.DataGroups {
		if i == 0 {
			words += ":"
		}
		words += fmt.Sprintf(" DG%d", number)
	}
	return words
}

// statusOf writes why a defect list revokes a signer (BSI TR-03129-2, 7.3.1.1).
func statusOf(code int) string {
	switch code {
	case 1:
		return " (under investigation)"
	case 2:
		return " (used for testing)"
	case 3:
		return " (by its issuer)"
	case 4:
		return " (by the document signer)"
	case 5:
		return " (inadequate)"
	}
	return ""
}

// withdrawn says which defect list revokes signer; false when none does.
func (s *Store) withdrawn(signer *pki.Certificate) (why string, is bool) {
	return s.withdrawnBy(s.current().lists, signer)
}

// withdrawnBy is withdrawn by those lists alone that count.
func (s *Store) withdrawnBy(counts map[string]bool, signer *pki.Certificate) (why string, is bool) {
	d, is := s.withdrawalBy(counts, signer)
	return d.Reason, is
}

// withdrawalBy is what those lists that count say of a signer whom they revoke.
func (s *Store) withdrawalBy(counts map[string]bool, signer *pki.Certificate) (d Defect, is bool) {
	for _, d := range s.defectsBy(counts, signer) {
		if d.Kind == pki.DefectCertRevoked {
			return d, true
		}
	}
	return Defect{}, false
}

// KnownDeviation is what a State tells of some of its own documents by a deviation list of the store (ICAO Doc 9303-3, 7.3).
type KnownDeviation struct {
	Kind                 pki.ListedDeviationKind
	DataGroup            int       // 1 to 16; 0 where the kind is of none
	IssuedFrom, IssuedTo time.Time // of the documents; zero where it does not say
	Publisher            string    // of the list
	Made                 time.Time // the list
}

// Deviations gives what the store's deviation lists that count say of a document of that code and number which signer signed. A
// state's list speaks of its own documents alone.
func (s *Store) Deviations(signer *pki.Certificate, documentCode, documentNumber string) []KnownDeviation {
	var found []KnownDeviation
	for list, h := range listsOf[*pki.DeviationList](s, s.current().lists) {
		publisher, err := list.SignerCertificate()
		if err != nil || publisher.IssuerCountry == "" || publisher.IssuerCountry != signer.IssuerCountry {
			continue
		}
		for _, d := range list.Entries {
			if !d.Concerns(signer, documentCode, documentNumber) {
				continue
			}
			for _, description := range d.Descriptions {
				found = append(found, KnownDeviation{description.Kind, description.DataGroup, d.IssuedFrom, d.IssuedTo, publisherName(h.content), h.madeOn()})
			}
		}
	}
	return found
}
