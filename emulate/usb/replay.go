package usb

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices/usbmon"
)

// inProgress is the status of a transfer that was submitted (-EINPROGRESS).
const inProgress = -115

// Recording is what a device was asked and what it answered, as usbmon would have told it. Standard requests are not in it: a bed answers
// those itself.
type Recording struct {
	model Model
	bulk  map[byte]bool // endpoints
	now   func() time.Time

	mu     sync.Mutex
	last   uint64
	events []usbmon.Event
	ended  map[*Transfer]func(Status)
}

// Record has all that a device is asked from now on recorded. It is called before the device is plugged in.
func Record(d *Device, now func() time.Time) *Recording {
	r := &Recording{model: d.Model, bulk: map[byte]bool{}, now: now, ended: map[*Transfer]func(Status){}}
	for _, i := range d.Interfaces {
		for _, e := range i.Endpoints {
			r.bulk[e.Address] = e.Bulk
		}
	}
	d.Model = r
	return r
}

// Events are what was recorded so far.
func (r *Recording) Events() []usbmon.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// Handle implements [Model].
func (r *Recording) Handle(t *Transfer) {
	r.mu.Lock()
	r.last++
	e := usbmon.Event{ID: r.last, Kind: usbmon.Submitted, Transfer: usbmon.Interrupt, Endpoint: t.Endpoint, Device: 1, Bus: 1, At: r.now(), Status: inProgress}
	e.Length, e.Data = uint32(max(t.Length, len(t.Out))), slices.Clone(t.Out)
	switch {
	case t.isControl():
		e.Transfer, e.Setup = usbmon.Control, t.Setup.packet()
	case r.bulk[t.Endpoint]:
		e.Transfer = usbmon.Bulk
	}
	r.events = append(r.events, e)
	var once sync.Once
	end := func(status Status, in []byte) {
		once.Do(func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			delete(r.ended, t)
			e.Kind, e.At, e.Status, e.Data, e.Setup = usbmon.Completed, r.now(), int32(status), slices.Clone(in), [8]byte{}
			if t.Length > 0 {
				e.Length = uint32(len(in))
			}
			r.events = append(r.events, e)
		})
	}
	r.ended[t] = func(s Status) { end(s, nil) }
	r.mu.Unlock()
	deliver := t.complete
	t.complete = func(status Status, in []byte) { end(status, in); deliver(status, in) }
	r.model.Handle(t)
}

// Cancel implements [Model].
func (r *Recording) Cancel(t *Transfer) {
	r.mu.Lock()
	end := r.ended[t]
	r.mu.Unlock()
	if end != nil {
		end(Cancelled)
	}
	r.model.Cancel(t)
}

// Reset implements [Model].
func (r *Recording) Reset() { r.model.Reset() }

// packet is the setup packet on the wire.
func (s Setup) packet() (p [8]byte) {
	p[0], p[1] = s.RequestType, s.Request
	binary.LittleEndian.PutUint16(p[2:], s.Value)
	binary.LittleEndian.PutUint16(p[4:], s.Index)
	binary.LittleEndian.PutUint16(p[6:], s.Length)
	return p
}

// Replay is a device that answers as one did in a capture. It is strict: control transfers and what is sent have to come as they came then,
// in their order and byte for byte; the first that does not is stalled, and all after it. What the device said of itself is said as soon as
// it is asked, and all has been sent that was sent before it then.
//
// A capture that a scrubber was at has not all that was sent then. What is sent to the replay goes through the same scrubber, and is
// compared with the capture afterwards.
type Replay struct {
	as usbmon.Scrubber

	mu      sync.Mutex
	steps   []step
	waiting []*Transfer // from the device, in their order
	err     error
}

// step is a transfer of the capture: sent to the device, or a control transfer; or what the device said.
type step struct {
	asked    usbmon.Event // of what the device said, no more than its endpoint
	answered usbmon.Event
	said     bool
}

