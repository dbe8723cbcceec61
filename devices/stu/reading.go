package stu

import (
	"fmt"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu/protocol"
)

// reading is what one capture takes of the reports that come: those that are new, from the first time on that the pen is
// seen not to touch. A pen that was down before began nothing here.
type reading struct {
	session *protocol.Session // of a pad that encrypts: nothing else is new
	stamped bool              // what is new bears a number
	old     int               // reports that are not new
	lifted  bool
	spoilt  bool // the pad's screen shows ink of before
	track   tracker
}

// pens gives the samples of a message that are new. A pad that took the option and stamps nothing all the same is believed once
// nothing that it could have kept is left; one that took a key and does not encrypt never is.
func (r *reading) pens(m protocol.Message, size devices.PadSize) ([]protocol.Pen, error) {
	if r.session != nil {
		if pens, ok := r.session.Open(m, size); ok {
			return pens, nil
		}
	}
	if r.session != nil || m.Encrypted() {
		if r.old++; r.old > backlog {
			return nil, fmt.Errorf("%w: samples are not encrypted as agreed", devices.ErrProtocol)
		}
		for _, pen := range m.Pens(size) {
			r.spoilt = r.spoilt || pen.Down
		}
		return nil, nil
	}
	var fresh []protocol.Pen
	for _, pen := range m.Pens(size) {
		if r.stamped && !pen.Numbered && r.old < backlog {
			r.old++
			r.spoilt = r.spoilt || pen.Down
			continue
		}
		fresh = append(fresh, pen)
	}
	return fresh, nil
}

// sample gives the devices' sample of one that is new, if it belongs to the signature.
func (r *reading) sample(pen protocol.Pen, arrived time.Duration) (devices.Sample, bool) {
	r.track.count(pen)
	r.lifted = r.lifted || !pen.Down
	if !r.lifted {
		r.spoilt = true
		return devices.Sample{}, false
	}
	return r.track.sample(pen, arrived)
}

// tracker makes samples of the reports of one capture.
type tracker struct {
	last    devices.Sample
	begun   bool          // the pad's clock is known
	clock   uint16        // of the last report
	arrived time.Duration // of the last report, since capture began

	counting bool
	number   uint16 // of the last report
	missed   int    // reports before the next sample that never came
}

// count notes how many reports are missing before this one. A number that does not go on is one of a pad that does not count.
func (t *tracker) count(pen protocol.Pen) {
	const half = 1 << 15
	if gap := pen.Number - t.number - 1; t.counting && pen.Numbered && gap < half {
		t.missed += int(gap)
	}
	t.counting, t.number = pen.Numbered, pen.Number
}

// sample gives the sample of a report that arrived so long after capture began. It reports false when the pen is out of
// reach, where its place means nothing; only that it no longer touches is a sample once more.
func (t *tracker) sample(pen protocol.Pen, arrived time.Duration) (devices.Sample, bool) {
	at := t.at(pen, arrived)
	lifted := t.last.Down
	if !pen.Ready {
		t.last.Down, t.last.Pressure, t.last.At = false, 0, at
		return t.told(lifted)
	}
	if !pen.Down {
		pen.Pressure = 0
	}
	t.last = devices.Sample{X: pen.X, Y: pen.Y, Down: pen.Down, Pressure: pen.Pressure, At: at}
	return t.told(true)
}

// told gives the last sample with what is missing before it, which is told once.
func (t *tracker) told(isSample bool) (devices.Sample, bool) {
	t.last.Missed = 0
	s := t.last
	if isSample {
		s.Missed, t.missed = t.missed, 0
	}
	return s, isSample
}

// at is the time of a report since capture began: by the pad's clock where there is one, which knows nothing of delays
// on the way. It turns over every 65,536 ms, which the time of arrival tells apart; and it is believed only as far as it
// keeps with that.
func (t *tracker) at(pen protocol.Pen, arrived time.Duration) time.Duration {
	const turn, trust = 65536 * time.Millisecond, time.Second
	begun, clock, before := t.begun, t.clock, t.arrived
	t.begun, t.clock, t.arrived = pen.Timed, pen.Time, arrived
	if !pen.Timed || !begun {
		return max(arrived, t.last.At)
	}
	step := time.Duration(pen.Time-clock) * time.Millisecond
	if late := arrived - before - step; late > turn/2 {
		step += (late + turn/2) / turn * turn
	}
	return max(min(t.last.At+step, arrived+trust), t.last.At)
}
