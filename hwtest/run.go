package hwtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/holder"
)

// Subject is what is tested under one name: a device, or something else of the station.
type Subject struct {
	Kind   devices.Kind
	Checks []string      // the names of its checks, in their order, without the kind; none where only the test knows them
	Limit  time.Duration // how long it may take, where that is not what [Run] says
	// Test tells each check as soon as it is known. It returns soon after its context ends, as far as what it calls does.
	Test func(ctx context.Context, tell func(Check))
}

// What is said of tests that did not take place, or not to their end.
const (
	saysUnopened    devices.Key = "test.unopened"    // the device could not be opened, and so was not asked how it is
	saysHangs       devices.Key = "test.hangs"       // the call to it does not end
	saysInterrupted devices.Key = "test.interrupted" // by whoever began it
)

// leaveTime is how long a subject may take beyond its time to put away what it has begun. What hangs in a driver is left there: the
// process ends it.
const leaveTime = 300 * time.Millisecond

// tidyTime is the same for a test that somebody interrupts, which leaves every device as it was found.
const tidyTime = 5 * time.Second

// Run tests all subjects side by side, each for as long as limit ([devices.Within]), and gives their checks in the order of the subjects. As soon as one
// is done, done is told its kind, one call at a time, if done is not nil. A subject that does not end in its time hides no other: what it
// has not told is aborted.
func Run(ctx context.Context, subjects []Subject, limit time.Duration, done func(devices.Kind)) (all []Check) {
	results := make([]<-chan []Check, len(subjects))
	var telling sync.Mutex
	for i, s := range subjects {
		result := make(chan []Check, 1)
		results[i] = result
		go func() {
			checks := s.run(ctx, limit)
			if done != nil {
				telling.Lock()
				done(s.Kind)
				telling.Unlock()
			}
			result <- checks
		}()
	}
	for _, result := range results {
		all = append(all, <-result...)
	}
	return all
}

// run tests one subject, and waits for it no longer than it may take. After an interruption nothing is begun.
func (s Subject) run(ctx context.Context, limit time.Duration) []Check {
	if ctx.Err() != nil {
		return s.complete(nil, true)
	}
	limited, cancel := devices.Within(ctx, cmp.Or(s.Limit, limit))
	defer cancel()
	var told notes
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Test(limited, told.add)
	}()
	select {
	case <-ended:
	case <-limited.Done():
		patience := leaveTime
		if ctx.Err() != nil {
			patience = tidyTime
		}
		select {
		case <-ended:
		case <-time.After(patience):
		}
	}
	return s.complete(told.close(), ctx.Err() != nil)
}

// complete adds the checks of a subject that it has not told.
func (s Subject) complete(told []Check, interrupted bool) []Check {
	why, remedy := saysHangs, devices.Message{}
	if interrupted {
		why = saysInterrupted
	} else if slices.Contains(s.Checks, "present") { // a device
		remedy = devices.Say(devices.Replug)
	}
	for _, name := range s.Checks {
		c := passed(s.Kind, name)
		if slices.ContainsFunc(told, func(t Check) bool { return t.ID == c.ID }) {
			continue
		}
		told = append(told, c.because(Aborted, devices.Say(why), remedy))
	}
	return told
}

// notes are the checks that a subject tells, until nobody listens any more.
type notes struct {
	mu     sync.Mutex
	closed bool
	checks []Check
}

func (n *notes) add(c Check) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		n.checks = append(n.checks, c)
	}
}

func (n *notes) close() []Check {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	return n.checks
}

// Device is the subject of a device that open opens. It is closed again, also when somebody interrupts the test.
func Device(kind devices.Kind, open func(context.Context) (devices.Device, error)) Subject {
	return Subject{Kind: kind, Checks: []string{"present", "state"}, Test: func(ctx context.Context, tell func(Check)) {
		if device := examine(ctx, kind, open, healthWithDocument, tell); device != nil {
			device.Close()
		}
	}}
}

// interrupted tells whether somebody has interrupted the test. What a device could not do then is not told: it says nothing of the device.
func interrupted(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }

// examine opens a device and asks how it is; nil where it cannot be opened. The caller closes it.
func examine(
	ctx context.Context, kind devices.Kind, open func(context.Context) (devices.Device, error),
	ask func(context.Context, devices.Device) devices.Health, tell func(Check),
) devices.Device {
	present, state := passed(kind, "present"), passed(kind, "state")
	began := time.Now()
	device, err := open(ctx)
	present.Millis = millis(time.Since(began))
	if err != nil && interrupted(ctx) {
		return nil
	}
	if err != nil {
		health := holder.NamedOrHow(ctx, devices.HealthOf(inTime(err)))
		tell(present.missing(health))
		tell(unasked(kind, health.State))
		return nil
	}
	present.identify(device.Info())
	tell(present)
	began = time.Now()
	health := ask(ctx, device)
	if interrupted(ctx) {
		return device
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && health.State == devices.StateOnline { // whoever gives up, has not heard
		health = devices.HealthOf(devices.ErrTimeout)
	}
	state.judge(health)
	state.Millis = millis(time.Since(began))
	tell(state)
	for _, c := range ofParts(state) {
		tell(c)
	}
	return device
}

// missing is the check of a device that is not there, or cannot be opened.
func (c Check) missing(h devices.Health) Check {
	c.Result, c.State, c.Reason, c.Remedy, c.Also = Failed, h.State, h.Reason, h.Remedy, h.Also
	return c
}

// unasked is the check of how a device is that could not be opened.
func unasked(kind devices.Kind, state devices.State) Check {
	c := passed(kind, "state").because(NotPerformed, devices.Say(saysUnopened), devices.Message{})
	c.State = state
	return c
}

// inTime takes a device that does not open in its time for one that does not answer.
func inTime(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", devices.ErrTimeout, err)
	}
	return err
}

// Found is the subject of a device that nobody configured: what is known of it without opening it, and the lines of station.toml that
// would use it. One without open is taken for well because it is there.
func Found(kind devices.Kind, info devices.Info, config []string, open func(context.Context) (devices.Device, error)) Subject {
	if open == nil {
		return Subject{Kind: kind, Checks: []string{"present"}, Test: func(_ context.Context, tell func(Check)) {
			c := passed(kind, "present")
			c.identify(info)
			c.Config = config
			tell(c)
		}}
	}
	s := Device(kind, open)
	test := s.Test
	s.Test = func(ctx context.Context, tell func(Check)) {
		test(ctx, func(c Check) {
			if c.ID == string(kind)+".present" {
				c.Config = config
				if c.Model == "" {
					c.identify(info)
				}
			}
			tell(c)
		})
	}
	return s
}

// Missing is the subject of a kind of device of which nothing was found, and why.
func Missing(kind devices.Kind, why error) Subject {
	return Subject{Kind: kind, Checks: []string{"present"}, Test: func(_ context.Context, tell func(Check)) {
		tell(passed(kind, "present").missing(devices.HealthOf(why)))
	}}
}
