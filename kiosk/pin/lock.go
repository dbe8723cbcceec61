package pin

import (
	"log/slog"
	"sync"
	"time"
)

// Result is what a try came to.
type Result string

// The results of a try.
const (
	Right   Result = "right"
	Wrong   Result = "wrong"
	Refused Result = "refused" // it was not looked at: Lock.Wait is not over
)

// Lock lets in whoever has the PIN, and makes whoever has not wait: after three wrong ones half a minute, which doubles with every
// further one up to an hour. The right one ends that.
//
// Each try is counted in a file before it is looked at, so that a power cut gives none for free. What can go wrong with the file and
// the clock costs a technician a wait, and never more than one:
//   - A file that cannot be read, or is damaged, counts as three wrong ones just now.
//   - Where it cannot be written, the first try of a run costs the wait of at least three wrong ones without being looked at; from
//     then on the lock counts in memory. So each run costs a wait before its first try that counts.
//   - While the station runs, the wait goes by a clock that nobody sets. Across a restart it goes by the station's own; where that says
//     that the last try is still to come, all of the wait begins again.
//
// A Lock may be used from any goroutine.
type Lock struct {
	path string
	made string
	now  func() time.Time
	log  *slog.Logger

	trying sync.Mutex // held by Try: one at a time

	mu    sync.Mutex
	tally Tally
	until time.Time // when one may be tried again; its reading of the monotonic clock counts
	paid  bool      // a wait was begun in this run, so that one try may go without its count
}

// Open makes the lock for the PIN whose string is made, with the count that a file has; the file need not exist.
func Open(path, made string, now func() time.Time, log *slog.Logger) *Lock {
	l := &Lock{path: path, made: made, now: now, log: log}
	at := now()
	tally, err := readTally(path)
	if err != nil {
		log.Warn("how many PINs were wrong is not known; it counts as three", "err", err)
		tally, l.paid = Tally{}.withoutFree(at), true
	}
	l.tally = tally
	gone := max(0, at.Sub(tally.Last))
	l.until = at.Add(max(0, tally.wait()-gone))
	return l
}

// Wait is how long none may be tried, from now on; 0 where one may.
func (l *Lock) Wait() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, l.until.Sub(l.now()))
}

// Tally is the count. While one is being tried it counts as wrong.
func (l *Lock) Tally() Tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tally
}

// Try tries a PIN, given in ASCII digits. It takes as long as Make, and the time of a write to the disk.
func (l *Lock) Try(digits []byte) Result {
	l.trying.Lock()
	defer l.trying.Unlock()
	if l.Wait() > 0 {
		return Refused
	}
	before := l.Tally()
	next := before.more(l.now())
	if err := next.write(l.path); err != nil {
		l.log.Warn("a PIN is tried, and cannot be counted on the disk", "err", err)
		if !l.pays(next) {
			return Refused
		}
	}
	l.set(next)
	if !matches(l.made, digits) {
		l.log.Warn("a technician's PIN was wrong", "times", next.Wrong, "wait", next.wait().String())
		return Wrong
	}
	l.set(Tally{})
	if err := (Tally{}).write(l.path); err != nil {
		l.log.Warn("the count of wrong PINs is not ended on the disk", "err", err)
	}
	l.log.Info("a technician has come in by the PIN", "wrong_before", before.Wrong)
	return Right
}

// pays tells whether a try that cannot be counted on the disk may go on, because a wait was begun in this run. Otherwise it begins.
func (l *Lock) pays(next Tally) bool {
	l.mu.Lock()
	paid := l.paid
	l.paid = true
	l.mu.Unlock()
	if !paid {
		l.set(next.withoutFree(l.now()))
	}
	return paid
}

// set keeps a count in memory, and begins the wait that it asks for. An end of the count ends what was paid, too.
func (l *Lock) set(t Tally) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tally, l.until = t, l.now().Add(t.wait())
	if t.Wrong == 0 {
		l.paid = false
	}
}
