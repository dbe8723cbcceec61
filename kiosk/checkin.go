package kiosk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/journal"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// checkIn is everything that the station holds of one visitor. Run owns it; jobs get what they need and hand back what
// they have with their events.
type checkIn struct {
	id        string // UUIDv7
	recipient string // to whom its files are sealed
	inbox     *inbox

	ctx    context.Context
	cancel context.CancelFunc
	jobs   sync.WaitGroup

	contract int // of the record, and of the names of its files

	step      *job        // camera, pad, or the way to the ticket; nil before the first
	persons   []*person   // as in the state, as far as something was begun for them
	documents []*document // likewise
	glass     *job        // the last reading of a document; nil before the first
	writing   *writing    // until the visitor is done with it
	buffers   captured
}

// newCheckIn begins one for an office that understands a contract, several persons and documents if it is not the first.
func newCheckIn(ctx context.Context, in *inbox, recipient string, contract int) *checkIn {
	c := &checkIn{id: uuid.Must(uuid.NewV7()).String(), recipient: recipient, inbox: in, contract: contract}
	c.ctx, c.cancel = context.WithCancel(ctx)
	return c
}

// job is one thing that runs beside the station for a check-in.
type job struct {
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}
	inbox  *inbox
}

// start runs a job as soon as the jobs that hold its devices have ended; nil ones have.
func (c *checkIn) start(run func(*job), after ...*job) *job {
	j := &job{done: make(chan struct{}), inbox: c.inbox}
	j.ctx, j.cancel = context.WithCancel(c.ctx)
	c.jobs.Go(func() {
		defer close(j.done)
		for _, before := range after {
			if before != nil {
				<-before.done
			}
		}
		run(j)
	})
	return j
}

// stop ends a job without waiting for it: none of its events counts any more. A nil job has ended.
func (j *job) stop() {
	if j != nil {
		j.cancel()
	}
}

// tell sends an event, and what the station is to do before it with what was captured.
func (j *job) tell(e flow.Event, keep func()) { j.inbox.put(message{event: e, from: j, keep: keep}) }

// stopped tells that nobody waits for the job's answer any more.
func (j *job) stopped() bool { return j.ctx.Err() != nil }

var errTooLarge = errors.New("file too large for the back office")

// keep seals one file into the spool, and adds to its description what is known of it by then.
func (c *checkIn) keep(ctx context.Context, j *journal.Journal, file *stationv1.File, plain []byte) error {
	if stationv1.SealedSize(int64(len(plain))) > stationv1.MaxFile {
		return fmt.Errorf("%s: %w: %d bytes", file.GetName(), errTooLarge, len(plain))
	}
	if err := j.Keep(ctx, c.id, c.recipient, file.GetName(), plain); err != nil {
		return err
	}
	digest := sha256.Sum256(plain)
	file.Sha256, file.Size = digest[:], int64(len(plain))
	return nil
}

// wipe overwrites what was captured. Nothing of the check-in may run any more.
func (c *checkIn) wipe() {
	for _, d := range c.documents {
		if d.reading != nil {
			d.reading.found.Wipe()
		}
	}
	c.buffers.wipe()
	c.persons, c.documents = nil, nil
}

// captured are buffers to be overwritten at the end of a check-in, whatever became of what they hold.
type captured struct {
	mu      sync.Mutex
	buffers [][]byte
}

func (s *captured) add(buffer []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buffers = append(s.buffers, buffer)
}

func (s *captured) wipe() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, buffer := range s.buffers {
		clear(buffer)
	}
	s.buffers = nil
}
