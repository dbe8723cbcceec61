package kiosk

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
)

// stubborn are sensors that say without a break that a document lies there, while the picture of the glass shows none.
var stubborn = map[string]struct {
	says  func(*bed, devices.Presence)
	stuck devices.Presence
	want  string
}{
	"a switch":                   {func(b *bed, p devices.Presence) { b.imager.feels(p) }, devices.Felt, "degraded kiosk.switch_stuck remedy.free_switch"},
	"a sticker on a chip reader": {func(b *bed, p devices.Presence) { b.field.feels(p) }, devices.Resting, "degraded kiosk.field_stuck remedy.clear_field"},
}

func (b *bed) tellsOfLeft() string {
	d := b.toldOfLeft()
	if d == nil {
		return ""
	}
	return d.GetState() + " " + d.GetReason().Text() + " " + d.GetRemedy().Text()
}

// TestASensorThatIsStuckShutsTheStationForAWhileOnly until it has said that nothing lies there; then it is believed again.
func TestASensorThatIsStuckShutsTheStationForAWhileOnly(t *testing.T) {
	for name, c := range stubborn {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(_ *bed, config *Config) { config.Timings.Doubt = 50 * time.Millisecond })
			b.shows(flow.Greeting, "")
			c.says(b, c.stuck)
			b.shows(flow.TakeDocument, "")
			for range 2 {
				b.begin()
				b.finish()
				b.gone()
			}
			b.until("the technician's being told", func() bool { return b.tellsOfLeft() == c.want })
			if strings.Contains(b.log.String(), "is gone") || !strings.Contains(b.log.String(), "not believed any more") {
				t.Errorf("the log says\n%s", b.log)
			}
			c.says(b, devices.Absent)
			b.until("the technician's being told no more", func() bool { return b.tellsOfLeft() == "" })
			before := b.screen.count(flow.TakeDocument)
			c.says(b, c.stuck)
			b.until("its being believed again", func() bool { return b.screen.count(flow.TakeDocument) > before })
		})
	}
}

// TestADocumentOnTheGlassCountsAlthoughASensorIsNotBelieved: the picture shows it.
func TestADocumentOnTheGlassCountsAlthoughASensorIsNotBelieved(t *testing.T) {
	for name, c := range stubborn {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(_ *bed, config *Config) { config.Timings.Doubt = 50 * time.Millisecond })
			b.shows(flow.Greeting, "")
			c.says(b, c.stuck)
			b.until("its not being believed", func() bool { return b.tellsOfLeft() == c.want })
			b.shows(flow.Greeting, "")
			b.imager.feels(devices.Resting)
			b.shows(flow.TakeDocument, "")
			b.until("the technician's being told of a document", func() bool { return strings.Contains(b.tellsOfLeft(), "device.document_lies") })
		})
	}
}

// TestOnlyASensorThatIsAloneAgainstAPictureIsDoubted: where two agree, or nobody sees the glass, it is the safe side that counts.
func TestOnlyASensorThatIsAloneAgainstAPictureIsDoubted(t *testing.T) {
	const field, glass = 0, 1
	for _, c := range []struct {
		field, glass devices.Presence
		want         int
	}{
		{devices.Resting, devices.Absent, field},
		{devices.Absent, devices.Felt, glass},
		{unknown, devices.Felt, glass},
		{devices.Resting, devices.Felt, nobody},
		{devices.Resting, devices.Resting, nobody},
		{devices.Absent, devices.Resting, nobody},
		{devices.Resting, unknown, nobody},
		{devices.Resting, "", nobody},
		{devices.Absent, devices.Absent, nobody},
	} {
		d := newDoubts()
		d.hears(sights{c.field, c.glass}, time.Hour)
		if d.alone != c.want {
			t.Errorf("where the field says %q and the glass %q, %d is doubted, want %d", c.field, c.glass, d.alone, c.want)
		}
		if ran := d.timer.Stop(); ran != (c.want != nobody) {
			t.Errorf("where the field says %q and the glass %q, time runs: %v", c.field, c.glass, ran)
		}
	}
}

// TestWhereNoOtherSensorCanSeeTheTechnicianIsToldThatOneIsAlone, and the station stays shut.
func TestWhereNoOtherSensorCanSeeTheTechnicianIsToldThatOneIsAlone(t *testing.T) {
	var later atomic.Int64
	b := newBed(t, func(b *bed, c *Config) {
		c.LeftBehind = []devices.Kind{devices.KindChipReader}
		c.Now = func() time.Time { return today.Add(time.Duration(later.Load())) }
	})
	b.shows(flow.Greeting, "")
	b.field.feels(devices.Resting)
	b.shows(flow.TakeDocument, "")
	b.until("the document's being noted", func() bool { return b.tellsOfLeft() != "" })
	later.Store(int64(11 * time.Minute))
	const want = "user_error kiosk.left_alone; minutes: 11; at: chip_reader remedy.find_what_sticks"
	if got := b.tellsOfLeft(); got != want {
		t.Errorf("the technician is told %q, want %q", got, want)
	}
	b.shows(flow.TakeDocument, "")
}

// TestASensorThatVanishesOrIsLentTakesNoDocumentAway: since when it lies is remembered, and nobody is told that it is gone.
func TestASensorThatVanishesOrIsLentTakesNoDocumentAway(t *testing.T) {
	for name, away := range map[string]func(*bed){
		"that fails for a while": func(b *bed) {
			b.imager.becomes(func(f *felt) { f.failure = errors.New("ill") })
			b.shows(flow.Greeting, "")
			b.until("no word of a document that nobody feels", func() bool { return b.tellsOfLeft() == "" })
			b.imager.becomes(func(f *felt) { f.failure = nil })
		},
		"that is lent": func(b *bed) {
			r := b.borrows()
			r.isTold(b.t, true)
			b.shows(flow.Tested, "")
			r.goesOff()
			<-r.ended
		},
	} {
		t.Run("one "+name, func(t *testing.T) {
			var later atomic.Int64
			b := newBed(t, func(_ *bed, c *Config) {
				c.Now = func() time.Time { return today.Add(time.Duration(later.Load())) }
			})
			b.shows(flow.Greeting, "")
			b.imager.feels(devices.Resting)
			b.shows(flow.TakeDocument, "")
			b.until("the document's being noted", func() bool { return b.tellsOfLeft() != "" })
			later.Store(int64(5 * time.Minute))
			away(b)
			b.shows(flow.TakeDocument, "")
			b.until("its having lain there all the time", func() bool { return strings.Contains(b.tellsOfLeft(), "kiosk.left_behind; minutes: 5") })
			if strings.Contains(b.log.String(), "is gone") {
				t.Errorf("the log says\n%s", b.log)
			}
			b.imager.feels(devices.Absent)
			b.shows(flow.Greeting, "")
			b.until("the log's saying that it is gone", func() bool { return strings.Contains(b.log.String(), "that lay there is gone") })
		})
	}
}

// count is how often a screen was shown.
func (s *screen) count(of flow.Screen) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.views {
		if v.State.Screen == of {
			n++
		}
	}
	return n
}
