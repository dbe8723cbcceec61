package ui

import (
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// touchedAt is a touch in the middle of a pad.
func touchedAt(down bool) (devices.Sample, devices.PadSize) {
	return devices.Sample{X: 50, Y: 50, Down: down}, devices.PadSize{MaxX: 100, MaxY: 100}
}

func TestAFrameHasTheInkThatCameWhileTheLastOneWasPainted(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "signature"), "de")
	s.ink.wipe()
	s.ink.add(touchedAt(true)) // and nothing has come round to drawing it
	s.ink.frame.Tick(0)
	if s.ink.isBlank() {
		t.Error("the next frame has no ink")
	}
}

func TestAFrameWaitsForTheInkOfTheFingerThatItTellsOf(t *testing.T) {
	signed := make(chan bool, 1)
	s := newFingerStation(t, func(_, _ float64, down bool) { signed <- down })
	s.show(named(t, "signature"), "de")
	s.ink.wipe()
	s.ink.wait = time.Minute // however busy this computer is
	ended := make(chan struct{})
	go func() { // the station
		defer close(ended)
		s.ink.add(touchedAt(<-signed))
	}()
	s.fingertip.MouseDown(s.event(0.5, 0.5, true))
	s.ink.frame.Tick(0)
	if s.ink.isBlank() {
		t.Error("the frame has no ink")
	}
	<-ended
}

func TestAFingerThatNobodyCapturesHoldsUpOneFrameAtMost(t *testing.T) {
	s := newFingerStation(t, func(float64, float64, bool) {})
	s.show(named(t, "signature"), "de")
	s.fingertip.MouseDown(s.event(0.5, 0.5, true))
	s.ink.frame.Tick(0)
	if s.ink.due != 0 {
		t.Error("the next frame waits for it, too")
	}
}
