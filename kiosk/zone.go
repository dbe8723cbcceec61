package kiosk

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/ocr"
	"github.com/foyer-station/foyer/verify"
)

// ZoneReader finds the machine-readable zone in the picture of a page; [ocr.Reader] is one. It keeps nothing of it.
type ZoneReader interface {
	Read(ctx context.Context, picture image.Image, day time.Time) (ocr.Reading, error)
}

// readZone waits for a document. A zone whose check digits do not agree counts only when it is read so for sure on the glass,
// or the same again: then that is what is printed, and for the checks to judge. The visitor, who is told at once that the
// document is found as of any other, is asked to lay it down again only where the glass does not tell.
func (s *Station) readZone(j *job, r *reading, misread []string, last bool) (mrz.Zone, flow.Problem) {
	ctx, cancel := context.WithTimeout(j.ctx, s.config.Timings.Document)
	defer cancel()
	read := s.timed(StageZone)
	found := s.findLines(ctx)
	read()
	lines, sure, err := found.lines, found.sure, found.err
	switch {
	case err == nil:
	case errors.Is(err, errCutOff):
		return mrz.Zone{}, flow.CutOff
	case errors.Is(err, errNoZone):
		return mrz.Zone{}, flow.NoZone
	case ctx.Err() != nil:
		return mrz.Zone{}, flow.NoDocument
	case errors.Is(err, devices.ErrUnreadable):
		return mrz.Zone{}, flow.Unreadable
	default:
		s.config.Log.Warn("a device failed", "err", err)
		return mrz.Zone{}, flow.DeviceMissing
	}
	zone, err := mrz.Parse(lines, s.config.Link.Now())
	if err != nil {
		return mrz.Zone{}, flow.Unreadable
	}
	if zone.Valid() || sure || slices.Equal(lines, misread) {
		return zone, flow.NoProblem
	}
	if !last { // else the chip may be asked instead, of a document that counts as not found
		r.found = time.Now()
		j.tell(flow.ZoneRead{Card: s.isCard(zone)}, nil)
	}
	if printed, seen := s.seeZone(j); seen {
		return printed, flow.NoProblem
	}
	return zone, flow.Unreadable
}

// isCard tells whether the document has another side to be pictured.
func (s *Station) isCard(zone mrz.Zone) bool {
	_, err := s.config.Devices.PageImager.Get()
	return zone.Format == mrz.TD1 && err == nil
}

// seeZone looks on the glass at a zone that the document reader may have misread, in both lights that show zones.
func (s *Station) seeZone(j *job) (mrz.Zone, bool) {
	imager, err := s.config.Devices.PageImager.Get()
	if err != nil {
		return mrz.Zone{}, false
	}
	for _, light := range zoneLights {
		ctx, cancel := context.WithTimeout(j.ctx, s.config.Timings.Page)
		reading, err := s.readGlass(ctx, imager, light)
		cancel()
		if err != nil || !reading.Sure {
			continue
		}
		if zone, err := mrz.Parse(reading.Lines, s.config.Link.Now()); err == nil {
			return zone, true
		}
	}
	return mrz.Zone{}, false
}

var (
	errNoZone = errors.New("no zone came into sight")
	errCutOff = errors.New("a line of the zone lies beside the glass")
)

// zoneLights are those in which zones are looked for: infrared, in which only their ink is dark, and visible, for other ink.
var zoneLights = [...]devices.Light{devices.LightInfrared, devices.LightVisible}

// mostUnsure is in how many pictures a zone may be seen that is not read for sure: the hand may still be moving.
const mostUnsure = 6

// lookForZone pictures what lies on the glass until it shows a zone that is read for sure. ErrUnreadable says that it is seen
// and cannot be read, errNoZone that it was not seen in time: nothing lies there, or the wrong side of a card; errCutOff that the last of
// it that was seen went on beyond the picture.
func (s *Station) lookForZone(ctx context.Context, imager devices.PageImager) ([]string, error) {
	var failed error
	unseen := errNoZone
	for unsure, look := 0, 0; unsure < mostUnsure; look++ {
		reading, err := s.readGlass(ctx, imager, zoneLights[look%len(zoneLights)])
		switch {
		case ctx.Err() != nil:
			return nil, unseen
		case err != nil && (failed != nil || errors.Is(err, devices.ErrUnplugged)): // one light may be missing, not both
			return nil, err
		case reading.Sure:
			return reading.Lines, nil
		case reading.Found:
			unsure++
		}
		if reading.Reason == ocr.CutOff {
			unseen = errCutOff
		}
		failed = err
	}
	if errors.Is(unseen, errCutOff) {
		return nil, unseen
	}
	return nil, fmt.Errorf("read zone from the page: %w", devices.ErrUnreadable)
}

// readGlass takes one picture, reads it, and leaves nothing of it.
func (s *Station) readGlass(ctx context.Context, imager devices.PageImager, light devices.Light) (ocr.Reading, error) {
	picture, _, err := imager.Page(ctx, light)
	if err != nil {
		if devices.Faulty(err) { // that it works is known once it has worked in every light
			s.config.Devices.PageImager.Used(imager, err)
		}
		return ocr.Reading{}, err
	}
	defer clear(picture.Pix)
	return s.config.Zones.Read(ctx, picture, s.config.Link.Now())
}

// findZone looks for the zone of a card that was first laid on its other side, and known by its chip until now.
func (s *Station) findZone(j *job, r *reading, pages []verify.Page) {
	for _, page := range pages {
		ctx, cancel := context.WithTimeout(j.ctx, s.config.Timings.Page)
		reading, err := s.config.Zones.Read(ctx, page.Image, s.config.Link.Now())
		cancel()
		if err != nil || !reading.Sure {
			continue
		}
		if zone, err := mrz.Parse(reading.Lines, s.config.Link.Now()); err == nil {
			r.evidence.MRZ, r.inChip = zone.Lines(), nil
			return
		}
	}
}
