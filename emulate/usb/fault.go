package usb

import "time"

// Fault is a way in which a device, or the wire to it, misbehaves.
type Fault int

// The faults. Those of one packet spend themselves on the next one; the others last until the device is Healthy again.
const (
	Healthy Fault = iota
	Stall         // every transfer is refused
	Silence       // no transfer is answered
	Stuck         // nor does one end that is cancelled, or whose device is pulled out: the host controller is broken, too
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
	rest []byte // what the next read gets before anything else
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

// place is where a transfer goes in the device.
func (d *Device) place(t *Transfer) *faults {
	if t.isControl() {
		return &d.control
	}
	return &d.data
}

// keeps tells whether a transfer does not end although the host gives it up.
func (d *Device) keeps(t *Transfer) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.place(t).kind == Stuck
}

// spoil applies the fault at a place to a transfer that begins. It says whether the model is still to handle it.
func (d *Device) spoil(place *faults, t *Transfer) bool {
	d.mu.Lock()
	kind, rest := place.kind, []byte(nil)
	if t.Length > 0 {
		rest, place.rest = place.rest, nil
	}
	d.mu.Unlock()
	switch {
	case rest != nil:
		t.Complete(OK, rest)
	case kind == Stall:
		t.Complete(Stalled, nil)
	case kind == Loose:
		t.Complete(Broken, nil)
	case kind == Silence, kind == Stuck:
	case kind == Endless && t.Length > 0:
		t.Complete(OK, nonsense(t.Length))
	default:
		deliver := t.complete
		t.complete = func(s Status, in []byte) { d.answer(place, t, deliver, s, in) }
		return true
	}
	return false
}

// answer applies the fault at a place to what the model answers, and delivers that.
func (d *Device) answer(place *faults, t *Transfer, deliver func(Status, []byte), status Status, in []byte) {
	half := len(in) / 2
	d.mu.Lock()
	kind := place.kind
	if kind >= Garbage && len(in) == 0 {
		kind = Healthy // an answer without data is no packet
	}
	switch kind {
	case Garbage:
		*place = faults{rest: in}
		in = nonsense(t.Length)
	case Short:
		*place = faults{}
		in = in[:half]
	case Split:
		*place = faults{rest: in[half:]}
		in = in[:half]
	case Merge:
		*place = faults{}
	}
	d.mu.Unlock()
	switch kind {
	case Slow:
		time.Sleep(SlowAnswer)
	case Merge:
		t.complete = func(status Status, second []byte) {
			both := &Transfer{Length: t.Length, complete: deliver}
			both.Complete(status, append(append([]byte{}, in...), second...))
		}
		d.Model.Handle(t)
		return
	}
	deliver(status, in)
}

// nonsense is what no model of this package says: as a HID report its id is unknown, as a length-prefixed packet it
// holds seven bytes that begin no frame.
func nonsense(length int) []byte {
	packet := []byte{0x87, 0xa5, 0x5a, 0xa5, 0x5a, 0xa5, 0x5a, 0xa5}
	return packet[:min(length, len(packet))]
}
