package usb

import "time"

// Fault is a way in which a device, or the wire to it, misbehaves.
type Fault int

// The faults. Those of one packet spend themselves on the next one; the others last until the device is Healthy again.
const (
	Healthy Fault = iota
	Stall         // every transfer is refused
	Silence       // no transfer is answered
	Loose         // every transfer ends with a protocol error, as with a loose plug
	Slow          // every answer takes SlowAnswer longer
	Endless       // every read is answered at once, with nonsense
	Garbage       // one packet of nonsense comes before the next one
	Short         // the next packet loses its second half
	Split         // the next packet comes in two
	Merge         // the next two packets come in one
)

// SlowAnswer is how much longer a device with the fault [Slow] takes for each answer.
const SlowAnswer = 30 * time.Millisecond

// faults is what is wrong at one place of a device.
type faults struct {
	kind Fault
	rest []byte // the second part of a split packet
}

// Break makes the device's data endpoints misbehave from the next transfer on.
func (d *Device) Break(f Fault) { d.set(&d.data, f) }

// BreakControl makes the device's class and vendor requests misbehave from the next one on.
func (d *Device) BreakControl(f Fault) { d.set(&d.control, f) }

func (d *Device) set(place *faults, f Fault) {
	d.mu.Lock()
	*place = faults{kind: f}
	d.mu.Unlock()
}

// spoil applies the fault at a place to a transfer. It says whether the model is still to handle it.
func (d *Device) spoil(place *faults, t *Transfer) bool {
	d.mu.Lock()
	kind, rest := place.kind, place.rest
	if t.Length > 0 {
		place.spend()
	}
	d.mu.Unlock()
	switch {
	case rest != nil:
		t.Complete(OK, rest)
	case kind == Stall:
		t.Complete(Stalled, nil)
	case kind == Loose:
		t.Complete(Broken, nil)
	case kind == Silence:
	case t.Length > 0 && (kind == Endless || kind == Garbage):
		t.Complete(OK, nonsense(t.Length))
	default:
		d.wrap(place, kind, t)
		return true
	}
	return false
}

// spend ends a fault of one packet.
func (f *faults) spend() {
	f.rest = nil
	if f.kind >= Garbage {
		f.kind = Healthy
	}
}

// wrap makes the model's answer to a transfer arrive late, shortened, in two parts, or together with the next.
func (d *Device) wrap(place *faults, kind Fault, t *Transfer) {
	deliver := t.complete
	switch {
	case kind == Slow:
		t.complete = func(s Status, in []byte) {
			time.Sleep(SlowAnswer)
			deliver(s, in)
		}
	case t.Length == 0:
	case kind == Short:
		t.complete = func(s Status, in []byte) { deliver(s, in[:len(in)/2]) }
	case kind == Split:
		t.complete = func(s Status, in []byte) {
			d.mu.Lock()
			place.rest = in[len(in)/2:]
			d.mu.Unlock()
			deliver(s, in[:len(in)/2])
		}
	case kind == Merge:
		t.complete = func(_ Status, first []byte) {
			t.complete = func(s Status, second []byte) {
				both := append(append([]byte{}, first...), second...)
				if len(both) > t.Length {
					s, both = Overflowed, both[:t.Length]
				}
				deliver(s, both)
			}
			d.Model.Handle(t)
		}
	}
}

// nonsense is what no model of this package says: as a HID report its id is unknown, as a length-prefixed packet it
// holds seven bytes that begin no frame.
func nonsense(length int) []byte {
	packet := []byte{0x87, 0xa5, 0x5a, 0xa5, 0x5a, 0xa5, 0x5a, 0xa5}
	return packet[:min(length, len(packet))]
}
