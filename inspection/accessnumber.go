package inspection

import (
	"context"
	"errors"
	"image"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// canTries is how many card access numbers may be wrong in one check-in. That the chip's own last try is left alone is
// package emrtd's care.
const canTries = 2

// closedChip is a chip that did not open by the MRZ's key, or for which there is none.
type closedChip struct {
	read    *emrtd.Reading
	outcome verify.ChipOutcome
}

// isClosed tells that a chip was asked to open and did not.
func isClosed(outcome verify.ChipOutcome) bool {
	return outcome == verify.ChipAccessDenied || outcome == verify.ChipRefused
}

// readByCAN tries the card access number that the pages show, once in a check-in, and then asks for it until one is
// not refused. When the visitor has none, or no other may be tried, the outcome is the one from before: a number that
// somebody types is no evidence against the document. The document may be lifted to look for its number, so the chip is
// looked for anew each time, and is torn away when it is not there.
func (r *run) readByCAN(ctx context.Context, reader devices.ChipReader, pages []verify.Page, closed closedChip) (*emrtd.Reading, verify.ChipOutcome) {
	var number string
	given := false
	if r.refused == 0 { // else it may be what was refused
		number, given = r.printedCAN(ctx, pages)
	}
	typed := !given
	if typed {
		number, given = r.visitor.AccessNumber(ctx)
	}
	for given {
		read, outcome, refusal := r.openChip(ctx, reader, emrtd.Key{}, number)
		switch outcome {
		case verify.ChipAbsent:
			return closed.read, verify.ChipTorn
		case verify.ChipAccessDenied, verify.ChipRefused, verify.ChipWithoutKey: // not asked: without PACE the number opens nothing
			closed.read = read
		default:
			return read, outcome
		}
		r.refused++
		last := r.refused >= canTries || isLast(refusal)
		r.visitor.AccessNumberRefused(last)
		if last && !typed {
			break
		}
		typed = true
		number, given = r.visitor.AccessNumber(ctx)
	}
	return closed.read, closed.outcome
}

// NumberReader finds the card access number in the picture of a page, of which the resolution in dots per inch is known;
// [ocr.Reader] is one. It gives a number only when it is sure, and keeps nothing of it.
type NumberReader interface {
	ReadCAN(ctx context.Context, picture image.Image, dpi int) (can string, sure bool, err error)
}

// printedCAN gives the one card access number that is seen in the pages.
func (i *Inspector) printedCAN(ctx context.Context, pages []verify.Page) (number string, found bool) {
	for _, page := range pages {
		if page.Light == verify.Ultraviolet {
			continue
		}
		can, sure, err := i.config.Numbers.ReadCAN(ctx, page.Image, page.DPI)
		if err != nil {
			i.config.Log.Warn("a picture was not looked through for the card access number", "light", string(page.Light), "err", err)
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

// takesCAN tells whether a chip that did not open by the key of the MRZ can be opened by a card access number: only PACE
// knows it (ICAO Doc 9303-11, 4.4).
func takesCAN(denied *emrtd.Reading) bool {
	infos, err := emrtd.ParseSecurityInfos(denied.Files[emrtd.FileCardAccess])
	return err == nil && len(infos.PACE) > 0
}

// readWithoutMRZ reads the chip of a document whose MRZ could not be read, and gives the MRZ in DG1: what the chip says of its holder,
// and never evidence of what is printed. The chip of a document that was inspected before, and still lies there, is nobody else's.
func (r *run) readWithoutMRZ(ctx context.Context) (zone mrz.Zone, found bool) {
	reader, err := r.chipReader()
	if err != nil || r.refused >= canTries || !r.chipOffersPACE(ctx, reader) {
		return mrz.Zone{}, false
	}
	pages := r.pictureToRead(ctx)
	read, outcome := r.readByCAN(ctx, reader, pages, closedChip{&emrtd.Reading{}, verify.ChipWithoutKey})
	for _, page := range pages {
		clear(page.Image.Pix)
	}
	r.keepReading(read, outcome)
	lines, err := emrtd.ParseDG1(read.Files[emrtd.FileDG1])
	if err != nil || r.isOneOf(r.before, lines) {
		return mrz.Zone{}, false
	}
	zone, err = mrz.Parse(lines, r.config.Today())
	return zone, err == nil
}

// pictureToRead pictures what lies on the glass, as far as that can be done: it is only looked through for the number, and the caller
// wipes it.
func (i *Inspector) pictureToRead(ctx context.Context) (pages []verify.Page) {
	imager, err := i.config.Devices.PageImager.Get()
	if err != nil {
		return nil
	}
	for _, light := range []verify.Light{verify.Visible, verify.Infrared} {
		if picture, dpi, err := i.picture(ctx, imager, light); err == nil {
			pages = append(pages, verify.Page{Image: picture, DPI: dpi, Light: light})
		}
	}
	return pages
}

// chipOffersPACE looks whether a chip lies in the field that a card access number could open.
func (i *Inspector) chipOffersPACE(ctx context.Context, reader devices.ChipReader) bool {
	ctx, cancel := context.WithTimeout(ctx, i.config.Timings.Chip)
	defer cancel()
	chip, err := reader.Connect(ctx)
	if err != nil {
		return false
	}
	defer chip.Close() // it is left alone whatever that says
	offered, err := emrtd.OffersPACE(ctx, chip)
	return err == nil && offered
}
