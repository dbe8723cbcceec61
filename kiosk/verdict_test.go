package kiosk

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/verify"
)

// judgement is how a document is judged: what comes of it, and how long the chip and the examiners take.
type judgement struct {
	checks      []verify.Check
	chip, exams time.Duration
	lines       []string
}

// failed is a check without which a document is doubtful.
var failed = verify.Check{ID: "chip.pa.hashes", Category: verify.CategoryChip, Result: verify.Failed, Reasons: signedBy("nobody")}

// TestNeitherWhatTheVisitorSeesNorWhenDependsOnTheVerdict has documents judged differently and at different speed.
func TestNeitherWhatTheVisitorSeesNorWhenDependsOnTheVerdict(t *testing.T) {
	const review = 2 * time.Second
	for _, lines := range [][]string{passport, idCard} {
		var first []flow.State
		for name, j := range map[string]judgement{
			"at once": {lines: lines},
			"a chip that ends just before the half, and a check": {lines: lines, chip: review/2 - 300*time.Millisecond, exams: review / 4},
			"doubtful": {lines: lines, checks: []verify.Check{failed}},
			"both":     {lines: lines, checks: []verify.Check{failed}, chip: review / 4, exams: review / 3},
		} {
			t.Run(fmt.Sprint(name, " ", len(lines), " lines"), func(t *testing.T) {
				b := judgedBed(t, j, review)
				seen := b.judged(t, review)
				if first == nil {
					first = seen
				}
				if diff := cmp.Diff(first, seen, cmpopts.IgnoreFields(flow.DocumentState{}, "Reading")); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func judgedBed(t *testing.T, j judgement, review time.Duration) *bed {
	slow := func(ctx context.Context, took time.Duration) {
		select {
		case <-time.After(took):
		case <-ctx.Done():
		}
	}
	b := newBed(t, func(b *bed, c *Config) {
		c.Timings.Review = review
		c.Inspection.Examiners[ofPages].Examine = func(ctx context.Context, _ verify.Evidence) []verify.Check { slow(ctx, j.exams); return nil }
		c.Inspection.Examiners[ofBoth].Examine = func(ctx context.Context, _ verify.Evidence) []verify.Check { slow(ctx, j.exams); return j.checks }
		c.Inspection.ReadChip = func(ctx context.Context, card emrtd.Card, key emrtd.Key, o emrtd.Options) (*emrtd.Reading, error) {
			slow(ctx, j.chip)
			return b.field.read(ctx, card, key, o)
		}
	})
	b.begin(flow.StepDocument)
	b.layDown(j.lines)
	b.field.answers <- chipWith("DG1", "DG2")
	return b
}

// judged sends the visitor through and gives each state that was shown, in order.
func (b *bed) judged(t *testing.T, review time.Duration) []flow.State {
	v := b.showsThat("the next screen", func(s flow.State) bool { return s.Screen == flow.TurnOver || s.Screen == flow.Review })
	if v.State.Document().Card {
		b.Send(flow.Next{})
	}
	b.finish()
	b.screen.mu.Lock()
	defer b.screen.mu.Unlock()
	var states []flow.State
	since := map[string]time.Time{}
	for i, v := range b.screen.views {
		if v.State.Screen != flow.OutOfService { // shown only where the office's numbers come late
			states = append(states, v.State)
		}
		name := fmt.Sprint(v.State.Screen, " ", v.State.Phase)
		if _, seen := since[name]; !seen {
			since[name] = b.screen.times[i]
		}
	}
	// A busy machine may need another half, with any document; in between would show how long one took.
	lasts := func(from, to string, atLeast time.Duration) {
		const late = 0.4 // of the way to the next moment may a busy machine be
		took := since[to].Sub(since[from])
		if away := (took - took.Round(review/2)).Abs(); took.Round(review/2) < atLeast || away.Seconds() > late*(review/2).Seconds() {
			t.Errorf("from %s to %s it takes %v, want %v, or halves of %v more", from, to, took, atLeast, review)
		}
	}
	if v.State.Document().Card {
		lasts("document working", "turn_over waiting", review/2)
	}
	if v.State.Document().Card {
		lasts("review working", "review waiting", review/2)
	} else {
		lasts("document working", "review waiting", review)
	}
	return states
}

// TestAChipThatCannotBeConnectedIsAnOddChip: which a forger can make is not told as a reader that does not work.
func TestAChipThatCannotBeConnectedIsAnOddChip(t *testing.T) {
	b := newBed(t, nil)
	b.field.breaks(devices.ErrProtocol)
	b.begin(flow.StepDocument)
	b.layDown(passport)
	if v := b.finish(); v.State.StaffWillHelp || b.ticket().StaffWillHelp {
		t.Errorf("the visitor sees %+v and gets %+v", v.State, b.ticket())
	}
	if c := b.seen[0].Chip; c != verify.ChipDead {
		t.Errorf("the checks hear of a chip that is %s", c)
	}
}

func TestWhatIsToldAtEvenMomentsComesAtTheFirstAfterIt(t *testing.T) {
	begin := today
	for took, want := range map[time.Duration]time.Duration{
		-time.Second: 10 * time.Second, 0: 10 * time.Second, 9999 * time.Millisecond: 10 * time.Second,
		10 * time.Second: 20 * time.Second, 31 * time.Second: 40 * time.Second,
	} {
		if got := even(begin, begin.Add(took), 10*time.Second).Sub(begin); got != want {
			t.Errorf("what took %v is told after %v, want %v", took, got, want)
		}
	}
}

// TestOnlyDevicesThatFailedMakeTheTicketSayThatStaffHelp holds every way a chip can end beside a station that is ill.
func TestOnlyDevicesThatFailedMakeTheTicketSayThatStaffHelp(t *testing.T) {
	unplugged := &devices.Error{Kind: devices.KindChipReader, Op: "transmit", Err: devices.ErrUnplugged}
	for name, test := range map[string]struct {
		answer chipAnswer
		help   bool
	}{
		"a chip that is read":         {wholeChip, false},
		"a chip without files":        {chipAnswer{err: emrtd.ErrNotEPassport, closed: true}, false},
		"a reader that is pulled out": {chipAnswer{err: unplugged}, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(b *bed, _ *Config) { b.checks = []verify.Check{failed} })
			b.begin(flow.StepDocument)
			b.layDown(passport)
			b.field.answers <- test.answer
			v := b.finish()
			if v.State.StaffWillHelp != test.help || b.ticket().StaffWillHelp != test.help {
				t.Errorf("the ticket says %v, want %v", v.State.StaffWillHelp, test.help)
			}
			if d := b.office.received(t, 0).record.GetDocuments()[0]; d.GetVerdict() != string(verify.Doubtful) {
				t.Errorf("the office got %s", d.GetVerdict())
			}
		})
	}
}
