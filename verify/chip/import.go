package chip

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// maxImport bounds an imported file, in bytes; the greatest master lists have one or two megabytes.
const maxImport = 32 << 20

// Imported says what became of every certificate of an imported file.
type Imported struct {
	Imported int        `json:"imported"`
	Known    int        `json:"known"` // stood in the store already
	Rejected []Rejected `json:"rejected"`
	// Warning says what could not be checked about the file as a whole; empty when there is nothing to say.
	Warning string `json:"warning,omitempty"`
}

// Rejected is a certificate that was not imported.
type Rejected struct {
	Subject string `json:"subject"` // empty when it could not be read
	Reason  string `json:"reason"`
}

// Import adds the certificates in data: one DER certificate, PEM certificates, or a CSCA master list of ICAO or a state.
// Source names the file in the provenance, now is the time of import. Certificates that cannot be used are told in
// [Imported]; an error means that data is none of these, that a master list's signature is broken, or that the folder
// cannot be written, and then some of the certificates may stand in it.
//
// A master list whose signature cannot be checked, or whose publisher the store does not know, is imported with a
// warning: whoever imports vouches for it.
func (s *Store) Import(data []byte, source string, now time.Time) (Imported, error) {
	result := Imported{Rejected: []Rejected{}}
	if len(data) > maxImport {
		return result, fmt.Errorf("import: %d bytes, more than %d", len(data), maxImport)
	}
	certificates, warning, err := s.unpack(data)
	if err != nil {
		return result, fmt.Errorf("import: %w", err)
	}
	result.Warning = warning
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return result, fmt.Errorf("import: %w", err)
	}
	origin := Provenance{Source: filepath.Base(source), Imported: now.UTC(), Warning: warning}
	for _, der := range certificates {
		if err := s.add(der, origin, &result); err != nil {
			return result, fmt.Errorf("import: %w", err)
		}
	}
	return result, nil
}

// unpack finds the certificates in data, and says what could not be checked about it.
func (s *Store) unpack(data []byte) (certificates [][]byte, warning string, err error) {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			certificates = append(certificates, block.Bytes)
		}
	}
	if len(certificates) > 0 {
		return certificates, "", nil
	}
	if pki.IsCertificate(data) {
		return [][]byte{data}, "", nil
	}
	list, err := pki.ParseMasterList(data)
	if err != nil {
		return nil, "", fmt.Errorf("neither a certificate nor a master list: %w", err)
	}
	if err := list.Verify(); errors.Is(err, pki.ErrSignature) {
		return nil, "", fmt.Errorf("master list: %w", err)
	} else if err != nil {
		return list.Listed, "the list's signature could not be checked: " + err.Error(), nil
	}
	return list.Listed, s.doubtPublisher(list), nil
}

// doubtPublisher says why a master list's publisher is not known; empty when a CSCA that the store held before is its
// issuer. It only warns: the list may be the one that brings the publisher's new CSCA.
func (s *Store) doubtPublisher(list *pki.MasterList) string {
	publisher, err := list.SignerCertificate()
	if err == nil {
		_, err = s.issuerOf(publisher)
	}
	if err != nil {
		return "the list's publisher is not known: " + err.Error()
	}
	return ""
}

// add puts one certificate into the store and counts it.
func (s *Store) add(der []byte, origin Provenance, result *Imported) error {
	certificate, err := pki.ParseCertificate(der)
	if err != nil {
		reject := Rejected{Reason: err.Error()}
		var failure *pki.CertificateError
		if errors.As(err, &failure) {
			reject = Rejected{Subject: failure.Subject, Reason: failure.Err.Error()}
		}
		result.Rejected = append(result.Rejected, reject)
		return nil
	}
	if !certificate.CA {
		result.Rejected = append(result.Rejected, Rejected{
			Subject: certificate.Subject, Reason: "its basic constraints do not let it sign certificates",
		})
		return nil
	}
	id := fingerprint(der)
	if _, known := s.held[id]; known {
		result.Known++
		return nil
	}
	if err := s.save(id, der, origin); err != nil {
		return err
	}
	s.held[id] = held{certificate, origin}
	result.Imported++
	return nil
}

// save writes a certificate's two files, the certificate last: one without provenance never stands in the folder.
func (s *Store) save(id string, der []byte, origin Provenance) error {
	text, err := json.Marshal(origin)
	if err != nil {
		return err
	}
	if err := s.write(id+provenanceSuffix, append(text, '\n')); err != nil {
		return err
	}
	return s.write(id+certificateSuffix, der)
}

// write makes a file appear whole or not at all.
func (s *Store) write(name string, content []byte) error {
	path := filepath.Join(s.dir, name)
	file, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
