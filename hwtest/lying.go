package hwtest

import (
	"context"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// lookTime bounds how long a device is asked whether a document lies on it.
const lookTime = 2 * time.Second

// withDocument is the health of a device that is well: unless a document lies on it. Nobody is being served while devices are opened for
// a test. A page imager is not asked: it would light a lamp, which is more than a test of this level does.
func withDocument(ctx context.Context, device devices.Device, well devices.Health) devices.Health {
	sensor, can := device.(devices.PresenceSensor)
	if well.State != devices.StateOnline || !can || device.Info().Kind == devices.KindPageImager {
		return well
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	if p, err := sensor.Presence(ctx); err == nil && p == devices.Resting {
		return devices.DocumentLies()
	}
	return well
}
