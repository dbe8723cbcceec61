package hwtest

import (
	"context"
	"strconv"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// Act is what a test beyond the internal one does with a device of type D.
type Act[D devices.Device] struct {
	Kind   devices.Kind
	Open   func(context.Context) (D, error)
	Checks []string      // the names of the checks that Do tells, in their order
	Limit  time.Duration // how long all of it may take, opening included
	// Do tells each check as soon as it is known, and leaves the device as it found it, also when its context ends.
	Do func(ctx context.Context, device D, tell func(Check))
}

// openTime is how long a device that is to act may take to open and to say how it is: a camera that starts slowly takes seconds.
const openTime = 10 * time.Second

// Subject is the device, looked at as [Device] does before it acts. Where it cannot be opened, nothing is performed.
func (a Act[D]) Subject() Subject {
	s := Subject{Kind: a.Kind, Checks: append([]string{"present", "state"}, a.Checks...), Limit: a.Limit}
	s.Test = func(ctx context.Context, tell func(Check)) {
		opening, cancel := context.WithTimeout(ctx, openTime)
		device := examine(opening, a.Kind, func(ctx context.Context) (devices.Device, error) { return a.Open(ctx) }, health, tell)
		cancel()
		if device == nil && interrupted(ctx) {
			return
		}
		if device == nil {
			for _, name := range a.Checks {
				tell(Skipped(a.Kind, name, devices.Say(saysUnopened)))
			}
			return
		}
		defer device.Close()
		a.Do(ctx, device.(D), tell)
	}
	return s
}

// Judged is the check of a measure: failed, for a reason and with a remedy, where it does not keep to its limits. Their words may leave
// open the value, as "value", and its limits, as "min" and "max".
func Judged(kind devices.Kind, name string, m Measure, reason, remedy devices.Key) Check {
	c := passed(kind, name).measured(m)
	if m.within() {
		return c
	}
	return c.because(Failed, m.tell(reason), m.tell(remedy))
}

// tell is a message with the value and its limits.
func (m Measure) tell(key devices.Key) devices.Message {
	said := devices.Say(key).With("value", m.number(m.Value))
	if m.Min != nil {
		said = said.With("min", m.number(*m.Min))
	}
	if m.Max != nil {
		said = said.With("max", m.number(*m.Max))
	}
	return said
}

// number writes a value with as many digits as its unit is worth.
func (m Measure) number(value float64) string {
	digits := 0
	switch m.Unit {
	case Bytes, Seconds, Millimetres, Percent, PerSecond:
		digits = 1
	case CyclesPixel:
		digits = 2
	}
	return strconv.FormatFloat(value, 'f', digits, 64)
}

// Failing is the check of what a device could not do: its error says why.
func Failing(kind devices.Kind, name string, err error) Check {
	h := devices.HealthOf(inTime(err))
	c := passed(kind, name).because(Failed, h.Reason, h.Remedy)
	c.State = h.State
	return c
}

// Done is a check that passed.
func Done(kind devices.Kind, name string) Check { return passed(kind, name) }

// Wanting is a check that was not made because something is missing that a person can bring.
func Wanting(kind devices.Kind, name string, reason, remedy devices.Message) Check {
	return passed(kind, name).because(NotPerformed, reason, remedy)
}

// Unsupported is a check of what this station does not have.
func Unsupported(kind devices.Kind, name string, reason devices.Message) Check {
	return passed(kind, name).because(NotSupported, reason, devices.Message{})
}

// Took is the check with how long it took.
func (c Check) Took(d time.Duration) Check {
	c.Millis = millis(d)
	return c
}

// AtLeast and AtMost are limits of a [Measure].
func AtLeast(value float64, unit Unit, least float64) Measure {
	return Measure{Value: value, Unit: unit, Min: &least}
}

// AtMost is a measure that may not be more.
func AtMost(value float64, unit Unit, most float64) Measure {
	return Measure{Value: value, Unit: unit, Max: &most}
}

// Between is a measure that has both limits.
func Between(value float64, unit Unit, least, most float64) Measure {
	return Measure{Value: value, Unit: unit, Min: &least, Max: &most}
}
