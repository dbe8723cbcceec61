package console_test

import (
	"math"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
)

// TestStaffSeeHowFarAMeasurementLayFromItsThreshold, and nothing of what a station says that is no margin.
func TestStaffSeeHowFarAMeasurementLayFromItsThreshold(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "okafor")
	for margin, want := range map[float64]string{
		0.42: `value="0.42"`, -1: `value="-1.00"`, 1.5: "", math.Inf(-1): "", math.NaN(): "",
	} {
		visitor := checkintest.Genuine(noon)
		visitor.Record.Documents[0].Checks[0].Margin = &margin
		body := b.get("/visitor/" + s.send(t, visitor)).body
		if got := strings.Count(body, "<meter"); got != min(len(want), 1) || !strings.Contains(body, want) {
			t.Errorf("a margin of %v: %d meters, want %q", margin, got, want)
		}
	}
}
