package finger_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/finger"
)

// unit is a screen with a finger at it.
type unit struct {
	*finger.Screen
	capturing chan struct{} // has a value once somebody captures
}

// Ready holds the finger above the screen until somebody notices.
func (u unit) Ready(ctx context.Context) error {
	for {
		u.Touch(0, 0, false)
		select {
		case <-u.capturing:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

func (u unit) Act(context.Context) error {
	for i := range 20 {
		u.Touch(float64(i)/19, 0.5, true)
	}
	u.Touch(1, 0.5, false)
	return nil
}

func (u unit) Unplug() { u.Close() }
func (u unit) Heal()   {}

// screens are those of a station.
type screens struct{ all []unit }

func (s *screens) plug(*testing.T) unit {
	u := unit{finger.NewScreen(fmt.Sprint("screen ", len(s.all))), make(chan struct{}, 1)}
	s.all = append(s.all, u)
	return u
}

// open opens the first that is free.
func (s *screens) open(ctx context.Context) (devices.Device, error) {
	err := error(&devices.Error{Kind: devices.KindSignaturePad, Op: "open", Err: devices.ErrNoDevice})
	for _, u := range s.all {
		pad, failed := u.Open(ctx)
		if failed == nil {
			return watched{pad, u}, nil
		}
		if !errors.Is(failed, devices.ErrNoDevice) {
			err = failed
		}
	}
	return nil, err
}

// watched is a pad of which its screen knows that it captures.
type watched struct {
	*finger.Pad
	unit unit
}

func (w watched) Capture(ctx context.Context, sink func(devices.Sample)) error {
	return w.Pad.Capture(ctx, func(s devices.Sample) {
		select {
		case w.unit.capturing <- struct{}{}:
		default:
		}
		sink(s)
	})
}

func TestTheScreenPassesTheDriverSuite(t *testing.T) {
	var s screens
	devicestest.Driver[unit]{
		Open: s.open,
		Plug: s.plug,
		Use: func(ctx context.Context, device devices.Device) error {
			ctx, done := context.WithCancel(ctx)
			defer done()
			return device.(watched).Capture(ctx, func(s devices.Sample) {
				if s.X == device.(watched).Size().MaxX {
					done()
				}
			})
		},
		Cycles: 100,
	}.Run(t)
}

// capture hands on what a pad gives, until the test ends.
func capture(t *testing.T, pad *finger.Pad) <-chan devices.Sample {
	t.Helper()
	samples := make(chan devices.Sample, 100)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- pad.Capture(ctx, func(s devices.Sample) { samples <- s }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return samples
}

// hover holds the finger above the screen until somebody notices.
func hover(t *testing.T, screen *finger.Screen, samples <-chan devices.Sample) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		screen.Touch(0, 0, false)
		select {
		case <-samples:
			for len(samples) > 0 {
				<-samples
			}
			return
		case <-time.After(time.Millisecond):
		}
	}
	t.Fatal("nothing was captured")
}

func TestAFingerWritesFromTheFirstTouchOn(t *testing.T) {
	screen := finger.NewScreen("screen")
	pad, err := screen.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	samples := capture(t, pad)
	hover(t, screen, samples)
	screen.Touch(0.5, 0.5, true)
	if s := <-samples; !s.Down && (<-samples).X != pad.Size().MaxX/2 || s.Down && (s.X != pad.Size().MaxX/2 || s.Pressure == 0) {
		t.Errorf("the first touch is %+v", s)
	}
}

func TestAFingerThatWasDownBeforeBeginsNothing(t *testing.T) {
	screen := finger.NewScreen("screen")
	pad, err := screen.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	screen.Touch(0.1, 0.5, true)
	samples := capture(t, pad)
	for range 20 { // far more than it takes until it captures
		screen.Touch(0.1, 0.5, true)
		time.Sleep(time.Millisecond)
	}
	if len(samples) != 0 {
		t.Errorf("%d samples came of a finger that was down before", len(samples))
	}
	hover(t, screen, samples)
	screen.Touch(0.9, 0.5, true)
	for s := range samples {
		if s.Down {
			if s.X < pad.Size().MaxX/2 {
				t.Errorf("a sample of before came: %+v", s)
			}
			return
		}
	}
}

func TestWhatFindsNoRoomIsToldMissing(t *testing.T) {
	screen := finger.NewScreen("screen")
	pad, err := screen.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hold, began := make(chan struct{}), make(chan struct{}, 1)
	missed, got := 0, 0
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	const sent = 3000
	go func() {
		ended <- pad.Capture(ctx, func(s devices.Sample) {
			select {
			case began <- struct{}{}:
			default:
			}
			<-hold
			got, missed = got+1, missed+s.Missed
			if s.X == pad.Size().MaxX {
				cancel()
			}
		})
	}()
	for len(began) == 0 {
		screen.Touch(0, 0.5, false)
		time.Sleep(time.Millisecond)
	}
	for range sent {
		screen.Touch(0.5, 0.5, true)
	}
	close(hold)
	for ctx.Err() == nil { // the last one, once there is room
		screen.Touch(1, 0.5, true)
		time.Sleep(time.Millisecond)
	}
	if err := <-ended; err != nil || missed == 0 || got+missed < sent {
		t.Errorf("%v, %d came and %d are told missing of %d", err, got, missed, sent)
	}
}
