package hwtest

import (
	"strconv"
	"time"

	"github.com/foyer-station/foyer/hwtest/wording"
)

// Standing is whether a check wants somebody.
type Standing string

// The standings, in the order in which they are shown.
const (
	StandsIll      Standing = "ill"
	StandsSoon     Standing = "soon" // it works, and wants somebody before long
	StandsUntested Standing = "untested"
	StandsWell     Standing = "well"
)

// Standing tells whether the check wants somebody.
func (c Check) Standing() Standing {
	return map[byte]Standing{ill: StandsIll, soon: StandsSoon, untested: StandsUntested, well: StandsWell}[c.mark()]
}

// Acted tells the checks of what a device did from whether it is there and how it and its parts are.
func (c Check) Acted() bool { return c.isAct() }

// Worded is what a check says in one language, a line each; empty where there is nothing to say.
type Worded struct {
	Name      string // of the device
	Title     string // of the check, without the device: "dead pixels"
	Condition string // the state: "works for now"
	Measured  string // the value, with the limits that it is held to: "0.4 mm; 3.0 mm at most"
	Why       string
	Remedy    string
}

// Worded puts the check into words. At is the time of the report.
func (c Check) Worded(words *wording.Catalogue, at time.Time) Worded {
	p := &page{words: words, at: at}
	return Worded{
		Name:      printable(p.name(c.Device)),
		Title:     printable(p.say(saysCheck, "name", c.name())),
		Condition: printable(p.say(saysState, "state", string(c.State))),
		Measured:  printable(p.held(c)),
		Why:       printable(p.whole(c, entry{c}.isUnplaced())),
		Remedy:    printable(words.Say(c.Remedy)),
	}
}

// held is what was measured, and the limits of what a person can make something of.
func (p *page) held(c Check) string {
	if c.DaysLeft != nil {
		return p.say(saysDaysLeft, "value", strconv.Itoa(*c.DaysLeft))
	}
	m := c.Measure
	if m == nil {
		return ""
	}
	switch m.Unit {
	case Bytes, Celsius, Days:
		return p.measures(entry{c})
	}
	s := &sheet{words: p.words}
	return join("; ", p.measured(m), s.limits(*m))
}
