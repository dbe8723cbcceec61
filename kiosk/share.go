package kiosk

import stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"

// What each kind of file may have of a check-in (stationv1.MaxCheckIn), in sealed bytes. Nothing takes from another's share,
// so that whatever is captured, in whichever order and however often, ends in a check-in that the back office takes: a
// page's picture that is too large is made smaller, a file of the chip that does not fit is left out, and portrait and
// signature always fit.
const (
	recordShare    = stationv1.MaxRecord + 64<<10
	pagesShare     = 36 << 20 // of all sides in all lights
	chipShare      = 12 << 20 // of the chip's files, the portrait in DG2 and the signature in DG7 among them
	portraitShare  = 5 << 20
	signatureShare = 9 << 20 // a picture of 4 megapixels in grey, and five minutes of samples

	lights        = 3
	maxPageFiles  = 2 * lights
	maxOtherFiles = 4 // record, portrait, signature, its samples
	maxChipFiles  = stationv1.MaxFiles - maxPageFiles - maxOtherFiles
)

// The shares are no more than the whole, or this does not compile.
const _ = uint(stationv1.MaxCheckIn - recordShare - pagesShare - chipShare - portraitShare - signatureShare)

// pageShare is what one picture of a page may have, of a card with two sides or of a document with one.
func pageShare(card bool) int64 {
	if card {
		return pagesShare / maxPageFiles
	}
	return pagesShare / lights
}
