package console

import (
	"math"
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// said is what a check says.
type said struct {
	Text string
	Lang string // of the text, where it is not the viewer's
}

// Says is what a check says in the viewer's language; a sentence of a record of the first contract stays in English. Nil where it says
// nothing.
func (f frame) Says(c *stationv1.Check) *said {
	switch {
	case len(c.GetReasons()) > 0:
		return &said{Text: f.words.Sentence(reasonsOf(c))}
	case c.GetReason() != "":
		return &said{Text: c.GetReason(), Lang: english}
	}
	return nil
}

// english is the language of sentences in records of the first contract.
const english = "en"

func reasonsOf(c *stationv1.Check) (reasons []verify.Reason) {
	for _, r := range c.GetReasons() {
		reason := verify.Because(verify.Code(r.GetCode()))
		for _, p := range r.GetParams() {
			reason = reason.With(p.GetName(), p.GetValues()...)
		}
		reasons = append(reasons, reason)
	}
	return reasons
}

// Measured is what a check measured, and its threshold, as the viewer writes numbers; nil where nothing was measured.
func (f frame) Measured(c *stationv1.Check) *measured {
	m := c.GetMeasure()
	if m == nil {
		return nil
	}
	write := func(v float64) string {
		text := f.Decimal(strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64))
		if m.GetUnit() != "" {
			text += " " + m.GetUnit()
		}
		return text
	}
	return &measured{write(m.GetValue()), write(m.GetThreshold())}
}

// measured is a measurement as it is read.
type measured struct{ Value, Threshold string }

// shared are checks of a document that did not pass for the same reason, which is told once.
type shared struct {
	Result string
	Checks []*stationv1.Check // in the document's order
}

// First is one of them, for what all of them say.
func (s shared) First() *stationv1.Check { return s.Checks[0] }

// fewestShared is how many checks have to have one reason before it is told once for all: two are read as fast by themselves.
const fewestShared = 3

// shareReasons gives what several checks were not made or decided for, and which are left. One that failed always stands by itself.
func shareReasons(checks []*stationv1.Check) (all []shared, left []*stationv1.Check) {
	var causes []*shared
	of := map[string]*shared{}
	for _, c := range checks {
		cause := causeOf(c)
		if of[cause] == nil {
			of[cause] = &shared{Result: c.GetResult()}
			causes = append(causes, of[cause])
		}
		of[cause].Checks = append(of[cause].Checks, c)
	}
	folded := map[*stationv1.Check]bool{}
	for _, cause := range causes {
		if len(cause.Checks) < fewestShared || !sayable(cause.First()) {
			continue
		}
		all = append(all, *cause)
		for _, c := range cause.Checks {
			folded[c] = true
		}
	}
	for _, c := range checks {
		if !folded[c] {
			left = append(left, c)
		}
	}
	return all, left
}

// sayable says whether a reason may be told once for several checks.
func sayable(c *stationv1.Check) bool {
	result := verify.Result(c.GetResult())
	return result != verify.Passed && result != verify.Failed && (len(c.GetReasons()) > 0 || c.GetReason() != "")
}

// causeOf is the same for checks that ended alike and for the same reason, and for no others. Each check is looked at once: compared one
// by one, what a station may send took a quarter of a minute.
func causeOf(c *stationv1.Check) string {
	why := &stationv1.Check{Result: c.GetResult(), Reason: c.GetReason(), Reasons: c.GetReasons()}
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(why)
	if err != nil { // of no record that was read
		return c.GetId()
	}
	return string(text)
}
