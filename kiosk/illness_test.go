package kiosk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz/ocr"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
	"github.com/foyer-station/foyer/scrub/scrubtest"
)

// told is what the technician is told of a kind; nil for nothing.
func (b *bed) told(kind string) *technicianv1.DeviceStatus {
	for _, d := range b.Status(b.t.Context()).GetDevices() {
		if d.GetKind() == kind {
			return d
		}
	}
	return nil
}

// saidOf is all that a technician is told of something, as keys and values.
func saidOf(d *technicianv1.DeviceStatus) string {
	said := d.GetReason().Text()
	for _, m := range d.GetAlso() {
		said += " / " + m.Text()
	}
	return said
}

func (b *bed) wantTold(kind string, state devices.State, because string) {
	b.t.Helper()
	d := b.told(kind)
	if d.GetState() != string(state) || !strings.Contains(saidOf(d), because) || (state == devices.StateOnline) != (d.GetRemedy() == nil) {
		b.t.Errorf("of %s the technician is told %v, want %s because of %q", kind, d, state, because)
	}
}

func TestAReaderThatFailsIsTakenOverFromAtOnceAndIsIllUntilItReadsAgain(t *testing.T) {
	for _, fault := range []error{devices.ErrProtocol, devices.ErrTimeout, devices.ErrUnplugged, os.ErrPermission, errors.New("no name")} {
		t.Run(fault.Error(), func(t *testing.T) {
			b := newBed(t, nil)
			b.glass.breaks(fault)
			b.begin(flow.StepDocument)
			b.page <- ocr.Reading{Found: true, Sure: true, Lines: passport}
			b.field.answers <- wholeChip
			if v := b.finish(); v.State.StaffWillHelp {
				t.Error("the visitor is staff's")
			}
			b.wantTold("document_reader", devices.StateHWError, fault.Error())
			b.gone()
			b.glass.breaks(nil)
			b.begin(flow.StepDocument)
			b.layDown(passport)
			b.field.answers <- wholeChip
			b.finish()
			b.wantTold("document_reader", devices.StateOnline, "")
		})
	}
}

func TestAnOddDocumentMakesNoReaderIll(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.field.lies(false) })
	b.glass.breaks(fmt.Errorf("%w: %w", devices.ErrProtocol, devices.ErrUnreadable))
	b.begin(flow.StepDocument)
	b.showsThat("staff", func(s flow.State) bool { return s.Problem == flow.WaitingForStaff })
	if !b.screen.showed(func(s flow.State) bool { return s.Attempt == 2 && s.Problem == flow.Unreadable }) {
		t.Error("the visitor was not told that the document cannot be read")
	}
	b.wantTold("document_reader", devices.StateOnline, "")
}

func TestAReaderThatSaysNothingIsFoundOutByTheSecondVisitorAndKeepsNobody(t *testing.T) {
	b := newBed(t, func(_ *bed, c *Config) { c.Inspection.Timings.Document = 3 * time.Second })
	for visitor := range 3 {
		b.begin(flow.StepDocument)
		b.page <- ocr.Reading{Found: true, Sure: true, Lines: passport}
		b.field.answers <- wholeChip
		b.finish()
		want := []devices.State{devices.StateOnline, devices.StateHWError, devices.StateHWError}[visitor]
		if d := b.told("document_reader"); d.GetState() != string(want) {
			t.Errorf("after visitor %d: %v, want %s", visitor+1, d, want)
		}
		b.gone()
	}
}

