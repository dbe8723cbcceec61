package trust

import (
	"bytes"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// takeSigners keeps the document signers that came in directories. They are no anchors, and nobody vouches for them: they
// only stand in for the certificate that an EF.SOD of old leaves out, and their own issuer is asked as any signer's. There
// are tens of thousands, so that they stay in their files, and an index finds the one that is needed.
func (s *Store) takeSigners(bundles []*bundle, _ Terms) error {
	var known map[string]bool
	for _, b := range bundles {
		if len(b.signers) == 0 {
			continue
		}
		if known == nil {
			known = s.knownSigners()
		}
		var added [][]byte
		for _, c := range b.signers {
			id := fingerprint(c.Raw)
			if known[id] {
				b.result.Known++
				continue
			}
			known[id] = true
			added = append(added, c.Raw)
		}
		if len(added) == 0 {
			continue
		}
		file := bytes.Join(added, nil)
		id := fingerprint(file)
		if err := s.save(id, kindSigners, file, b.origin); err != nil {
			return err
		}
		s.signers.add(id, added)
		b.result.Signers += len(added)
	}
	return nil
}

// knownSigners gives the fingerprints of the document signers of the store. A file that cannot be read, or was tampered
// with, has none.
func (s *Store) knownSigners() map[string]bool {
	known := map[string]bool{}
	for _, id := range s.signers.files {
		file, err := load(s, id, kindSigners, pki.SplitCertificates)
		if err != nil {
			continue
		}
		for _, der := range file.content {
			known[fingerprint(der)] = true
		}
	}
	return known
}
