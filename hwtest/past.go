package hwtest

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest/wording"
)

// What a history says.
const (
	saysHistory  devices.Key = "history.head"     // days, runs
	saysNoPast   devices.Key = "history.none"     // days
	saysChanges  devices.Key = "history.changes"  // above what changed
	saysMeasured devices.Key = "history.measured" // above what was measured
	saysStill    devices.Key = "history.still"    // nothing changed
	saysMore     devices.Key = "history.more"     // count
)

// Past is what is known of a station since a time.
type Past struct {
	Since       time.Time
	Runs        int
	First, Last time.Time // of the runs
	Changes     []Change  // the oldest first
	Measured    []Series  // by their checks
}

// Series is what was measured by a check.
type Series struct {
	Check  string
	Limits Measure // of the last run, without its value
	Points []Point // the oldest first
}

// Change is a check that ended otherwise than in the run before.
type Change struct {
	At     time.Time     `json:"at"`
	Check  string        `json:"check"`
	Result Result        `json:"result"`
	State  devices.State `json:"state"`
	Reason devices.Key   `json:"reason_key,omitempty"`
	Device string        `json:"device,omitempty"` // model and firmware
	First  bool          `json:"first,omitempty"`  // it was not known before
}

// PointsOf are the points of each series by its check, as [Report.Trends] takes them.
func PointsOf(all []Series) map[string][]Point {
	of := map[string][]Point{}
	for _, s := range all {
		of[s.Check] = s.Points
	}
	return of
}

// Only leaves the checks that are asked for by kind or by id; all of them without a name.
func (p *Past) Only(names ...string) {
	other := func(check string) bool {
		kind, _, _ := strings.Cut(check, ".")
		return len(names) > 0 && !slices.Contains(names, kind) && !slices.Contains(names, check)
	}
	p.Changes = slices.DeleteFunc(p.Changes, func(c Change) bool { return other(c.Check) })
	p.Measured = slices.DeleteFunc(p.Measured, func(s Series) bool { return other(s.Check) })
}

// Nearing are the trends of what nears its limit at a time, by check.
func (p Past) Nearing(now time.Time) map[string]Trend {
	all := map[string]Trend{}
	for _, s := range p.Measured {
		if t, is := TrendOf(s.Points, s.Limits, now); is {
			all[s.Check] = t
		}
	}
	return all
}

// Known tells whether anything is.
func (p Past) Known() bool { return len(p.Changes) > 0 || len(p.Measured) > 0 }

// mostChanges are as many as a text has room for.
const mostChanges = 40

// WriteText writes the history for a person, in lines of 80 columns: what changed when, and how what was measured has changed, each value
// as the height of a block.
func (p Past) WriteText(w io.Writer, words *wording.Catalogue, now time.Time) error {
	t := &page{words: words, at: now}
	days := strconv.Itoa(int(math.Round(now.Sub(p.Since).Hours() / 24)))
	if !p.Known() {
		t.wrap("", "", t.say(saysNoPast, "days", days))
		_, err := io.WriteString(w, t.String())
		return err
	}
	t.wrap("", "", t.say(saysHistory, "days", days, "runs", strconv.Itoa(p.Runs)))
	t.gap()
	t.changes(p.Changes)
	t.series(p.Measured, p.Nearing(now))
	_, err := io.WriteString(w, t.String())
	return err
}

func (p *page) changes(all []Change) {
	all = slices.DeleteFunc(slices.Clone(all), func(c Change) bool { return c.First && c.Result == Passed && c.State == devices.StateOnline })
	if len(all) == 0 {
		p.wrap("", "", p.say(saysStill))
		return
	}
	p.wrap("", "", p.say(saysChanges))
	if older := len(all) - mostChanges; older > 0 {
		p.wrap("  ", "  ", p.say(saysMore, "count", strconv.Itoa(older)))
		all = all[older:]
	}
	for _, c := range all {
		as := Check{Result: c.Result, State: c.State}
		said := p.say(saysState, "state", string(c.State))
		if as.skipped() {
			said = p.say(saysResult, "result", string(c.Result))
		}
		if reason := devices.Say(c.Reason); !reason.IsZero() && p.words.Knows(reason) {
			said = join("; ", said, p.words.Say(reason))
		}
		head := fmt.Sprintf("%c %s ", as.mark(), c.At.Local().Format("2006-01-02 15:04"))
		p.wrap(head, strings.Repeat(" ", len(head)), join(" ", c.Check+":", said, c.Device))
	}
}

func (p *page) series(all []Series, nearing map[string]Trend) {
	if len(all) == 0 {
		return
	}
	p.gap()
	p.wrap("", "", p.say(saysMeasured))
	s := sheet{words: p.words}
	for _, one := range all {
		m := one.Limits
		m.Value = one.Points[len(one.Points)-1].Value
		m = m.scaled()
		trend, nears := nearing[one.Check]
		mark := byte(well)
		if !m.within() {
			mark = ill
		} else if nears {
			mark = soon
		}
		p.marked(mark, fmt.Sprintf("%-24s %-*s", one.Check, sparks, spark(one.Points)), join(", ", s.value(saysValue, &m.Value, m.Unit), s.limits(m)))
		if nears {
			p.wrap("    ", "    ", p.words.Say(trend.said(one.Limits.Unit)))
		}
	}
}

// sparks are as many blocks as stand for a series.
const sparks = 16

// spark shows how values went, in Unicode's eighths of a block from the least to the greatest.
func spark(points []Point) string {
	points = Thinned(points, sparks)
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range points {
		low, high = min(low, p.Value), max(high, p.Value)
	}
	blocks := []rune("▁▂▃▄▅▆▇█")
	var text []rune
	for _, p := range points {
		height := len(blocks) / 2
		if high > low {
			height = int(math.Round((p.Value - low) / (high - low) * float64(len(blocks)-1)))
		}
		text = append(text, blocks[height])
	}
	return string(text)
}

// WriteJSON writes the history as one JSON object on one line, values in their own units.
func (p Past) WriteJSON(w io.Writer, now time.Time) error {
	type point struct {
		At    time.Time `json:"at"`
		Value float64   `json:"value"`
	}
	type series struct {
		Check  string   `json:"check"`
		Unit   Unit     `json:"unit"`
		Min    *float64 `json:"min,omitempty"`
		Max    *float64 `json:"max,omitempty"`
		Nears  bool     `json:"nears_limit"`
		Points []point  `json:"points"`
	}
	out := struct {
		Since    time.Time `json:"since"`
		Runs     int       `json:"runs"`
		Changes  []Change  `json:"changes"`
		Measured []series  `json:"measured"`
	}{p.Since, p.Runs, append([]Change{}, p.Changes...), []series{}}
	nearing := p.Nearing(now)
	for _, s := range p.Measured {
		_, nears := nearing[s.Check]
		one := series{s.Check, s.Limits.Unit, s.Limits.Min, s.Limits.Max, nears, nil}
		for _, v := range s.Points {
			one.Points = append(one.Points, point(v))
		}
		out.Measured = append(out.Measured, one)
	}
	return json.NewEncoder(w).Encode(out)
}
