package inspection

import (
	"context"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/verify"
)

// PortraitReader looks for a document's two portraits while the rest of it is still being read; [page.Examiner] is one. Without a
// face finder it decodes the chip's, and finds no face.
type PortraitReader interface {
	// PrintedPortrait finds the portrait on the visible picture of a front.
	PrintedPortrait(front verify.Page) verify.Portrait
	// StoredPortrait decodes the picture in the DG2 that comes, and gets ready for it at once. The channel may be closed without any.
	StoredPortrait(ctx context.Context, dg2 <-chan []byte) verify.Portrait
}

// portraits is where a run looks for them. Each is in the evidence once its channel is closed.
type portraits struct {
	front          chan verify.Page // gets the first visible front that there is; closed when no other picture comes
	printedKnown   chan struct{}
	dg2            chan []byte // gets DG2; closed when there is none
	storedKnown    chan struct{}
	stopDecoding   context.CancelFunc // nil until the decoder was started
	frontOfPrinted verify.Page
}

func newPortraits() portraits {
	return portraits{
		front: make(chan verify.Page, 1), printedKnown: make(chan struct{}),
		dg2: make(chan []byte, 1), storedKnown: make(chan struct{}),
	}
}

// lookForPrinted looks for the printed portrait as soon as the front is pictured in visible light.
func (r *run) lookForPrinted() {
	r.examining.Go(func() {
		defer close(r.portraits.printedKnown)
		if front, there := <-r.portraits.front; there {
			defer r.timed(StagePrinted)()
			found := r.config.Portraits.PrintedPortrait(front)
			r.portraits.frontOfPrinted, r.document.Evidence.Portraits.Printed = front, &found
		}
	})
}

// seen hands over a picture that may be the one that the printed portrait is looked for in.
func (p *portraits) seen(page verify.Page) {
	if page.Light != verify.Visible || page.Side != verify.Front {
		return
	}
	select {
	case p.front <- page:
	default: // the front is pictured anew
	}
}

// expectDG2 has whoever decodes the chip's portrait get ready, once a chip answers of a document that is found. It belongs to the
// goroutine that reads the chip.
func (r *run) expectDG2(ctx context.Context) {
	if r.portraits.stopDecoding != nil || r.document.Zone.Format == "" {
		return
	}
	ctx, r.portraits.stopDecoding = context.WithCancel(ctx)
	r.examining.Go(func() {
		defer close(r.portraits.storedKnown)
		found := r.config.Portraits.StoredPortrait(ctx, r.portraits.dg2)
		if found.Image != nil || found.Err != nil {
			r.document.Evidence.Portraits.Stored = &found
		}
	})
}

// decodeDG2 decodes the chip's portrait, if it was read, and waits for that as long as an examiner may take.
func (r *run) decodeDG2(ctx context.Context) {
	file := r.document.Evidence.Files[emrtd.FileDG2]
	if file != nil {
		defer r.timed(StageStored)()
		r.expectDG2(ctx)
		r.portraits.dg2 <- file
	}
	close(r.portraits.dg2)
	if r.portraits.stopDecoding == nil { // no chip answered
		close(r.portraits.storedKnown)
		return
	}
	late := time.AfterFunc(r.config.Timings.Examination, r.portraits.stopDecoding)
	<-r.portraits.storedKnown
	late.Stop()
	r.portraits.stopDecoding()
}
