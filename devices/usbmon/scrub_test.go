package usbmon_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices/usbmon"
)

// blind is a scrubber that understands nothing, and keeps everything.
type blind struct{ shown []usbmon.Transfer }

func (b *blind) Keep(t usbmon.Transfer, clean []byte) bool {
	b.shown = append(b.shown, t)
	return false
}

func (b *blind) End() {}

// trusting is a scrubber that keeps everything.
type trusting struct{}

func (trusting) Keep(t usbmon.Transfer, clean []byte) bool { return copy(clean, t.Data) > 0 }
func (trusting) End()                                      {}

// asked and answered are the two events of a request.
func asked(id uint64, setup [8]byte, data string) usbmon.Event {
	return usbmon.Event{ID: id, Kind: usbmon.Submitted, Transfer: usbmon.Control, Endpoint: setup[0] & 0x80, Setup: setup, Data: []byte(data)}
}

func answered(id uint64, data string) usbmon.Event {
	return usbmon.Event{ID: id, Kind: usbmon.Completed, Transfer: usbmon.Control, Endpoint: 0x80, Data: []byte(data)}
}

func TestWhatAScrubberDoesNotKeepIsZerosOfItsLength(t *testing.T) {
	events := some()
	clean, unknown := usbmon.Scrub(events, &blind{})
	if diff := cmp.Diff(some(), events); diff != "" {
		t.Errorf("what was scrubbed was changed: %s", diff)
	}
	if unknown != 2 || len(clean) != len(events) {
		t.Errorf("%d of %d events not understood, want two of four", unknown, len(clean))
	}
	for i, e := range clean {
		if string(e.Data) != string(make([]byte, len(events[i].Data))) {
			t.Errorf("%+v", e)
		}
	}
}

func TestStandardRequestsAreShownToTheScrubberAndLeftOut(t *testing.T) {
	s := &blind{}
	clean, unknown := usbmon.Scrub([]usbmon.Event{asked(1, [8]byte{0x80, 6, 3, 3}, ""), answered(1, "S\x001\x00")}, s)
	if len(clean) != 0 || unknown != 0 {
		t.Errorf("something is left: %+v", clean)
	}
	if !slices.ContainsFunc(s.shown, func(t usbmon.Transfer) bool { return t.IsStandard() && string(t.Data) == "S\x001\x00" }) {
		t.Error("the scrubber was not shown the answer")
	}
}

func TestWhatBelongsToNoRequestThatTheCaptureHasIsNotKept(t *testing.T) {
	for name, events := range map[string][]usbmon.Event{
		"an answer to what was asked before": {answered(2, "secret")},
		"an answer by the host":              {{Kind: usbmon.Submitted, Transfer: usbmon.Interrupt, Endpoint: 0x81, Data: []byte("secret")}},
		"a vendor's own request":             {asked(3, [8]byte{0x40, 9, 's', 'e', 'c', 'r', 6, 0}, "")},
		"an event that has no setup packet":  {{Kind: usbmon.Completed, Transfer: usbmon.Bulk, Endpoint: 0x01, Setup: [8]byte{'s', 'e', 'c', 'r'}, Data: []byte("e")}},
	} {
		clean, unknown := usbmon.Scrub(events, trusting{})
		if unknown != 1 || len(clean) != 1 || clean[0].Setup[2]|clean[0].Setup[3]|clean[0].Setup[4]|clean[0].Setup[5] != 0 {
			t.Errorf("%s: %d not understood: %+v", name, unknown, clean)
			continue
		}
		if string(clean[0].Data) != string(make([]byte, len(clean[0].Data))) {
			t.Errorf("%s: %q", name, clean[0].Data)
		}
	}
}

func TestAnAnswerBelongsToWhatWasAskedAtItsOwnEndpoint(t *testing.T) {
	bulk := usbmon.Event{ID: 4, Kind: usbmon.Submitted, Transfer: usbmon.Bulk, Endpoint: 0x01, Data: []byte("x")}
	request := asked(4, [8]byte{0xa1, 1, 3, 3}, "")
	moved := answered(4, "secret")
	moved.Endpoint = 0x81
	for name, events := range map[string][]usbmon.Event{
		"a request's, of no request": {bulk, answered(4, "secret")},
		"another endpoint's":         {request, moved},
	} {
		clean, unknown := usbmon.Scrub(events, trusting{})
		if unknown != 1 || len(clean) != 2 || string(clean[1].Data) != string(make([]byte, len("secret"))) {
			t.Errorf("%s: %d not understood: %+v", name, unknown, clean)
		}
	}
}

func TestACaptureTellsNeitherTheTimeOfAVisitNorTheKernelsAddresses(t *testing.T) {
	at := time.Date(2026, 11, 30, 14, 23, 5, 0, time.UTC)
	const address = 0xffff_8881_0a3b_4c00
	clean, _ := usbmon.Scrub([]usbmon.Event{
		{ID: address, Kind: usbmon.Submitted, Transfer: usbmon.Interrupt, Endpoint: 0x81, At: at},
		{ID: address, Kind: usbmon.Completed, Transfer: usbmon.Interrupt, Endpoint: 0x81, At: at.Add(3 * time.Second)},
		{ID: address + 64, Kind: usbmon.Submitted, Transfer: usbmon.Interrupt, Endpoint: 0x81, At: at.Add(4 * time.Second)},
	}, trusting{})
	day := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	for i, want := range []struct {
		id    uint64
		after time.Duration
	}{{1, 0}, {1, 3 * time.Second}, {2, 4 * time.Second}} {
		if e := clean[i]; e.ID != want.id || !e.At.Equal(day.Add(want.after)) {
			t.Errorf("event %d is of %d at %s", i, e.ID, e.At)
		}
	}
}
