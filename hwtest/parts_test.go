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
			for _, key := range p.ill {
				if !slices.Contains(said, key) {
					t.Errorf("%s.%s: nothing says %s", kind, p.name, key)
				}
			}
		}
	}
}
