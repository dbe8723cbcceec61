package devices_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// camera is a device that is there, or not.
type camera struct {
	serial string
	path   string
	mu     sync.Mutex
	gone   bool
	closed int
}

func (c *camera) Info() devices.Info {
	return devices.Info{Kind: devices.KindCamera, Model: "test", Serial: c.serial, Path: c.path}
}

func (c *camera) Health(context.Context) devices.Health {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return devices.Health{State: devices.StateNoDevice}
	}
	return devices.Health{State: devices.StateOnline}
}

func (c *camera) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed++
	return nil
}

func (c *camera) pullOut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
}

func (c *camera) timesClosed() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// port is where a camera can be plugged in.
type port struct {
	mu     sync.Mutex
	camera *camera
	err    error
}

func (p *port) set(c *camera, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.camera, p.err = c, err
}

func (p *port) open(context.Context) (*camera, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.camera == nil {
		return nil, &devices.Error{Kind: devices.KindCamera, Op: "open", Err: p.err}
	}
	return p.camera, nil
}

// run runs a slot on the port until the test ends or stop is called, which gives what Run returned.
func run(t *testing.T, p *port) (slot *devices.Slot[*camera], events chan devices.Event, stop func() error) {
	t.Helper()
	events = make(chan devices.Event, 8)
	slot = devices.NewSlot(devices.KindCamera, p.open, time.Millisecond, events)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- slot.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { stop() })
	return slot, events, stop
}

func wantEvent(t *testing.T, events <-chan devices.Event, present bool) {
	t.Helper()
	select {
	case e := <-events:
		if e != (devices.Event{Kind: devices.KindCamera, Present: present}) {
			t.Errorf("event %+v, want present %v", e, present)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("no event, want present %v", present)
	}
}

func TestASlotFindsADeviceThatComesLater(t *testing.T) {
	p := &port{err: devices.ErrNoDevice}
	slot, events, _ := run(t, p)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := slot.Wait(ctx); !errors.Is(err, devices.ErrNoDevice) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait = %v, want why there is none, and the context's error", err)
	}
	c := &camera{}
	p.set(c, nil)
	if got, err := slot.Wait(t.Context()); got != c || err != nil {
		t.Errorf("Wait = %v, %v, want the camera", got, err)
	}
	wantEvent(t, events, true)
	if got, err := slot.Get(); got != c || err != nil {
		t.Errorf("Get = %v, %v, want the camera", got, err)
	}
	if slot.Info().Model != "test" || slot.Health(t.Context()).State != devices.StateOnline {
		t.Errorf("the slot does not speak for its device: %+v, %+v", slot.Info(), slot.Health(t.Context()))
	}
}

func TestASlotLetsGoOfADeviceThatWentAndTakesTheNext(t *testing.T) {
	first, second := &camera{}, &camera{}
	p := &port{camera: first}
	slot, events, _ := run(t, p)
	wantEvent(t, events, true)
	p.set(nil, devices.ErrNoDevice)
	first.pullOut()
	wantEvent(t, events, false)
	if got, err := slot.Get(); got != nil || err == nil {
		t.Errorf("Get = %v, %v, want no camera and a reason", got, err)
	}
	if n := first.timesClosed(); n != 1 {
		t.Errorf("the camera that went was closed %d times, want once", n)
	}
	p.set(second, nil)
	wantEvent(t, events, true)
	if got, _ := slot.Get(); got != second {
		t.Errorf("Get = %v, want the second camera", got)
	}
}

func TestASlotThatStopsClosesItsDevice(t *testing.T) {
	c := &camera{}
	slot, events, stop := run(t, &port{camera: c})
	wantEvent(t, events, true)
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v, want context.Canceled", err)
	}
	if _, err := slot.Get(); !errors.Is(err, devices.ErrClosed) || c.timesClosed() != 1 {
		t.Errorf("Get = %v, closed %d times, want ErrClosed and once", err, c.timesClosed())
	}
}

func TestAnEmptySlotTellsTheTechnicianWhatToDo(t *testing.T) {
	for reason, want := range map[error]devices.State{
		devices.ErrNoDevice: devices.StateNoDevice,
		devices.ErrBusy:     devices.StateBusy,
		devices.ErrStopped:  devices.StateHWError,
		devices.ErrTimeout:  devices.StateHWError,
		devices.ErrProtocol: devices.StateHWError,
		os.ErrPermission:    devices.StateHWError,

		devices.ErrNotConfigured: devices.StateNoDevice,
	} {
		p := &port{err: reason}
		slot, _, stop := run(t, p)
		for end := time.Now().Add(10 * time.Second); slot.Health(t.Context()).State != want; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%v: %+v, want %s", reason, slot.Health(t.Context()), want)
			}
		}
		if h := slot.Health(t.Context()); h.Reason.IsZero() || h.Remedy.IsZero() {
			t.Errorf("%v: %+v, want a reason and a remedy", reason, h)
		}
		if info := slot.Info(); info != (devices.Info{Kind: devices.KindCamera}) {
			t.Errorf("Info = %+v, want the kind alone", info)
		}
		stop()
	}
}

func TestTheRemedyIsForWhatIsToBeMended(t *testing.T) {
	for err, want := range map[error]devices.Key{
		&os.PathError{Op: "open", Path: "/dev/usb/lp0", Err: os.ErrPermission}: devices.Permit,
		devices.ErrNotConfigured: devices.Configure,
		devices.ErrStopped:       devices.StartService,
		devices.ErrNoDevice:      devices.PlugIn,
	} {
		if h := devices.HealthOf(&devices.Error{Kind: devices.KindTicketPrinter, Op: "open", Err: err}); !h.Remedy.Is(want) {
			t.Errorf("%v: the remedy is %s, want %s", err, h.Remedy, want)
		}
	}
}

// TestASlotSaysWhenItHasLooked, whether it found its device or not: before, nobody knows.
func TestASlotSaysWhenItHasLooked(t *testing.T) {
	for _, found := range []error{nil, devices.ErrNoDevice} {
		synctest.Test(t, func(t *testing.T) {
			look := make(chan struct{})
			s := devices.NewSlot(devices.KindCamera, func(context.Context) (*camera, error) { <-look; return &camera{}, found }, time.Second, nil)
			ctx, stop := context.WithCancel(t.Context())
			ended, known := make(chan error, 1), make(chan struct{})
			go func() { ended <- s.Run(ctx) }()
			go func() { s.Looked(ctx); close(known) }()
			synctest.Wait()
			select {
			case <-known:
				t.Error("it has looked while it still looks")
			default:
			}
			close(look)
			<-known
			if _, err := s.Get(); !errors.Is(err, found) {
				t.Errorf("it has looked, and says %v, want %v", err, found)
			}
			stop()
			<-ended
		})
	}
}
