package trust

import (
	"cmp"
	"crypto/sha256"
	"maps"
	"slices"
	"sync"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// maxLinks bounds how many link certificates are walked from a signer to an anchor: more key changes than the life of a
// passport holds.
const maxLinks = 8

// lineage says which of the store's certificates are trusted, of those that count: the anchors, and the links that are signed down
// from one. It is
// found out once, issuer by issuer as they are asked for, and only ever by keys that are trusted themselves: nobody vouches
// for links in directories, and whoever writes one may choose keys that take long.
type lineage struct {
	mu         sync.Mutex
	bySubject  map[string][]*pki.Certificate // by SubjectIndex, in a fixed order; nil until it is asked for
	settled    map[string]bool               // by SubjectIndex
	paths      map[*pki.Certificate][]*pki.Certificate
	distrusted map[*pki.Certificate]string // why one of them does not count
	standing   *standing                   // nil until it is asked for
}

// forget is due when the store has come to hold anything else.
func (l *lineage) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bySubject, l.standing = nil, nil
}

// current is the store's standing.
func (s *Store) current() *standing {
	s.lineage.mu.Lock()
	defer s.lineage.mu.Unlock()
	return s.judged()
}

// judged is current for whoever holds the lock.
func (s *Store) judged() *standing {
	if s.lineage.standing == nil {
		s.lineage.standing = s.judge()
	}
	return s.lineage.standing
}

// namesakes are the certificates of the name of c's issuer, as the paths from them up to their anchors; and those that are
// not trusted, beginning with what counted once. Of the trusted ones those with the key that c names come first: it is nearly
// always one of these, and trying each key of a country takes its time.
func (s *Store) namesakes(c issued) (trusted [][]*pki.Certificate, untrusted []*pki.Certificate) {
	l := &s.lineage
	l.mu.Lock()
	defer l.mu.Unlock()
	s.look(c.IssuerIndex())
	for _, named := range []bool{true, false} {
		for _, issuer := range l.bySubject[c.IssuerIndex()] {
			switch path := l.paths[issuer]; {
			case !c.IssuedInNameOf(issuer) || c.NamesKeyOf(issuer) != named:
			case path != nil:
				trusted = append(trusted, path)
			default:
				untrusted = append(untrusted, issuer)
			}
		}
	}
	slices.SortStableFunc(untrusted, func(a, b *pki.Certificate) int { return cmp.Compare(l.distrusted[b], l.distrusted[a]) })
	return trusted, untrusted
}

// whyFallen says why a certificate does not count; empty where it does.
func (s *Store) whyDistrusted(c *pki.Certificate) string {
	s.lineage.mu.Lock()
	defer s.lineage.mu.Unlock()
	return s.lineage.distrusted[c]
}

// namedKey is a key under a name, by SubjectIndex.
type namedKey struct {
	name string
	key  [sha256.Size]byte
}

// trustedKeys are those of the store's certificates that are trusted: anchors, and links that lead up to one.
func (s *Store) trustedKeys() map[namedKey]bool {
	l := &s.lineage
	l.mu.Lock()
	defer l.mu.Unlock()
	trusted := map[namedKey]bool{}
	for _, c := range s.certificates {
		s.look(c.SubjectIndex())
		if l.paths[c.Certificate] != nil {
			trusted[namedKey{c.SubjectIndex(), c.KeyDigest()}] = true
		}
	}
	return trusted
}

// untrustedNamed counts the certificates of a name that are not trusted.
func (s *Store) untrustedNamed(name string) int {
	l := &s.lineage
	l.mu.Lock()
	defer l.mu.Unlock()
	s.look(name)
	untrusted := 0
	for _, c := range l.bySubject[name] {
		if l.paths[c] == nil {
			untrusted++
		}
	}
	return untrusted
}

// look has the certificates of a name settled.
func (s *Store) look(name string) {
	l := &s.lineage
	if l.bySubject == nil {
		l.index(s.certificates, s.judged())
	}
	l.settle(name)
}

func (l *lineage) index(certificates map[string]*certificate, st *standing) {
	l.bySubject, l.settled = map[string][]*pki.Certificate{}, map[string]bool{}
	l.paths, l.distrusted = map[*pki.Certificate][]*pki.Certificate{}, map[*pki.Certificate]string{}
	for _, id := range slices.Sorted(maps.Keys(certificates)) {
		c := certificates[id].Certificate
		l.bySubject[c.SubjectIndex()] = append(l.bySubject[c.SubjectIndex()], c)
		if why := st.distrusted[id]; why != "" {
			l.distrusted[c] = why
		}
	}
}

// settle finds out which certificates of a name are trusted. It begins at the anchors of that name, and of those names that
// links lead up to, and goes down from them: each certificate once, by its shortest path.
func (l *lineage) settle(name string) {
	if l.settled[name] {
		return
	}
	var trusted []*pki.Certificate
	issuedBy := map[string][]*pki.Certificate{}
	for _, name := range l.ancestry(name) {
		for _, c := range l.bySubject[name] {
			if l.distrusted[c] != "" {
				continue
			}
			if !l.settled[name] && c.SelfSigned() {
				l.paths[c] = []*pki.Certificate{c}
			}
			if l.paths[c] != nil {
				trusted = append(trusted, c)
			} else if !l.settled[name] && c.Country == c.IssuerCountry { // none hands its name over to another state
				issuedBy[c.IssuerIndex()] = append(issuedBy[c.IssuerIndex()], c)
			}
		}
		l.settled[name] = true
	}
	slices.SortStableFunc(trusted, func(a, b *pki.Certificate) int { return len(l.paths[a]) - len(l.paths[b]) })
	for n := 0; n < len(trusted); n++ {
		issuer := trusted[n]
		for _, c := range issuedBy[issuer.SubjectIndex()] {
			if path := l.paths[issuer]; l.paths[c] == nil && len(path) <= maxLinks &&
				c.IssuedInNameOf(issuer) && !isAfter(c.NotBefore, issuer.NotAfter) && c.CheckSignedBy(issuer) == nil {
				l.paths[c] = append([]*pki.Certificate{c}, path...)
				trusted = append(trusted, c)
			}
		}
	}
}

// ancestry is a name and all that certificates of it lead up to.
func (l *lineage) ancestry(name string) []string {
	names, seen := []string{name}, map[string]bool{name: true}
	for n := 0; n < len(names); n++ {
		for _, c := range l.bySubject[names[n]] {
			if issuer := c.IssuerIndex(); !seen[issuer] {
				seen[issuer] = true
				names = append(names, issuer)
			}
		}
	}
	return names
}
