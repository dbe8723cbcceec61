package kiosk

import (
	"context"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
)

// lookout looks whether a document lies there that no visitor needs: at the devices that can tell, while the flow wants to know.
type lookout struct {
	cancel  context.CancelFunc
	looking sync.WaitGroup
	seen    []devices.Presence // at each of the places; empty where it is not known yet, or unknown. Owned by Run
}

// unknown is what a place says where there is no device, or none that can tell, or one that is ill.
const unknown devices.Presence = "unknown"

// sight is what one of a lookout's places says. One from a lookout that has ended says nothing any more.
type sight struct {
	of       *lookout
	place    int
	presence devices.Presence
}

// sensor gives the device of a place, if it can tell whether a document lies there; else nil.
type sensor func() devices.PresenceSensor

func sensorAt[D devices.Device](place *devices.Slot[D]) sensor {
	return func() devices.PresenceSensor {
		device, err := place.Get()
		if err != nil {
			return nil
		}
		s, _ := any(device).(devices.PresenceSensor)
		return s
	}
}

// lookAgain is after how long a place that could not tell is asked again.
const lookAgain = time.Second

// mind starts a lookout where the flow begins to want to know, and ends it where it does not any more. One that ends is waited for by
// the next.
func (s *Station) mind() {
	switch watches := s.state.Watches(); {
	case watches && s.lookout == nil:
		s.lookout = s.look()
	case !watches && s.lookout != nil:
		s.lookout.cancel()
		s.before, s.lookout = s.lookout, nil
	}
}

func (s *Station) look() *lookout {
	places := []sensor{sensorAt(s.config.Devices.ChipReader), sensorAt(s.config.Devices.PageImager)}
	l := &lookout{seen: make([]devices.Presence, len(places))}
	ctx, cancel := context.WithCancel(s.ctx)
	l.cancel = cancel
	before := s.before
	for place, find := range places {
		l.looking.Go(func() {
			if before != nil {
				before.looking.Wait()
			}
			watch(ctx, find, func(p devices.Presence) { s.inbox.put(message{sight: &sight{l, place, p}}) })
		})
	}
	return l
}

// endLookout ends the lookout, and waits for it and the one before.
func (s *Station) endLookout() {
	for _, l := range []*lookout{s.before, s.lookout} {
		if l != nil {
			l.cancel()
			l.looking.Wait()
		}
	}
	s.before, s.lookout = nil, nil
}

// watch tells what a place says until ctx ends. What fails there is unknown at once: the place's own health says what ails it.
func watch(ctx context.Context, find sensor, tell func(devices.Presence)) {
	for ctx.Err() == nil {
		if at := find(); at != nil {
			at.Watch(ctx, tell)
		}
		if ctx.Err() != nil {
			return
		}
		tell(unknown)
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
		}
	}
}

// seen is the event that a sight comes to, or nil where it changes nothing. What moves counts as what it was: a hand is no document,
// and a document that is being taken away is not gone yet.
func (s *Station) seen(at *sight) flow.Event {
	l := s.lookout
	if at.of != l || l == nil {
		return nil
	}
	if at.presence != devices.Moving {
		l.seen[at.place] = at.presence
	}
	lies, known := false, true
	for _, p := range l.seen {
		lies = lies || p == devices.Resting
		known = known && p != ""
	}
	switch {
	case lies && !s.state.Lying:
		return flow.SomethingLies{}
	case !lies && (s.state.Lying || s.state.Looking && known):
		return flow.NothingLies{}
	}
	return nil
}
