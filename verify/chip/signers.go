package chip

import (
	"github.com/foyer-station/foyer/emrtd/pki"
)

// takeSigners keeps the document signers that came in directories. They are no anchors, and nobody vouches for them: they only
// stand in for the certificate that an EF.SOD of old leaves out, and their own issuer is asked as any signer's. There are tens of
// thousands, so that their files are not read before one is needed.
func (s *Store) takeSigners(parcels []*parcel) error {
	var known map[string]bool
	for _, p := range parcels {
		if len(p.signers) == 0 {
			continue
		}
		if known == nil {
			known = map[string]bool{}
			for c := range s.documentSigners {
				known[fingerprint(c.Raw)] = true
			}
		}
		var file []byte
		for _, c := range p.signers {
			id := fingerprint(c.Raw)
			if known[id] {
				p.result.Known++
				continue
			}
			known[id] = true
			file = append(file, c.Raw...)
			p.result.Signers++
		}
		if len(file) == 0 {
			continue
		}
		id := fingerprint(file)
		if err := s.save(id, kindSigners, file, p.origin); err != nil {
			return err
		}
		s.signers = append(s.signers, id)
	}
	return nil
}

// documentSigners yields the document signers of the store, read from its files. A file that cannot be read, or was tampered
// with, has none.
func (s *Store) documentSigners(yield func(*pki.Certificate) bool) {
	for _, id := range s.signers {
		file, err := load(s, id, kindSigners, pki.ParseCertificates)
		if err != nil {
			continue
		}
		for _, c := range file.content {
			if !yield(c) {
				return
			}
		}
	}
}

// signersOf gives the certificates, in DER, that may be that of EF.SOD's signer, for an EF.SOD that does not hold it; none for
// one that does.
func (s *Store) signersOf(sod *pki.SOD) [][]byte {
	if len(sod.Certificates) > 0 {
		return nil
	}
	var found [][]byte
	for c := range s.documentSigners {
		if sod.NamesSigner(c) {
			found = append(found, c.Raw)
		}
	}
	return found
}
