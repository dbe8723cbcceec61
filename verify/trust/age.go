package trust

import (
	"iter"
	"time"
)

// MaxAge is the age at which a trust store is stale: every CSCA issues a revocation list at least every 90 days, and
// announces a new key 90 days ahead (ICAO Doc 9303-12, 4.1.4 and 4.1.5), so that an older store must lack something.
const MaxAge = 90 * 24 * time.Hour

// Age is how long before now the newest thing in the store was signed, by a master list or a revocation list that says
// when, or else imported; a list of three years ago does not become younger by being imported today. It is not known of an
// empty store.
func (s *Store) Age(now time.Time) (age time.Duration, known bool) {
	var newest time.Time
	for p := range s.provenances() {
		if day := p.madeOn(); day.After(newest) {
			newest = day
		}
	}
	if newest.IsZero() {
		return 0, false
	}
	return max(0, now.Sub(newest)), true
}

// provenances gives where each certificate and list of the store that counts came from, but for directories, which nobody signs.
func (s *Store) provenances() iter.Seq[Provenance] {
	return func(yield func(Provenance) bool) {
		st := s.current()
		for id, c := range s.certificates {
			if st.distrusted[id] != "" {
				continue
			}
			for _, p := range c.origins {
				if p.By != byDirectory && !yield(p) {
					return
				}
			}
		}
		for id, h := range s.crls {
			if st.believed[id] && !yield(h.Provenance) {
				return
			}
		}
		for id, h := range s.lists {
			if st.lists[id] && !yield(h.Provenance) {
				return
			}
		}
	}
}
