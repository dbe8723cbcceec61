package hwtest

import (
	"slices"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest/wording"
)

// TestWhatAPartIsBlamedByIsStillSaid: a key that is renamed beside its driver would leave the part unblamed.
func TestWhatAPartIsBlamedByIsStillSaid(t *testing.T) {
	words, err := wording.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	said := words.Keys()
	for _, kind := range []devices.Kind{devices.KindPageImager, devices.KindTicketPrinter} {
		for _, p := range parts(kind) {
			if !slices.ContainsFunc(said, p.blamed) {
				t.Errorf("%s.%s: nothing blames it any more", kind, p.name)
			}
		}
	}
}
