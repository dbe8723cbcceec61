package staff

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"
)

// How many tries there are at once, and how long until there is one more. A person who mistypes gets on at once; whoever
// guesses from one place has some 1,500 tries a day, and all strangers together 43,300 at one name, which is nothing
// against passwords of 15 characters.
const (
	ownTries, ownEvery       = 5, time.Minute       // at one name, from one client or from one known browser
	clientTries, clientEvery = 30, 5 * time.Second  // from one client, at all names
	nameTries, nameEvery     = 100, 2 * time.Second // at one name, from all strangers
)

const (
	// remembered is how many clients are told apart, and how many pairs of client and name; the one longest not heard of
	// is forgotten first, so that a flood of addresses shuts out nobody.
	remembered = 16_384
	// slots is how many groups names fall into. Names are whatever a stranger types: kept one by one they would have to
	// be forgotten under a flood of others.
	slots = 1024
)

// Caller is who tries a password.
type Caller struct {
	Name   string       // that is tried
	Client netip.Prefix // where from
	// Browser tells apart the browsers in which Name has signed in before; empty for all others, the strangers. What
	// strangers do never makes a known browser wait.
	Browser string
}

// Throttle bounds the guessing of passwords. A try is taken before the password is looked at, so that a hundred at once
// are a hundred tries.
type Throttle struct {
	mu      sync.Mutex
	seed    maphash.Seed
	own     *simplelru.LRU[Caller, *rate.Limiter]
	clients *simplelru.LRU[netip.Prefix, *rate.Limiter]
	names   [slots]*rate.Limiter
}

// NewThrottle makes a throttle that has seen nobody yet.
func NewThrottle() (*Throttle, error) {
	own, err := simplelru.NewLRU[Caller, *rate.Limiter](remembered, nil)
	if err != nil {
		return nil, err
	}
	clients, err := simplelru.NewLRU[netip.Prefix, *rate.Limiter](remembered, nil)
	if err != nil {
		return nil, err
	}
	t := &Throttle{seed: maphash.MakeSeed(), own: own, clients: clients}
	for i := range t.names {
		t.names[i] = rate.NewLimiter(rate.Every(nameEvery), nameTries)
	}
	return t, nil
}

// Try is one try that was taken.
type Try struct {
	throttle *Throttle
	caller   Caller
	at       time.Time
	taken    []*rate.Reservation
}

// Reserve takes a try. There is none left when wait is not 0: it is how long until there may be one.
func (t *Throttle) Reserve(c Caller, now time.Time) (try *Try, wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	limits := t.strangers(c)
	if wait := longestWait(limits, now); wait > 0 {
		return nil, wait
	}
	limits = append(limits, limiter(t.own, c.key(), ownEvery, ownTries))
	if wait := longestWait(limits, now); wait > 0 {
		return nil, wait
	}
	try = &Try{throttle: t, caller: c, at: now}
	for _, l := range limits {
		try.taken = append(try.taken, l.ReserveN(now, 1))
	}
	return try, 0
}

// strangers are the limits that those share who are not known.
func (t *Throttle) strangers(c Caller) []*rate.Limiter {
	if c.Browser != "" {
		return nil
	}
	return []*rate.Limiter{
		limiter(t.clients, c.Client, clientEvery, clientTries),
		t.names[maphash.String(t.seed, c.Name)%slots],
	}
}

// key is what a caller's own tries are counted under. A known browser may wander through networks.
func (c Caller) key() Caller {
	if c.Browser != "" {
		c.Client = netip.Prefix{}
	}
	return c
}

func limiter[K comparable](known *simplelru.LRU[K, *rate.Limiter], key K, every time.Duration, tries int) *rate.Limiter {
	l, ok := known.Get(key)
	if !ok {
		l = rate.NewLimiter(rate.Every(every), tries)
		known.Add(key, l)
	}
	return l
}

func longestWait(limits []*rate.Limiter, now time.Time) (longest time.Duration) {
	const nothing = 1e-6 // of a token: what rounding leaves missing after exactly the wait
	for _, l := range limits {
		if missing := 1 - l.TokensAt(now); missing > nothing {
			longest = max(longest, time.Duration(missing/float64(l.Limit())*float64(time.Second)))
		}
	}
	return longest
}

// Return gives back a try that was not used: no password was looked at.
func (t *Try) Return() {
	t.throttle.mu.Lock()
	defer t.throttle.mu.Unlock()
	t.giveBack()
}

// Succeeded says that the password was right: the try is given back, and former failures of this caller are forgotten.
func (t *Try) Succeeded() {
	t.throttle.mu.Lock()
	defer t.throttle.mu.Unlock()
	t.giveBack()
	t.throttle.own.Remove(t.caller.key())
}

func (t *Try) giveBack() {
	for _, r := range t.taken {
		r.CancelAt(t.at)
	}
}
