package inspection

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/ocr"
	"github.com/foyer-station/foyer/verify"
)

// PageReader finds the machine-readable zone in the picture of a page; [ocr.Reader] is one. It keeps nothing of it.
type PageReader interface {
	Read(ctx context.Context, picture image.Image, day time.Time) (ocr.Reading, error)
}

// readMRZ waits for a document. An MRZ whose check digits do not agree counts only when it is read so for sure on the glass, or
// the same again: then that is what is printed, and for the checks to judge. The visitor, who is told at once that the document is
// found as of any other, is asked to lay it down again only where the glass does not tell.
func (r *run) readMRZ(ctx context.Context) (mrz.Zone, error) {
	waiting, cancel := context.WithTimeout(ctx, r.config.Timings.Document)
	defer cancel()
	done := r.timed(StageMRZ)
	found := r.findLines(waiting, r.before)
	done()
	if found.err != nil {
		return mrz.Zone{}, r.whyNoMRZ(waiting, found.err)
	}
	zone, err := mrz.Parse(found.lines, r.config.Today())
	if err != nil {
		return mrz.Zone{}, devices.ErrUnreadable
	}
	if zone.Valid() || found.seen != nil || slices.Equal(found.lines, r.misread) {
		r.noteSeen(zone, found.seen)
		return zone, nil
	}
	if !r.last { // else the chip may be asked instead, of a document that counts as not found
		r.visitor.LaidDown(r.isCard(zone))
	}
	if printed, seen := r.seeMRZ(ctx); seen != nil {
		r.noteSeen(printed, seen)
		return printed, nil
	}
	return zone, devices.ErrUnreadable
}

// noteSeen puts into the evidence where the MRZ was seen, if it was.
func (r *run) noteSeen(zone mrz.Zone, seen *ocr.Reading) {
	if seen != nil {
		r.document.Evidence.Seen = &verify.SeenMRZ{Side: firstSide(zone), Quad: seen.Quad, Confidence: seen.Confidence}
	}
}

// whyNoMRZ is what there is to say to the visitor, or to the log.
func (i *Inspector) whyNoMRZ(waiting context.Context, err error) error {
	switch {
	case errors.Is(err, ErrCutOff), errors.Is(err, ErrNoMRZ):
		return err
	case waiting.Err() != nil:
		return ErrNoDocument
	case errors.Is(err, devices.ErrUnreadable):
		return err
	}
	i.config.Log.Warn("a device failed", "err", err)
	return err
}

// isCard tells whether the document has another side to be pictured.
func (i *Inspector) isCard(zone mrz.Zone) bool {
	_, err := i.config.Devices.PageImager.Get()
	return zone.Format == mrz.TD1 && err == nil
}

// seeMRZ looks on the glass at an MRZ that the document reader may have misread, in both lights that show one. The reading is nil where
// none is sure.
func (i *Inspector) seeMRZ(ctx context.Context) (mrz.Zone, *ocr.Reading) {
	imager, err := i.config.Devices.PageImager.Get()
	if err != nil {
		return mrz.Zone{}, nil
	}
	for _, light := range mrzLights {
		limited, cancel := context.WithTimeout(ctx, i.config.Timings.Page)
		reading, err := i.readGlass(limited, imager, light)
		cancel()
		if err != nil || !reading.Sure {
			continue
		}
		if zone, err := mrz.Parse(reading.Lines, i.config.Today()); err == nil {
			return zone, &reading
		}
	}
	return mrz.Zone{}, nil
}

// mrzLights are those in which an MRZ is looked for: infrared, in which only its ink is dark, and visible, for other ink.
var mrzLights = [...]devices.Light{devices.LightInfrared, devices.LightVisible}

// mostUnsure is in how many pictures an MRZ may be seen that is not read for sure: the hand may still be moving.
const mostUnsure = 6

// lookForMRZ pictures what lies on the glass until it shows an MRZ that is read for sure. ErrUnreadable says that it is seen and
// cannot be read, ErrNoMRZ that it was not seen in time: nothing lies there, or the wrong side of a card, or what was inspected before;
// ErrCutOff that the last of it that was seen went on beyond the picture.
func (i *Inspector) lookForMRZ(ctx context.Context, imager devices.PageImager, inspected [][]string) (*ocr.Reading, error) {
	var failed error
	unseen := ErrNoMRZ
	for unsure, look := 0, 0; unsure < mostUnsure; look++ {
		reading, err := i.readGlass(ctx, imager, mrzLights[look%len(mrzLights)])
		switch {
		case ctx.Err() != nil:
			return nil, unseen
		case err != nil && (failed != nil || errors.Is(err, devices.ErrUnplugged)): // one light may be missing, not both
			return nil, err
		case reading.Sure && i.isOneOf(inspected, reading.Lines):
		case reading.Sure:
			return &reading, nil
		case reading.Found:
			unsure++
		}
		if reading.Reason == ocr.CutOff {
			unseen = ErrCutOff
		}
		failed = err
	}
	if errors.Is(unseen, ErrCutOff) {
		return nil, unseen
	}
	return nil, fmt.Errorf("read the MRZ from the page: %w", devices.ErrUnreadable)
}

// isOneOf tells whether lines are those of a document that was inspected before.
func (i *Inspector) isOneOf(inspected [][]string, lines []string) bool {
	zone, err := mrz.Parse(lines, i.config.Today())
	return err == nil && slices.ContainsFunc(inspected, func(before []string) bool { return slices.Equal(before, zone.Lines()) })
}

// readGlass takes one picture, reads it, and leaves nothing of it.
func (i *Inspector) readGlass(ctx context.Context, imager devices.PageImager, light devices.Light) (ocr.Reading, error) {
	picture, _, err := imager.Page(ctx, light)
	if errors.Is(err, devices.ErrNoLight) { // nothing lies there
		return ocr.Reading{}, nil
	}
	if err != nil {
		if devices.Faulty(err) { // that it works is known once it has worked in every light
			i.config.Devices.PageImager.Used(imager, err)
		}
		return ocr.Reading{}, err
	}
	defer clear(picture.Pix)
	return i.config.Pages.Read(ctx, picture, i.config.Today())
}

// findMRZ looks for the MRZ of a card that was first laid on its other side, and known by its chip until now.
func (r *run) findMRZ(ctx context.Context, pages []verify.Page) {
	for _, page := range pages {
		limited, cancel := context.WithTimeout(ctx, r.config.Timings.Page)
		reading, err := r.config.Pages.Read(limited, page.Image, r.config.Today())
		cancel()
		if err != nil || !reading.Sure {
			continue
		}
		if zone, err := mrz.Parse(reading.Lines, r.config.Today()); err == nil {
			r.document.Evidence.MRZ = zone.Lines()
			r.noteSeen(zone, &reading)
			return
		}
	}
}
