package usb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
)

// Source is an interrupt endpoint of a claimed interface that reports come from.
type Source struct {
	Device    *Device
	Interface int
	Endpoint  gousb.EndpointDesc
}

// quietTime is how long a device says nothing that has nothing more to say: a dozen polls of its endpoint, which come every 4 ms.
const quietTime = 50 * time.Millisecond

// maxStale bounds the reports that are thrown away before a device is taken for one that never stops.
const maxStale = 64

// ErrPause is the error of a read that ended because the device said nothing for a time. It is devices.ErrTimeout.
var ErrPause = fmt.Errorf("%w: nothing came in time", devices.ErrTimeout)

// errEndless is of a device that never has said enough.
var errEndless = fmt.Errorf("%w: it talks without end", devices.ErrProtocol)

// Buffer makes room for one report.
func (s Source) Buffer() []byte { return make([]byte, s.Endpoint.MaxPacketSize) }

// Read waits for a report as long as ctx does. Errors as of [Device.Read].
func (s Source) Read(ctx context.Context, report []byte) (int, error) {
	return s.Device.Read(ctx, s.Interface, s.Endpoint, report)
}

// Within waits for a report no longer than limit; then the error is ErrPause.
func (s Source) Within(ctx context.Context, limit time.Duration, report []byte) (int, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	n, err := s.Read(limited, report)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = ErrPause
	}
	return n, err
}

// Drain throws away what was said before anybody asked: it is another visitor's. A device that never stops is ErrProtocol.
func (s Source) Drain(ctx context.Context) error {
	report := s.Buffer()
	for range maxStale {
		_, err := s.Within(ctx, quietTime, report)
		if errors.Is(err, ErrPause) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return errEndless
}
