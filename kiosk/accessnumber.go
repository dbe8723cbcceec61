package kiosk

import (
	"context"
	"errors"
	"image"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// canTries is how many card access numbers may be wrong in one check-in. That the chip's own last try is left alone is
// package emrtd's care.
const canTries = 2

// giveCAN hands the reading what was typed in; an empty number says that none will come. A reading that does not wait for
// one never looks.
func (c *checkIn) giveCAN(number string) {
	if c.document == nil {
		return
	}
	select {
	case c.document.cans <- number:
	default:
	}
}

// awaitCAN waits for the visitor.
func (r *reading) awaitCAN(ctx context.Context) (number string, typed bool) {
	select {
	case <-ctx.Done():
		return "", false
	case number = <-r.cans:
		return number, number != ""
	}
}

// closedChip is a chip that did not open by the zone's key, or for which there is none.
type closedChip struct {
	read    *emrtd.Reading
	outcome verify.ChipOutcome
}

// isClosed tells that a chip was asked to open and did not.
func isClosed(outcome verify.ChipOutcome) bool {
	return outcome == verify.ChipAccess || outcome == verify.ChipRefused
}

// readByCAN tries the card access number that the pages show, once in a check-in, and then asks for it until one is
// not refused. When the visitor has none, or no other may be tried, the outcome is the one from before: a number that
// somebody types is no evidence against the document. The document may be lifted to look for its number, so the chip is
// looked for anew each time, and is torn away when it is not there.
func (s *Station) readByCAN(
	j *job, c *checkIn, r *reading, reader devices.ChipReader, pages []verify.Page, closed closedChip,
) (*emrtd.Reading, verify.ChipOutcome) {
	var number string
	given := false
	if r.refused == 0 { // else it may be what was refused
		number, given = s.printedCAN(j.ctx, pages)
	}
	typed := !given
	if typed {
		j.tell(flow.CANNeeded{}, nil)
		number, given = r.awaitCAN(j.ctx)
	}
	for given {
		read, outcome, refusal := s.openChip(j, reader, emrtd.Key{}, number)
		switch outcome {
		case verify.ChipAbsent:
			return closed.read, verify.ChipTorn
		case verify.ChipAccess, verify.ChipRefused, verify.ChipNotAsked: // not asked: without PACE the number opens nothing
			closed.read = read
		default:
			return read, outcome
		}
		r.refused++
		last := r.refused >= canTries || isLast(refusal)
		j.tell(flow.CANRefused{Last: last}, func() { c.refused++ })
		switch {
		case !typed && last:
			return closed.read, closed.outcome
		case !typed:
			typed = true
			j.tell(flow.CANNeeded{}, nil)
		}
		number, given = r.awaitCAN(j.ctx)
	}
	return closed.read, closed.outcome
}

// NumberReader finds the card access number in the picture of a page, of which the resolution in dots per inch is known;
// [ocr.Reader] is one. It gives a number only when it is sure, and keeps nothing of it.
type NumberReader interface {
	ReadCAN(ctx context.Context, picture image.Image, dpi int) (can string, sure bool, err error)
}

// printedCAN gives the one card access number that is seen in the pages.
func (s *Station) printedCAN(ctx context.Context, pages []verify.Page) (number string, found bool) {
	for _, page := range pages {
		if page.Light == verify.Ultraviolet {
			continue
		}
		can, sure, err := s.config.Numbers.ReadCAN(ctx, page.Image, page.DPI)
		if err != nil {
			s.config.Log.Warn("a picture was not looked through for the card access number", "light", string(page.Light), "err", err)
			continue
		}
		if sure && found && can != number {
			return "", false
		}
		if sure {
			number, found = can, true
		}
	}
	return number, found
}

// isLast tells that after this refusal no other number is to be tried.
func isLast(refusal error) bool {
	var status *emrtd.StatusError
	if errors.As(refusal, &status) {
		tries, counted := status.TriesLeft()
		return counted && tries <= 1
	}
	return errors.Is(refusal, emrtd.ErrKey)
}

// takesCAN tells whether a chip that did not open by the key of the zone can be opened by a card access number: only PACE
// knows it (ICAO Doc 9303-11, 4.4).
func takesCAN(denied *emrtd.Reading) bool {
	infos, err := emrtd.ParseSecurityInfos(denied.Files[emrtd.FileCardAccess])
	return err == nil && len(infos.PACE) > 0
}

// readUnzoned reads the chip of a document whose zone could not be read, and gives the zone in DG1: what the chip says of
// its holder, and never evidence of what is printed.
func (s *Station) readUnzoned(j *job, c *checkIn, r *reading) (zone mrz.Zone, found bool) {
	reader, err := s.chipReader()
	if err != nil || r.refused >= canTries || !s.chipOffersPACE(j, reader) {
		return mrz.Zone{}, false
	}
	pages := s.glance(j)
	read, outcome := s.readByCAN(j, c, r, reader, pages, closedChip{&emrtd.Reading{}, verify.ChipNotAsked})
	for _, page := range pages {
		clear(page.Image.Pix)
	}
	r.keepReading(read, outcome)
	if outcome == verify.ChipTorn {
		j.tell(flow.ChipTorn{}, nil)
	}
	lines, err := emrtd.ParseDG1(read.Files[emrtd.FileDG1])
	if err != nil {
		return mrz.Zone{}, false
	}
	r.inChip = lines
	zone, err = mrz.Parse(lines, s.config.Link.Now())
	return zone, err == nil
}

// glance pictures what lies on the glass, as far as that can be done: it is only looked through for the number, and the caller
// wipes it.
func (s *Station) glance(j *job) (pages []verify.Page) {
	imager, err := s.config.Devices.PageImager.Get()
	if err != nil {
		return nil
	}
	for _, light := range []verify.Light{verify.Visible, verify.Infrared} {
		if picture, dpi, err := s.picture(j, imager, light); err == nil {
			pages = append(pages, verify.Page{Image: picture, DPI: dpi, Light: light})
		}
	}
	return pages
}

// chipOffersPACE looks whether a chip lies in the field that a card access number could open.
func (s *Station) chipOffersPACE(j *job, reader devices.ChipReader) bool {
	ctx, cancel := context.WithTimeout(j.ctx, s.config.Timings.Chip)
	defer cancel()
	chip, err := reader.Connect(ctx)
	if err != nil {
		return false
	}
	defer chip.Close() // it is left alone whatever that says
	offered, err := emrtd.OffersPACE(ctx, chip)
	return err == nil && offered
}
