package devices

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Event says that a device came or went.
type Event struct {
	Kind    Kind
	Present bool
}

// Slot is the place of one device in the station: it opens the device, notices when it goes, and opens it again when it
// comes back, so that everyone else just asks for it. Whoever used the device says how that ended ([Slot.Used]), so that
// Health tells a technician what visitors meet.
//
// A new device is looked for by trying to open one every interval: libusb without udev does not see a plug, and an open
// that finds nothing costs next to no work, though gousb waits up to 100 ms to end its context.
type Slot[D Device] struct {
	kind     Kind
	open     func(context.Context) (D, error)
	interval time.Duration
	events   chan<- Event

	mu      sync.Mutex
	device  D
	present bool
	reason  error
	record  record        // of the device that is there
	lost    losses[D]     // of whatever devices were there
	changed chan struct{} // closed and replaced at every change
}

// NewSlot makes a slot that finds its device with open. Run must be running for anything to be found. Events go to
// events if it is not nil; the receiver keeps it empty until Run has returned.
func NewSlot[D Device](kind Kind, open func(context.Context) (D, error), interval time.Duration, events chan<- Event) *Slot[D] {
	none := &Error{Kind: kind, Op: "find", Err: ErrNoDevice}
	return &Slot[D]{kind: kind, open: open, interval: interval, events: events, reason: none, changed: make(chan struct{})}
}

// Run keeps the slot filled until ctx ends, then closes the device. It returns ctx's error.
func (s *Slot[D]) Run(ctx context.Context) error {
	tick := time.NewTicker(s.interval)
	defer tick.Stop()
	for {
		s.look(ctx)
		select {
		case <-ctx.Done():
			s.empty(&Error{Kind: s.kind, Op: "find", Err: ErrClosed})
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Bounds of a look. A service that hangs answers neither.
const (
	healthTime = 5 * time.Second
	openTime   = 10 * time.Second // after that an open that goes on is told of
)

// look fills an empty slot, and empties one whose device says that it is gone.
func (s *Slot[D]) look(ctx context.Context) {
	device, err := s.Get()
	if err == nil {
		asked, cancel := context.WithTimeout(ctx, healthTime)
		defer cancel()
		if s.weigh(device, device.Health(asked)).State == StateNoDevice && ctx.Err() == nil {
			s.empty(&Error{Kind: s.kind, Op: "find", Err: ErrUnplugged})
			s.tell(ctx, false)
		}
		return
	}
	late := time.AfterFunc(openTime, func() { s.because(&Error{Kind: s.kind, Op: "open", Err: ErrTimeout}) })
	device, err = s.open(ctx)
	late.Stop()
	if err != nil {
		s.because(err)
		return
	}
	s.mu.Lock()
	s.device, s.present, s.reason, s.record = device, true, nil, record{}
	s.signal()
	s.mu.Unlock()
	s.tell(ctx, true)
}

// because says why the slot is empty, if it is.
func (s *Slot[D]) because(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.present {
		s.reason = err
	}
}

func (s *Slot[D]) tell(ctx context.Context, present bool) {
	if s.events == nil {
		return
	}
	select {
	case s.events <- Event{Kind: s.kind, Present: present}:
	case <-ctx.Done():
	}
}

func (s *Slot[D]) empty(reason error) {
	s.mu.Lock()
	device, was := s.device, s.present
	var none D
	s.device, s.present, s.reason, s.record = none, false, reason, record{}
	s.signal()
	s.mu.Unlock()
	if was {
		device.Close() // it is gone: its error says nothing new
	}
}

func (s *Slot[D]) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Get returns the device that is there now, or why there is none.
func (s *Slot[D]) Get() (D, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.device, s.reason
}

// Wait returns the device as soon as there is one, or why there was none when ctx ended.
func (s *Slot[D]) Wait(ctx context.Context) (D, error) {
	for {
		s.mu.Lock()
		device, present, reason, changed := s.device, s.present, s.reason, s.changed
		s.mu.Unlock()
		if present {
			return device, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return device, errors.Join(reason, ctx.Err())
		}
	}
}

// Kind is what the slot is for.
func (s *Slot[D]) Kind() Kind { return s.kind }

// Health is the device's own, unless that is well and the last use was not; or that there is none and what to do.
func (s *Slot[D]) Health(ctx context.Context) Health {
	device, err := s.Get()
	if err == nil {
		return s.weigh(device, device.Health(ctx))
	}
	return HealthOf(err)
}

// Info is the device's own; only the kind is known of an empty slot.
func (s *Slot[D]) Info() Info {
	device, err := s.Get()
	if err != nil {
		return Info{Kind: s.kind}
	}
	return device.Info()
}
