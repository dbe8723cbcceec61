package page

import (
	"errors"
	"strconv"

	"github.com/foyer-station/foyer/mrz/ocr/scan"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/picture"
)

// Why a check of a page ends as it does. Behind each code stand its parameters.
const (
	codeStopped verify.Code = "page.stopped"

	codeEmpty     verify.Code = "page.picture.empty"
	codeSmall     verify.Code = "page.picture.small" // width, height
	codeLarge     verify.Code = "page.picture.large" // width, height
	codePacked    verify.Code = "page.picture.packed"
	codeDPI       verify.Code = "page.picture.dpi"   // dpi
	codeSizes     verify.Code = "page.picture.sizes" // light
	codeMissing   verify.Code = "page.missing"       // light
	codeNoSide    verify.Code = "page.missing_side"  // light, side
	codeNothing   verify.Code = "page.nothing"       // light
	codeNoisy     verify.Code = "page.noisy"         // light
	codeDark      verify.Code = "page.dark"
	codeNoPage    verify.Code = "page.no_document"
	codeNoMRZSide verify.Code = "page.ir.no_picture"
	codeNoVisible verify.Code = "page.ir.no_visible"
	codeNoMRZ     verify.Code = "page.ir.no_mrz"
	codeThin      verify.Code = "page.ir.thin"
	codeContrast  verify.Code = "page.ir.contrast" // value, threshold
	codeNoPaper   verify.Code = "page.uv.no_visible"
	codeGlow      verify.Code = "page.uv.glow" // value, threshold

	codeNoFinder    verify.Code = "page.portrait.no_finder"
	codeNoDG2       verify.Code = "page.portrait.no_dg2"
	codeNoFront     verify.Code = "page.portrait.no_front"
	codeNoFaceChip  verify.Code = "page.portrait.no_face_chip"
	codeNoFacePage  verify.Code = "page.portrait.no_face_page"
	codeLittle      verify.Code = "page.portrait.little_detail"
	codeNoCompare   verify.Code = "page.portrait.not_compared"
	codeNoDecoder   verify.Code = "page.portrait.no_decoder" // detail
	codeUndecodable verify.Code = "page.portrait.unreadable" // cause, detail
	codeSame        verify.Code = "page.portrait.same"       // whole, part, threshold, limit
	codeOther       verify.Code = "page.portrait.other"      // whole, part, threshold, limit
	codeBetween     verify.Code = "page.portrait.between"    // whole, part, threshold, limit
)

// unusable is an error that says why something cannot be looked at.
type unusable struct{ verify.Reason }

// Error is the code.
func (u unusable) Error() string { return string(u.Code) }

// reasonOf is the reason in an error of this package's.
func reasonOf(err error) verify.Reason {
	var u unusable
	if errors.As(err, &u) {
		return u.Reason
	}
	return verify.Because(codeNoCompare)
}

// causeOf classes why a picture was not decoded: "broken" of the decoder, "size", "damaged", "kind" or "other".
func causeOf(err error) string {
	switch {
	case errors.Is(err, picture.ErrBroken):
		return "broken"
	case errors.Is(err, scan.ErrSize):
		return "size"
	case errors.Is(err, scan.ErrDamaged):
		return "damaged"
	case errors.Is(err, scan.ErrFile), errors.Is(err, scan.ErrForeign):
		return "kind"
	}
	return "other"
}

// decimal writes a number with two digits behind the point.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
