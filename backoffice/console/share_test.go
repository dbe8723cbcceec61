package console

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// TestReasonsThatDifferAtTheirEndsAreSharedInAMoment: as many and as long as a record may have, of a station that somebody stole.
func TestReasonsThatDifferAtTheirEndsAreSharedInAMoment(t *testing.T) {
	t.Parallel()
	var checks []*stationv1.Check
	for n := range stationv1.MaxChecks {
		c := &stationv1.Check{Id: fmt.Sprint("check-", n), Result: "undetermined"}
		for range stationv1.MaxReasons {
			r := &stationv1.Reason{Code: "a"}
			for p := range stationv1.MaxParams {
				r.Params = append(r.Params, &stationv1.Param{Name: strings.Repeat("a", p+1), Values: []string{strings.Repeat("v", 300)}})
			}
			c.Reasons = append(c.Reasons, r)
		}
		c.Reasons[stationv1.MaxReasons-1].Params[stationv1.MaxParams-1].Values[0] = fmt.Sprint(min(n, stationv1.MaxChecks-fewestShared))
		checks = append(checks, c)
	}
	began := time.Now()
	all, left := shareReasons(checks)
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
	if len(all) != 1 || len(all[0].Checks) != fewestShared || len(left) != stationv1.MaxChecks-fewestShared {
		t.Errorf("%d reasons are shared, %d checks stand by themselves", len(all), len(left))
	}
}
