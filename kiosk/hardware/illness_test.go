package hardware_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/inspection"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/flow"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// TestADocumentReaderThatFailsIsIllAtOnceAndTheImagerReadsForTheSameVisitor plays each fault of the reader below the real
// driver and libusb; the imager and its reading are the real ones too.
func TestADocumentReaderThatFailsIsIllAtOnceAndTheImagerReadsForTheSameVisitor(t *testing.T) {
	l := newLobby(t, withoutChecks)
	l.shows("the greeting", func(s flow.State) bool { return s.Screen == flow.Greeting })
	for _, fault := range []struct {
		name         string
		does         func(*usb.Reader)
		seenByItself bool // the device's own health shows it, and that it is over
	}{
		{"stalled", func(r *usb.Reader) { r.Break(usb.Stall) }, true},
		{"babbling", func(r *usb.Reader) { r.Break(usb.Endless) }, true},
		{"a loose plug", func(r *usb.Reader) { r.Break(usb.Loose); r.BreakControl(usb.Loose) }, true},
		{"mute when told something", func(r *usb.Reader) { r.BreakControl(usb.Silence) }, true},
		{"refusing what it is told", func(r *usb.Reader) { r.BreakControl(usb.Stall) }, true},
		{"broken in the middle of a document", func(r *usb.Reader) { r.Break(usb.Short) }, false},
	} {
		t.Run(fault.name, func(t *testing.T) {
			l.b = t
			fault.does(l.world.Reader)
			l.begin()
			laying, laid := context.WithCancel(t.Context())
			var ended = make(chan error, 1)
			go func() { ended <- l.world.LayDown(laying) }() // a reader that fails may never be ready for it
			l.readBy(t)
			laid()
			<-ended
			if d := l.status("document_reader"); d.GetState() != "hw_error" || d.GetReason() == nil || d.GetRemedy() == nil {
				t.Errorf("after the visit the technician is told %v", d)
			}
			l.world.Reader.Break(usb.Healthy)
			l.world.Reader.BreakControl(usb.Healthy)
			l.leave()
			if fault.seenByItself {
				l.until("the reader is well by itself", func() bool { return l.status("document_reader").GetState() == "online" })
			}
			l.begin()
			l.must(l.world.LayDown(t.Context()))
			l.readBy(t)
			l.leave()
			l.until("the reader is well after a use", func() bool { return l.status("document_reader").GetState() == "online" })
		})
	}
}

// TestAMuteDocumentReaderKeepsNoVisitorAndIsFoundOut has a reader that is there, takes every command, and never says a word.
func TestAMuteDocumentReaderKeepsNoVisitorAndIsFoundOut(t *testing.T) {
	l := newLobby(t, withoutChecks, func(c *kiosk.Config) { c.Inspection.Timings.Document = 15 * time.Second }) // the imager begins after a third
	l.shows("the greeting", func(s flow.State) bool { return s.Screen == flow.Greeting })
	l.world.Reader.Break(usb.Silence)
	for visitor := range 3 {
		l.begin()
		began := time.Now()
		l.must(l.world.PutOnGlass(t.Context()))
		l.readBy(t)
		t.Logf("visitor %d was read after %s", visitor+1, time.Since(began).Round(time.Millisecond))
		l.leave()
		want := []string{"online", "hw_error", "hw_error"}[visitor]
		l.until(fmt.Sprintf("the reader is %s after visitor %d", want, visitor+1), func() bool { // it may be busy with the last one still
			return l.status("document_reader").GetState() == want
		})
	}
	l.world.Reader.Break(usb.Healthy)
	l.begin()
	l.must(l.world.LayDown(t.Context()))
	l.readBy(t)
	l.leave()
	l.until("the reader is well", func() bool { return l.status("document_reader").GetState() == "online" })
}

// withoutChecks leaves the documents unjudged: only who reads them matters.
func withoutChecks(c *kiosk.Config) {
	c.Inspection.Examiners = nil
	c.Trace = func(inspection.Stage, time.Time, time.Time) {}
}

// readBy waits until the visitor's MRZ has been read.
func (l *lobby) readBy(t *testing.T) {
	t.Helper()
	l.shows("that the document is read", func(s flow.State) bool {
		if s.Problem == flow.DeviceMissing || s.Problem == flow.WaitingForStaff {
			t.Fatalf("the visitor is sent to staff: %s", s.Problem)
		}
		return s.Screen != flow.Document || s.Phase == flow.Working
	})
}

func (l *lobby) status(kind string) *technicianv1.DeviceStatus {
	for _, d := range l.station.Status(l.b.Context()).GetDevices() {
		if d.GetKind() == kind {
			return d
		}
	}
	l.b.Fatalf("the technician is told nothing of %s", kind)
	return nil
}

func (l *lobby) until(what string, holds func() bool) {
	l.b.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			l.b.Fatalf("waited in vain: %s", what)
		}
	}
}
