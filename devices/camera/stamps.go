package camera

import "time"

// arrival is a frame as it came: when, how long it was waited for, what the monotonic clock said then, and the back end's time
// stamp.
type arrival struct {
	at       time.Time
	waited   time.Duration
	uptime   time.Duration
	position time.Duration
}

// stamps makes times of a back end's time stamps. The kernel's are times as they are. A stream's only count from some beginning:
// that is found from frames that had to be waited for, which are fresh.
type stamps struct {
	absolute bool      // they are of the monotonic clock: V4L2
	opened   time.Time // when the stream was opened: its first frame is of then

	known    bool // the last frame had one that makes sense
	begun    bool
	start    time.Time // of the stream
	waits    int       // frames in a row that were waited for
	last     time.Duration
	repeated bool          // the last frame had the stamp of the one before
	interval time.Duration // between frames
	age      time.Duration // of the last frame
	floor    time.Duration // of the freshest frame that this camera can give
}

const (
	// atOnce is how long a frame takes at most that lay ready.
	atOnce = 5 * time.Millisecond
	// slack is how late a fresh frame may be, beside the time until the next one.
	slack = 50 * time.Millisecond
	// usual is the interval of frames until more is known.
	usual = 100 * time.Millisecond
	// longest is how slow a camera may be.
	longest = 2 * time.Second
)

// note takes a frame in, and gives when it was taken, and whether that is so short ago that no newer one is ready. Without a stamp
// that makes sense it was taken when it arrived, and is fresh if it was waited for.
func (s *stamps) note(a arrival) (taken time.Time, fresh bool) {
	if a.waited > max(atOnce, s.interval/4) {
		s.waits++
	} else {
		s.waits = 0
	}
	if s.absolute {
		s.age = a.uptime - a.position
		s.known = a.position > 0 && a.uptime > 0 && s.age > -slack
		s.age = max(s.age, 0)
	} else {
		s.known = a.position > 0 || a.position == 0 && !s.begun // a stream without stamps stays at 0
		s.follow(a)
	}
	if !s.known {
		return a.at, s.waits > 0
	}
	s.measure(a.position)
	return a.at.Add(-s.age), s.isFresh()
}

// isFresh tells whether the last frame was the newest there was: the next one was yet to come.
func (s *stamps) isFresh() bool {
	if s.interval == 0 {
		return s.age <= s.floor+usual+slack
	}
	return s.age <= s.floor+s.interval+slack
}

// follow finds the beginning of a stream. A frame that was waited for is of now; one that is old by its stamp is believed to be so
// only if the next had to be waited for, too: a busy computer may take its time over a frame that lay ready.
func (s *stamps) follow(a arrival) {
	const believed = 2
	now := a.at.Add(-a.position) // the beginning, if the frame is of now
	if !s.begun {
		s.start, s.begun = s.opened.Add(-a.position), true
	}
	s.age = now.Sub(s.start)
	if s.age < 0 || s.waits > 0 && s.isFresh() || s.waits >= believed {
		s.start, s.age = now, 0
	}
}

// accept is for a camera of which no frame is fresher than the last: its stamps are of long before it hands frames out.
func (s *stamps) accept() { s.floor = s.age }

// measure follows the interval of frames. One that was dropped makes a gap, which is no interval.
func (s *stamps) measure(position time.Duration) {
	step := position - s.last
	s.repeated = step == 0
	s.last = position
	switch {
	case step <= 0 || step > longest:
	case s.interval == 0 || step < s.interval:
		s.interval = step
	default:
		s.interval += min(step-s.interval, s.interval) / 16
	}
}

// standsStill tells whether the frame was taken when the one before was. A stream's position may be that of its clock, and says
// nothing of it.
func (s *stamps) standsStill() bool { return s.absolute && s.known && s.repeated }
