package hwtest_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
)

// felt is a device that can tell whether a document lies on it.
type felt struct {
	devices.Device
	presence devices.Presence
	err      error
}

func (f felt) Presence(context.Context) (devices.Presence, error)        { return f.presence, f.err }
func (f felt) Watch(ctx context.Context, _ func(devices.Presence)) error { <-ctx.Done(); return nil }

func TestADocumentThatLiesOnADeviceIsToldWithWhatToDo(t *testing.T) {
	for about, c := range map[string]struct {
		health devices.State
		felt   felt
		want   devices.State
	}{
		"a document lies there":         {devices.StateOnline, felt{presence: devices.Resting}, devices.StateUserError},
		"nothing does":                  {devices.StateOnline, felt{presence: devices.Absent}, devices.StateOnline},
		"a hand moves over it":          {devices.StateOnline, felt{presence: devices.Moving}, devices.StateOnline},
		"it cannot tell":                {devices.StateOnline, felt{presence: devices.Resting, err: errors.New("ill")}, devices.StateOnline},
		"what is worse is told instead": {devices.StateHWError, felt{presence: devices.Resting}, devices.StateHWError},
	} {
		c.felt.Device = device{devices.KindChipReader, devices.Health{State: c.health}}
		r := run(t, hwtest.Device(devices.KindChipReader, func(context.Context) (devices.Device, error) { return c.felt, nil }))
		state := r.Checks[1]
		if state.State != c.want {
			t.Errorf("%s: %+v", about, state)
		}
		if said := strings.Contains(textOf(t, r), "-> take the document to the reception desk"); said != (c.want == devices.StateUserError) {
			t.Errorf("%s: %s", about, textOf(t, r))
		}
	}
}

func TestTheGlassIsNotLitToSeeWhetherADocumentLiesThere(t *testing.T) {
	glass := felt{Device: device{devices.KindPageImager, devices.Health{State: devices.StateOnline}}, presence: devices.Resting}
	r := run(t, hwtest.Device(devices.KindPageImager, func(context.Context) (devices.Device, error) { return glass, nil }))
	if r.Checks[1].State != devices.StateOnline {
		t.Errorf("%+v", r.Checks[1])
	}
}
