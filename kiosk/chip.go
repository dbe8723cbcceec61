package kiosk

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// readChip reads the chip with the key that the zone gives, or, where it refuses that, with the card access number, and puts
// outcome and files into the evidence. The number is looked for in the pages of the evidence once they are pictured.
func (s *Station) readChip(j *job, c *checkIn, r *reading, zone mrz.Zone, pictured <-chan struct{}) {
	reader, err := s.config.Devices.ChipReader.Get()
	if err != nil {
		r.evidence.Chip = verify.ChipUnavailable
		return
	}
	read, outcome, _ := s.openChip(j, reader, ChipKey(zone), "")
	if outcome == verify.ChipAccess && r.refused < canTries && takesCAN(read) {
		<-pictured
		read, outcome = s.readByCAN(j, c, r, reader, r.evidence.Pages, read)
		if outcome != verify.ChipAccess && outcome != verify.ChipTorn {
			j.tell(flow.ChipDone{}, nil)
		}
	}
	r.keepReading(read, outcome)
	if outcome == verify.ChipTorn {
		j.tell(flow.ChipTorn{}, nil)
	}
}

// keepReading puts what was read of the chip into the evidence.
func (r *reading) keepReading(read *emrtd.Reading, outcome verify.ChipOutcome) {
	r.evidence.Files, r.evidence.Proofs, r.evidence.Chip = read.Files, read.Proofs, outcome
}

// openChip reads the chip in the field with a key, or with a card access number if there is one. The error is why the
// chip stopped the reading, where it did.
func (s *Station) openChip(
	j *job, reader devices.ChipReader, key emrtd.Key, can string,
) (*emrtd.Reading, verify.ChipOutcome, error) {
	ctx, cancel := context.WithTimeout(j.ctx, s.config.Timings.Chip+s.config.Timings.ChipReading)
	defer cancel()
	var stopped error
	connected := s.timed(StageConnect)
	open := func(ctx context.Context, card emrtd.Card, key emrtd.Key, o emrtd.Options) (*emrtd.Reading, error) {
		connected()
		begin := s.config.Now()
		o.CAN = can
		read, err := s.config.ReadChip(ctx, card, key, o)
		s.traceChip(begin, read)
		stopped = err
		return read, err
	}
	read, outcome := ReadChip(ctx, reader, open, key, s.config.Timings.Chip, s.config.Now)
	return read, outcome, stopped
}

// ChipKey is the key that a zone gives for its document's chip.
func ChipKey(zone mrz.Zone) emrtd.Key {
	return emrtd.Key{
		DocumentNumber: zone.Fields.DocumentNumber,
		BirthDate:      mrzDate(zone.Fields.BirthDate),
		ExpiryDate:     mrzDate(zone.Fields.ExpiryDate),
	}
}

// ChipReading reads one chip: emrtd.Read.
type ChipReading func(context.Context, emrtd.Card, emrtd.Key, emrtd.Options) (*emrtd.Reading, error)

// ReadChip waits for a chip in the reader's field, for wait at most, reads it, and says how that ended; now is the clock
// that its stages are timed by. What was read is never nil. Whatever goes wrong is an outcome: the document is judged
// with it.
func ReadChip(ctx context.Context, reader devices.ChipReader, read ChipReading, key emrtd.Key, wait time.Duration, now func() time.Time) (*emrtd.Reading, verify.ChipOutcome) {
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	chip, err := reader.Connect(waiting)
	if err != nil {
		return &emrtd.Reading{}, outcomeOfConnect(err)
	}
	defer chip.Close() // it is left alone whatever that says
	got, err := read(ctx, chip, key, emrtd.Options{Now: now})
	return got, outcomeOfReading(got, err)
}

func outcomeOfConnect(err error) verify.ChipOutcome {
	switch {
	case errors.Is(err, devices.ErrNoChip), errors.Is(err, devices.ErrChipGone), errors.Is(err, context.DeadlineExceeded):
		return verify.ChipAbsent
	}
	return verify.ChipUnavailable
}

// outcomeOfReading: a chip that refuses one file has been read; what is missing then is for the checks to say.
func outcomeOfReading(read *emrtd.Reading, err error) verify.ChipOutcome {
	var refusal *emrtd.StatusError
	switch {
	case err == nil:
		return verify.ChipRead
	case errors.Is(err, devices.ErrChipGone), errors.Is(err, devices.ErrNoChip):
		return verify.ChipTorn
	case errors.Is(err, devices.ErrUnplugged), errors.Is(err, devices.ErrNoDevice), errors.Is(err, devices.ErrStopped):
		return verify.ChipUnavailable
	case errors.Is(err, emrtd.ErrKey):
		return verify.ChipNotAsked
	case errors.Is(err, emrtd.ErrAccessDenied):
		return verify.ChipAccess
	case errors.Is(err, emrtd.ErrSecureMessaging):
		return verify.ChipDead
	case read.Access != "" && errors.As(err, &refusal):
		return verify.ChipRead
	}
	return verify.ChipDead
}

// keepChip seals the chip's files and the portrait in DG2. A DG2 that cannot be taken apart is kept as it is.
func (s *Station) keepChip(j *job, c *checkIn, r *reading) {
	defer s.timed(StageKeepChip)()
	for _, name := range slices.Sorted(maps.Keys(r.evidence.Files)) {
		kept := "chip-" + strings.ReplaceAll(name, "/", "-")
		file, err := c.keep(j.ctx, s.config.Journal, kept, "application/octet-stream", r.evidence.Files[name])
		if err == nil {
			r.files = append(r.files, file)
		}
		s.notKept(j, r, err)
	}
	faces, err := emrtd.ParseDG2(r.evidence.Files[emrtd.FileDG2])
	if err != nil {
		return
	}
	mediaType := faces[0].MediaType
	if mediaType == emrtd.MediaCodestream { // not registered, and not one of station.proto's
		mediaType = "application/octet-stream"
	}
	file, err := c.keep(j.ctx, s.config.Journal, "chip-portrait", mediaType, faces[0].Image)
	if err == nil {
		r.files = append(r.files, file)
	}
	s.notKept(j, r, err)
}
