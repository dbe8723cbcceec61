package kiosk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/foyer-station/foyer/inspection"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/mrz"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
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

	contract int // of the record

	step     *job // camera, pad, or the way to the ticket; nil before the first
	document *reading
	zone     mrz.Zone

	inspection *inspection.Inspection // of the document, whatever try; nil before the first

	buffers         captured
	portrait        *image.RGBA
	portraitFile    *stationv1.File
	portraitCheck   verify.Check
	portraitReduced bool     // to make it fit
	writing         *writing // until the visitor is done with it
	signature       *image.Gray
	signatureFiles  []*stationv1.File
}

func newCheckIn(ctx context.Context, in *inbox, office *stationv1.GetOfficeResponse) *checkIn {
	c := &checkIn{id: uuid.Must(uuid.NewV7()).String(), recipient: office.GetRecipient(), inbox: in}
	c.contract = min(max(int(office.GetContract()), firstContract), stationv1.Contract)
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

// keep seals one file into the spool and describes it for the record.
func (c *checkIn) keep(ctx context.Context, j *journal.Journal, name, mediaType string, plain []byte) (*stationv1.File, error) {
	if stationv1.SealedSize(int64(len(plain))) > stationv1.MaxFile {
		return nil, fmt.Errorf("%s: %w: %d bytes", name, errTooLarge, len(plain))
	}
	if err := j.Keep(ctx, c.id, c.recipient, name, plain); err != nil {
		return nil, err
	}
	digest := sha256.Sum256(plain)
	return &stationv1.File{Name: name, MediaType: mediaType, Sha256: digest[:], Size: int64(len(plain))}, nil
}

// review is what the shown screen needs of what was captured. The pictures are copies, for the display to wipe.
func (c *checkIn) review(s flow.State) ReviewData {
	var r ReviewData
	if s.HavePortrait && c.portrait != nil && (s.Screen == flow.Portrait || s.Screen == flow.Review) {
		r.Portrait = &image.RGBA{Pix: slices.Clone(c.portrait.Pix), Stride: c.portrait.Stride, Rect: c.portrait.Rect}
	}
	if s.HaveSignature && c.signature != nil && (s.Screen == flow.Signature || s.Screen == flow.Review) {
		r.Signature = &image.Gray{Pix: slices.Clone(c.signature.Pix), Stride: c.signature.Stride, Rect: c.signature.Rect}
	}
	if s.Screen == flow.Review && s.HaveDocument {
		f := c.zone.Fields
		r.Surname, r.GivenNames, r.BirthDate, r.Nationality = f.Surname, f.GivenNames, f.BirthDate, f.Nationality
		r.DocumentNumber, r.ExpiryDate = f.DocumentNumber, f.ExpiryDate
	}
	return r
}

// wipe overwrites what was captured. Nothing of the check-in may run any more.
func (c *checkIn) wipe() {
	if c.document != nil {
		c.document.document.Wipe()
	}
	c.buffers.wipe()
	c.document, c.portrait, c.signature = nil, nil, nil
	c.zone, c.inspection = mrz.Zone{}, nil
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