func TestWhateverFailsAtAVisitorIsWhatTheTechnicianIsTold(t *testing.T) {
	for kind, c := range map[string]struct {
		breaks func(*bed, error)
		steps  []flow.Step
	}{
		"camera":         {func(b *bed, err error) { b.camera.breaks(err) }, []flow.Step{flow.StepPortrait}},
		"signature_pad":  {func(b *bed, err error) { b.pad.breaks(err) }, []flow.Step{flow.StepSignature}},
		"ticket_printer": {func(b *bed, err error) { b.printer.breaks(err) }, []flow.Step{flow.StepPortrait}},
		"chip_reader":    {func(b *bed, err error) { b.field.breaks(err) }, []flow.Step{flow.StepDocument}},
		"page_imager":    {func(b *bed, err error) { b.imager.breaks(err) }, []flow.Step{flow.StepDocument}},
	} {
		t.Run(kind, func(t *testing.T) {
			b := newBed(t, nil)
			visit := func(well bool) {
				b.begin(c.steps...)
				if well && c.steps[0] == flow.StepSignature {
					b.until("all of the ink", func() bool { _, ink := b.screen.counts(); return ink == 50 })
					b.Send(flow.Next{})
				}
				if c.steps[0] == flow.StepDocument {
					b.layDown(passport)
					b.field.answers <- wholeChip
				}
				v := b.showsThat("the end of the step", func(s flow.State) bool { return s.Screen == flow.Review || s.Phase == flow.Done })
				if v.State.Screen != flow.Review {
					b.Send(flow.Next{})
				}
				b.finish()
			}
			c.breaks(b, devices.ErrTimeout)
			visit(false)
			b.wantTold(kind, devices.StateHWError, "device did not answer")
			b.gone()
			for len(b.field.answers) > 0 {
				<-b.field.answers
			}
			c.breaks(b, nil)
			visit(true)
			b.wantTold(kind, devices.StateOnline, "")
		})
	}
}

func TestALampThatBurnsOutIsFoundOutByTheSecondDocument(t *testing.T) {
	b := newBed(t, nil)
	visit := func(burnt devices.Light) {
		b.t.Helper()
		b.imager.mu.Lock()
		b.imager.burnt = burnt
		b.imager.mu.Unlock()
		b.begin(flow.StepDocument)
		b.layDown(passport)
		b.field.answers <- wholeChip
		b.finish()
		b.gone()
	}
	for _, light := range []devices.Light{devices.LightVisible, devices.LightInfrared, devices.LightUltraviolet} {
		visit(light)
		b.wantTold("page_imager", devices.StateOnline, "") // somebody may have taken the document away too soon
		visit("")
		visit(light)
		b.wantTold("page_imager", devices.StateOnline, "")
		visit(light)
		b.wantTold("page_imager", devices.StateHWError, string(light)+" lamp: no light comes back from the glass")
		visit("")
		b.wantTold("page_imager", devices.StateOnline, "")
	}
}

func TestAnOddChipMakesNoReaderIllAndMoreOfThemDo(t *testing.T) {
	b := newBed(t, nil)
	b.field.breaks(devices.ErrProtocol)
	for visitor := range 4 { // the most that one after the other may be odd
		b.begin(flow.StepDocument)
		b.layDown(passport)
		b.finish()
		if d := b.told("chip_reader"); visitor == 0 && d.GetState() != "online" {
			t.Errorf("after one visitor: %v", d)
		}
		b.gone()
	}
	b.wantTold("chip_reader", devices.StateHWError, "in a row")
}

func TestADiskThatIsFullIsToldBeforeAndAfterACheckInWasLost(t *testing.T) {
	disk := scrubtest.Mount(t, 400)
	b := newBedOn(t, disk.Dir, ownOffice, nil)
	b.begin(flow.StepPortrait)
	b.shows(flow.Portrait, flow.Done)
	b.Send(flow.Next{})
	b.shows(flow.Review, flow.Waiting)
	if d := b.told("journal"); d != nil {
		t.Errorf("with room the technician is told %v", d)
	}
	disk.Fill(t)
	b.wantTold("journal", devices.StateHWError, "journal.full")
	b.Send(flow.Confirm{})
	b.until("the loss is told", func() bool {
		return strings.Contains(saidOf(b.told("journal")), "journal.lost; count: 1")
	})
	disk.Free(t)
	b.wantTold("journal", devices.StateHWError, "journal.lost; count: 1")
}

func TestAStationThatIsOutOfServiceSaysWhy(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.office.setAway(true) })
	b.until("the link has tried", func() bool { return b.told("kiosk") != nil })
	b.wantTold("kiosk", devices.StateHWError, "kiosk.no_office")
	b.office.setAway(false)
	b.shows(flow.Greeting, "")
	b.until("it is in service", func() bool { return b.told("kiosk") == nil })
}

// stuck is a window that is not drawn any more.
type stuck struct{ *screen }

func (stuck) Answers(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

func TestAScreenOrALoopThatHangsIsTold(t *testing.T) {
	b := newBed(t, func(b *bed, c *Config) { c.Display = stuck{b.screen} })
	b.shows(flow.Greeting, "")
	b.wantTold("kiosk", devices.StateHWError, "kiosk.screen_hangs")
	b.stop()
	b.wantTold("kiosk", devices.StateHWError, "kiosk.loop_hangs")
}
