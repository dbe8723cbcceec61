package inspection

import (
	"context"
	"errors"
	"sync"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// Inspection is the inspection of one document, try after try: a try waits for the one before.
type Inspection struct {
	*Inspector
	before  [][]string // the lines of documents that were inspected before it: one that still lies on the glass is waited out
	turn    sync.Mutex // whose turn it is has the rest
	misread []string   // the lines of the try before, where its check digits did not agree
	refused int        // card access numbers that the chip refused
}

// Open begins with another document than those before it, of which it is given the lines; it does nothing by itself.
func (i *Inspector) Open(before ...[]string) *Inspection {
	return &Inspection{Inspector: i, before: before}
}

// run is one try. What it finds goes into its document.
type run struct {
	*Inspection
	visitor  Visitor
	last     bool
	document *Document

	chipKnown, pagesKnown chan struct{} // closed once examiners may look at them
	portraits             portraits
	superseded            []verify.Page // pictures that others took the place of
	examining             sync.WaitGroup
	checks                [][]verify.Check // of each examiner
}

// Try reads the document that is laid down: the MRZ, then pages and chip side by side, each examined as soon as it is
// there, and the other side of a card. Where the MRZ cannot be read and no other try will follow, the chip may still open by the card
// access number; DG1 then says whose document it is. The document is never nil.
func (n *Inspection) Try(ctx context.Context, v Visitor, last bool) (*Document, error) {
	n.turn.Lock()
	defer n.turn.Unlock()
	d := &Document{Validity: verify.ValidityUnknown}
	d.Evidence.Day = n.config.Today()
	if err := ctx.Err(); err != nil { // while the one before was waited for
		return d, err
	}
	r := &run{
		Inspection: n, visitor: v, last: last, document: d, chipKnown: make(chan struct{}), pagesKnown: make(chan struct{}), portraits: newPortraits(),
	}
	zone, err := r.readMRZ(ctx)
	if err == nil {
		d.Evidence.MRZ = zone.Lines()
		r.inspect(ctx, zone, firstSide(zone))
		return d, nil
	}
	unreadable := errors.Is(err, devices.ErrUnreadable)
	if last && (unreadable || nothingSeen(err)) {
		if inChip, found := r.readWithoutMRZ(ctx); found {
			r.inspect(ctx, inChip, sideWithoutMRZ(inChip, unreadable))
			return d, nil
		}
	}
	n.misread = zone.Lines()
	return d, err
}

// nothingSeen says that the devices work, and no MRZ was seen.
func nothingSeen(err error) bool {
	return errors.Is(err, ErrNoDocument) || errors.Is(err, ErrNoMRZ) || errors.Is(err, ErrCutOff)
}

// inspect reads pages and, unless that is done, the chip side by side. It ends when nobody looks at the evidence any more.
func (r *run) inspect(ctx context.Context, zone mrz.Zone, side verify.Side) {
	imager, missing := r.config.Devices.PageImager.Get()
	card := zone.Format == mrz.TD1 && missing == nil
	r.document.Zone = zone
	r.visitor.Found(zone, card)
	r.startExaminers(ctx)
	r.lookForPrinted()

	// The checks of the chip compare with the MRZ, which may be on the side that comes up next.
	mrzToCome := card && r.document.Evidence.MRZ == nil && side != firstSide(zone)
	pictured := make(chan struct{}) // closed once the side that lies there is in the evidence
	var chip sync.WaitGroup
	chip.Go(func() {
		if r.document.Evidence.Chip == "" {
			r.readChip(ctx, zone, pictured)
		}
		if !mrzToCome {
			close(r.chipKnown)
		}
		r.decodeDG2(ctx)
	})
	pages, err := r.pictureFirst(ctx, imager, missing, side)
	close(pictured)
	if err != nil {
		r.document.undone(Undone{Code: NoImager, Side: side, Result: resultOf(err)})
	}
	if !card {
		r.noMorePages()
	}
	r.visitor.Pictured(pages)
	chip.Wait()
	r.visitor.ChipRead(r.document.Evidence.Chip, r.document.Evidence.Files, r.document.Evidence.Portraits.Stored)
	if card {
		r.inspectOther(ctx, imager, opposite(side), mrzToCome)
	}
	r.examining.Wait()
	for _, p := range r.superseded { // the portrait was looked for in one
		clear(p.Image.Pix)
	}
	if r.document.Evidence.Chip == verify.ChipUnavailable {
		r.document.undone(Undone{Code: NoChipReader, Result: verify.NotPerformed})
	}
	r.conclude()
}

// inspectOther adds the other side of a card, which may bear the MRZ.
func (r *run) inspectOther(ctx context.Context, imager devices.PageImager, side verify.Side, hasMRZ bool) {
	pages := r.pictureOther(ctx, imager, side)
	if hasMRZ {
		r.findMRZ(ctx, pages)
		close(r.chipKnown)
	}
	r.noMorePages()
	if len(pages) > 0 {
		r.visitor.Pictured(pages)
	}
}

// noMorePages lets examiners look at the pages.
func (r *run) noMorePages() {
	close(r.portraits.front)
	close(r.pagesKnown)
}

// pictureFirst pictures the side that lies there, unless the imager is missing.
func (r *run) pictureFirst(ctx context.Context, imager devices.PageImager, missing error, side verify.Side) ([]verify.Page, error) {
	if missing != nil {
		return nil, missing
	}
	return r.pictureSide(ctx, imager, side)
}

// firstSide is the side that bears the MRZ: the data page, or the back of a card (ICAO Doc 9303-5, 4.1).
func firstSide(zone mrz.Zone) verify.Side {
	if zone.Format == mrz.TD1 {
		return verify.Back
	}
	return verify.Front
}

// sideWithoutMRZ is the side that lies on the glass where no MRZ could be read: the one that bears it, if it was seen at all, else the
// other side of a card.
func sideWithoutMRZ(zone mrz.Zone, seen bool) verify.Side {
	if seen {
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
