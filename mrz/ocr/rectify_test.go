package ocr_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emulate/degrade"
	"github.com/foyer-station/foyer/emulate/gallery"
	specimenpage "github.com/foyer-station/foyer/emulate/specimen/page"
)

// TestPagesHeldAskewAreRead turns pages about any axis by 30 to 45 degrees before a camera that is near.
func TestPagesHeldAskewAreRead(t *testing.T) {
	const pages, least = 8, 8
	r, exact := newReader(t), 0
	for i := range pages {
		random := rand.New(rand.NewPCG(uint64(i), 45))
		format, lines, err := gallery.Truth(degrade.Heavy, 50_000+i)
		if err != nil {
			t.Fatal(err)
		}
		s := degrade.Sheet{Image: pageWith(t, format, lines...), DPI: 300, Zone: specimenpage.Zone(format, 300)}
		recipe := degrade.Plain(s)
		recipe.DPI, recipe.Margin, recipe.Table = 170+70*random.Float64(), 8, degrade.Wood
		recipe.Tilt, recipe.Axis, recipe.Turn = 30+15*random.Float64(), 360*random.Float64(), 360*random.Float64()
		recipe.Distance, recipe.Contrast, recipe.Noise, recipe.Quality = 1.3+0.6*random.Float64(), 0.8, 3, 80
		reading, err := r.Read(t.Context(), recipe.Expose(s, uint64(i)).Image, gallery.Day())
		if err != nil {
			t.Fatal(err)
		}
		switch same := slices.Equal(reading.Lines, lines); {
		case same:
			exact++
		case reading.Sure:
			t.Errorf("page %d: a wrong zone is presented as sure: %q, want %q", i, reading.Lines, lines)
		default:
			t.Logf("page %d tilted by %.0f: %q, %s, want %q", i, recipe.Tilt, reading.Lines, reading.Reason, lines)
		}
	}
	if exact < least {
		t.Errorf("%d of %d are exact, want %d", exact, pages, least)
	}
}
