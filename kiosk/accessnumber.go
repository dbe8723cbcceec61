package kiosk

import (
	"context"
	"errors"

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

// readByCAN asks for the card access number until one is not refused. ChipAccess is the outcome when the visitor has none,
// or may not try another. Denied is what was read before: the document may be lifted to look for its number, so the chip is
// looked for anew each time, and is torn away when it is not there.
func (s *Station) readByCAN(
	j *job, c *checkIn, r *reading, reader devices.ChipReader, denied *emrtd.Reading,
) (*emrtd.Reading, verify.ChipOutcome) {
	j.tell(flow.CANNeeded{}, nil)
	for {
		number, typed := r.awaitCAN(j.ctx)
		if !typed {
			return denied, verify.ChipAccess
		}
		read, outcome, refusal := s.openChip(j, reader, emrtd.Key{}, number)
		switch outcome {
		case verify.ChipAbsent:
			return denied, verify.ChipTorn
		case verify.ChipAccess, verify.ChipNotAsked: // not asked: without PACE there is nothing to open by the number
			denied = read
			r.refused++
			j.tell(flow.CANRefused{Last: r.refused >= canTries || isLast(refusal)}, func() { c.refused++ })
		default:
			return read, outcome
		}
	}
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

// takesCAN tells whether a chip that refused the key of the zone can be opened by a card access number: only PACE knows it
// (ICAO Doc 9303-11, 4.4).
func takesCAN(denied *emrtd.Reading) bool {
	infos, err := emrtd.ParseSecurityInfos(denied.Files[emrtd.FileCardAccess])
	return err == nil && len(infos.PACE) > 0
}

// readUnzoned reads the chip of a document whose zone could not be read, and gives the zone in DG1: what the chip says of
// its holder, and never evidence of what is printed.
func (s *Station) readUnzoned(j *job, c *checkIn, r *reading) (zone mrz.Zone, found bool) {
	reader, err := s.config.Devices.ChipReader.Get()
	if err != nil || r.refused >= canTries || !s.chipOffersPACE(j, reader) {
		return mrz.Zone{}, false
	}
	read, outcome := s.readByCAN(j, c, r, reader, &emrtd.Reading{})
	r.keepReading(read, outcome)
	if outcome == verify.ChipTorn {
		j.tell(flow.ChipTorn{}, nil)
	}
	lines, err := emrtd.ParseDG1(read.Files[emrtd.FileDG1])
	if err != nil {
		return mrz.Zone{}, false
	}
	r.inChip = lines
	zone, err = mrz.Parse(lines, s.config.Now())
	return zone, err == nil
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
