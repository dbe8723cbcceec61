package kiosk

import (
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz/ocr"
)

func TestWithoutADocumentReaderThePageItselfIsRead(t *testing.T) {
	for name, pull := range map[string]func(b *bed){
		"none wanted": func(b *bed) { b.swipeless = true }, "never there": func(b *bed) { b.glass.pull() }, "pulled out while waiting": func(*bed) {},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(b *bed, _ *Config) { pull(b) })
			b.begin(flow.StepDocument)
			b.shows(flow.Document, flow.Waiting)
			if name == "pulled out while waiting" {
				b.glass.pull()
			}
			b.page <- ocr.Reading{Reason: ocr.NothingFound}
			b.page <- ocr.Reading{Found: true, Lines: altered} // a hand that still moves
			b.page <- ocr.Reading{Found: true, Sure: true, Lines: passport}
			b.field.answers <- wholeChip
			b.finish()
			var kinds []string
			for _, d := range b.Status(t.Context()).GetDevices() {
				kinds = append(kinds, d.GetKind())
			}
			if slices.Contains(kinds, string(devices.KindMRZReader)) != (name != "none wanted") {
				t.Errorf("the technician is told of %q", kinds)
			}
			r := b.office.received(t, 0)
			if got := r.record.GetDocuments()[0].GetMrz(); !slices.Equal(got, passport) {
				t.Errorf("the office got the zone %q", got)
			}
			b.imager.mu.Lock()
			defer b.imager.mu.Unlock()
			for i, picture := range b.imager.pictures[:3] {
				if slices.Max(picture.Pix) > 0 {
					t.Errorf("picture %d of the page is still in memory", i)
				}
			}
		})
	}
}

func TestAPageThatIsNeverReadForSureIsStaffs(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.glass.pull(); b.field.lies(false) })
	b.begin(flow.StepDocument)
	unsure := func() {
		for range 6 { // the hand may be moving in as many
			b.page <- ocr.Reading{Found: true, Lines: passport}
		}
	}
	unsure()
	v := b.showsThat("a second try", func(s flow.State) bool { return s.Screen == flow.Document && s.Attempt == 2 })
	if v.State.Problem != flow.Unreadable {
		t.Errorf("after the first try the visitor sees %+v", v.State)
	}
	unsure()
	if v := b.shows(flow.Document, flow.Done); v.State.Problem != flow.WaitingForStaff {
		t.Errorf("after the second try the visitor sees %+v", v.State)
	}
}

func TestAZoneThatCannotBeReadTwiceIsStaffs(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.field.lies(false) })
	b.begin(flow.StepDocument)
	b.layDown([]string{"???"})
	v := b.showsThat("a second try", func(s flow.State) bool { return s.Screen == flow.Document && s.Attempt == 2 })
	if v.State.Problem != flow.Unreadable {
		t.Errorf("after the first try the visitor sees %+v", v.State)
	}
	b.layDown([]string{"???"})
	if v := b.shows(flow.Document, flow.Done); v.State.Problem != flow.WaitingForStaff {
		t.Errorf("after the second try the visitor sees %+v", v.State)
	}
	b.Send(flow.Next{})
	b.finish()
	if r := b.office.received(t, 0); len(r.record.GetDocuments()) != 0 || len(r.files) != 0 {
		t.Errorf("the office got %v", r.record)
	}
}

func TestAZoneThatReadsWrongTwiceAlikeIsWhatIsPrinted(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.imager.pull() })
	b.begin(flow.StepDocument)
	b.layDown(altered)
	b.showsThat("a second try", func(s flow.State) bool { return s.Attempt == 2 })
	b.layDown(altered)
	b.field.answers <- wholeChip
	b.finish()
	if d := b.office.received(t, 0).record.GetDocuments()[0]; d.GetVerdict() != "doubtful" {
		t.Errorf("verdict is %s, want doubtful", d.GetVerdict())
	}
}

// TestAZoneWithAWrongDigitIsLookedAtOnTheGlassAndTheVisitorNotAsked: who is asked only then learns what is wrong.
func TestAZoneWithAWrongDigitIsLookedAtOnTheGlassAndTheVisitorNotAsked(t *testing.T) {
	for name, test := range map[string]struct {
		printed []string
		verdict string
	}{
		"as it is printed":      {altered, "doubtful"},
		"misread by the reader": {passport, "unverified"}, // there is no chip's proof in this bed
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, nil)
			b.begin(flow.StepDocument)
			b.layDown(altered)
			b.shows(flow.Document, flow.Working)               // before anybody has looked
			b.page <- ocr.Reading{Found: true, Lines: altered} // unsure in infrared
			b.page <- ocr.Reading{Found: true, Sure: true, Lines: test.printed}
			b.field.answers <- wholeChip
			v := b.finish()
			if v.State.StaffWillHelp || v.State.Document().Redone {
				t.Errorf("the visitor sees %+v", v.State)
			}
			for _, v := range b.screen.views {
				if v.State.Attempt > 1 || v.State.Problem != flow.NoProblem {
					t.Errorf("the visitor saw %+v", v.State)
				}
			}
			d := b.office.received(t, 0).record.GetDocuments()[0]
			if !slices.Equal(d.GetMrz(), test.printed) || d.GetVerdict() != test.verdict {
				t.Errorf("the office got %q, %s", d.GetMrz(), d.GetVerdict())
			}
		})
	}
}

func TestAZoneWithAWrongDigitThatTheGlassDoesNotTellIsAskedForAgain(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	b.layDown(altered)
	b.shows(flow.Document, flow.Working)
	for range 2 { // in infrared and in visible light
		b.page <- ocr.Reading{Found: true, Lines: altered}
	}
	v := b.showsThat("a second try", func(s flow.State) bool { return s.Screen == flow.Document && s.Attempt == 2 })
	if v.State.Problem != flow.Unreadable || v.State.Phase != flow.Waiting || v.State.Document().Reading {
		t.Errorf("after the first try the visitor sees %+v", v.State)
	}
	b.layDown(passport)
	b.field.answers <- wholeChip
	b.finish()
	if got := b.office.received(t, 0).record.GetDocuments()[0].GetMrz(); !slices.Equal(got, passport) {
		t.Errorf("the office got the zone %q", got)
	}
}

func TestAVisitorWhoseDocumentLiesBesideTheGlassIsToldSo(t *testing.T) {
	b := newBed(t, func(b *bed, c *Config) {
		b.swipeless, c.Inspection.Timings.Document = true, 300*time.Millisecond
		b.field.lies(false)
	})
	b.begin(flow.StepDocument)
	b.page <- ocr.Reading{Reason: ocr.CutOff}
	v := b.showsThat("a second try", func(s flow.State) bool { return s.Screen == flow.Document && s.Attempt == 2 })
	if v.State.Problem != flow.CutOff {
		t.Errorf("after the first try the visitor sees %+v", v.State)
	}
}
