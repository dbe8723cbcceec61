package intake_test

import (
	"testing"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

func TestTheLongestReasonIsTheLongestTextOfTheContract(t *testing.T) {
	if longest := verify.MaxReason + len("..."); longest != stationv1.MaxText {
		t.Errorf("a reason has up to %d characters, the contract takes %d", longest, stationv1.MaxText)
	}
}
