package kiosk

import (
	"cmp"
	"context"
	"errors"
	"image"
	"slices"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
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

// reading is one try to read a document. Its job owns everything but turns until it has ended.
type reading struct {
	job   *job
	turns chan turn
	cans  chan string // card access numbers; an empty one says that none will come

	found       time.Time // when the visitor was told so, if before the zone was sure
	evidence    verify.Evidence
	inChip      []string // the zone in DG1, where none could be read from the page
	files       []*stationv1.File
	dropped     []*stationv1.Dropped
	examination examination
	checks      []verify.Check
	validity    verify.Validity
	ill         bool // a device of this station failed
	refused     int  // card access numbers, in the whole check-in
}

// readDocument starts a new try.
func (s *Station) readDocument(c *checkIn) {
	var before *job
	if c.document != nil {
		before = c.document.job
	}
	c.dropDocument()
	r := &reading{turns: make(chan turn, 4), cans: make(chan string, 4), validity: verify.ValidityUnknown, refused: c.refused}
	misread, last := c.misread, s.state.LastTry()
	r.job = c.start(func(j *job) { s.read(j, c, r, misread, last) }, before)
	c.document = r
}

// dropDocument stops the reading and overwrites what it read once it has stopped.
func (c *checkIn) dropDocument() {
	r := c.document
	if r == nil {
		return
	}
	r.job.stop()
	c.document, c.zone = nil, mrz.Zone{}
	c.jobs.Go(func() {
		<-r.job.done
		r.wipe()
	})
}

// turn tells the reading of the other side. A reading that does not wait for one never looks.
func (c *checkIn) turn(t turn) {
	if c.document == nil {
		return
	}
	select {
	case c.document.turns <- t:
	default:
	}
}

func (r *reading) wipe() {
	for _, p := range r.evidence.Pages {
		clear(p.Image.Pix)
	}
	for _, file := range r.evidence.Files {
		clear(file)
	}
	r.evidence, r.inChip = verify.Evidence{}, nil
}

// read is one try: the zone, then pages and chip side by side. Where the last try to read the zone fails, the chip may
// still open by the card access number; DG1 then says whose document it is, and the evidence has no zone.
func (s *Station) read(j *job, c *checkIn, r *reading, misread []string, last bool) {
	r.evidence.Day = s.config.Link.Now()
	zone, problem := s.readZone(j, r, misread, last)
	if problem == flow.NoProblem {
		r.evidence.MRZ = zone.Lines()
		s.readDocumentOf(j, c, r, zone, firstSide(zone))
		return
	}
	if last && problem != flow.DeviceMissing {
		if inChip, found := s.readUnzoned(j, c, r); found {
			s.readDocumentOf(j, c, r, inChip, sideWithout(inChip, problem))
			return
		}
	}
	j.tell(flow.DocumentFailed{Problem: problem}, func() { c.misread = zone.Lines() })
}

// readDocumentOf reads pages and, unless that is done, the chip side by side, each examined as soon as it is there, and the
// other side of a card. It ends when nobody looks at the evidence any more. Neither what it tells nor when depends on what
// the document is found to be: of the chip it waits for, it tells at even moments.
func (s *Station) readDocumentOf(j *job, c *checkIn, r *reading, zone mrz.Zone, side verify.Side) {
	imager, err := s.config.Devices.PageImager.Get()
	card := s.isCard(zone)
	j.tell(flow.ZoneRead{Card: card}, func() { c.zone = zone })
	laid := cmp.Or(r.found, time.Now())

	// The checks of the chip compare with the zone, which may be on the side that comes up next.
	zoneToCome := card && r.evidence.MRZ == nil && side != firstSide(zone)
	pictured := make(chan struct{}) // closed once the side that lies there is in the evidence
	var chip sync.WaitGroup
	chip.Go(func() {
		if r.evidence.Chip == "" {
			s.readChip(j, c, r, zone, pictured)
		}
		if !zoneToCome {
			s.examineChip(j, r)
		}
	})
	if err == nil {
		err = s.picturePage(j, r, imager, side)
	}
	close(pictured)
	r.ill = err != nil
	share := pageShare(card)
	if !card {
		s.examinePages(j, r, &chip)
		j.tell(flow.PagesTaken{}, nil)
	}
	s.keepPages(j, c, r, r.evidence.Pages, share)
	chip.Wait()
	s.keepChip(j, c, r)
	half := s.config.Timings.Review / 2
	begin := even(laid, time.Now(), half) // of the second half, in which the checks are waited for
	if card {
		waitUntil(j.ctx, begin)
		j.tell(flow.PagesTaken{}, nil)
		first := len(r.evidence.Pages)
		s.pictureOtherSide(j, r, imager, opposite(side))
		begin = time.Now()
		if zoneToCome {
			s.findZone(j, r, r.evidence.Pages[first:])
			s.examineChip(j, r)
		}
		s.examinePages(j, r, &chip)
		s.keepPages(j, c, r, r.evidence.Pages[first:], share)
	}
	r.examination.running.Wait()
	// Also of a reading that was stopped: a visitor who asks for staff meanwhile takes nothing back that a check has found.
	s.conclude(r)
	waitUntil(j.ctx, even(begin, time.Now(), half))
	j.tell(flow.Verified{StaffWillHelp: r.ill || r.evidence.Chip == verify.ChipUnavailable}, nil)
}

// firstSide is the side that bears the zone: the data page, or the back of a card (ICAO Doc 9303-5, 4.1).
func firstSide(zone mrz.Zone) verify.Side {
	if zone.Format == mrz.TD1 {
		return verify.Back
	}
	return verify.Front
}

// sideWithout is the side that lies on the glass where no zone could be read: the one that bears it, if it was seen at
// all, else the other side of a card.
func sideWithout(zone mrz.Zone, problem flow.Problem) verify.Side {
	if problem == flow.Unreadable {
		return firstSide(zone)
	}
	return verify.Front
}

// opposite is the side that comes up when a card is turned over.
func opposite(s verify.Side) verify.Side {
	if s == verify.Front {
		return verify.Back
	}
	return verify.Front
}

// picturePage takes one side in every light. A light that fails is missing from the evidence, for the checks to say;
// the error is that of the last light when none gave a picture, or that the imager was pulled out.
func (s *Station) picturePage(j *job, r *reading, imager devices.PageImager, side verify.Side) error {
	var failure, fault error
	before := len(r.evidence.Pages)
	defer func() {
		if !j.stopped() {
			s.judgeImager(imager, fault, r.evidence.Pages[before:])
		}
	}()
	for _, light := range []verify.Light{verify.Visible, verify.Infrared, verify.Ultraviolet} {
		picture, dpi, err := s.picture(j, imager, light)
		if err != nil {
			failure = err
			if devices.Faulty(err) {
				fault = err
			}
			if !j.stopped() {
				s.config.Log.Warn("a device failed", "light", string(light), "err", err)
			}
			if errors.Is(err, devices.ErrUnplugged) {
				return err
			}
			continue
		}
		r.evidence.Pages = append(r.evidence.Pages, verify.Page{Image: picture, DPI: dpi, Light: light, Side: side})
	}
	if len(r.evidence.Pages) == before {
		return failure
	}
	return nil
}

func (s *Station) picture(j *job, imager devices.PageImager, light verify.Light) (*image.RGBA, int, error) {
	defer s.timed(StagePage(light))()
	ctx, cancel := context.WithTimeout(j.ctx, s.config.Timings.Page)
	defer cancel()
	picture, dpi, err := imager.Page(ctx, devices.Light(light))
	if errors.Is(err, context.DeadlineExceeded) && j.ctx.Err() == nil {
		err = &devices.Error{Kind: devices.KindPageImager, Op: "take " + string(light), Err: devices.ErrTimeout}
	}
	return picture, dpi, err
}

// pictureOtherSide waits until the card is turned over and pictures it, as often as the flow asks.
func (s *Station) pictureOtherSide(j *job, r *reading, imager devices.PageImager, side verify.Side) {
	for {
		select {
		case <-j.ctx.Done():
			return
		case t := <-r.turns:
			if t == noOtherSide {
				return
			}
		}
		err := s.picturePage(j, r, imager, side)
		if err == nil {
			j.tell(flow.PagesTaken{}, nil)
			return
		}
		problem := flow.DeviceMissing
		if errors.Is(err, devices.ErrTimeout) || errors.Is(err, devices.ErrProtocol) {
			problem = flow.Unreadable
		}
		j.tell(flow.DocumentFailed{Problem: problem}, nil)
	}
}

// keepFile seals one file of the document and gives its description, or nil where it was not kept.
func (s *Station) keepFile(j *job, c *checkIn, r *reading, name, mediaType string, plain []byte) *stationv1.File {
	file, err := c.keep(j.ctx, s.config.Journal, name, mediaType, plain)
	if err != nil {
		s.notKept(j, r, name, err)
		return nil
	}
	same := func(f *stationv1.File) bool { return f.GetName() == name } // the spool has one of each name
	r.files = append(slices.DeleteFunc(r.files, same), file)
	return file
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

// drop writes down for staff what is missing, or not as it was captured.
func (r *reading) drop(name, how string) {
	r.dropped = append(r.dropped, &stationv1.Dropped{Name: verify.Quote(name, maxName), How: how})
}
