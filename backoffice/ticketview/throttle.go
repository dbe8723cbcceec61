package ticketview

import (
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"
)

// How many requests there may be at once, and how long until there is one more. A token has 128 bits: the limits spare the
// database, and keep a stranger's flood from the visitors.
const (
	strangerTries, strangerEvery = 40, 2 * time.Second        // from one client, that found no visit
	ownTries, ownEvery           = 60, 500 * time.Millisecond // with one token that has a visit
	remembered                   = 16_384                     // clients, and tokens; the one longest not heard of is forgotten first
)

// throttle bounds what one client may ask. A request takes a try of its client's and gives it back where it found a visit, so that a
// lobby behind one address is not shut out; a token that is known to have a visit has tries of its own.
type throttle struct {
	mu      sync.Mutex
	clients *simplelru.LRU[netip.Prefix, *rate.Limiter]
	tokens  *simplelru.LRU[string, *rate.Limiter]
}

func newThrottle() (*throttle, error) {
	clients, err := simplelru.NewLRU[netip.Prefix, *rate.Limiter](remembered, nil)
	if err != nil {
		return nil, err
	}
	tokens, err := simplelru.NewLRU[string, *rate.Limiter](remembered, nil)
	return &throttle{clients: clients, tokens: tokens}, err
}

// allow says whether a request may be looked at.
func (t *throttle) allow(from netip.Prefix, token string, at time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own, ok := t.tokens.Get(token); ok {
		return own.AllowN(at, 1)
	}
	l, ok := t.clients.Get(from)
	if !ok {
		l = rate.NewLimiter(rate.Every(strangerEvery), strangerTries)
		t.clients.Add(from, l)
	}
	return l.AllowN(at, 1)
}

// found says that a request that was allowed had the token of a visit.
func (t *throttle) found(from netip.Prefix, token string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tokens.Contains(token) {
		return
	}
	t.tokens.Add(token, rate.NewLimiter(rate.Every(ownEvery), ownTries))
	if l, ok := t.clients.Get(from); ok {
		l.AllowN(at, -1) // the try comes back
	}
}

// streams counts the open streams.
type streams struct {
	mu  sync.Mutex
	all int
	of  map[string]int // by token
}

func newStreams() *streams { return &streams{of: map[string]int{}} }

// open says whether there may be one more.
func (s *streams) open(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= mostStreams || s.of[token] >= ownStreams {
		return false
	}
	s.all++
	s.of[token]++
	return true
}

func (s *streams) close(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.of[token]--; s.of[token] == 0 {
		delete(s.of, token)
	}
}
