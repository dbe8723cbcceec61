package kiosk

import (
	"slices"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
)

// doubts are about sensors that are stuck: a switch below the glass that does not open any more, a sticker on the chip reader. One that
// says for long, without a break, that a document lies there, while the picture of the glass shows none and no other agrees, is not
// believed any more until it says something else. Owned by Run.
type doubts struct {
	timer    *time.Timer // of Timings.Doubt; it runs while one is alone
	alone    int         // the place that is alone with what it feels, or nobody
	stubborn [len(places)]bool
}

// nobody is no place.
const nobody = -1

func newDoubts() *doubts {
	d := &doubts{timer: time.NewTimer(time.Hour), alone: nobody}
	d.timer.Stop()
	return d
}

// feltOnly tells what is felt and not seen: by a switch, or in a chip reader's field.
func feltOnly(kind devices.Kind, p devices.Presence) bool {
	return p == devices.Felt || kind == devices.KindChipReader && p == devices.Resting
}

// believed tells whether a place says that a document lies there, and is believed.
func (d *doubts) believed(place int, p devices.Presence) bool {
	return (p == devices.Resting || p == devices.Felt) && !(d.stubborn[place] && feltOnly(places[place], p))
}

// hears takes what the places say now: nothing where nobody looks, or none is known yet. It tells whether a place is believed again.
func (d *doubts) hears(seen sights, after time.Duration) (again bool) {
	for place, p := range seen {
		if d.stubborn[place] && p == devices.Absent {
			d.stubborn[place], again = false, true
		}
	}
	if alone := d.whoIsAlone(seen); alone != d.alone {
		d.alone = alone
		d.timer.Stop()
		if alone != nobody {
			d.timer.Reset(after)
		}
	}
	return again
}

// whoIsAlone is the place that feels what no other does and the picture of the glass does not show. Without a picture there is none.
func (d *doubts) whoIsAlone(seen sights) int {
	alone := nobody
	for place, p := range seen {
		switch {
		case places[place] == devices.KindPageImager && p != devices.Absent && p != devices.Felt:
			return nobody
		case !d.believed(place, p):
		case alone != nobody:
			return nobody
		default:
			alone = place
		}
	}
	return alone
}

// disbelieve ends the belief in the place that has been alone for long.
func (s *Station) disbelieve() flow.Event {
	d := s.doubts
	if d.alone == nobody || s.lookout == nil {
		return nil
	}
	s.config.Log.Warn("a sensor that says without a break that a document lies there is not believed any more: the picture of the glass shows none",
		"sensor", string(places[d.alone]), "for", s.config.Timings.Doubt)
	d.stubborn[d.alone] = true
	return s.judged()
}

// kinds are those of the places that are not believed.
func (d *doubts) kinds() []devices.Kind {
	var all []devices.Kind
	for place, kind := range places {
		if d.stubborn[place] {
			all = append(all, kind)
		}
	}
	return all
}

// Messages about sensors that are not believed.
const (
	saysSwitchStuck devices.Key = "kiosk.switch_stuck"      // the switch feels a document on a glass that is seen to be empty
	saysFieldStuck  devices.Key = "kiosk.field_stuck"       // the chip reader feels a chip, the glass is seen to be empty
	freeSwitch      devices.Key = "remedy.free_switch"      // what to look for at the glass
	clearField      devices.Key = "remedy.clear_field"      // what to look for at the chip reader
	findWhatSticks  devices.Key = "remedy.find_what_sticks" // what to look for at any of them
)

// notBelieved is what a technician is told of sensors that are not believed.
func notBelieved(kinds []devices.Kind) devices.Health {
	h := devices.Health{State: devices.StateDegraded, Reason: devices.Say(saysFieldStuck), Remedy: devices.Say(clearField)}
	if !slices.Contains(kinds, devices.KindChipReader) {
		h.Reason, h.Remedy = devices.Say(saysSwitchStuck), devices.Say(freeSwitch)
	} else if len(kinds) > 1 {
		h.Also, h.Remedy = []devices.Message{devices.Say(saysSwitchStuck)}, devices.Say(findWhatSticks)
	}
	return h
}
