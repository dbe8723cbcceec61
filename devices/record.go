package devices

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
)

// record is how the uses of a device ended.
type record struct {
	fault  error // of the last use that told anything; nil when it went well
	seen   bool  // the device's own health has shown a fault since
	doubts int   // in a row
}

// Faulty tells whether the error of a use speaks against the device: not where the caller gave up, nor where the visitor or
// the document is the reason, nor what a person mends at once and the device says by itself.
func Faulty(err error) bool {
	if err == nil {
		return false
	}
	if errors.Is(err, ErrTimeout) {
		return true // also where a caller's deadline is the reason
	}
	for _, other := range []error{
		context.Canceled, context.DeadlineExceeded, ErrClosed, ErrUnreadable, ErrNoChip, ErrChipGone, ErrPaperOut, ErrCoverOpen, ErrOffline,
		ErrNoLight,       // an empty glass gives none; who knows that something lies there says so by Doubt
		ErrNotConfigured, // a lamp that the reader does not have
		ErrTwoDocuments,
	} {
		if errors.Is(err, other) {
			return false
		}
	}
	return true
}

// mostLost is how often in a row a device may go away while it is used and be well again when it is back: somebody may have
// pulled its plug. One that loses power, or has a loose plug, comes back by itself and is gone at the next visitor.
const mostLost = 1

// losses are the uses in a row in which a device went away. Another device has nothing to do with them.
type losses[D Device] struct {
	count int
	last  D      // which went: several parts of one use may tell of it
	who   string // its identity
}

// identity is by what a device is known when it is back: its serial number wherever it is, or else its place.
func (i Info) identity() string { return cmp.Or(i.Serial, i.Path) }

const (
	saysLosing  Key = "device.losing"     // count; it went away in each of its last uses, and came back
	saysLastUse Key = "device.last_use"   // fault, detail; its last use failed
	saysRole    Key = "device.other_role" // role, fault, detail; its last use in another role failed
)

// Used says how a use of a device that Get gave has ended. A [Faulty] error makes the device ill at once, nil makes it
// well; other errors tell nothing of it. A device that has been exchanged meanwhile is not spoken of, but that it went away in
// the use: when the next one does so too, the place is ill until a use goes well.
func (s *Slot[D]) Used(device D, err error) {
	s.lose(device, err)
	if errors.Is(err, ErrUnplugged) {
		s.Wake()
	}
	s.note(device, func(r *record) {
		switch {
		case err == nil:
			*r = record{}
		case Faulty(err):
			r.fault, r.seen = err, false
		}
	})
}

// Doubt says that a use gave nothing although it should have, which may have been the visitor's doing. The reason makes the
// device ill when that happens most times in a row.
func (s *Slot[D]) Doubt(device D, reason error, most int) {
	s.note(device, func(r *record) {
		if r.doubts++; r.doubts >= most && r.fault == nil {
			r.fault = &Error{Kind: s.kind, Op: fmt.Sprintf("%d times in a row", r.doubts), Err: reason}
		}
	})
}

func (s *Slot[D]) lose(device D, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		s.lost = losses[D]{}
	case errors.Is(err, ErrUnplugged) && any(device) != any(s.lost.last):
		who := device.Info().identity()
		if who != s.lost.who {
			s.lost.count = 0
		}
		s.lost = losses[D]{count: s.lost.count + 1, last: device, who: who}
	}
}

// isLosing tells whether the device that is there goes away whenever it is used. It is called with mu held.
func (s *Slot[D]) isLosing() bool {
	return s.present && s.lost.count > mostLost && s.device.Info().identity() == s.lost.who
}

// Suspect tells whether the device is there, and its last use failed.
func (s *Slot[D]) Suspect() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.record.fault != nil || s.isLosing()
}

func (s *Slot[D]) note(device D, change func(*record)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.present && any(device) == any(s.device) {
		change(&s.record)
		if r, ok := any(device).(role); ok {
			r.tell(s.record.fault)
		}
	}
}

// elsewhere is the health of a device that is well in this role, and failed in another.
func elsewhere[D Device](device D, own Health) Health {
	r, ok := any(device).(role)
	if !ok || own.State == StateHWError || own.State == StateNoDevice {
		return own
	}
	kind, fault := r.elsewhere()
	if fault == nil {
		return own
	}
	health := HealthOf(fault)
	return Health{State: StateHWError, Remedy: health.Remedy,
		Reason: Say(saysRole).With("role", string(kind)).With("fault", string(health.Reason.Key)).With(Detail, fault.Error())}
}

// weigh lets the record speak where the device's own health shows nothing. A fault that its health has shown is over when
// it shows it no more; one that it never showed is over after a use that went well, or when the device is plugged in anew.
func (s *Slot[D]) weigh(device D, own Health) Health {
	s.note(device, func(r *record) {
		switch {
		case r.fault == nil && s.isLosing() && (own.State == StateOnline || own.State == StateBusy):
			own = Health{State: StateHWError, Reason: Say(saysLosing).With("count", strconv.Itoa(s.lost.count)), Remedy: Say(ExchangeCable)}
		case r.fault == nil:
		case own.State == StateHWError:
			r.seen = true
		case r.seen && (own.State == StateOnline || own.State == StateDegraded): // not while it is at work: that is no look
			*r = record{}
		case own.State == StateOnline || own.State == StateDegraded || own.State == StateBusy:
			own = HealthOf(r.fault)
			if own.State == StateNoDevice && !errors.Is(r.fault, ErrNotConfigured) { // it is there, and ill in a way that has no name
				own.Remedy = Say(Replug)
			}
			own.State, own.Reason = StateHWError, Say(saysLastUse).With("fault", string(own.Reason.Key)).With(Detail, r.fault.Error())
		}
	})
	return elsewhere(device, own)
}
