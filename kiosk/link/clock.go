package link

import "time"

// officeClock is the back office's clock, as it was told last, and the station's then. What has passed since is measured by
// the station's monotonic clock where it has one, so that setting the station's time of day changes nothing.
type officeClock struct {
	office, station time.Time
	zone            *time.Location // nil: the station's own
}

// in is the clock with a time zone, an IANA name; without one, or with one that the station does not know, its own.
func (c officeClock) in(zone string) officeClock {
	c.zone = nil
	if at, err := time.LoadLocation(zone); err == nil && zone != "" {
		c.zone = at
	}
	return c
}

// at is what the clock shows when the station's shows now.
func (c officeClock) at(now time.Time) time.Time {
	zone := now.Location()
	if c.zone != nil {
		zone = c.zone
	}
	if !c.office.IsZero() {
		now = c.office.Add(now.Sub(c.station))
	}
	return now.In(zone)
}

// Now is the time at the office: the back office's, as good as it is known, or else the station's. Its day is the one for
// which there are numbers.
func (l *Link) Now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.clock.at(l.options.Now())
}

// Ahead is how far the station's clock is ahead of the back office's; known is false before that said what time it is.
func (l *Link) Ahead() (ahead time.Duration, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.options.Now()
	return now.Round(0).Sub(l.clock.at(now).Round(0)), !l.clock.office.IsZero()
}
