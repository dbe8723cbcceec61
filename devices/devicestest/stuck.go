package devicestest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// stuck uses a device whose transfers never end: it is ill until it is pulled out, and holds nobody up.
func (d Driver[U]) stuck(t *testing.T) {
	unit := d.Plug(t)
	device, err := d.Open(t.Context())
	if err != nil {
		t.Fatalf("Open = %v", err)
	}
	d.Stick(unit)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	wantError(t, d.start(ctx, device), devices.ErrTimeout)
	wantState(t, device, devices.StateHWError)
	unit.Unplug()
	wantState(t, device, devices.StateNoDevice)
	if err := device.Close(); !errors.Is(err, devices.ErrTimeout) {
		t.Errorf("Close = %v, want ErrTimeout: it still has a transfer", err)
	}
	unit, device = d.open(t)
	d.mustWork(t, unit, device)
}
