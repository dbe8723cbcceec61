package bench

import (
	"cmp"
	"slices"

	"github.com/foyer-station/foyer/proto/selftest"
)

// Phase is what the technician's screen is about.
type Phase string

// The phases.
const (
	Overview Phase = "overview" // how everything is, from the last test that touched nothing
	Running  Phase = "running"  // a test runs
	Asking   Phase = "asking"   // and asks the technician something
	Ending   Phase = "ending"   // it was told to stop
	Result   Phase = "result"   // what came of a test that had devices act
)

// Fault is why a test gave no whole result, beside what it said itself.
type Fault string

// The faults.
const (
	NoFault   Fault = ""
	Missing   Fault = "missing"   // hwtest could not be started
	Died      Fault = "died"      // it ended before it had told how
	Hung      Fault = "hung"      // it said nothing any more, and was ended
	Nonsense  Fault = "nonsense"  // it said what is not the contract's, and was ended
	Unstopped Fault = "unstopped" // it did not stop when it was told to, and was ended
)

// View is all that a screen needs to draw. It is replaced whole at every change, and whoever has one may keep it.
type View struct {
	Phase    Phase
	Level    string    // of the test that runs, or whose result this is
	Lines    []Line    // a device each, or something else of the station; once the test has ended the ill ones first
	Question *Question // while Asking
	Doing    *Question // what the technician is about to do, until something comes of it; nil otherwise
	Waits    selftest.Text
	Reason   selftest.Text // why the test could not run, or not to its end
	Remedy   selftest.Text
	Fault    Fault
	Totals   selftest.Totals // once it has ended
}

// Line is a device, or something else of the station.
type Line struct {
	Device string
	Name   selftest.Text
	Busy   bool // it is being tested
	Checks []selftest.Check
}

// Question is what the technician is asked.
type Question struct {
	ID      int
	Device  string
	Name    selftest.Text
	Do      selftest.Text
	Choices []selftest.Choice // none where it is something to do
}

// Bounds of what is kept of a test.
const (
	maxLines  = 64
	maxChecks = 64 // of a line
)

// rank orders marks, the most urgent first.
func rank(m selftest.Mark) int {
	return slices.Index([]selftest.Mark{selftest.Ill, selftest.Soon, selftest.Untested, selftest.Well}, m)
}

// Worst is the check that tells how it is: the first of the most urgent, but for what was not tested where something was; false where
// there is none yet.
func (l Line) Worst() (selftest.Check, bool) {
	urgency := func(c selftest.Check) int {
		if c.Mark == selftest.Untested {
			return rank(selftest.Well) + 1
		}
		return rank(c.Mark)
	}
	if len(l.Checks) == 0 {
		return selftest.Check{}, false
	}
	return slices.MinFunc(l.Checks, func(a, b selftest.Check) int { return cmp.Compare(urgency(a), urgency(b)) }), true
}

// Mark is the line's most urgent; untested where nothing is known yet.
func (l Line) Mark() selftest.Mark {
	if worst, known := l.Worst(); known {
		return worst.Mark
	}
	return selftest.Untested
}

// First is the first of the checks' texts that says something: of the model, of the path.
func (l Line) First(of func(selftest.Check) string) string {
	for _, c := range l.Checks {
		if text := of(c); text != "" {
			return text
		}
	}
	return ""
}

// Can tells whether a level tests this device.
func (l Line) Can(level string) bool {
	return slices.ContainsFunc(l.Checks, func(c selftest.Check) bool { return slices.Contains(c.Levels, level) })
}

// tale is what a test has told so far.
type tale struct {
	View
	began bool
	found []Line // of the report
}

// hear takes an event in. It tells whether the test has ended with it, and whether it belongs to the contract.
func (t *tale) hear(e selftest.Event) (ended, fits bool) {
	if t.began == (e.Event == selftest.Begins) {
		return false, false
	}
	switch e.Event {
	case selftest.Begins:
		t.began = true
		return false, e.Version == selftest.Version
	case selftest.Waits:
		t.Waits = e.Reason.Text
	case selftest.Borrowed:
		t.Waits = nil
	case selftest.Testing:
		t.Lines = with(t.Lines, e.Device, e.Name, func(l *Line) { l.Busy = true })
	case selftest.Tested:
		t.Lines = with(t.Lines, e.Device, nil, func(l *Line) { l.Busy = false })
	case selftest.Checked:
		t.Doing = nil
		t.Lines = with(t.Lines, e.Check.Device, e.Check.Name, func(l *Line) { l.note(*e.Check) })
	case selftest.Found:
		t.found = with(t.found, e.Check.Device, e.Check.Name, func(l *Line) { l.note(*e.Check) })
	case selftest.Asks:
		t.Doing = nil
		t.Phase, t.Question = Asking, &Question{ID: e.ID, Device: e.Device, Name: e.Name, Do: e.Do.Text, Choices: e.Choices}
	case selftest.Ends, selftest.Fails:
		if e.Reason != nil {
			t.Reason = e.Reason.Text
		}
		if e.Remedy != nil {
			t.Remedy = e.Remedy.Text
		}
		if e.Totals != nil {
			t.Totals = *e.Totals
		}
		return true, true
	}
	return false, true
}

// with is the lines with a change to that of a device, which is added where there is none yet. The lines that were given stay as they are.
func with(all []Line, device string, name selftest.Text, change func(*Line)) []Line {
	all = slices.Clone(all)
	i := slices.IndexFunc(all, func(l Line) bool { return l.Device == device })
	if i < 0 {
		if len(all) == maxLines || name == nil {
			return all
		}
		i = len(all)
		all = append(all, Line{Device: device, Name: name})
	}
	change(&all[i])
	return all
}

// note keeps how a check ended.
func (l *Line) note(c selftest.Check) {
	l.Checks = slices.Clone(l.Checks)
	if i := slices.IndexFunc(l.Checks, func(o selftest.Check) bool { return o.ID == c.ID }); i >= 0 {
		l.Checks[i] = c
	} else if len(l.Checks) < maxChecks {
		l.Checks = append(l.Checks, c)
	}
}

// answered has the test go on.
func (t *tale) answered(does bool) {
	if does {
		t.Doing = t.Question
	}
	t.Phase, t.Question = Running, nil
}

// close is how it all ended: by the report as far as there is one, else by what was told before.
func (t *tale) close(fault Fault) {
	t.Phase, t.Question, t.Doing, t.Waits, t.Fault = Result, nil, nil, nil, fault
	if t.Level == Internal && fault == NoFault && t.Reason == nil {
		t.Phase = Overview
	}
	if len(t.found) > 0 {
		t.Lines = t.found
	}
	lines := slices.Clone(t.Lines)
	for i := range lines {
		lines[i].Busy = false
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(urgency(a), urgency(b)) })
	t.Lines = lines
}

// urgency orders lines: what is ill, what will be, and everything else as it came.
func urgency(l Line) int { return min(rank(l.Mark()), rank(selftest.Untested)) }
