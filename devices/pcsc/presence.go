package pcsc

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ebfe/scard"

	"github.com/foyer-station/foyer/devices"
)

var _ devices.PresenceSensor = (*Reader)(nil)

const (
	// watchTurn is how long one wait for a change lasts while nothing is asked of a chip.
	watchTurn = time.Second
	// askAgain is how often a chip that lies there is asked whether it still does. Readers find out by themselves that a chip has
	// gone, some 0.3 s after it went; but after commands some need 1.6 s (ACS ACR122U) or ten (HID OMNIKEY 5022), and some never
	// do before they are asked. docs/operations.md says what was measured.
	askAgain = 2 * time.Second
	// answerTime bounds such a question.
	answerTime = time.Second
)

// stillThere is a command that leaves a chip as it is: SELECT the master file, no answer data wanted (ISO/IEC 7816-4, 11.1.1). Any
// answer says that the chip is there.
var stillThere = []byte{0x00, 0xA4, 0x00, 0x0C}

// Presence implements [devices.PresenceSensor]: Resting where a chip lies in the field, as the reader has it. No chip is asked.
func (r *Reader) Presence(ctx context.Context) (devices.Presence, error) {
	l, slots, err := r.openSlots(ctx)
	if err != nil {
		return "", failure("look", err)
	}
	defer l.end(ctx)
	slots, err = do(ctx, l, func() ([]slot, error) { return l.look(slots, 0) })
	if err != nil {
		return "", failure("look", r.blame(ctx, err, devices.ErrProtocol))
	}
	return presence(slots), nil
}

// Watch implements [devices.PresenceSensor]. The service says when something changes. A chip that lies there is asked every two
// seconds whether it still does, unless somebody uses it: not every reader notices by itself that one has gone. It never says Moving;
// of a document that was exchanged faster than it is asked it says Absent, then Resting.
func (r *Reader) Watch(ctx context.Context, tell func(devices.Presence)) error {
	l, slots, err := r.openSlots(ctx)
	if err != nil {
		return r.watched(ctx, err)
	}
	defer l.end(ctx)
	w := watch{reader: r, line: l, tell: tell, asked: time.Now()}
	for wait := time.Duration(0); ; wait = watchTurn {
		next, err := do(ctx, l, func() ([]slot, error) { return l.look(slots, wait) })
		if err != nil {
			return r.watched(ctx, r.blame(ctx, err, devices.ErrProtocol))
		}
		w.saw(ctx, slots, next)
		slots = next
	}
}

// watched is how a watch ends: well, if its context has.
func (r *Reader) watched(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return failure("watch", err)
}

// watch is what one Watch knows.
type watch struct {
	reader *Reader
	line   *line
	tell   func(devices.Presence)
	told   devices.Presence
	asked  time.Time
	ghost  bool // the reader says that a chip is there, and none answers
}

// saw tells what has changed.
func (w *watch) saw(ctx context.Context, before, now []slot) {
	p := presence(now)
	switch changed := !sameEvents(before, now); {
	case p == devices.Absent || changed:
		w.ghost = false
		if p == devices.Resting && changed && w.told == devices.Resting {
			w.tell(devices.Absent)
		}
		w.asked = time.Now()
	case time.Since(w.asked) >= askAgain:
		w.ghost = !w.reader.answers(ctx, w.line, occupied(now))
		w.asked = time.Now()
	}
	if w.ghost {
		p = devices.Absent
	}
	if p != w.told && ctx.Err() == nil {
		w.tell(p)
		w.told = p
	}
}

// answers asks the chip in a slot whether it is there. One that somebody uses is.
func (r *Reader) answers(ctx context.Context, l *line, name string) bool {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	select {
	case r.taking <- struct{}{}:
		defer func() { <-r.taking }()
	default: // somebody is about to use it
		return true
	}
	there, err := do(ctx, l, func() (bool, error) {
		chip, err := l.context.Connect(name, scard.ShareExclusive, scard.ProtocolT1)
		if err != nil {
			return !isChipAbsent(err), nil
		}
		answer, err := chip.Transmit(stillThere)
		if err == nil && len(answer) >= minResponse {
			return true, chip.Disconnect(scard.LeaveCard)
		}
		return false, chip.Disconnect(scard.ResetCard) // which has the reader look as well
	})
	return there || err != nil
}

// slot is a slot of the reader, and its state as it was seen last.
type slot struct {
	name  string
	state scard.StateFlag // with the number of its changes in the upper half
	atr   []byte
}

// eventsShift is where a state has the number of changes (pcsc-lite, SCardGetStatusChange).
const eventsShift = 16

// sameEvents tells that nothing was laid down or taken away in between. At first nothing is known.
func sameEvents(before, now []slot) bool {
	return slices.EqualFunc(before, now, func(a, b slot) bool {
		return a.state == 0 || a.state>>eventsShift == b.state>>eventsShift
	})
}

// has tells that a chip lies in a slot. One that does not answer to a reset counts only where the slot is contactless for sure: an
// empty slot of a security module says so too.
func (s slot) has() bool {
	switch {
	case s.state&scard.StatePresent == 0:
		return false
	case s.state&scard.StateMute != 0:
		return useOf(s.name) == contactless
	}
	return useOf(s.name) == contactless || isContactless(s.atr)
}

// presence is what the slots say together.
func presence(slots []slot) devices.Presence {
	if occupied(slots) != "" {
		return devices.Resting
	}
	return devices.Absent
}

// occupied is the first slot in which a chip lies, or empty.
func occupied(slots []slot) string {
	for _, s := range slots {
		if s.has() {
			return s.name
		}
	}
	return ""
}

// openSlots opens a line, and finds the reader's own slot, which comes first, and those beside it: some readers have one for each chip
// in their field.
func (r *Reader) openSlots(ctx context.Context) (*line, []slot, error) {
	l, err := r.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	slots, err := r.findSlots(ctx, l)
	if err != nil {
		l.end(ctx)
		return nil, nil, err
	}
	return l, slots, nil
}

func (r *Reader) findSlots(ctx context.Context, l *line) ([]slot, error) {
	names, err := do(ctx, l, l.names)
	if err != nil {
		return nil, translate(err)
	}
	if !slices.Contains(names, r.name) {
		return nil, devices.ErrUnplugged
	}
	all := []slot{{name: r.name}}
	for _, name := range names {
		if beside := name != r.name && strings.HasPrefix(name, deviceOf(r.name)) && deviceOf(name) == deviceOf(r.name); beside && useOf(name) <= unnamed {
			all = append(all, slot{name: name})
		}
	}
	return all, nil
}
