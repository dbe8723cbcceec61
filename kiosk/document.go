package kiosk

import (
	"cmp"
	"context"
	"errors"
	"image"
	"slices"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/inspection"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// turn is what the visitor did about the other side of a card.
type turn bool

const (
	otherSide   turn = true  // it lies on the glass now
	noOtherSide turn = false // it will not come
)

// reading is one try to read a document. Its job owns everything but turns and cans until it has ended.
type reading struct {
	named
	room  room
	job   *job
	turns chan turn
	cans  chan string // card access numbers; an empty one says that none will come

	found   *inspection.Document
	files   []*stationv1.File
	dropped []*stationv1.Dropped
	kept    map[verify.Side]image.Rectangle // the part of a side's pictures that was kept, as they were taken
	ill     bool                            // a device of this station failed
}

// readDocument starts a new try.
func (s *Station) readDocument(c *checkIn) {
	d := c.lastDocument(s.state)
	c.drop(d)
	r := &reading{
		named: d.named, room: roomAfter(c.documents[:len(c.documents)-1]), turns: make(chan turn, 4), cans: make(chan string, 4),
		kept: map[verify.Side]image.Rectangle{}, found: &inspection.Document{Validity: verify.ValidityUnknown},
	}
	if d.inspection == nil {
		d.inspection = s.inspector.Open(linesOf(c.documents[:len(c.documents)-1])...)
	}
	last := s.state.LastTry()
	r.job = c.start(func(j *job) { s.read(j, c, d, r, last) }, c.glass)
	d.reading, c.glass = r, r.job
}

// linesOf are the MRZ lines of documents, as far as they are known: as they are printed, and as the chip has them.
func linesOf(documents []*document) (all [][]string) {
	for _, d := range documents {
		if d.zone.Format != "" {
			all = append(all, d.zone.Lines())
		}
		if d.reading == nil {
			continue
		}
		if lines, err := emrtd.ParseDG1(d.reading.found.Evidence.Files[emrtd.FileDG1]); err == nil {
			all = append(all, lines)
		}
	}
	return all
}

// drop stops the reading of a document and overwrites what it read once it has stopped.
func (c *checkIn) drop(d *document) {
	r := d.reading
	if r == nil {
		return
	}
	r.job.stop()
	d.reading, d.zone = nil, mrz.Zone{}
	c.jobs.Go(func() {
		<-r.job.done
		r.found.Wipe()
	})
}

// turn tells the reading of the other side. A reading that does not wait for one never looks.
func (d *document) turn(t turn) {
	if d.reading != nil {
		offer(d.reading.turns, t)
	}
}

// giveCAN hands the reading what was typed in; an empty number says that none will come. A reading that does not wait for
// one never looks.
func (d *document) giveCAN(number string) {
	if d.reading != nil {
		offer(d.reading.cans, number)
	}
}

// offer sends a value to whoever may be waiting for it, and waits for nobody.
func offer[T any](to chan<- T, value T) {
	select {
	case to <- value:
	default:
	}
}

// read is one try. Neither what it tells nor when depends on what the document is found to be: of the chip and the checks it waits
// for, it tells at even moments.
func (s *Station) read(j *job, c *checkIn, d *document, r *reading, last bool) {
	v := &documentVisitor{Station: s, job: j, checkIn: c, document: d, reading: r}
	found, err := v.inspect(d.inspection, last)
	r.found = found
	forgetPages(found)
	if err != nil {
		j.tell(flow.DocumentFailed{Problem: problemOf(err)}, nil)
		return
	}
	r.ill = r.ill || found.Lacks(inspection.NoImager, inspection.NoChipReader)
	waitUntil(j.ctx, even(v.begun, time.Now(), s.config.Timings.Review/2))
	j.tell(flow.Verified{StaffWillHelp: r.ill}, nil)
}

// forgetPages overwrites the pictures of pages: they are sealed, and the checks are made.
func forgetPages(found *inspection.Document) {
	for _, p := range found.Evidence.Pages {
		clear(p.Image.Pix)
	}
	found.Evidence.Pages = nil
}

// problemOf is what a visitor can do about a document of which nobody knows whose it is.
func problemOf(err error) flow.Problem {
	for _, p := range []struct {
		err     error
		problem flow.Problem
	}{
		{inspection.ErrCutOff, flow.CutOff}, {inspection.ErrNoMRZ, flow.NoMRZ}, {inspection.ErrNoDocument, flow.NoDocument},
		{devices.ErrUnreadable, flow.Unreadable},
	} {
		if errors.Is(err, p.err) {
			return p.problem
		}
	}
	return flow.DeviceMissing
}

// documentVisitor is the visitor to an inspection: what is asked and told goes through the flow, and what comes of the document into the spool.
type documentVisitor struct {
	*Station
	job      *job
	checkIn  *checkIn
	document *document
	reading  *reading
	sealing  *sealing

	laid   time.Time
	card   bool
	sides  int       // that were pictured
	begun  time.Time // of the half of Review that the visitor is in
	number bool      // the card access number was asked for
}

// LaidDown implements [inspection.Visitor].
func (v *documentVisitor) LaidDown(card bool) {
	v.laid = time.Now()
	v.job.tell(flow.MRZRead{Card: card}, nil)
}

// Found implements [inspection.Visitor].
func (v *documentVisitor) Found(zone mrz.Zone, card bool) {
	v.card, v.laid = card, cmp.Or(v.laid, time.Now())
	v.job.tell(flow.MRZRead{Card: card}, func() { v.document.zone = zone })
}

// Pictured implements [inspection.Visitor]. Of the first side of a card the flow is told once the chip is read.
func (v *documentVisitor) Pictured(pages []verify.Page) {
	if v.sides++; !v.card || v.sides > 1 {
		v.job.tell(flow.PagesTaken{}, nil)
	}
	if v.sides > 1 {
		v.begun = time.Now()
	}
	share := v.reading.room.page(v.card)
	v.sealing.add(func() { v.keepPages(v.job, v.checkIn, v.reading, pages, share) })
}

// ChipRead implements [inspection.Visitor].
func (v *documentVisitor) ChipRead(_ verify.ChipOutcome, files map[string][]byte, portrait *verify.Portrait) {
	v.sealing.add(func() { v.keepChip(v.job, v.checkIn, v.reading, files, portrait) })
	v.begun = even(v.laid, time.Now(), v.config.Timings.Review/2)
}

// ChipTorn implements [inspection.Visitor].
func (v *documentVisitor) ChipTorn() { v.job.tell(flow.ChipTorn{}, nil) }

// SeveralChips implements [inspection.Visitor].
func (v *documentVisitor) SeveralChips() { v.job.tell(flow.SeveralChips{}, nil) }

// TurnOver implements [inspection.Visitor].
func (v *documentVisitor) TurnOver(ctx context.Context, failed error) bool {
	switch {
	case failed == nil:
		waitUntil(ctx, v.begun)
		v.job.tell(flow.PagesTaken{}, nil)
	case errors.Is(failed, devices.ErrTimeout), errors.Is(failed, devices.ErrProtocol):
		v.job.tell(flow.DocumentFailed{Problem: flow.Unreadable}, nil)
	default:
		v.job.tell(flow.DocumentFailed{Problem: flow.DeviceMissing}, nil)
	}
	select {
	case <-ctx.Done():
		return false
	case t := <-v.reading.turns:
		return t == otherSide
	}
}

// AccessNumber implements [inspection.Visitor].
func (v *documentVisitor) AccessNumber(ctx context.Context) (can string, given bool) {
	if !v.number {
		v.job.tell(flow.CANNeeded{}, nil)
	}
	v.number = true
	select {
	case <-ctx.Done():
		return "", false
	case can = <-v.reading.cans:
		return can, can != ""
	}
}

// AccessNumberRefused implements [inspection.Visitor].
func (v *documentVisitor) AccessNumberRefused(last bool) {
	v.job.tell(flow.CANRefused{Last: last}, nil)
}

// AccessNumberDone implements [inspection.Visitor].
func (v *documentVisitor) AccessNumberDone() { v.job.tell(flow.ChipDone{}, nil) }

// keepFile seals one file of the document, of which the description says what it is and has a name as if there were one document
// only. It tells whether it was kept.
func (s *Station) keepFile(j *job, c *checkIn, r *reading, file *stationv1.File, plain []byte) bool {
	name := file.GetName()
	file.Name = r.name(name)
	if err := c.keep(j.ctx, s.config.Journal, file, plain); err != nil {
		s.notKept(j, r, name, err)
		return false
	}
	same := func(f *stationv1.File) bool { return f.GetName() == file.GetName() } // the spool has one of each name
	r.files = append(slices.DeleteFunc(r.files, same), file)
	return true
}

// notKept notes that evidence could not be put by: staff will have to look.
func (s *Station) notKept(j *job, r *reading, name string, err error) {
	r.drop(name, stationv1.DroppedNotKept)
	if j.stopped() {
		return
	}
	r.ill = true
	s.config.Log.Error("a file was not kept", "err", err)
}

// drop writes down for staff what is missing, or not as it was captured; its name is as if there were one document only.
func (r *reading) drop(name, how string) {
	r.dropped = append(r.dropped, &stationv1.Dropped{Name: verify.Quote(r.name(name), maxName), How: how})
}
