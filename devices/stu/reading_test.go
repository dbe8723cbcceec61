package stu

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu/protocol"
)

func TestAPenThatGoesAwayLiftsOnce(t *testing.T) {
	var track tracker
	track.sample(protocol.Pen{Ready: true, Down: true, Pressure: 9, X: 3, Y: 4}, time.Millisecond)
	lifted, ok := track.sample(protocol.Pen{}, 2*time.Millisecond)
	if want := (devices.Sample{X: 3, Y: 4, At: 2 * time.Millisecond}); !ok || lifted != want {
		t.Errorf("%+v, %v, want %+v", lifted, ok, want)
	}
	if s, ok := track.sample(protocol.Pen{}, 3*time.Millisecond); ok {
		t.Errorf("a pen out of reach gave %+v", s)
	}
}

func TestSamplesBearThePadsClockAcrossItsTurns(t *testing.T) {
	var track tracker
	clock := uint16(65000)
	at := func(step, delay time.Duration) devices.Sample {
		clock += uint16(step.Milliseconds())
		s, _ := track.sample(protocol.Pen{Ready: true, Timed: true, Time: clock}, track.arrived+delay)
		return s
	}
	at(0, time.Second)
	if s := at(5*time.Millisecond, 9*time.Millisecond); s.At != time.Second+5*time.Millisecond {
		t.Errorf("5 ms later by the pad: %v", s.At)
	}
	if s := at(2*time.Second, 2*time.Second); s.At != 3*time.Second+5*time.Millisecond {
		t.Errorf("over the turn of the clock: %v", s.At)
	}
	if s := at(100*time.Second, 100*time.Second); s.At != 103*time.Second+5*time.Millisecond {
		t.Errorf("after a pause longer than a turn: %v", s.At)
	}
}

func TestTimeNeverRunsBackwardsNorAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var track tracker
		var last, arrived time.Duration
		for range rapid.IntRange(1, 50).Draw(t, "reports") {
			arrived += time.Duration(rapid.Int64Range(0, int64(200*time.Second)).Draw(t, "pause"))
			r := protocol.Pen{Ready: true, Timed: rapid.Bool().Draw(t, "timed"), Time: rapid.Uint16().Draw(t, "time")}
			s, ok := track.sample(r, arrived)
			if !ok || s.At < last || s.At > arrived+time.Second {
				t.Fatalf("at %v after %v, arrived %v", s.At, last, arrived)
			}
			last = s.At
		}
	})
}

func TestWhatIsMissingIsToldOnceWithTheNextSample(t *testing.T) {
	var track tracker
	missed := func(number uint16, near bool) int {
		pen := protocol.Pen{Ready: near, Numbered: true, Number: number}
		track.count(pen)
		s, _ := track.sample(pen, time.Millisecond)
		return s.Missed
	}
	for i, step := range []struct {
		number uint16
		near   bool
		want   int
	}{
		{65533, true, 0}, {65534, true, 0},
		{1, true, 2},  // 65535 and 0 are missing, over the turn
		{2, true, 0},  // told once
		{5, false, 0}, // out of reach: no sample to tell it with
		{6, true, 2},  // so the next one does
		{6, true, 0},  // a pad that repeats a number
		{3, true, 0},  // or goes back
		{4, true, 0},
	} {
		if got := missed(step.number, step.near); got != step.want {
			t.Errorf("step %d, number %d: %d missing, want %d", i, step.number, got, step.want)
		}
	}
}
