package page_test

import (
	"image"
	"image/draw"
	"testing"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/verify"
)

// corners are those of an area, clockwise from the top left.
func corners(r image.Rectangle) [4]image.Point {
	return [4]image.Point{r.Min, {r.Max.X, r.Min.Y}, r.Max, {r.Min.X, r.Max.Y}}
}

// TestTheZoneIsMeasuredWhereItWasRead: with a sheet of paper below the document it is not what stands lowest in the picture. Where the
// document was moved since, or the other side was read, the MRZ is looked for as ever.
func TestTheZoneIsMeasuredWhereItWasRead(t *testing.T) {
	plain := made(t, 0, specimen.Genuine).Evidence()
	there := *infrared(t, plain).Area
	with := func(sheet int, side verify.Side, quad image.Rectangle) verify.Evidence {
		ev := plain
		ev.Pages = nil
		for _, p := range plain.Pages {
			glass := image.NewRGBA(image.Rect(0, 0, p.Image.Rect.Dx(), p.Image.Rect.Dy()+sheet))
			white(glass)
			draw.Draw(glass, p.Image.Rect, p.Image, image.Point{}, draw.Src)
			p.Image = glass
			ev.Pages = append(ev.Pages, p)
		}
		ev.Seen = &verify.SeenMRZ{Side: side, Quad: corners(quad), Confidence: 1}
		return ev
	}
	for name, c := range map[string]struct {
		ev   verify.Evidence
		want verify.Result
	}{
		"where it was read":             {with(500, verify.Front, there), verify.Passed},
		"nobody read it":                {with(500, verify.Back, there), verify.Undetermined},
		"it was moved since":            {with(0, verify.Front, there.Sub(image.Pt(0, 300))), verify.Passed},
		"half of it was moved away":     {with(0, verify.Front, there.Add(image.Pt(0, there.Dy()/2))), verify.Passed},
		"it was read beyond the glass":  {with(0, verify.Front, there.Add(image.Pt(0, 5000))), verify.Passed},
		"it was read on the other side": {with(0, verify.Back, there), verify.Passed},
	} {
		if got := infrared(t, c.ev); got.Result != c.want || got.Result == verify.Passed && *got.Area != there {
			t.Errorf("%s: %s, %s in %v, want it in %v", name, got.Result, got.Reasons, got.Area, there)
		}
	}
}
