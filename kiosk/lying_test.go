package kiosk

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// feeling is a device's sense of what lies on it.
type feeling struct{ *felt }

type felt struct {
	mu       sync.Mutex
	presence devices.Presence
	failure  error // of the sensor alone
	mute     bool  // it says nothing
	watchers int
	told     devices.Presence // last, to whoever watches
	changed  chan struct{}    // closed and replaced at every change
}

func newFeeling() feeling {
	return feeling{&felt{presence: devices.Absent, changed: make(chan struct{})}}
}

// feels changes what is felt.
func (f feeling) feels(p devices.Presence) { f.becomes(func(f *felt) { f.presence = p }) }

func (f feeling) becomes(change func(*felt)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f.felt)
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f feeling) watched() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.watchers
}

func (f feeling) now() (p devices.Presence, mute bool, changed <-chan struct{}, failure error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.presence, f.mute, f.changed, f.failure
}

// Presence implements [devices.PresenceSensor].
func (f feeling) Presence(context.Context) (devices.Presence, error) {
	p, _, _, err := f.now()
	return p, err
}

// Watch implements [devices.PresenceSensor].
func (f feeling) Watch(ctx context.Context, tell func(devices.Presence)) error {
	f.becomes(func(f *felt) { f.watchers++ })
	defer f.becomes(func(f *felt) { f.watchers-- })
	var told devices.Presence
	for {
		p, mute, changed, err := f.now()
		switch {
		case err != nil:
			return err
		case !mute && p != told:
			tell(p)
			told = p
			f.becomes(func(f *felt) { f.told = p })
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// sensors are both places at which a document can be felt.
func (b *bed) sensors() map[string]feeling {
	return map[string]feeling{"in the field": b.field.feeling, "on the glass": b.imager.feeling}
}

// patiently waits for a visitor as at a real station, but not as long.
func patiently(s flow.State) time.Duration {
	switch s.Screen {
	case flow.Ticket:
		return 200 * time.Millisecond
	case flow.Cleared:
		return 20 * time.Millisecond
	}
	if s.Looking {
		return 20 * time.Millisecond
	}
	return 0
}

func TestADocumentThatIsLeftBehindIsSaidUntilItIsTaken(t *testing.T) {
	for name, leave := range map[string]func(*bed){
		"at the ticket": func(b *bed) {
			b.brings(passport)
			b.finish()
			b.showsThat("the ticket, and that the document lies there", func(s flow.State) bool { return s.Screen == flow.Ticket && s.Number != "" && s.Lying })
			b.Send(flow.Next{})
		},
		"with the ticket": func(b *bed) { // nobody touches anything any more
			b.brings(passport)
			b.finish()
		},
		"on giving up": func(b *bed) {
			b.layDown(passport)
			b.Send(flow.Leave{})
		},
	} {
		for place := range newParts(t).sensors() {
			t.Run(name+" "+place, func(t *testing.T) {
				b := newBed(t, func(_ *bed, c *Config) { c.Patience = patiently })
				b.begin(flow.StepDocument)
				b.sensors()[place].feels(devices.Resting)
				leave(b)
				b.showsThat("that the document is to be taken", func(s flow.State) bool { return s.Screen == flow.TakeDocument && s.Language == "uk" })
				b.Send(flow.Start{})
				if b.spool() != 0 {
					t.Error("something is left of the visitor")
				}
				sensor := b.sensors()[place]
				sensor.feels(devices.Moving) // a hand takes it
				b.until("the hand's being seen", func() bool { sensor.mu.Lock(); defer sensor.mu.Unlock(); return sensor.told == devices.Moving })
				fatal(t, b.Answers(t.Context()))
				if view, _ := b.screen.latest(); view.State.Screen != flow.TakeDocument {
					t.Errorf("it is not gone yet, and the visitor sees %+v", view.State)
				}
				sensor.feels(devices.Absent)
				b.shows(flow.Greeting, "")
			})
		}
	}
}

func TestNobodyBeginsOnSomebodyElsesDocument(t *testing.T) {
	b := newBed(t, nil)
	b.shows(flow.Greeting, "")
	b.imager.feels(devices.Resting)
	b.shows(flow.TakeDocument, "")
	b.Send(flow.Start{})
	b.Send(flow.AskStaff{}) // comes after it
	view := b.shows(flow.Ticket, flow.Done)
	if !view.State.Asked || view.State.Number == "" {
		t.Errorf("nobody is called: %+v", view.State)
	}
	b.Send(flow.Next{})
	b.shows(flow.TakeDocument, "")
	b.imager.feels(devices.Absent)
	b.shows(flow.Greeting, "")
}

// TestWhatMovesIsNoDocument a hand over the glass.
func TestWhatMovesIsNoDocument(t *testing.T) {
	b := newBed(t, nil)
	b.shows(flow.Greeting, "")
	b.imager.feels(devices.Moving)
	b.begin(flow.StepDocument) // it is greeted still
	b.shows(flow.Document, flow.Waiting)
}

// TestAVisitorsOwnDocumentIsNotLookedAt while it is read: the devices are the reading's.
func TestAVisitorsOwnDocumentIsNotLookedAt(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	for place, sensor := range b.sensors() {
		b.until("nobody looks "+place, func() bool { return sensor.watched() == 0 })
		sensor.feels(devices.Resting)
	}
	b.brings(passport)
	b.finish()
	for place, sensor := range b.sensors() {
		b.until("somebody looks "+place, func() bool { return sensor.watched() == 1 })
	}
}

// TestTheGlassIsLitOnlyNowAndThenWhileNobodyIsThere and watched while a document is likely to lie on it.
func TestTheGlassIsLitOnlyNowAndThenWhileNobodyIsThere(t *testing.T) {
	b := newBed(t, nil)
	b.shows(flow.Greeting, "")
	for _, presence := range []devices.Presence{devices.Resting, devices.Absent} {
		b.until("the chip reader's being watched alone", func() bool { return b.field.watched() == 1 && b.imager.watched() == 0 })
		b.imager.feels(presence)
		if presence == devices.Resting {
			b.shows(flow.TakeDocument, "")
			b.until("the glass's being watched", func() bool { return b.imager.watched() == 1 })
			b.imager.feels(devices.Absent)
		}
		b.shows(flow.Greeting, "")
	}
}

// TestASensorThatIsIllKeepsNobodyFromCheckingIn it is as if it were not there.
func TestASensorThatIsIllKeepsNobodyFromCheckingIn(t *testing.T) {
	failed := func(f *felt) { f.failure = errors.New("ill") }
	silent := func(f *felt) { f.mute = true }
	for name, ail := range map[string]func(*bed){
		"that fails":    func(b *bed) { b.imager.becomes(failed); b.field.becomes(failed) },
		"that is mute":  func(b *bed) { b.imager.becomes(silent); b.field.becomes(silent) },
		"that is gone":  func(b *bed) { b.imager.pull(); b.field.pull() },
		"that is there": func(*bed) {},
	} {
		t.Run("one "+name, func(t *testing.T) {
			b := newBed(t, func(b *bed, c *Config) {
				ail(b)
				c.Patience = patiently
			})
			for range 2 {
				b.begin()
				b.finish()
				b.Send(flow.Next{})
				b.shows(flow.Greeting, "")
			}
		})
	}
}

func TestASensorThatFallsIllLetsTheStationGo(t *testing.T) {
	b := newBed(t, nil)
	b.shows(flow.Greeting, "")
	b.imager.feels(devices.Resting)
	b.shows(flow.TakeDocument, "")
	b.imager.becomes(func(f *felt) { f.failure = errors.New("ill") })
	b.shows(flow.Greeting, "")
	b.imager.becomes(func(f *felt) { f.failure = nil }) // it is asked again
	b.shows(flow.TakeDocument, "")
}

// toldOfLeft is what the technician is told of a document that is left behind; nil where that is nothing.
func (b *bed) toldOfLeft() *technicianv1.DeviceStatus {
	for _, d := range b.Status(b.t.Context()).GetDevices() {
		if d.GetKind() == leftBehind {
			return d
		}
	}
	return nil
}

// TestNobodyIsGreetedBeforeEverySensorHasSpoken when the station begins: what lies there is somebody else's.
func TestNobodyIsGreetedBeforeEverySensorHasSpoken(t *testing.T) {
	for lies, want := range map[devices.Presence]flow.Screen{devices.Resting: flow.TakeDocument, devices.Absent: flow.Greeting} {
		b := newBed(t, func(b *bed, _ *Config) {
			b.imager.becomes(func(f *felt) { f.presence, f.mute = lies, true })
		})
		b.showsThat("that it opens soon", func(s flow.State) bool { return s.Screen == flow.Tested && s.Looking })
		b.until("the glass's being watched", func() bool { return b.imager.watched() == 1 })
		b.Send(flow.Start{})
		fatal(t, b.Answers(t.Context()))
		b.imager.becomes(func(f *felt) { f.mute = false })
		b.shows(want, "")
		if greeted := b.screen.showed(func(s flow.State) bool { return s.Screen == flow.Greeting }); greeted != (want == flow.Greeting) {
			t.Errorf("%s: somebody was greeted: %v", lies, greeted)
		}
	}
}

// TestTheTechnicianIsToldOfADocumentThatIsLeftBehind and of nothing that says whose it is.
func TestTheTechnicianIsToldOfADocumentThatIsLeftBehind(t *testing.T) {
	var later atomic.Int64
	b := newBed(t, func(_ *bed, c *Config) {
		c.Now = func() time.Time { return today.Add(time.Duration(later.Load())) }
	})
	told := b.toldOfLeft
	b.shows(flow.Greeting, "")
	if d := told(); d != nil {
		t.Errorf("nothing lies there, and the technician is told %v", d)
	}
	b.field.feels(devices.Resting)
	b.shows(flow.TakeDocument, "")
	for after, want := range map[time.Duration]string{time.Second: "degraded device.document_lies", 7 * time.Minute: "user_error kiosk.left_behind; minutes: 7; at: chip_reader"} {
		later.Store(int64(after))
		b.until("the technician's being told of it", func() bool {
			d := told()
			return d != nil && d.GetState()+" "+d.GetReason().Text() == want && d.GetRemedy().Text() == "remedy.take_document"
		})
	}
	b.field.feels(devices.Absent)
	b.shows(flow.Greeting, "")
	b.until("the technician's being told no more", func() bool { return told() == nil })
}

// TestASensorThatIsLeftOutIsNotAsked one that sees what is not there, until somebody has mended it.
func TestASensorThatIsLeftOutIsNotAsked(t *testing.T) {
	b := newBed(t, func(b *bed, c *Config) {
		c.LeftBehind = []devices.Kind{devices.KindChipReader}
		b.imager.feels(devices.Resting)
	})
	for range 2 {
		b.begin()
		b.finish()
		b.gone()
	}
	if b.imager.watched() > 0 {
		t.Error("it is watched")
	}
	b.field.feels(devices.Resting)
	b.shows(flow.TakeDocument, "")
}
