package kiosk

import (
	"testing"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/verify"
)

// needed are the devices without which a step cannot be done.
var needed = map[string]struct {
	pull   func(*bed)
	step   flow.Step
	screen flow.Screen
}{
	"document reader and page imager": {func(b *bed) { b.glass.pull(); b.imager.pull() }, flow.StepDocument, flow.Document},
	"camera":                          {func(b *bed) { b.camera.pull() }, flow.StepPortrait, flow.Portrait},
	"signature pad":                   {func(b *bed) { b.pad.pull() }, flow.StepSignature, flow.Signature},
}

func TestADeviceThatIsMissingAtItsStepEndsAtStaff(t *testing.T) {
	for name, test := range needed {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(b *bed, _ *Config) { test.pull(b) })
			b.begin(test.step)
			v := b.shows(test.screen, flow.Done)
			if v.State.Problem != flow.DeviceMissing {
				t.Errorf("the visitor sees %+v", v.State)
			}
			b.Send(flow.Next{})
			if v := b.finish(); !v.State.StaffWillHelp || v.State.Number == "" {
				t.Errorf("the ticket shows %+v", v.State)
			}
		})
	}
}

func TestADeviceThatIsPulledOutDuringItsStepEndsAtStaff(t *testing.T) {
	for name, test := range needed {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(b *bed, _ *Config) { b.camera.see() })
			b.begin(test.step)
			b.shows(test.screen, flow.Waiting)
			test.pull(b)
			if v := b.shows(test.screen, flow.Done); v.State.Problem != flow.DeviceMissing {
				t.Errorf("the visitor sees %+v", v.State)
			}
			b.Send(flow.Next{})
			if v := b.finish(); !v.State.StaffWillHelp {
				t.Errorf("the ticket shows %+v", v.State)
			}
		})
	}
}

func TestAMissingImagerOrChipReaderIsStaffsButTheVisitorGoesOn(t *testing.T) {
	tests := map[string]struct {
		pull func(*bed)
		chip verify.ChipOutcome
	}{
		"page imager": {func(b *bed) { b.imager.pull() }, verify.ChipRead},
		"chip reader": {func(b *bed) { b.field.pull() }, verify.ChipUnavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(b *bed, _ *Config) { test.pull(b) })
			b.begin(flow.StepDocument)
			b.layDown(idCard)
			b.field.answers <- wholeChip
			if name == "chip reader" {
				b.shows(flow.TurnOver, flow.Waiting)
				b.Send(flow.Next{})
			}
			if v := b.finish(); !v.State.StaffWillHelp {
				t.Errorf("the ticket shows %+v", v.State)
			}
			if got := b.seen[0].Chip; got != test.chip {
				t.Errorf("the chip was %s, want %s", got, test.chip)
			}
		})
	}
}

func TestAnImagerOrChipReaderThatIsPulledOutMidReadIsStaffsButTheVisitorGoesOn(t *testing.T) {
	tests := map[string]struct {
		pull  func(*bed)
		chip  verify.ChipOutcome
		pages int
	}{
		"page imager after one picture": {func(b *bed) { b.imager.gate <- struct{}{}; b.imager.pull(); b.field.answers <- wholeChip }, verify.ChipRead, 1},
		"chip reader":                   {func(b *bed) { close(b.imager.gate); b.field.pull() }, verify.ChipUnavailable, 3},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(b *bed, _ *Config) { b.imager.gate = make(chan struct{}) })
			b.begin(flow.StepDocument)
			b.layDown(passport)
			b.shows(flow.Document, flow.Working)
			test.pull(b)
			if v := b.finish(); !v.State.StaffWillHelp || v.State.Number == "" {
				t.Errorf("the ticket shows %+v", v.State)
			}
			if got := b.seen[0]; got.Chip != test.chip || len(got.Pages) != test.pages {
				t.Errorf("judged by a chip that was %s and %d pages, want %s and %d", got.Chip, len(got.Pages), test.chip, test.pages)
			}
			b.gone()
		})
	}
}

func TestAnImagerThatIsPulledOutWhileACardIsTurnedLeavesOneSide(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	b.layDown(idCard)
	b.field.answers <- wholeChip
	b.shows(flow.TurnOver, flow.Waiting)
	b.imager.pull()
	b.Send(flow.Next{})
	if v := b.finish(); !v.State.StaffWillHelp {
		t.Errorf("the ticket shows %+v", v.State)
	}
	if pages := b.seen[0].Pages; len(pages) != 3 {
		t.Errorf("%d pages were judged, want 3", len(pages))
	}
}
