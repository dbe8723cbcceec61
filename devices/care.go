package devices

import (
	"context"
	"time"
)

// Power is the power of the ports that devices are plugged into.
type Power interface {
	// IsOff tells whether a port has no power because somebody switched it off. Path is as in [Info]; where it names no port,
	// or where the hub does not say, it is false.
	IsOff(path string) bool
	// Cycle takes the power off a port and gives it back a while later, also where ctx ends meanwhile. The error says why it
	// could not be done: most hubs cannot do it.
	Cycle(ctx context.Context, path string) error
}

// Option is how a slot treats a device that is ill.
type Option func(*care)

// PoweredBy says who knows whether the device's port has power. Path is where the device is configured to be; empty where that is
// not known before it has been there. If cycle is set, a device that restarts do not mend has its power taken off and given back.
func PoweredBy(power Power, path string, cycle bool) Option {
	return func(c *care) { c.power, c.path, c.cycle = power, path, cycle }
}

// OpensThrough says what to do where the device cannot be opened because the call does not end: what hangs is a service between
// station and device, and pulling out the device mends nothing.
func OpensThrough(remedy Key) Option { return func(c *care) { c.hangs = remedy } }

const (
	// restartAfter is how long a device is ill before it is closed and opened again. The next time it is twice as long, and so on
	// up to mostRestart.
	restartAfter = 10 * time.Second
	mostRestart  = 10 * time.Minute
	// inVain is how many restarts are tried before the power is taken off.
	inVain = 2
)

// care is what is done about a device that is ill.
type care struct {
	power   Power
	path    string // where the device was last, or is to be
	cycle   bool
	hangs   Key    // what to do where an open hangs; Replug where it is empty
	refused string // the path of the port whose power could not be switched; it is not tried there again

	since    time.Time // when it was first seen to be ill; zero while it is well
	restarts int       // of the same illness
	last     time.Time // when it was restarted last
}

func newCare(options []Option) (c care) {
	for _, o := range options {
		o(&c)
	}
	return c
}

// remedy is what an ill device is given.
type remedy int

const (
	patience   remedy = iota // nothing yet
	restart                  // it is closed and opened again
	powerCycle               // and is without power in between
)

// judge says what is to be done about a device of that health. One that falls ill again soon after a restart has the same
// illness.
func (c *care) judge(h Health, now time.Time) remedy {
	pause := min(restartAfter<<min(c.restarts, 10), mostRestart)
	switch {
	case h.State != StateHWError:
		c.since = time.Time{}
		if now.Sub(c.last) > mostRestart {
			c.restarts = 0
		}
		return patience
	case c.since.IsZero():
		c.since = now
		return patience
	case now.Sub(c.since) < pause:
		return patience
	}
	c.restarted(now)
	if c.restarts > inVain && c.cycle && c.path != "" && c.path != c.refused {
		return powerCycle
	}
	return restart
}

// restarted counts a restart, also where another role of the same device made it.
func (c *care) restarted(now time.Time) {
	c.since, c.last = time.Time{}, now
	c.restarts++
}

// isOff tells whether the port where the device is, or was, has no power.
func (c *care) isOff() bool { return c.power != nil && c.path != "" && c.power.IsOff(c.path) }

// forget is called when a device was taken away: what comes next is another, or has got what a restart gives.
func (c *care) forget() { c.since, c.restarts = time.Time{}, 0 }
