// Package trust keeps what the signers of documents are judged by: the certificates of country signing CAs (CSCA), revocation lists,
// and the lists that States publish, of each other's CSCAs (master lists), of defects and of deviations (ICAO Doc 9303-12; BSI
// TR-03129-2 and TR-03135-1, 5.8). It imports and removes them, says what of them counts and why, and answers for a signer. It knows
// certificates and no documents: those are judged by package chip beside it.
//
// For most uses: [OpenStore], then [Store.ImportFiles] once with what States publish, and for each signer [Store.CertificationPath]
// and [Store.Revocation].
//
// The contract. What counts follows from what the store holds, and never from the order in which it came. A certificate is an anchor
// because whoever keeps the store vouches for it, or a master list whose publisher is known; no list makes its own publisher known,
// and what stands in a directory, which nobody signs, is looked up and never trusted. What was removed or revoked takes with it all
// that rests on it. Only a key that contradicts a signature accuses; what the store lacks never does.
package trust

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

// kind is what a file of a store holds, and the ending of its name.
type kind string

// The kinds of files in a store.
const (
	kindCertificate   kind = "der" // of CSCAs, or links between two of their keys
	kindCRL           kind = "crl"
	kindMasterList    kind = "masterlist"
	kindDefectList    kind = "defects"
	kindDeviationList kind = "deviations"
	kindSigners       kind = "signers" // certificates of document signers
	kindRemoved       kind = "removed" // that the certificate or list of that SHA-256 was removed, and when; without provenance
)

// provenanceSuffix ends the name of the file that says where another came from.
const provenanceSuffix = ".json"

// Store is a folder of what signers of documents are judged by: country signing certificates (CSCA), revocation lists, and
// the lists that states publish: of each other's CSCAs, of defects and of deviations. Each is a file named by its SHA-256
// and ending in its kind, with a JSON file of the same name beside it that says where it came from; other files are left
// alone. Certificates that came together stand in one file, one behind the other: a thousand files take longer to open than
// to read.
//
// It is read once, by [OpenStore]. Several goroutines may ask it at once, but not while one of them imports. The zero Store is an
// empty one that can be asked, and not imported into.
type Store struct {
	dir          string
	certificates map[string]*certificate      // by SHA-256, hexadecimal
	crls         map[string]held[*pki.CRL]    // likewise
	lists        map[string]held[publication] // likewise
	removed      map[string]removal           // likewise
	signers      signerIndex                  // of files that are read when they are needed
	lineage      lineage                      // of certificates
	listed       map[string]listing           // what master lists have, by their SHA-256
	pending      changes                      // to the folder
}

// held is one file of a store, parsed.
type held[T any] struct {
	content T
	Provenance
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
	// Deviation is how the certificate contradicts that it signs others, which it was taken in spite of, a [pki.Deviation]; empty for most.
	Deviation string `json:"deviation,omitempty"`
	Provenance
	// VouchedBy is who vouches for it: importers, and lists that count. A link may have none.
	VouchedBy []Voucher `json:"vouched_by"`
	// Distrusted is why it does not count, and is no anchor: it was removed, revoked, or left out of lists; or it is a link that leads up
	// to no anchor, of a key that no other certificate makes count. Empty for one that does.
	Distrusted string `json:"distrusted,omitempty"`
	// OmittedByState is why one that counts might not: its State's own list leaves it out, and it was imported by itself.
	OmittedByState string `json:"disputed,omitempty"`
}

// OpenStore opens the trust store in dir. A folder that does not exist is an empty store; Import makes it. A file without
// provenance, or one that its name does not fit, is an error: nobody may slip one in, and a broken disk must not turn a
// known signer into an unknown one. What an import had begun that was interrupted is undone, or done where it was decided.
func OpenStore(dir string) (*Store, error) {
	s := &Store{
		dir: dir, certificates: map[string]*certificate{}, removed: map[string]removal{},
		crls: map[string]held[*pki.CRL]{}, lists: map[string]held[publication]{},
	}
	unlock, err := lockWhole(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	} else if err != nil {
		return nil, fmt.Errorf("trust store: %w", err)
	}
	defer unlock()
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("trust store: %w", err)
	}
	for _, file := range files {
		id, ending, _ := strings.Cut(file.Name(), ".")
		if err := s.open(id, kind(ending)); err != nil {
			return nil, fmt.Errorf("trust store: %s: %w", file.Name(), err)
		}
	}
	s.findIssuers()
	return s, nil
}

// open reads one file into the map of its kind.
func (s *Store) open(id string, k kind) error {
	switch k {
	case kindCertificate:
		several, err := load(s, id, k, pki.ParseCertificates)
		for _, c := range several.content {
			s.hold(c, id, several.Provenance)
		}
		return err
	case kindCRL:
		list, err := load(s, id, k, pki.ParseCRL)
		s.crls[id] = list
		return err
	case kindMasterList, kindDefectList, kindDeviationList:
		list, err := load(s, id, k, func(data []byte) (publication, error) { return parsePublication(k, data) })
		if master, is := list.content.(*pki.MasterList); is && len(list.Path) > 0 {
			signedBy(master, list.Path[0])
		}
		s.lists[id] = list
		return err
	case kindRemoved:
		r, err := readRemoval(filepath.Join(s.dir, nameOf(id, k)))
		s.removed[id] = r
		return err
	case kindSigners:
		file, err := load(s, id, k, pki.SplitCertificates)
		if err == nil {
			s.signers.add(id, file.content)
		}
		return err
	}
	return nil
}

