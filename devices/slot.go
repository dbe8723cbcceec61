package devices

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Event says that a device came or went, or that what was to mend it could not be done.
type Event struct {
	Kind     Kind
	Present  bool
	Uncycled error // why the power could not be taken off its port and given back; nil in all other events
}

// Slot is the place of one device in the station: it opens the device, notices when it goes, opens it again when it comes
// back, and restarts it when it is ill, so that everyone else just asks for it. Whoever used the device says how that ended
// ([Slot.Used]), so that Health tells a technician what visitors meet.
//
// It looks when somebody says that something may have changed ([Slot.Wake]: udev, PC/SC), and every interval besides: events
// get lost, some buses send none, a device that falls ill announces nothing, and libusb without udev knows only the devices
// that were there when its context was made. What cannot be opened although it is there is tried less and less often until
// something changes, so that it costs next to nothing.
//
// A driver may never come back from a call: a broken host controller keeps its transfers. Such a call is left behind, told
// of, and no more than a few are ever made; nobody waits for it.
type Slot[D Device] struct {
	kind     Kind
	open     func(context.Context) (D, error)
	interval time.Duration
	events   chan<- Event
	woken    chan struct{}
	opens    calls
	closes   calls
	lends    calls
	care     care // of Run alone, as is told
	told     bool // that there is a device

	mu      sync.Mutex
	device  D
	present bool
	over    bool // Run has ended
	looked  bool // for the device, once at least
	loans   int  // to somebody else, of the device's place; none is opened meanwhile
	reason  error
	asks    *calls        // for the health of the device that is there
	record  record        // of the device that is there
	refused error         // why the power of its port could not be switched; nil where it was not tried, or where it could
	lost    losses[D]     // of whatever devices were there
	changed chan struct{} // closed and replaced at every change
}

// NewSlot makes a slot that finds its device with open. Run must be running for anything to be found. Events go to
// events if it is not nil; the receiver keeps it empty until Run has returned.
func NewSlot[D Device](kind Kind, open func(context.Context) (D, error), interval time.Duration, events chan<- Event, options ...Option) *Slot[D] {
	none := &Error{Kind: kind, Op: "find", Err: ErrNoDevice}
	return &Slot[D]{kind: kind, open: open, interval: interval, events: events, reason: none,
		care: newCare(options), woken: make(chan struct{}, 1), changed: make(chan struct{})}
}

// Wake has the slot look at once: something has changed where its device is, or may come. It does not wait, and any number of
// calls between two looks are one.
func (s *Slot[D]) Wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// Bounds of a look. A service that hangs answers neither.
const (
	healthTime = 5 * time.Second
	openTime   = 10 * time.Second // after that an open that goes on is left behind
	closeTime  = 5 * time.Second
	endTime    = 5 * time.Second // for calls that are under way when the slot ends
	graceTime  = time.Second     // in which a driver notices that a context has ended
)

// breath is the least time between two looks: a hub with a loose plug sends events without end.
const breath = 100 * time.Millisecond

// again is when a slot looks once more after it was woken: an event may come before what it tells of. A service needs a moment to know
// its new reader, and a camera that was pulled out may have a picture left.
const again = time.Second

// mostHanging is how many opens may hang at once, and how many closes before a device is restarted no more. The second and the
// third open are made only when something changed.
const mostHanging = 3

// Run keeps the slot filled until ctx ends, then closes the device. It returns ctx's error. What was left behind then is
// waited for a while, and no longer.
func (s *Slot[D]) Run(ctx context.Context) error {
	defer s.end()
	for failures, changed := 0, true; ; {
		found := s.look(ctx, changed)
		if failures++; changed || found != unopened {
			failures = 0
		}
		pause := s.until(found, failures)
		if changed {
			pause = min(pause, again)
		}
		var ok bool
		if changed, ok = s.pause(ctx, pause); !ok {
			return ctx.Err()
		}
	}
}

// finding is what a look found.
type finding int

const (
	nothing  finding = iota // or a device that has just come
	well                    // a device that is well, and was not asked for anything
	ill                     // or at work
	unopened                // something that cannot be opened
)

// resting is how much less often a device that is well is looked at: each look costs it some work. What takes it away is heard, or
// noticed by whoever uses it.
const resting = 5

// until is the pause before the next look, after so many failures in a row: twice as long each time, and at most sixteen times.
func (s *Slot[D]) until(found finding, failures int) time.Duration {
	if found == well {
		return resting * s.interval
	}
	return s.interval << min(failures, 4)
}

// pause waits until the next look; changed says that somebody asked for it, ok is false once ctx has ended.
func (s *Slot[D]) pause(ctx context.Context, long time.Duration) (changed, ok bool) {
	looked, timer := time.Now(), time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false, false
	case <-timer.C:
		return false, true
	case <-s.woken:
	}
	timer.Reset(min(breath, s.interval) - time.Since(looked))
	select {
	case <-ctx.Done():
		return false, false
	case <-timer.C:
		return true, true
	}
}

// end closes the device, and waits for what is under way.
func (s *Slot[D]) end() {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.empty(&Error{Kind: s.kind, Op: "find", Err: ErrClosed})
	s.opens.wait(endTime)
	s.closes.wait(endTime)
	s.lends.wait(endTime)
}

// tell says whether there is a device, if the last that was told is something else.
func (s *Slot[D]) tell(ctx context.Context) {
	_, err := s.Get()
	if present := err == nil; present != s.told && ctx.Err() == nil {
		s.told = present
		s.send(ctx, Event{Kind: s.kind, Present: present})
	}
}

func (s *Slot[D]) send(ctx context.Context, e Event) {
	if s.events == nil {
		return
	}
	select {
	case s.events <- e:
	case <-ctx.Done():
	}
}

func (s *Slot[D]) signal() {
	s.looked = true
	close(s.changed)
	s.changed = make(chan struct{})
}

// Get returns the device that is there now, or why there is none.
func (s *Slot[D]) Get() (D, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.device, s.why()
}

// Wait returns the device as soon as there is one, or why there was none when ctx ended.
func (s *Slot[D]) Wait(ctx context.Context) (D, error) {
	for {
		s.mu.Lock()
		device, present, reason, changed := s.device, s.present, s.why(), s.changed
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

// Looked returns once the slot has looked for its device, and there is one or not, or when ctx ends.
func (s *Slot[D]) Looked(ctx context.Context) {
	for {
		s.mu.Lock()
		looked, changed := s.looked, s.changed
		s.mu.Unlock()
		if looked {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// Kind is what the slot is for.
func (s *Slot[D]) Kind() Kind { return s.kind }

// Health is the device's own, unless that is well and the last use was not; or that there is none and what to do. It ends
// soon after ctx, also where the driver does not.
func (s *Slot[D]) Health(ctx context.Context) Health {
	device, err := s.Get()
	if err == nil {
		return s.uncycled(s.weigh(device, s.ask(ctx, device)))
	}
	return s.uncycled(HealthOf(err))
}

// Info is the device's own; only the kind is known of an empty slot.
func (s *Slot[D]) Info() Info {
	device, err := s.Get()
	if err != nil {
		return Info{Kind: s.kind}
	}
	return device.Info()
}
