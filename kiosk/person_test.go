package kiosk

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/kiosk/flow"
)

// taken is what has been taken of a visitor by now: frames that were looked at for a face, captures of the pad, pictures of
// pages, and readings of the chip.
func (b *bed) taken() [4]int {
	counts := [4]int{}
	b.camera.mu.Lock()
	counts[0] = b.camera.looks
	b.camera.mu.Unlock()
	b.pad.mu.Lock()
	counts[1] = b.pad.captures
	b.pad.mu.Unlock()
	b.imager.mu.Lock()
	counts[2] = len(b.imager.pictures)
	b.imager.mu.Unlock()
	counts[3] = len(b.field.tried())
	return counts
}

// TestWhoAsksForAPersonIsTakenNothingMoreOf plays "I would like a person to help me" at every step.
func TestWhoAsksForAPersonIsTakenNothingMoreOf(t *testing.T) {
	pages := []string{"page-1-infrared", "page-1-ultraviolet", "page-1-visible"}
	tests := []struct {
		at   string
		come func(*bed)
		sent []string // files that the office gets
	}{
		{"a document that is not there yet", func(b *bed) { b.shows(flow.Document, flow.Waiting) }, nil},
		{"a document that is being pictured", func(b *bed) {
			b.imager.gate = make(chan struct{})
			b.layDown(passport)
			b.shows(flow.Document, flow.Working)
			b.until("the chip being read", func() bool { return b.taken()[3] == 1 })
		}, nil},
		{"a card that is to be turned over", func(b *bed) {
			b.layDown(idCard)
			b.field.answers <- chipWith("DG1")
			b.shows(flow.TurnOver, flow.Waiting)
		}, nil},
		{"a portrait while the chip is read", func(b *bed) {
			b.camera.see()
			b.layDown(passport)
			b.shows(flow.Portrait, flow.Waiting)
			b.until("the chip being read, and the camera", func() bool { return b.taken()[3] == 1 && b.taken()[0] > 0 })
			b.until("the pages in the spool", func() bool { return b.spool() == 3 })
		}, pages},
		{"a portrait that nobody has agreed to", func(b *bed) {
			b.layDown(passport)
			b.field.answers <- chipWith("DG1")
			b.shows(flow.Portrait, flow.Done)
			b.until("the files in the spool", func() bool { return b.spool() == 5 })
		}, append([]string{"chip-DG1"}, pages...)},
		{"a signature that is being written", func(b *bed) {
			b.layDown(passport)
			b.field.answers <- chipWith("DG1")
			b.shows(flow.Portrait, flow.Done)
			b.until("the files in the spool", func() bool { return b.spool() == 5 })
			b.Send(flow.Next{})
			b.sign()
		}, append([]string{"chip-DG1", "portrait"}, pages...)},
	}
	for _, test := range tests {
		t.Run(test.at, func(t *testing.T) {
			b := newBed(t, nil)
			b.begin(flow.StepDocument, flow.StepPortrait, flow.StepSignature)
			test.come(b)
			b.Send(flow.OpenHelp{})
			b.showsThat("help", func(s flow.State) bool { return s.Screen == flow.Help })
			before := b.taken()
			b.Send(flow.AskStaff{})
			v := b.shows(flow.Ticket, flow.Done)
			stopped := b.taken()
			if !v.State.Asked || !v.State.StaffWillHelp || v.State.Number != "A-1" || !b.ticket().StaffWillHelp {
				t.Errorf("the visitor sees %+v and gets %+v", v.State, b.ticket())
			}
			r := b.office.received(t, 0)
			if diff := cmp.Diff(slices.Sorted(slices.Values(test.sent)), slices.Sorted(maps.Keys(r.files))); diff != "" {
				t.Error(diff)
			}
			if r.request.GetServiceId() != "" || len(r.record.GetDocuments()) != min(1, len(test.sent)) {
				t.Errorf("the office got %v, %v", r.request, r.record)
			}
			if n := b.spool(); n != 0 {
				t.Errorf("%d files that were not sent are still there", n)
			}
			b.gone() // everything has ended
			for i, n := range b.taken() {
				if n != stopped[i] || n > 0 && before[i] == 0 {
					t.Errorf("more was taken: %v before, %v at the ticket, %v in the end", before, stopped, b.taken())
				}
			}
		})
	}
}
