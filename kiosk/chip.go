package kiosk

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// readChip reads the chip with the key that the zone gives, and puts outcome and files into the evidence.
func (s *Station) readChip(j *job, r *reading, zone mrz.Zone) {
	reader, err := s.config.Devices.ChipReader.Get()
	if err != nil {
		r.evidence.Chip = verify.ChipUnavailable
		return
	}
	waiting, cancel := context.WithTimeout(j.ctx, s.config.Timings.Chip)
	defer cancel()
	chip, err := reader.Connect(waiting)
	if err != nil {
		r.evidence.Chip = outcomeOfConnect(err)
		return
	}
	defer chip.Close() // it is left alone whatever that says
	ctx, cancel := context.WithTimeout(j.ctx, s.config.Timings.ChipReading)
	defer cancel()
	read, err := s.config.ReadChip(ctx, chip, emrtd.Key{
		DocumentNumber: zone.Fields.DocumentNumber,
		BirthDate:      mrzDate(zone.Fields.BirthDate),
		ExpiryDate:     mrzDate(zone.Fields.ExpiryDate),
	}, emrtd.Options{})
	r.evidence.Files = read.Files
	r.evidence.Chip = outcomeOfReading(read, err)
	if r.evidence.Chip == verify.ChipTorn {
		j.tell(flow.ChipTorn{}, nil)
	}
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
	for _, name := range slices.Sorted(maps.Keys(r.evidence.Files)) {
		file, err := c.keep(j.ctx, s.config.Journal, "chip-"+name, "application/octet-stream", r.evidence.Files[name])
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
