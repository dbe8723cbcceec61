package console_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
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
		if want == `value="0.42"` && !strings.Contains(body, "Abstand zur Schwelle: 0,42") {
			t.Error("the margin is not written as it is in German")
		}
		if got := strings.Count(body, "<meter"); got != min(len(want), 1) || !strings.Contains(body, want) {
			t.Errorf("a margin of %v: %d meters, want %q", margin, got, want)
		}
	}
}

// TestStaffSeeWhereInAPictureACheckFoundSomething, where that is a part of it, and not of what passed.
func TestStaffSeeWhereInAPictureACheckFoundSomething(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	b := s.signedIn(t, "okafor")
	for name, c := range map[string]struct {
		result string
		area   *stationv1.Area
		marked bool
	}{
		"a part":                   {"failed", &stationv1.Area{Left: 1000, Top: 7000, Right: 9000, Bottom: 9500}, true},
		"a part that is fine":      {"passed", &stationv1.Area{Left: 1000, Top: 7000, Right: 9000, Bottom: 9500}, false},
		"no part":                  {"failed", nil, false},
		"a part beside it":         {"failed", &stationv1.Area{Left: 1000, Top: 7000, Right: 19000, Bottom: 9500}, false},
		"a part inside out":        {"failed", &stationv1.Area{Left: 9000, Top: 7000, Right: 1000, Bottom: 9500}, false},
		"a part of less than none": {"failed", &stationv1.Area{Left: -5, Top: 7000, Right: 1000, Bottom: 9500}, false},
	} {
		visitor := checkintest.Genuine(noon)
		document := visitor.Record.Documents[0]
		document.Checks = append(document.Checks, &stationv1.Check{
			Id: "optical.ir.b900", Category: "optical", Result: c.result, Level: "evaluatory", Evidence: []string{"page-1-visible"}, Area: c.area,
		})
		body := b.get("/visitor/" + s.send(t, visitor)).body
		want := fmt.Sprint(`<rect class="`, c.result, `" x="1000" y="7000" width="8000" height="2500">`)
		if strings.Contains(body, "<rect") != c.marked || c.marked && !strings.Contains(body, want) {
			t.Errorf("%s: marked %t, want %t", name, strings.Contains(body, "<rect"), c.marked)
		}
	}
}
