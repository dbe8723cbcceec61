package emrtd_test

import (
	"context"
	"errors"
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
)

func TestAClosedChipTellsWhetherItOffersPACE(t *testing.T) {
	pace := []chip.PACEInfo{{Mapping: chip.GenericMapping, Cipher: chip.AES128, Parameters: 12}}
	for name, test := range map[string]struct {
		options chip.Options
		want    bool
	}{
		"BAC alone":                  {chip.Options{}, false},
		"both":                       {chip.Options{PACE: pace}, true},
		"PACE alone":                 {chip.Options{PACE: pace, PACEOnly: true}, true},
		"PACE, by selection":         {chip.Options{PACE: pace, Quirks: []chip.Quirk{chip.NoShortIDs}}, true},
		"PACE, nothing for zeros":    {chip.Options{PACE: pace, Quirks: []chip.Quirk{chip.EmptyMaximum}}, true},
		"none, said by 6986":         {chip.Options{PACE: pace, Quirks: []chip.Quirk{chip.CardAccess6986}}, false},
		"PACE, lost by a long block": {chip.Options{PACE: pace, Quirks: []chip.Quirk{chip.ExtendedTears}}, true},
	} {
		card, err := emulated(test.options)
		if err != nil {
			t.Fatal(err)
		}
		if offered, err := emrtd.OffersPACE(t.Context(), card); err != nil || offered != test.want {
			t.Errorf("%s: %v, %v, want %v", name, offered, err, test.want)
		}
		if test.want && len(test.options.Quirks) == 0 {
			if reading, err := emrtd.Read(t.Context(), card, printedKey, emrtd.Options{}); err != nil {
				t.Errorf("%s: asked before it is read: %q, %v", name, reading.Access, err)
			}
		}
	}
}

func TestAChipThatCannotBeAskedForPACEIsAnError(t *testing.T) {
	card, err := emulated(chip.Options{Faults: map[int]chip.Fault{1: chip.Tear()}})
	if err != nil {
		t.Fatal(err)
	}
	if offered, err := emrtd.OffersPACE(t.Context(), card); offered || !errors.Is(err, errGone) {
		t.Errorf("torn away: %v, %v", offered, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if offered, err := emrtd.OffersPACE(ctx, card); offered || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v, %v", offered, err)
	}
}
