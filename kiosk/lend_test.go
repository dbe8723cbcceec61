package kiosk

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/technician"
)

// borrower is somebody who borrows the devices of a station.
type borrower struct {
	told    chan bool // whether they are lent
	ended   chan error
	goesOff context.CancelFunc
}

func (b *bed) borrows() *borrower {
	ctx, cancel := context.WithCancel(b.t.Context())
	r := &borrower{told: make(chan bool, 10), ended: make(chan error, 1), goesOff: cancel}
	go func() {
		r.ended <- b.Lend(ctx, func(lent bool) error { r.told <- lent; return nil })
	}()
	return r
}

// isTold is what the borrower is told next.
func (r *borrower) isTold(t *testing.T, want bool) {
	t.Helper()
	select {
	case got := <-r.told:
		if got != want {
			t.Fatalf("the borrower is told %v, want %v", got, want)
		}
	case <-time.After(longest):
		t.Fatal("the borrower is told nothing")
	}
}

// gives back, or is taken back from; the loan ends with err.
func (r *borrower) gives(t *testing.T, err error) {
	t.Helper()
	r.goesOff()
	if got := <-r.ended; !errors.Is(got, err) {
		t.Errorf("the loan ends with %v, want %v", got, err)
	}
}

var all = []string{"document_reader", "chip_reader", "page_imager", "camera", "signature_pad", "ticket_printer"}

func TestTheDevicesAreLentBetweenVisitorsAndNobodyCanBeginMeanwhile(t *testing.T) {
	b := newBed(t, nil)
	b.shows(flow.Greeting, "")
	r := b.borrows()
	r.isTold(t, true)
	b.shows(flow.Tested, "")
	for _, kind := range all {
		if d := b.told(kind); d.GetState() != string(devices.StateBusy) || d.GetReason().GetKey() != "device.lent" || d.GetRemedy() != nil {
			t.Errorf("of %s the technician is told %v", kind, d)
		}
	}
	b.Send(flow.Start{})
	fatal(t, b.Answers(t.Context()))
	b.shows(flow.Tested, "")
	if err := b.Lend(t.Context(), nil); !errors.Is(err, technician.ErrLent) {
		t.Errorf("a second borrower is told %v, want ErrLent", err)
	}
	r.gives(t, context.Canceled)
	b.shows(flow.Greeting, "")
	for _, kind := range all {
		b.wantTold(kind, devices.StateOnline, "")
	}
	b.begin()
	b.finish()
}

func TestABorrowerWaitsUntilTheVisitorHasLeft(t *testing.T) {
	b := newBed(t, func(_ *bed, c *Config) { c.Patience = patiently })
	b.begin()
	r := b.borrows()
	r.isTold(t, false)
	b.finish()
	if len(r.told) > 0 {
		t.Error("the devices are lent while the visitor is there")
	}
	b.Send(flow.Next{})
	r.isTold(t, true)
	b.shows(flow.Tested, "")
	r.gives(t, context.Canceled)
	b.shows(flow.Greeting, "")
}

func TestABorrowerWhoGoesAwayWhileWaitingBorrowsNothing(t *testing.T) {
	b := newBed(t, func(_ *bed, c *Config) { c.Patience = patiently })
	b.begin()
	r := b.borrows()
	r.isTold(t, false)
	r.gives(t, context.Canceled)
	b.finish()
	b.gone()
	if b.screen.showed(func(s flow.State) bool { return s.Screen == flow.Tested }) {
		t.Error("the station was tested all the same")
	}
	b.wantTold("camera", devices.StateOnline, "")
}

// TestADocumentIsSaidBeforeTheDevicesAreLent to its owner; what lies there afterwards may be for the test.
func TestADocumentIsSaidBeforeTheDevicesAreLent(t *testing.T) {
	b := newBed(t, func(_ *bed, c *Config) { c.Patience = patiently })
	b.begin(flow.StepDocument)
	b.imager.feels(devices.Resting)
	r := b.borrows()
	r.isTold(t, false)
	b.Send(flow.Leave{})
	b.showsThat("that the document is to be taken", func(s flow.State) bool { return s.Screen == flow.TakeDocument })
	fatal(t, b.Answers(t.Context()))
	if len(r.told) > 0 {
		t.Error("the devices are lent before it is taken")
	}
	b.imager.feels(devices.Absent)
	r.isTold(t, true)
	b.imager.feels(devices.Resting) // the test's, which forgets it there
	b.shows(flow.Tested, "")
	r.gives(t, context.Canceled)
	b.shows(flow.TakeDocument, "")
	if b.screen.followed(flow.Tested, flow.Greeting) {
		t.Error("somebody was greeted before anybody had looked what the test left there")
	}
}

func TestALoanIsTakenBackAfterAWhile(t *testing.T) {
	b := newBed(t, func(_ *bed, c *Config) { c.Timings.Loan = 50 * time.Millisecond })
	b.shows(flow.Greeting, "")
	r := b.borrows()
	r.isTold(t, true)
	b.shows(flow.Greeting, "")
	if err := <-r.ended; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the loan ends with %v, want DeadlineExceeded", err)
	}
	r.goesOff()
}

func TestABorrowerThatCannotBeToldBorrowsNothing(t *testing.T) {
	b := newBed(t, nil)
	b.shows(flow.Greeting, "")
	torn := errors.New("torn")
	if err := b.Lend(t.Context(), func(bool) error { return torn }); !errors.Is(err, torn) {
		t.Errorf("the loan ends with %v, want that the line is torn", err)
	}
	b.shows(flow.Greeting, "")
	b.wantTold("camera", devices.StateOnline, "")
}

// TestADocumentThatLayThereBeforeATestKeepsEverybodyFromBeginningAfterIt: looking at the glass takes a while.
func TestADocumentThatLayThereBeforeATestKeepsEverybodyFromBeginningAfterIt(t *testing.T) {
	b := newBed(t, nil)
	b.shows(flow.Greeting, "")
	b.imager.feels(devices.Resting)
	b.shows(flow.TakeDocument, "")
	r := b.borrows()
	r.isTold(t, true)
	b.shows(flow.Tested, "")
	r.gives(t, context.Canceled)
	b.shows(flow.TakeDocument, "")
	tested := false
	if b.screen.showed(func(s flow.State) bool {
		tested = tested || s.Screen == flow.Tested
		return tested && s.Screen == flow.Greeting
	}) {
		t.Error("somebody was greeted before anybody looked")
	}
	b.imager.feels(devices.Absent)
	b.shows(flow.Greeting, "")
	b.begin()
}
