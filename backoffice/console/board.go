package console

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

// pause is the least time between two readings of the queue: what changes meanwhile is shown together.
const pause = 40 * time.Millisecond

// boardTime bounds a reading: a store that does not answer keeps pages waiting no longer.
const boardTime = 20 * time.Second

// board is the office's queue as it was read once, for every page that shows it. What is made of it for a page is kept
// with it, so that pages that show the same share it.
type board struct {
	changed <-chan struct{} // closed at the next change after the reading
	begun   time.Time       // before the reading, by the machine's clock
	at      time.Time       // by the office's clock
	queue   []store.CheckIn // first come first
	waiting int
	called  map[string]int   // by who called: the index in the queue
	asking  []int            // of those who wait and asked for a person
	office  store.Office     // desks and services
	queues  map[string][]int // by the queue in which they are: caseworker or pool

	keysRead time.Time       // when the vault was asked, by the machine's clock
	known    map[string]bool // who was in the queue then, by id: is there a key?

	// The rest is made when a page wants it, while the lead's desk or the maker holds rooms.making.
	ended     map[string][]store.CheckIn // by caseworker
	told      *leadFacts
	fragments map[fragmentKey]*fragment
	former    map[fragmentKey]*fragment // of the board before, to be taken over where nothing has changed
	parts     map[partKey][]byte
	views     map[viewKey]*view
}

// leadFacts are what a lead is told of besides the queue.
type leadFacts struct {
	erasing store.Erasing
	left    []store.LeftOver
	help    []wanted // who calls for help, the first one first
	// readable are those left whose data can still be read, by id.
	readable map[string]bool
}

// erased says whether the data of a check-in came and its key is gone. Of one who came after the vault was asked it is not
// known, and the next asking tells.
func (b *board) erased(in store.CheckIn) bool {
	readable, known := b.known[in.ID]
	return in.Recorded && known && !readable
}

// boards reads the queue for all pages. The zero boards are ready. It has no goroutine: of those who need a newer board the
// first reads, and the others wait for it.
type boards struct {
	mu      sync.Mutex
	current *board
	reading *reading // nil while nobody reads

	making sync.Mutex // held while something is made of a board
}

// reading is one under way. When it is over it has a board or an error.
type reading struct {
	done  chan struct{}
	board *board
	err   error
}

