package kiosk

import (
	"context"
	"image"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/inspection"
	"github.com/foyer-station/foyer/kiosk/flow"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// bench is three examiners. Each answers one check when it is let, and keeps what it was given.
type bench struct {
	pages, chip, both *witness
}

type witness struct {
	check   string
	entered chan struct{} // gets one at each call
	leave   chan struct{} // closed when the examiner may answer
	seen    []verify.Evidence
}

func newWitness(check string) *witness {
	return &witness{check: check, entered: make(chan struct{}, 8), leave: make(chan struct{})}
}

func (w *witness) examine(ctx context.Context, ev verify.Evidence) []verify.Check {
	w.seen = append(w.seen, ev)
	w.entered <- struct{}{}
	select {
	case <-w.leave:
		return []verify.Check{{ID: w.check, Result: verify.Passed, Reasons: signedBy("somebody")}}
	case <-ctx.Done():
		return []verify.Check{{ID: w.check, Result: verify.Aborted, Reasons: signedBy("nobody")}}
	}
}

func newExaminedBed(t *testing.T) (*bed, bench) {
	e := bench{newWitness("optical.ir.b900"), newWitness("chip.pa.hashes"), newWitness("cross.portrait_dg2")}
	b := newBed(t, func(_ *bed, c *Config) {
		c.Inspection.Examiners = examiners(e.chip.examine, e.pages.examine, e.both.examine)
	})
	return b, e
}

func (b *bed) entered(w *witness) {
	b.t.Helper()
	select {
	case <-w.entered:
	case <-time.After(longest):
		b.t.Fatalf("waited in vain for the examiner of %s", w.check)
	}
}

// proveExamined looks that every examiner was asked once, with what it needs and nothing that may still be being read, and
// that the record has every answer once.
func (b *bed) proveExamined(e bench, pages int) {
	b.t.Helper()
	for _, c := range []struct {
		*witness
		pages, files int
	}{{e.pages, pages, 0}, {e.chip, 0, 2}, {e.both, pages, 2}} {
		if len(c.seen) != 1 {
			b.t.Fatalf("the examiner of %s was asked %d times", c.check, len(c.seen))
		}
		if ev := c.seen[0]; len(ev.Pages) != c.pages || len(ev.Files) != c.files || len(ev.MRZ) == 0 || ev.Day != today {
			b.t.Errorf("the examiner of %s saw %d pages, %d files, the zone %q on %v", c.check, len(ev.Pages), len(ev.Files), ev.MRZ, ev.Day)
		}
	}
	times := map[string]int{}
	for _, c := range b.office.received(b.t, 0).record.GetDocuments()[0].GetChecks() {
		if c.GetResult() == "passed" {
			times[c.GetId()]++
		}
	}
	want := map[string]int{"optical.ir.b900": 1, "chip.pa.hashes": 1, "cross.portrait_dg2": 1, "mrz.check_digits": 1, "mrz.expiry": 1}
	if diff := cmp.Diff(want, times); diff != "" {
		b.t.Error(diff)
	}
}

func TestThePagesAreExaminedWhileTheChipIsStillBeingRead(t *testing.T) {
	b, e := newExaminedBed(t)
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.entered(e.pages)
	b.field.answers <- chipWith("DG1", "DG2") // only now
	b.entered(e.chip)
	b.entered(e.both) // and the slow one waits for neither's answer
	close(e.both.leave)
	close(e.chip.leave)
	close(e.pages.leave)
	b.finish()
	b.proveExamined(e, 3)
}

func TestTheChipIsExaminedWhileThePagesAreStillBeingPictured(t *testing.T) {
	b, e := newExaminedBed(t)
	b.imager.gate = make(chan struct{})
	for _, w := range []*witness{e.pages, e.chip, e.both} {
		close(w.leave)
	}
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.field.answers <- chipWith("DG1", "DG2")
	b.entered(e.chip)
	close(b.imager.gate) // only now
	b.finish()
	b.proveExamined(e, 3)
}

func TestACardsChipIsExaminedBeforeItIsTurnedAndItsPagesOnceBothAreSeen(t *testing.T) {
	b, e := newExaminedBed(t)
	for _, w := range []*witness{e.pages, e.chip, e.both} {
		close(w.leave)
	}
	b.begin(flow.StepDocument)
	b.layDown(idCard)
	b.field.answers <- chipWith("DG1", "DG2")
	b.shows(flow.TurnOver, flow.Waiting)
	b.entered(e.chip)
	if len(e.pages.entered)+len(e.both.entered) != 0 {
		t.Error("one side of a card was examined alone")
	}
	b.Send(flow.Next{})
	b.finish()
	b.proveExamined(e, 6)
}

func TestAVisitorWhoLeavesDoesNotHavePagesWipedUnderAnExaminersEyes(t *testing.T) {
	var seen, left sync.WaitGroup
	seen.Add(1)
	left.Add(1)
	b := newBed(t, func(_ *bed, c *Config) {
		c.Inspection.Examiners[ofPages].Examine = func(ctx context.Context, ev verify.Evidence) []verify.Check {
			seen.Done()
			defer left.Done()
			<-ctx.Done()
			for _, p := range ev.Pages {
				if slices.Contains(p.Image.Pix, 0) {
					t.Error("a page was wiped while it was examined")
				}
			}
			return nil
		}
	})
	b.begin(flow.StepDocument)
	b.layDown(passport)
	seen.Wait()
	b.Send(flow.Leave{})
	b.shows(flow.Greeting, "")
	left.Wait()
	for _, picture := range b.imager.pictures {
		if slices.ContainsFunc(picture.Pix, func(v byte) bool { return v != 0 }) {
			t.Error("a page is still in memory")
		}
	}
}

func TestEveryStageOfADocumentIsTracedOnce(t *testing.T) {
	var mu sync.Mutex
	traced := map[inspection.Stage]int{}
	b := newBed(t, func(_ *bed, c *Config) {
		c.Trace = func(stage inspection.Stage, begin, end time.Time) {
			mu.Lock()
			defer mu.Unlock()
			traced[stage]++
			if end.Before(begin) {
				t.Errorf("%s ended before it began", stage)
			}
		}
	})
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.field.answers <- chipWith("DG1", "DG2")
	b.finish()
	want := []inspection.Stage{inspection.StageAccess, inspection.StageChipChecks, inspection.StageConnect, inspection.StageFiles, stageKeepChip, stageKeepPages, inspection.StageLikeness, inspection.StageMRZ, inspection.StageOptical,
		inspection.StagePage(verify.Infrared), inspection.StagePage(verify.Ultraviolet), inspection.StagePage(verify.Visible),
		inspection.StagePrinted, inspection.StageStored, inspection.StageVerdict}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(traced))); diff != "" {
		t.Error(diff)
	}
	for stage, times := range traced {
		if times != 1 {
			t.Errorf("%s was traced %d times", stage, times)
		}
	}
}

// TestWhatWasMeasuredAndWhereReachesTheRecord: the whole picture of the glass, which is white, is kept here.
func TestWhatWasMeasuredAndWhereReachesTheRecord(t *testing.T) {
	margin, area := -0.25, image.Rect(10, 15, 30, 40)
	b := newBed(t, func(b *bed, _ *Config) {
		b.checks = []verify.Check{{
			ID: "optical.ir.b900", Result: verify.Failed, Reasons: signedBy("nobody"), Margin: &margin, Area: &area, Evidence: []string{"page-1-infrared"},
		}}
	})
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.field.answers <- wholeChip
	b.finish()
	for _, c := range b.office.received(t, 0).record.GetDocuments()[0].GetChecks() {
		if measured := c.GetId() == "optical.ir.b900"; measured != (c.Margin != nil) || measured && c.GetMargin() != margin {
			t.Errorf("%s has the margin %v", c.GetId(), c.Margin)
		}
		if measured := c.GetId() == "optical.ir.b900"; measured && !proto.Equal(c.GetArea(), &stationv1.Area{Left: 2500, Top: 5000, Right: 7500, Bottom: 10000}) {
			t.Errorf("%s was seen in %v", c.GetId(), c.GetArea())
		}
	}
}
