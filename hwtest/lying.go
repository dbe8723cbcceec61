package hwtest

import (
	"context"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// lookTime bounds how long a device is asked whether a document lies on it.
const lookTime = 2 * time.Second

// health is a device's own.
func health(ctx context.Context, device devices.Device) devices.Health { return device.Health(ctx) }

// healthWithDocument is a device's own, unless it is well and a document lies on it: nobody is being served while devices are opened for
// a test. A page imager is not asked for documents: it would light a lamp, which is more than a test of the level internal does.
func healthWithDocument(ctx context.Context, device devices.Device) devices.Health {
	own := device.Health(ctx)
	sensor, can := device.(devices.PresenceSensor)
	if own.State != devices.StateOnline || !can || device.Info().Kind == devices.KindPageImager {
		return own
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	if p, err := sensor.Presence(ctx); err == nil && p == devices.Resting {
		return devices.DocumentLies()
	}
	return own
}