// newest gives a board that has every change known so far and was read at since or later, by the machine's clock. A page
// that is loaded wants the keys of the vault as they are now, a live one is content with those of half a beat ago.
func (c *Console) newest(ctx context.Context, since time.Time) (*board, error) {
	for {
		c.boards.mu.Lock()
		now, under := c.boards.current, c.boards.reading
		if now != nil && !isClosed(now.changed) && !now.begun.Before(since) {
			c.boards.mu.Unlock()
			return now, nil
		}
		if under == nil {
			mine := &reading{done: make(chan struct{})}
			c.boards.reading = mine
			c.boards.mu.Unlock()
			reading, cancel := context.WithTimeout(context.WithoutCancel(ctx), boardTime)
			defer cancel()
			c.read(reading, mine, now, since)
			return mine.board, mine.err
		}
		c.boards.mu.Unlock()
		select {
		case <-under.done:
			if under.err != nil {
				return nil, under.err
			}
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func isClosed(changed <-chan struct{}) bool {
	select {
	case <-changed:
		return true
	default:
		return false
	}
}

// read reads a board after the last one, not too soon, and hands it to all who wait. It goes on when the page for which it
// began has gone, since others wait too.
func (c *Console) read(ctx context.Context, r *reading, last *board, since time.Time) {
	defer func() {
		c.boards.mu.Lock()
		defer c.boards.mu.Unlock()
		if r.err == nil {
			c.boards.current = r.board
		}
		c.boards.reading = nil
		close(r.done)
	}()
	if last != nil {
		time.Sleep(min(pause, time.Until(last.begun.Add(pause))))
	}
	r.board, r.err = c.readBoard(ctx, last, since)
}

func (c *Console) readBoard(ctx context.Context, last *board, since time.Time) (*board, error) {
	b := &board{changed: c.store.Changed(), begun: time.Now(), at: c.now(), called: map[string]int{}, queues: map[string][]int{},
		ended: map[string][]store.CheckIn{}, fragments: map[fragmentKey]*fragment{}, parts: map[partKey][]byte{}, views: map[viewKey]*view{}}
	var err error
	if b.queue, err = c.store.Queue(ctx); err != nil {
		return nil, err
	}
	if b.office, err = c.store.Office(ctx); err != nil {
		return nil, err
	}
	for i, in := range b.queue {
		if in.State == store.Waiting {
			b.waiting++
			if in.Service == "" {
				b.asking = append(b.asking, i)
			}
		} else {
			b.called[in.CalledBy] = i
		}
		b.queues[in.Decision.Caseworker] = append(b.queues[in.Decision.Caseworker], i)
	}
	if err := c.readKeys(ctx, b, last, since); err != nil {
		return nil, err
	}
	if last != nil {
		c.boards.making.Lock()
		defer c.boards.making.Unlock()
		b.former = last.fragments
		if isClosed(last.changed) { // by the clock alone everything is read anew
			b.ended = stillEnded(last, b)
		}
		last.former = nil
	}
	return b, nil
}

// readKeys asks the vault who can still be read, unless it has been asked since.
func (c *Console) readKeys(ctx context.Context, b, last *board, since time.Time) error {
	if last != nil && !last.keysRead.Before(since) {
		b.known, b.keysRead = last.known, last.keysRead
		return nil
	}
	b.keysRead = time.Now()
	keys, err := c.vault.CheckIns(ctx)
	if err != nil {
		return err
	}
	b.known = make(map[string]bool, len(b.queue))
	for _, in := range b.queue {
		b.known[in.ID] = false
	}
	for _, id := range keys {
		if _, here := b.known[id]; here {
			b.known[id] = true
		}
	}
	return nil
}

// stillEnded are the lists of ended visits that the last board knew and that cannot have changed since: nobody whom the
// caseworker had called has left the queue, and nobody on the list has come back to it.
func stillEnded(last, b *board) map[string][]store.CheckIn {
	here := make(map[string]bool, len(b.queue))
	for _, in := range b.queue {
		here[in.ID] = true
	}
	changed := map[string]bool{}
	for _, in := range last.queue {
		if here[in.ID] {
			continue
		}
		if in.CalledBy == "" { // called and ended since, by anybody
			return map[string][]store.CheckIn{}
		}
		changed[in.CalledBy] = true
	}
	kept := map[string][]store.CheckIn{}
	for caseworker, list := range last.ended {
		back := slices.ContainsFunc(list, func(in store.CheckIn) bool { return here[in.ID] })
		if !changed[caseworker] && !back {
			kept[caseworker] = list
		}
	}
	return kept
}

// endedBy are the last visits that a caseworker has ended.
func (c *Console) endedBy(ctx context.Context, b *board, caseworker string) ([]store.CheckIn, error) {
	if list, ok := b.ended[caseworker]; ok {
		return list, nil
	}
	list, err := c.store.Ended(ctx, caseworker, recent)
	if err == nil {
		b.ended[caseworker] = list
	}
	return list, err
}

// leadFacts reads what leads are told besides the queue, once a board.
func (c *Console) leadFacts(ctx context.Context, b *board) (*leadFacts, error) {
	if b.told != nil {
		return b.told, nil
	}
	erasing, err := c.store.Erasing(ctx)
	if err != nil {
		return nil, err
	}
	left, err := c.store.LeftOver(ctx)
	if err != nil {
		return nil, err
	}
	help, err := c.wantedHelp(ctx)
	if err != nil {
		return nil, err
	}
	readable := map[string]bool{}
	var keys []string
	if len(left) > 0 {
		if keys, err = c.vault.CheckIns(ctx); err != nil {
			return nil, err
		}
	}
	for _, id := range keys {
		readable[id] = true
	}
	b.told = &leadFacts{erasing, left, help, readable}
	return b.told, nil
}
