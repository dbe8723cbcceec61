package kiosk

import (
	"github.com/foyer-station/foyer/kiosk/flow"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// What each kind of file may have of a check-in (stationv1.MaxCheckIn), in sealed bytes. Nothing takes from another's share,
// so that whatever is captured, in whichever order and however often, ends in a check-in that the back office takes: a
// page's picture that is too large is made smaller, a file of the chip that does not fit is left out, and portraits and
// signatures always fit.
//
// A document has what the first one always had, as long as enough is left for all that may follow; from then on it has that.
const (
	recordShare    = stationv1.MaxRecord + 64<<10
	portraitShare  = 5 << 20
	signatureShare = 9 << 20  // a picture of 4 megapixels in grey, and five minutes of samples
	pagesShare     = 36 << 20 // of all sides in all lights
	chipShare      = 12 << 20 // of the chip's files, the portrait in DG2 and the signature in DG7 among them

	allPages   = 82 << 20 // of all documents
	leastPages = 4 << 20  // of each
	allChips   = 24 << 20
	leastChip  = 1536 << 10

	lights         = 3
	maxPageFiles   = 2 * lights
	maxPersonFiles = 3  // portrait, signature, its samples
	maxChipFiles   = 30 // of the first document: an office of the first contract takes 40 files
	leastChipFiles = 16
	allChipFiles   = stationv1.MaxFiles - 1 - flow.MaxPersons*maxPersonFiles - flow.MaxDocuments*maxPageFiles
)

// The shares are no more than the whole, and the least is there for all, or this does not compile.
const (
	_ = uint(stationv1.MaxCheckIn - recordShare - flow.MaxPersons*(portraitShare+signatureShare) - allPages - allChips)
	_ = uint(allPages - pagesShare - (flow.MaxDocuments-1)*leastPages)
	_ = uint(allChips - chipShare - (flow.MaxDocuments-1)*leastChip)
	_ = uint(allChipFiles - maxChipFiles - (flow.MaxDocuments-1)*leastChipFiles)
)

// room is what one document may have.
type room struct {
	pages int64
	chip  chipRoom
}

// roomAfter is what the document after these may have. All that was read of them is kept by now.
func roomAfter(before []*document) room {
	left := room{allPages, chipRoom{allChips, allChipFiles}}
	for _, d := range before {
		if d.reading == nil {
			continue
		}
		for _, file := range d.reading.files {
			size := stationv1.SealedSize(file.GetSize())
			if file.GetKind() == stationv1.KindPage {
				left.pages -= size
			} else {
				left.chip.bytes, left.chip.files = left.chip.bytes-size, left.chip.files-1
			}
		}
	}
	after := flow.MaxDocuments - 1 - len(before)
	return room{min(pagesShare, left.pages-int64(after)*leastPages), chipRoom{
		min(chipShare, left.chip.bytes-int64(after)*leastChip), min(maxChipFiles, left.chip.files-after*leastChipFiles),
	}}
}

// page is what one picture may have, of a card with two sides or of a document with one.
func (r room) page(card bool) int64 {
	if card {
		return r.pages / maxPageFiles
	}
	return r.pages / lights
}
