package camera

import (
	"testing"
	"time"
)

const ms = time.Millisecond

func TestTheKernelsStampsTellOldFramesFromFreshOnes(t *testing.T) {
	s := stamps{absolute: true}
	begin := time.Unix(1_000_000, 0)
	boot := 40 * time.Hour
	frame := func(taken, at time.Duration, waited time.Duration) (time.Duration, bool) {
		when, fresh := s.note(arrival{at: begin.Add(at), waited: waited, uptime: boot + at, position: boot + taken})
		return when.Sub(begin), fresh
	}
	for i := range 5 { // a steady stream
		at := time.Duration(i) * 33 * ms
		if taken, fresh := frame(at, at+8*ms, 30*ms); taken != at || !fresh {
			t.Fatalf("frame %d was taken at %v, fresh is %v", i, taken, fresh)
		}
	}
	for i := range 4 { // after ten seconds the four that the kernel held
		at := time.Duration(5+i) * 33 * ms
		if taken, fresh := frame(at, 10*time.Second, 0); taken != at || fresh {
			t.Fatalf("a queued frame was taken at %v, fresh is %v", taken, fresh)
		}
	}
	// However long it takes to decode one, and whatever that looks like.
	if _, fresh := frame(9*33*ms, 10*time.Second, time.Second); fresh {
		t.Error("a queued frame that was slow to decode is fresh")
	}
	if taken, fresh := frame(10*time.Second+20*ms, 10*time.Second+28*ms, 20*ms); taken != 10*time.Second+20*ms || !fresh {
		t.Errorf("the next was taken at %v, fresh is %v", taken, fresh)
	}
}

func TestACameraWhoseStampsAreAlwaysLateIsTakenAsItIs(t *testing.T) {
	s := stamps{absolute: true}
	at := time.Unix(1_000_000, 0)
	late := func() bool {
		at = at.Add(50 * ms)
		up := time.Duration(at.UnixNano())
		_, fresh := s.note(arrival{at: at, waited: 45 * ms, uptime: up, position: up - 300*ms})
		return fresh
	}
	if late() {
		t.Error("a frame of 300 ms ago is fresh")
	}
	s.accept() // whoever read the whole queue found none that is fresher
	if !late() {
		t.Error("no frame of it is ever fresh")
	}
}

func TestStampsThatMakeNoSenseAreNotBelieved(t *testing.T) {
	for name, position := range map[string]time.Duration{
		"none": 0, "of another clock": 1_700_000_000 * time.Second, "negative": -time.Second,
	} {
		s := stamps{absolute: true}
		at := time.Unix(1_000_000, 0)
		if taken, _ := s.note(arrival{at: at, waited: time.Second, uptime: time.Hour, position: position}); taken != at || s.known {
			t.Errorf("%s: taken at %v", name, taken)
		}
	}
}

func TestAStreamsStampsCountFromAFrameThatWasWaitedFor(t *testing.T) {
	begin := time.Unix(1_000_000, 0)
	s := stamps{opened: begin}
	frame := func(position, at, waited time.Duration) (time.Duration, bool) {
		when, fresh := s.note(arrival{at: begin.Add(at), waited: waited, position: position})
		return when.Sub(begin), fresh
	}
	for i := range 5 {
		at := time.Duration(i) * 50 * ms
		if taken, fresh := frame(at, at+5*ms, 40*ms); taken != at+5*ms || !fresh {
			t.Fatalf("frame %d was taken at %v, fresh is %v", i, taken, fresh)
		}
	}
	if taken, fresh := frame(250*ms, 2*time.Second, 0); taken != 255*ms || fresh {
		t.Errorf("a queued frame was taken at %v, fresh is %v", taken, fresh)
	}
	// A source that counts frames instead of time has lost two seconds meanwhile. A busy computer may have taken its time over one
	// frame that lay ready, but the second that was waited for is of now.
	if taken, fresh := frame(300*ms, 2030*ms, 30*ms); taken != 305*ms || fresh {
		t.Errorf("the next was taken at %v, fresh is %v", taken, fresh)
	}
	if taken, fresh := frame(350*ms, 2080*ms, 50*ms); taken != 2080*ms || !fresh {
		t.Errorf("the one after it was taken at %v, fresh is %v", taken, fresh)
	}
	if taken, _ := frame(900*ms, 2130*ms, 0); taken > 2130*ms {
		t.Errorf("a frame of the future: %v", taken)
	}
}

func TestTheFirstFrameOfAStreamIsOfWhenItWasOpened(t *testing.T) {
	begin := time.Unix(1_000_000, 0)
	s := stamps{opened: begin}
	if taken, fresh := s.note(arrival{at: begin.Add(time.Minute)}); taken != begin || fresh {
		t.Errorf("a minute later it lay ready: taken at %v, fresh is %v", taken.Sub(begin), fresh)
	}
	s = stamps{opened: begin}
	if taken, fresh := s.note(arrival{at: begin.Add(40 * ms), waited: 40 * ms}); taken != begin.Add(40*ms) || !fresh {
		t.Errorf("at once: taken at %v, fresh is %v", taken.Sub(begin), fresh)
	}
}

func TestAStreamWithoutStampsHasTheTimeOfArrival(t *testing.T) {
	at := time.Unix(1_000_000, 0)
	s := stamps{opened: at}
	for range 3 {
		at = at.Add(50 * ms)
		if taken, fresh := s.note(arrival{at: at, waited: 40 * ms}); taken != at || !fresh {
			t.Errorf("taken at %v, fresh is %v", taken, fresh)
		}
	}
	if _, fresh := s.note(arrival{at: at.Add(time.Second)}); fresh || s.known {
		t.Errorf("a frame that lay ready is fresh: %v", fresh)
	}
}
