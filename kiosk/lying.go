package kiosk

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
)

// lookout looks whether a document lies there that no visitor needs: at the devices that can tell, while the flow wants to know.
type lookout struct {
	cancel  context.CancelFunc
	looking sync.WaitGroup
	pace    *pace
	seen    sights // owned by Run
}

// sights are what each of the places says; nothing where it is not known yet, or unknown.
type sights [len(places)]devices.Presence

// unknown is what a place says where there is no device, or none that can tell, or one that is ill.
const unknown devices.Presence = "unknown"

// sight is what one of a lookout's places says. One from a lookout that has ended says nothing any more.
type sight struct {
	of       *lookout
	place    int
	presence devices.Presence
}

// places are where documents are felt.
var places = [...]devices.Kind{devices.KindChipReader, devices.KindPageImager}

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
// the next. It looks closely where a document is likely to lie.
func (s *Station) mind() {
	switch watches := s.state.Watches(); {
	case watches && s.lookout == nil:
		s.lookout = s.look()
	case !watches && s.lookout != nil:
		s.lookout.cancel()
		s.before, s.lookout = s.lookout, nil
		s.doubts.hears(sights{}, 0)
	}
	if s.lookout == nil {
		return
	}
	switch s.state.Screen {
	case flow.Ticket, flow.Cleared, flow.TakeDocument:
		s.lookout.pace.set(true)
	default:
		s.lookout.pace.set(s.state.Looking)
	}
}

func (s *Station) look() *lookout {
	l := &lookout{pace: newPace()}
	ctx, cancel := context.WithCancel(s.ctx)
	l.cancel = cancel
	before := s.before
	for place, w := range [len(places)]watcher{
		{find: sensorAt(s.config.Devices.ChipReader), looked: s.config.Devices.ChipReader.Looked},
		{find: sensorAt(s.config.Devices.PageImager), looked: s.config.Devices.PageImager.Looked, glance: s.config.Timings.Glance}, // it lights a lamp, and costs pictures
	} {
		w.pace, w.tell = l.pace, func(p devices.Presence) { s.inbox.put(message{sight: &sight{l, place, p}}) }
		l.looking.Go(func() {
			if before != nil {
				before.looking.Wait()
			}
			if slices.Contains(s.config.LeftBehind, places[place]) {
				w.run(ctx)
				return
			}
			w.tell(unknown)
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

// pace is how closely is looked, which changes while somebody looks.
type pace struct {
	mu      sync.Mutex
	closely bool
	changed chan struct{} // closed and replaced at every change
}

func newPace() *pace { return &pace{changed: make(chan struct{})} }

// set says how closely is to be looked from now on.
func (p *pace) set(closely bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closely != closely {
		p.closely = closely
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

func (p *pace) now() (closely bool, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closely, p.changed
}

// watcher looks at one place.
type watcher struct {
	find   sensor
	looked func(context.Context) // returns once it is known whether there is a device
	pace   *pace
	glance time.Duration // how often it looks where that need not be closely; 0 to watch always
	tell   func(devices.Presence)
}

// run tells what the place says until ctx ends. What fails there is unknown at once: the place's own health says what ails it.
func (w watcher) run(ctx context.Context) {
	w.looked(ctx)
	for ctx.Err() == nil {
		closely, changed := w.pace.now()
		again := lookAgain
		switch at := w.find(); {
		case at == nil:
			w.tell(unknown)
		case closely || w.glance == 0:
			if w.watch(ctx, at, changed) {
				continue
			}
			w.tell(unknown)
		default:
			w.look(ctx, at)
			again = w.glance
		}
		select {
		case <-time.After(again):
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// watch watches until ctx ends or the device fails, or, where it can be looked at less closely, until that is wanted; it tells whether it
// ended as it should.
func (w watcher) watch(ctx context.Context, at devices.PresenceSensor, changed <-chan struct{}) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if w.glance > 0 {
		var giving sync.WaitGroup
		defer giving.Wait()
		defer cancel()
		giving.Go(func() {
			select {
			case <-changed:
				cancel()
			case <-ctx.Done():
			}
		})
	}
	at.Watch(ctx, w.tell)
	return ctx.Err() != nil
}

// look looks once.
func (w watcher) look(ctx context.Context, at devices.PresenceSensor) {
	limited, cancel := context.WithTimeout(ctx, deviceTime)
	defer cancel()
	p, err := at.Presence(limited)
	if err != nil {
		p = unknown
	}
	if ctx.Err() == nil {
		w.tell(p)
	}
}

// seen is the event that a sight comes to, or nil where it changes nothing. What moves counts as what it was: a hand is no document,
// and a document that is being taken away is not gone yet. That nothing lies there is said once every place has said so.
func (s *Station) seen(at *sight) flow.Event {
	l := s.lookout
	if at.of != l || l == nil {
		return nil
	}
	if at.presence != devices.Moving {
		l.seen[at.place] = at.presence
	}
	return s.judged()
}

// judged is the event that all sights together come to.
func (s *Station) judged() flow.Event {
	l := s.lookout
	if s.doubts.hears(l.seen, s.config.Timings.Doubt) {
		s.config.Log.Info("a sensor that was not believed is again: it has said that nothing lies there")
	}
	lies, known := false, true
	for place, p := range l.seen {
		lies = lies || s.doubts.believed(place, p)
		known = known && p != ""
	}
	switch {
	case lies && (!s.state.Lying || s.state.Looking):
		return flow.SomethingLies{}
	case !lies && known && (s.state.Lying || s.state.Looking):
		return flow.NothingLies{}
	}
	return nil
}
