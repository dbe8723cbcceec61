package chip

import (
	"errors"
	"time"
)

// Store is a folder of trusted country signing certificates (CSCA). Each is a DER file named by its SHA-256, with a
// JSON file of the same name beside it that says where it came from.
type Store struct{ dir string }

// Provenance says where a certificate of the store came from.
type Provenance struct {
	Source   string    `json:"source"`   // name of the imported file
	Imported time.Time `json:"imported"` // UTC
}

// Entry is one certificate of the store.
type Entry struct {
	SHA256    string    `json:"sha256"` // of the DER, hexadecimal
	Subject   string    `json:"subject"`
	Country   string    `json:"country"` // upper case; empty where the subject names none
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	// Anchor is false for a link certificate, which is kept and not trusted by itself.
	Anchor bool `json:"anchor"`
	Provenance
}

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

// OpenStore opens the trust store in dir. A folder that does not exist is an empty store; Import makes it.
func OpenStore(dir string) (*Store, error) { return &Store{dir: dir}, nil }

// Import adds the certificates in data: one DER certificate, PEM certificates, or a CSCA master list.
func (s *Store) Import(data []byte, source string, now time.Time) (Imported, error) {
	return Imported{}, errors.New("not yet")
}

// List gives the certificates by country and subject.
func (s *Store) List() []Entry { return nil }

// AgeDays is how many whole days ago anything was last imported; -1 for an empty store.
func (s *Store) AgeDays(now time.Time) int { return -1 }
