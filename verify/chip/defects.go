package chip

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/mrz"
)

// defectKind is a kind of defect, of those that package pki names.
type defectKind = pki.DefectKind

// defect is something that a defect list of the store says of a signer's documents.
type defect struct {
	kind       defectKind
	dataGroups []int  // that are malformed; empty for other kinds
	why        string // for people: what, and which list says so
}

// defects gives what the store's defect lists say of the documents that signer signed, in a fixed order.
func (s *Store) defects(signer *pki.Certificate) []defect {
	return s.defectsBy(s.current().lists, signer)
}

// defectsBy is defects by those lists alone that count.
func (s *Store) defectsBy(counts map[string]bool, signer *pki.Certificate) []defect {
	var found []defect
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
				found = append(found, defect{known.Kind, known.DataGroups, wordsOf(known) + ", says the defect list " + from})
			}
		}
	}
	return found
}

// defect says which defect list says that of signer's documents; false when none does.
func (s *Store) defect(signer *pki.Certificate, kind defectKind) (why string, known bool) {
	for _, d := range s.defects(signer) {
		if d.kind == kind {
			return d.why, true
		}
	}
	return "", false
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
	return fmt.Sprintf("of %s of %s", publisherName(h.content), h.madeOn().Format(isoDay))
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
	for _, d := range s.defectsBy(counts, signer) {
		if d.kind == pki.DefectCertRevoked {
			return d.why, true
		}
	}
	return "", false
}

// deviations gives, for people, what the store's deviation lists say of a document of that code and number which signer
// signed. A state's list speaks of its own documents alone.
func (s *Store) deviations(signer *pki.Certificate, documentCode, documentNumber string) []string {
	var found []string
	for list, h := range listsOf[*pki.DeviationList](s, s.current().lists) {
		from := fromOf(h)
		publisher, err := list.SignerCertificate()
		if err != nil || publisher.IssuerCountry == "" || publisher.IssuerCountry != signer.IssuerCountry {
			continue
		}
		for _, d := range list.Entries {
			if !d.Concerns(signer, documentCode, documentNumber) {
				continue
			}
			for _, description := range d.Descriptions {
				found = append(found, deviationWords(d, description)+", says the deviation list "+from)
			}
		}
	}
	return found
}

// deviationWords writes a deviation for people.
func deviationWords(d pki.ListedDeviation, description pki.ListedDeviationDescription) string {
	words := description.Kind.String()
	if description.DataGroup > 0 {
		words += fmt.Sprintf(": DG%d", description.DataGroup)
	}
	if !d.IssuedFrom.IsZero() {
		words += fmt.Sprintf(" (if issued from %s to %s)", d.IssuedFrom.Format(isoDay), d.IssuedTo.Format(isoDay))
	}
	return words
}

// knownFaults gives, for people, what lists of defects and deviations say of the document; empty when they say nothing.
// What revokes the signer is left out: that is an answer of its own.
func (x *examination) knownFaults() string {
	var found []string
	for _, d := range x.trust.defects(x.signer) {
		if d.kind != pki.DefectCertRevoked {
			found = append(found, d.why)
		}
	}
	code, number := x.document()
	found = append(found, x.trust.deviations(x.signer, code, number)...)
	if len(found) == 0 {
		return ""
	}
	return "; known of such documents: " + strings.Join(found, "; ")
}

// document gives the document's code and number as DG1 has them; empty where it cannot be read.
func (x *examination) document() (code, number string) {
	zone, err := mrz.Parse(x.lines, x.Day)
	if err != nil {
		return "", ""
	}
	return zone.Fields.DocumentCode, zone.Fields.DocumentNumber
}
