package kiosk

import (
	"bytes"
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/pin"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// entry is a technician at the PIN. Run owns it; its jobs may outlast it for as long as a disk hangs, and then say nothing any more.
type entry struct {
	job  *job           // nil while nobody is there
	jobs sync.WaitGroup // of all who ever were
	from time.Time      // when a PIN may be tried again, if none may yet
}

// unwanted tells of an event that means nothing here: the gesture, at a station without a PIN.
func (s *Station) unwanted(e flow.Event) bool {
	_, opens := e.(flow.OpenTechnician)
	return opens && s.config.PIN == nil
}

// knock runs something for the technician at the PIN, beside the station.
func (s *Station) knock(run func(*job)) {
	if s.entry.job == nil {
		s.entry.job = &job{inbox: s.inbox}
		s.entry.job.ctx, s.entry.job.cancel = context.WithCancel(s.ctx)
	}
	j := s.entry.job
	s.entry.jobs.Go(func() { run(j) })
}

// stopPIN ends what runs for the technician at the PIN, without waiting for it.
func (s *Station) stopPIN() {
	s.entry.job.stop()
	s.entry.job, s.entry.from = nil, time.Time{}
}

// awaitPIN says when a PIN may be tried.
func (s *Station) awaitPIN(j *job) {
	if wait := s.config.PIN.Wait(); wait > 0 {
		from := s.config.Now().Add(wait)
		j.tell(flow.PINRefused{}, func() { s.entry.from = from })
		over := time.NewTimer(wait)
		defer over.Stop()
		select {
		case <-over.C:
		case <-j.ctx.Done():
			return
		}
	}
	j.tell(flow.PINAllowed{}, nil)
}

// checkPIN says whether it is the station's, and clears it.
func (s *Station) checkPIN(j *job, typed []byte) {
	result := s.config.PIN.Try(typed)
	clear(typed)
	switch result {
	case pin.Right:
		j.tell(flow.PINRight{}, nil)
	case pin.Wrong:
		j.tell(flow.PINWrong{}, nil)
	case pin.Refused:
		s.awaitPIN(j)
	}
}

// carryOutAtPIN starts or stops what an effect at the PIN is about, and tells whether it is one.
func (s *Station) carryOutAtPIN(effect flow.Effect, of flow.Event) bool {
	switch effect {
	case flow.AwaitPIN:
		s.knock(s.awaitPIN)
	case flow.CheckPIN:
		if typed, ok := of.(flow.PINTyped); ok {
			own := bytes.Clone(typed.PIN)
			s.knock(func(j *job) { s.checkPIN(j, own) })
		}
	case flow.StopPIN:
		s.stopPIN()
	default:
		return false
	}
	return true
}

// clearPIN leaves nothing of a PIN that came with an event.
func clearPIN(e flow.Event) {
	if typed, ok := e.(flow.PINTyped); ok {
		clear(typed.PIN)
	}
}

const (
	wrongPIN = "technician_pin" // kind: whether somebody guesses the PIN; told when somebody may

	saysWrongPINs devices.Key = "kiosk.wrong_pins" // count, since, last; without a right one since
	seeWhoGuesses devices.Key = "remedy.see_who_guesses"
)

// pinStatus tells of wrong PINs, once there is a wait for the next; nil before, and where there is no PIN.
func (s *Station) pinStatus() *technicianv1.DeviceStatus {
	if s.config.PIN == nil {
		return nil
	}
	t := s.config.PIN.Tally()
	if t.Wrong < pin.Free {
		return nil
	}
	return statusOf(wrongPIN, devices.Health{
		State: devices.StateDegraded, Remedy: devices.Say(seeWhoGuesses),
		Reason: devices.Say(saysWrongPINs).With("count", strconv.Itoa(t.Wrong)).
			With("since", t.Since.Local().Format(stamp)).With("last", t.Last.Local().Format(stamp)),
	})
}

// stamp is how a time is told, in the station's own time zone.
const stamp = "2006-01-02 15:04"
