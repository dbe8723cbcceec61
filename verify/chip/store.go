package chip

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// File name endings in a store.
const (
	certificateSuffix = ".der"
	provenanceSuffix  = ".json"
)

// Store is a folder of country signing certificates (CSCA). Each is a DER file named by its SHA-256, with a JSON file of
// the same name beside it that says where it came from; other files are left alone.
//
// It is read once, by [OpenStore]. Several goroutines may ask it at once, but not while one of them imports.
type Store struct {
	dir  string
	held map[string]held // by SHA-256, hexadecimal
}

// held is one certificate in a store.
type held struct {
	certificate *pki.Certificate
	Provenance
}

// Provenance says where a certificate of the store came from.
type Provenance struct {
	Source   string    `json:"source"`   // name of the imported file
	Imported time.Time `json:"imported"` // UTC
	// Warning is what could not be checked about the source; empty when there is nothing to say.
	Warning string `json:"warning,omitempty"`
}

// Entry is one certificate of the store, described.
type Entry struct {
	SHA256    string    `json:"sha256"` // of the DER, hexadecimal
	Subject   string    `json:"subject"`
	Country   string    `json:"country"` // upper case; empty where the certificate names none
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	// Anchor is false for a link certificate: it is believed only when its own issuer is in the store.
	Anchor bool `json:"anchor"`
	Provenance
}

// OpenStore opens the trust store in dir. A folder that does not exist is an empty store; Import makes it. A certificate
// without provenance, or one that its name does not fit, is an error: nobody may slip one in, and a broken disk must not
// turn a known signer into an unknown one.
func OpenStore(dir string) (*Store, error) {
	s := &Store{dir: dir, held: map[string]held{}}
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	} else if err != nil {
		return nil, fmt.Errorf("trust store: %w", err)
	}
	for _, file := range files {
		id, isCertificate := strings.CutSuffix(file.Name(), certificateSuffix)
		if !isCertificate {
			continue
		}
		if s.held[id], err = s.load(id); err != nil {
			return nil, fmt.Errorf("trust store: certificate %s: %w", id, err)
		}
	}
	return s, nil
}

// load reads one certificate with its provenance.
func (s *Store) load(id string) (held, error) {
	var h held
	der, err := os.ReadFile(filepath.Join(s.dir, id+certificateSuffix))
	if err != nil {
		return h, err
	}
	if fingerprint(der) != id {
		return h, errors.New("the file is not the one that its name says")
	}
	if h.certificate, err = pki.ParseCertificate(der); err != nil {
		return h, err
	}
	origin, err := os.ReadFile(filepath.Join(s.dir, id+provenanceSuffix))
	if err != nil {
		return h, fmt.Errorf("no provenance: %w", err)
	}
	if err := json.Unmarshal(origin, &h.Provenance); err != nil {
		return h, fmt.Errorf("provenance: %w", err)
	}
	return h, nil
}

// fingerprint names a certificate.
func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// List gives the certificates by country, subject and first day.
func (s *Store) List() []Entry {
	entries := make([]Entry, 0, len(s.held))
	for id, h := range s.held {
		c := h.certificate
		entries = append(entries, Entry{
			SHA256: id, Subject: c.Subject, Country: c.Country, NotBefore: c.NotBefore, NotAfter: c.NotAfter,
			Anchor: c.SelfSigned(), Provenance: h.Provenance,
		})
	}
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.Subject, b.Subject),
			a.NotBefore.Compare(b.NotBefore), cmp.Compare(a.SHA256, b.SHA256))
	})
	return entries
}

// AgeDays is how many whole days before now anything was last imported; -1 for an empty store.
func (s *Store) AgeDays(now time.Time) int {
	if len(s.held) == 0 {
		return -1
	}
	var last time.Time
	for _, h := range s.held {
		if h.Imported.After(last) {
			last = h.Imported
		}
	}
	return max(0, int(now.Sub(last)/(24*time.Hour)))
}
