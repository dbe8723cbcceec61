package inspection

import (
	"context"
	"image"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/mrz/ocr"
	"github.com/foyer-station/foyer/verify"
)

// printed reads the same on every page.
type printed struct{ ocr.Reading }

func (p printed) Read(context.Context, image.Image, time.Time) (ocr.Reading, error) {
	return p.Reading, nil
}

// TestWhereTheMRZIsSeenIsKeptForTheChecks: nobody looks for it a second time. A document reader gives no picture.
func TestWhereTheMRZIsSeenIsKeptForTheChecks(t *testing.T) {
	quad := [4]image.Point{{2, 20}, {38, 20}, {38, 28}, {2, 28}}
	seen := printed{ocr.Reading{Found: true, Sure: true, Confidence: 0.99, Quad: quad, Lines: passport}}
	misread := []string{passport[0], "L898902C37UTO7408122F1204159ZE184226B<<<<<10"}
	for name, test := range map[string]struct {
		lines []string // of the reader
		want  *verify.SeenMRZ
	}{
		"on the glass alone":        {nil, &verify.SeenMRZ{Side: verify.Front, Quad: quad, Confidence: 0.99}},
		"where the reader misreads": {misread, &verify.SeenMRZ{Side: verify.Front, Quad: quad, Confidence: 0.99}},
		"by the document reader":    {passport, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := table{lines: test.lines, chip: &field{}, glass: &glass{}, pages: seen, timings: Timings{Document: 300 * time.Millisecond, Chip: time.Millisecond}}
			document, err := p.inspector(t).Open().Try(t.Context(), &scripted{}, false)
			got := document.Evidence
			if err != nil || !slices.Equal(got.MRZ, passport) || (got.Seen == nil) != (test.want == nil) || got.Seen != nil && *got.Seen != *test.want {
				t.Errorf("%v, %q seen %+v, want %+v", err, got.MRZ, got.Seen, test.want)
			}
		})
	}
}