// load reads one file with its provenance.
func load[T any](s *Store, id string, k kind, parse func([]byte) (T, error)) (held[T], error) {
	var h held[T]
	data, err := os.ReadFile(s.path(id, k))
	if err != nil {
		return h, err
	}
	if fingerprint(data) != id {
		return h, errors.New("the file is not the one that its name says")
	}
	origin, err := os.ReadFile(filepath.Join(s.dir, id+provenanceSuffix))
	if err != nil {
		return h, fmt.Errorf("no provenance: %w", err)
	}
	if err := json.Unmarshal(origin, &h.Provenance); err != nil {
		return h, fmt.Errorf("provenance: %w", err)
	}
	h.content, err = parse(data)
	return h, err
}

// path is where a file of the store stands.
func (s *Store) path(id string, k kind) string { return filepath.Join(s.dir, nameOf(id, k)) }

// nameOf is how a file of the store is called.
func nameOf(id string, k kind) string { return id + "." + string(k) }

// hold takes a certificate in that stands in a file.
func (s *Store) hold(c *pki.Certificate, file string, origin Provenance) {
	id := fingerprint(c.Raw)
	if s.certificates[id] == nil {
		s.certificates[id] = &certificate{c, map[string]Provenance{}}
	}
	s.certificates[id].origins[file] = origin
}

// fingerprint names a file.
func fingerprint(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// save has a file and its provenance written when the changes are made.
func (s *Store) save(id string, k kind, data []byte, origin Provenance) error {
	text, err := json.Marshal(origin)
	if err != nil {
		return err
	}
	s.pending.put(id+provenanceSuffix, append(text, '\n'))
	s.pending.put(nameOf(id, k), data)
	return nil
}

// drop has a file and its provenance taken out of the folder when the changes are made.
func (s *Store) drop(id string, k kind) {
	s.pending.drop(nameOf(id, k))
	s.pending.drop(id + provenanceSuffix)
}

// List gives the certificates by country, subject and first day.
func (s *Store) List() []Entry {
	entries := make([]Entry, 0, len(s.certificates))
	st, trusted := s.current(), s.trustedKeys()
	for id, c := range s.certificates {
		entries = append(entries, Entry{
			SHA256: id, Subject: c.Subject, Country: c.Country, NotBefore: c.NotBefore, NotAfter: c.NotAfter,
			Anchor: st.distrusted[id] == "" && c.SelfSigned(), VouchedBy: st.vouchersOf(s, id, c), Distrusted: whyNotCounted(st.distrusted[id], c, trusted),
			OmittedByState: st.omittedByState[id], Deviation: string(c.IssuerDeviation()), Provenance: c.origin(),
		})
	}
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.Subject, b.Subject),
			a.NotBefore.Compare(b.NotBefore), cmp.Compare(a.SHA256, b.SHA256))
	})
	return entries
}

// whyNotCounted says why a certificate does not count, as it is distrusted or its key is not among the trusted ones; empty where it does.
func whyNotCounted(distrusted string, c *certificate, trusted map[namedKey]bool) string {
	if distrusted == "" && !trusted[namedKey{c.SubjectIndex(), c.KeyDigest()}] {
		return "it is a link that leads up to no CSCA that counts"
	}
	return distrusted
}

// Signers is how many certificates of document signers the store holds.
func (s *Store) Signers() int {
	certificates := map[place]bool{}
	for _, p := range s.signers.places {
		p.found = 0 // each is found by up to five things
		certificates[p] = true
	}
	return len(certificates)
}

// CRLEntry is one revocation list of the store, described.
type CRLEntry struct {
	SHA256     string    `json:"sha256"` // of the DER, hexadecimal
	Issuer     string    `json:"issuer"`
	Country    string    `json:"country"` // upper case; empty where the list names none
	ThisUpdate time.Time `json:"this_update"`
	NextUpdate time.Time `json:"next_update,omitzero"`
	Revoked    int       `json:"revoked"` // how many certificates
	// Distrusted is why it revokes no more than what its issuer's own key signed: the issuer does not count any longer. Empty for one
	// whose issuer does.
	Distrusted string `json:"distrusted,omitempty"`
	Provenance
}

// CRLs gives the revocation lists by country and issuer.
func (s *Store) CRLs() []CRLEntry {
	entries := make([]CRLEntry, 0, len(s.crls))
	st := s.current()
	for id, h := range s.crls {
		l := h.content
		entries = append(entries, CRLEntry{
			SHA256: id, Issuer: l.Issuer, Country: l.Country, ThisUpdate: l.ThisUpdate, NextUpdate: l.NextUpdate,
			Revoked: l.Revoked, Distrusted: st.limitOf(s, id), Provenance: h.Provenance,
		})
	}
	slices.SortFunc(entries, func(a, b CRLEntry) int {
		return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.Issuer, b.Issuer),
			cmp.Compare(a.SHA256, b.SHA256))
	})
	return entries
}
