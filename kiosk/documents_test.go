package kiosk

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/verify"
)

// TestWhoeverLaysDownTwoDocumentsIsAskedForOne and nothing is read of either before that; the reader is not blamed for it.
func TestWhoeverLaysDownTwoDocumentsIsAskedForOne(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	b.field.breaks(devices.ErrTwoDocuments)
	b.layDown(passport)
	v := b.showsThat("that only one is wanted", func(s flow.State) bool { return s.Problem == flow.SeveralLie })
	if v.State.Screen != flow.Document || v.State.Phase != flow.Waiting {
		t.Errorf("the visitor sees %+v", v.State)
	}
	if health := b.config.Devices.ChipReader.Health(t.Context()); health.State != devices.StateOnline {
		t.Errorf("the technician is told %+v", health)
	}
	b.field.breaks(nil)
	b.brings(passport)
	if v := b.finish(); v.State.StaffWillHelp {
		t.Error("it is staff's, although one was laid down")
	}
	if got := b.office.received(t, 0).record.GetDocuments(); len(got) != 1 || b.seen[len(b.seen)-1].Chip != verify.ChipRead {
		t.Errorf("the office gets %v, and the chip was %s", got, b.seen[len(b.seen)-1].Chip)
	}
}

func TestTwoDocumentsThatStayAreStaffsAndNeitherIsRead(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	b.field.breaks(devices.ErrTwoDocuments)
	for range 2 {
		b.shows(flow.Document, flow.Waiting)
		b.layDown(passport)
		b.showsThat("an answer", func(s flow.State) bool {
			return s.Screen == flow.Review || s.Problem == flow.SeveralLie && s.Phase == flow.Waiting
		})
	}
	if v := b.finish(); !v.State.StaffWillHelp {
		t.Error("nobody helps")
	}
	if chip := b.seen[len(b.seen)-1].Chip; chip != verify.ChipSeveral || len(b.field.tried()) > 0 {
		t.Errorf("the chip was %s, and asked %d times", chip, len(b.field.tried()))
	}
}

// TestAnotherDocumentInTheMiddleIsNeverMixedIn: somebody takes the document away while its chip is read, and lays down somebody else's
// when it is asked for again. A chip in the field has another number each time; whose a document is, its MRZ says.
func TestAnotherDocumentInTheMiddleIsNeverMixedIn(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	b.layDown(passport)
	taken := chipWith("DG1", "DG2", "DG11")
	taken.err, taken.leaves = torn.err, true
	b.field.answers <- taken
	b.showsThat("that it was taken away", func(s flow.State) bool { return s.Problem == flow.DocumentMoved })
	first := taken.files
	b.field.lies(true)
	b.brings(otherPassport)
	v := b.finish()
	if v.State.StaffWillHelp {
		t.Error("it is staff's")
	}
	got := b.office.received(t, 0)
	documents, persons := got.record.GetDocuments(), got.record.GetPersons()
	if len(documents) != 1 || len(persons) != 1 || !slices.Equal(documents[0].GetMrz(), otherPassport) {
		t.Errorf("the office gets %v of %v", documents, persons)
	}
	for name := range maps.Keys(got.files) {
		if strings.HasPrefix(name, "chip-") && name != "chip-DG1" {
			t.Errorf("of the first document the office gets %s", name)
		}
	}
	if ev := b.seen[len(b.seen)-1]; ev.Chip != verify.ChipRead || !slices.Equal(ev.MRZ, otherPassport) || len(ev.Files) != 1 || len(ev.Pages) != 3 {
		t.Errorf("the second was judged with %v, %d files, %d pages", ev.MRZ, len(ev.Files), len(ev.Pages))
	}
	for name, file := range first {
		if slices.ContainsFunc(file, func(b byte) bool { return b != 0 }) {
			t.Errorf("%s of the first document was not overwritten", name)
		}
	}
}

// TestTheSameDocumentLaidDownAgainGoesOn as the visitor's.
func TestTheSameDocumentLaidDownAgainGoesOn(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	b.layDown(passport)
	taken := torn
	taken.leaves = true
	b.field.answers <- taken
	b.showsThat("that it was taken away", func(s flow.State) bool { return s.Problem == flow.DocumentMoved })
	b.field.lies(true)
	b.brings(passport)
	if v := b.finish(); v.State.StaffWillHelp {
		t.Error("it is staff's")
	}
}