// NewReplay is a model that answers as a capture does, which a scrubber of this kind was at; nil where none was. Events of standard requests
// are passed over, and so is what was given up.
func NewReplay(events []usbmon.Event, as usbmon.Scrubber) *Replay {
	r := &Replay{as: as}
	submitted := map[uint64]usbmon.Event{}
	for _, e := range events {
		const standard, mask = 0, 0x60
		asked := submitted[e.ID]
		switch {
		case e.Kind == usbmon.Submitted:
			submitted[e.ID] = e
		case asked.Transfer == usbmon.Control && asked.Setup[0]&mask == standard, Status(e.Status) == Cancelled, Status(e.Status) == Gone:
		default:
			r.steps = append(r.steps, step{asked, e, asked.Transfer != usbmon.Control && asked.Endpoint&0x80 != 0})
		}
	}
	return r
}

// Err is where the host did otherwise than in the capture.
func (r *Replay) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Left is how many transfers of the capture have not come yet.
func (r *Replay) Left() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.steps)
}

// Handle implements [Model].
func (r *Replay) Handle(t *Transfer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !t.isControl() && t.Endpoint&0x80 != 0 {
		r.waiting = append(r.waiting, t)
		r.say()
		return
	}
	if r.err == nil {
		r.err = r.differs(t)
	}
	if r.err != nil {
		t.Complete(Stalled, nil)
		return
	}
	next := r.steps[0]
	r.steps = r.steps[1:]
	t.Complete(Status(next.answered.Status), next.answered.Data)
	r.say()
}

// differs tells how a transfer is not the next one of the capture.
func (r *Replay) differs(t *Transfer) error {
	if len(r.steps) == 0 {
		return fmt.Errorf("the capture has ended, and endpoint %#x is asked", t.Endpoint)
	}
	want := r.steps[0]
	switch {
	case want.said:
		return fmt.Errorf("endpoint %#x is asked before endpoint %#x was heard", t.Endpoint, want.asked.Endpoint)
	case t.Endpoint&0x7f != want.asked.Endpoint&0x7f:
		return fmt.Errorf("endpoint %#x is asked instead of %#x", t.Endpoint, want.asked.Endpoint)
	case t.isControl() && t.Setup.packet() != want.asked.Setup:
		return fmt.Errorf("setup % x instead of % x", t.Setup.packet(), want.asked.Setup)
	}
	if sent := r.sent(t, want.asked.Transfer); !bytes.Equal(sent, want.asked.Data) {
		return fmt.Errorf("% x is sent to endpoint %#x instead of % x", sent, t.Endpoint, want.asked.Data)
	}
	return nil
}

// sent is what the host sends, as the capture has it.
func (r *Replay) sent(t *Transfer, kind byte) []byte {
	if r.as == nil || len(t.Out) == 0 {
		return t.Out
	}
	clean := make([]byte, len(t.Out))
	r.as.Keep(usbmon.Transfer{Kind: kind, Endpoint: t.Endpoint, Setup: t.Setup.packet(), Sent: true, Data: t.Out}, clean)
	return clean
}

// say gives what the device says next to whoever waits for it.
func (r *Replay) say() {
	for len(r.steps) > 0 && r.steps[0].said {
		next := r.steps[0]
		i := slices.IndexFunc(r.waiting, func(t *Transfer) bool { return t.Endpoint == next.asked.Endpoint })
		if i < 0 {
			return
		}
		t := r.waiting[i]
		r.waiting, r.steps = slices.Delete(r.waiting, i, i+1), r.steps[1:]
		t.Complete(Status(next.answered.Status), next.answered.Data)
	}
}

// Cancel implements [Model].
func (r *Replay) Cancel(t *Transfer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = slices.DeleteFunc(r.waiting, func(w *Transfer) bool { return w == t })
}

// Reset implements [Model].
func (r *Replay) Reset() {}
