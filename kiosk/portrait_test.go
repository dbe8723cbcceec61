package kiosk

import (
	"errors"
	"image"
	"testing"
	"time"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/verify/portrait"
)

func TestAVisitorWhoStandsStillBeforeASlowStationGetsAPortrait(t *testing.T) {
	b := newBed(t, func(b *bed, c *Config) { b.camera.slow, c.Timings.Portrait = 20*time.Millisecond, 30*time.Millisecond })
	b.begin(flow.StepPortrait)
	if v := b.shows(flow.Portrait, flow.Done); v.State.Problem != "" || !v.State.Person().HavePortrait {
		t.Errorf("the visitor sees %+v", v.State)
	}
}

func TestExposureIsHeldWhileAFaceHoldsStillAndThenGivenBack(t *testing.T) {
	b := newBed(t, func(*bed, *Config) {})
	b.begin(flow.StepPortrait)
	b.shows(flow.Portrait, flow.Done)
	if got := b.camera.lockedAndReleased(); got != "lock release" {
		t.Errorf("the camera was told to %s", got)
	}
}

func TestACameraThatCannotHoldItsExposureTakesPortraits(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.camera.lockErr = errors.ErrUnsupported })
	b.begin(flow.StepPortrait)
	if v := b.shows(flow.Portrait, flow.Done); v.State.Problem != "" || !v.State.Person().HavePortrait {
		t.Errorf("the visitor sees %+v", v.State)
	}
	if got := b.camera.lockedAndReleased(); got != "lock" {
		t.Errorf("the camera was told to %s, more than once", got)
	}
}

func TestAVisitorWhoNeverStandsStillIsNotLookedAtForEver(t *testing.T) {
	b := newBed(t, func(b *bed, c *Config) { b.camera.restless, c.Timings.Portrait = true, time.Millisecond })
	b.begin(flow.StepPortrait)
	if v := b.shows(flow.Portrait, flow.Done); v.State.Problem != flow.WaitingForStaff {
		t.Errorf("the visitor sees %+v", v.State)
	}
}

func TestAFaceHoldsStillForEightFramesOrBeforeASlowStationForHalfASecond(t *testing.T) {
	frame := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for interval, want := range map[time.Duration]int{
		5 * time.Millisecond:   steadyFrames,
		40 * time.Millisecond:  steadyFrames,
		200 * time.Millisecond: 4,
		time.Second:            fewestFrames,
		3 * time.Second:        fewestFrames,
	} {
		var s stillness
		looks, seen := 1, time.Time{}.Add(time.Hour)
		for !s.add(frame, []portrait.Face{oneFace}, seen) {
			looks, seen = looks+1, seen.Add(interval)
		}
		if looks != want {
			t.Errorf("with a frame every %v the face was looked at %d times, want %d", interval, looks, want)
		}
	}
}
