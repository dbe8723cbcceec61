package trust

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// removal is that something was removed by whoever keeps the store, which is remembered: the next list has it again.
type removal struct {
	Removed time.Time `json:"removed"` // UTC
	Subject string    `json:"subject"` // of the certificate, or the publisher of the list
	// Same is what others have that are the same thing, written otherwise: of a list what was signed, of a signer of lists its key. As
	// SHA-256; empty for a certificate that the store keeps.
	Same string `json:"same,omitempty"`
}

// removedLike gives the removal of something that is the same thing, by its SHA-256 or what is the same of it.
func (s *Store) removedLike(id, same string) (of string, r removal, is bool) {
	if r, is := s.removed[id]; is {
		return id, r, true
	}
	for of, r := range s.removed {
		if r.Same == same {
			return of, r, true
		}
	}
	return "", removal{}, false
}

// mayTake says why a list or a signer of lists is not taken that was removed; nil where it was not, or the importer has it back.
func (s *Store) mayTake(id, same string, again bool) error {
	of, r, removed := s.removedLike(id, same)
	switch {
	case !removed:
		return nil
	case !again:
		return errors.New("it was removed from the trust store on " + r.Removed.Format(time.DateOnly) + ": import it with --again to have it back")
	}
	s.readmit(of)
	return nil
}

func readRemoval(path string) (r removal, err error) {
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	return r, err
}

// Removed is what [Store.Remove] removed.
type Removed struct {
	SHA256  string `json:"sha256"`
	Kind    string `json:"kind"` // "certificate", "signer of lists", "revocation list", "master list", "defect list" or "deviation list"
	Subject string `json:"subject"`

	same string // as of removal
}

// ErrNotInStore is that the store has nothing of a SHA-256, or more than one thing whose SHA-256 begins so.
var ErrNotInStore = errors.New("not in the trust store")

// leastPrefix is how many digits of a SHA-256 name something: as many as are listed.
const leastPrefix = 12

// Remove takes a certificate or a list out of what counts, by its SHA-256, hexadecimal, or by its first twelve digits or more. With a
// CSCA falls what it alone vouches for: other certificates of its key, links, the lists that rest on it and what stands in no other
// list, and its revocation lists and those of its links; with a signer of lists, whose certificate stands in them alone, those and all
// that it signs. It is remembered, however it is written the next time, until it is imported as a file of its own or with Terms.Again.
// An error is an [ErrNotInStore], or that the folder cannot be written.
func (s *Store) Remove(id string, now time.Time) (Removed, error) {
	r, err := s.find(strings.ToLower(id))
	if err != nil {
		return r, err
	}
	believed := s.believedCRLs()
	if err := s.remember(r.SHA256, removal{now.UTC(), r.Subject, r.same}); err != nil {
		return r, err
	}
	if h, held := s.lists[r.SHA256]; held {
		s.drop(r.SHA256, kindOf(h.content))
		delete(s.lists, r.SHA256)
	}
	if _, held := s.crls[r.SHA256]; held {
		s.dropCRL(r.SHA256)
	}
	s.lineage.forget()
	still := s.believedCRLs()
	for _, list := range slices.Sorted(maps.Keys(s.crls)) {
		if !still[list] && (believed[list] || s.signedByRemoved(list, r.SHA256)) {
			s.dropCRL(list)
		}
	}
	s.lineage.forget()
	if err := s.commit(); err != nil {
		return r, fmt.Errorf("remove: %w", err)
	}
	return r, nil
}

// believedCRLs are the revocation lists whose issuer is trusted.
func (s *Store) believedCRLs() map[string]bool {
	believed := map[string]bool{}
	for id, h := range s.crls {
		_, err := s.pathOfCRL(h.content)
		believed[id] = err == nil
	}
	return believed
}

// signedByRemoved says whether a removed certificate has the key of a revocation list.
func (s *Store) signedByRemoved(list, id string) bool {
	c, held := s.certificates[id]
	return held && s.crls[list].content.CheckSignedBy(c.Certificate) == nil
}

func (s *Store) dropCRL(id string) {
	s.drop(id, kindCRL)
	delete(s.crls, id)
}

// remember keeps that something was removed.
func (s *Store) remember(id string, r removal) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	s.pending.put(nameOf(id, kindRemoved), append(text, '\n'))
	s.removed[id] = r
	return nil
}

// readmit forgets that something was removed.
func (s *Store) readmit(id string) {
	s.pending.drop(nameOf(id, kindRemoved))
	delete(s.removed, id)
	s.lineage.forget()
}

// keyDigest is the SHA-256 of a certificate's key, hexadecimal.
func keyDigest(c *pki.Certificate) string { return fmt.Sprintf("%x", c.KeyDigest()) }

// signedDigest is the SHA-256 of what was signed of a list, hexadecimal: others may write what stands around that otherwise.
func signedDigest(list interface{ SignedDigest() [sha256.Size]byte }) string {
	return fmt.Sprintf("%x", list.SignedDigest())
}

// find gives the one thing in the store whose SHA-256 begins so.
func (s *Store) find(prefix string) (Removed, error) {
	var found []Removed
	for id, c := range s.certificates {
		found = append(found, Removed{id, "certificate", c.Subject, ""})
	}
	for id, h := range s.crls {
		found = append(found, Removed{id, "revocation list", h.content.Issuer, signedDigest(h.content)})
	}
	signers := map[string]bool{}
	for _, e := range s.Lists() {
		list := s.lists[e.SHA256].content
		found = append(found, Removed{e.SHA256, e.Kind, e.Publisher, signedDigest(list)})
		signer, err := list.SignerCertificate()
		if err != nil {
			continue
		}
		if id := fingerprint(signer.Raw); !signers[id] && s.certificates[id] == nil {
			signers[id] = true
			found = append(found, Removed{id, "signer of lists", signer.Subject, keyDigest(signer)})
		}
	}
	found = slices.DeleteFunc(found, func(r Removed) bool { return !strings.HasPrefix(r.SHA256, prefix) })
	switch {
	case len(prefix) < leastPrefix:
		return Removed{}, fmt.Errorf("%w: %q has fewer than %d digits", ErrNotInStore, prefix, leastPrefix)
	case len(found) == 0:
		return Removed{}, fmt.Errorf("%w: %q", ErrNotInStore, prefix)
	case len(found) > 1:
		return Removed{}, fmt.Errorf("%w: several things begin with %q", ErrNotInStore, prefix)
	}
	return found[0], nil
}
