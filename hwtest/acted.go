package hwtest

import (
	"slices"
	"strings"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest/wording"
)

const (
	saysDPI      devices.Key = "measure.dots_per_inch"    // value
	saysMM       devices.Key = "measure.millimetres"      // value
	saysPercent  devices.Key = "measure.percent"          // value
	saysGrey     devices.Key = "measure.grey_levels"      // value
	saysEach     devices.Key = "measure.per_second"       // value
	saysCycles   devices.Key = "measure.cycles_per_pixel" // value
	saysCount    devices.Key = "measure.count"            // value
	saysUnacted  devices.Key = "report.unacted"           // names, reason
	saysActsWell devices.Key = "report.acts"              // names; of checks that passed, with what was measured
)

// isAct tells the checks of what a device did from whether it is there and how it and its parts are.
func (c Check) isAct() bool {
	name := c.name()
	isPart := slices.ContainsFunc(parts(c.Device), func(p part) bool { return p.name == name })
	return c.isDevice() && !isPart && name != "present" && name != "state"
}

// name is the check's without its kind.
func (c Check) name() string { return strings.TrimPrefix(c.ID, string(c.Device)+".") }

// ills are the checks of an entry that a text tells of: of what devices did each by itself, of all else the worst. Those that ended alike
// are told of once.
func (e entry) ills() (all []Check) {
	if worst := e.worst(); worst.wantsSomebody() && !worst.isAct() {
		all = append(all, worst)
	}
	for _, c := range e {
		if c.isAct() && c.wantsSomebody() && !slices.ContainsFunc(all, c.isLike) {
			all = append(all, c)
		}
	}
	return all
}

// isLike tells whether two checks of what a device did ended in the same way, for the same reason, and with the same to be done.
func (c Check) isLike(other Check) bool {
	return other.isAct() && c.Result == other.Result && c.State == other.State &&
		c.Reason.String() == other.Reason.String() && c.Remedy.String() == other.Remedy.String()
}

// alike is what a check of what a device did is called, and those after it that are like it.
func (e entry) alike(c Check, words *wording.Catalogue) string {
	said := c.title(words)
	for _, other := range e {
		if other.ID != c.ID && other.isAct() && c.isLike(other) {
			said += ", " + other.title(words)
		}
	}
	return said
}

// title is what the check is called, without its device: "white lamp".
func (c Check) title(words *wording.Catalogue) string {
	return words.Say(devices.Say(saysCheck).With("name", c.name()))
}

// fullTitle is the same with its device: "disk (free space)"; of whether a device is there, and how it is, the device alone.
func (c Check) fullTitle(words *wording.Catalogue) string {
	of := NameOf(c.Device, words)
	if name := c.name(); name == "present" || name == "state" {
		return of
	}
	return of + " (" + c.title(words) + ")"
}

// acted tells what a device did well, with what was measured, and what it was not made to do.
func (p *page) acted(e entry) {
	var well []string
	for _, c := range e {
		if c.isAct() && c.Result == Passed {
			well = append(well, join(" ", c.title(p.words), p.measured(c.Measure)))
		}
	}
	if len(well) > 0 {
		p.wrap("    ", "    ", p.say(saysActsWell, "names", strings.Join(well, ", ")))
	}
	for rest := e; ; {
		i := slices.IndexFunc(rest, func(c Check) bool { return c.isAct() && c.skipped() && !c.Reason.Is(saysUnopened) })
		if i < 0 {
			return
		}
		rest = p.unacted(rest[i:])
	}
}

// unacted tells of the first check, and of all that were not made for the same reason. It gives the others.
func (p *page) unacted(e entry) (rest entry) {
	first, names := e[0], []string(nil)
	for _, c := range e {
		switch {
		case !c.isAct() || !c.skipped():
		case c.why(p.words) == first.why(p.words) && p.words.Say(c.Remedy) == p.words.Say(first.Remedy):
			names = append(names, c.title(p.words))
		default:
			rest = append(rest, c)
		}
	}
	p.wrap("  "+string(untested)+" ", "    ", p.say(saysUnacted, "names", strings.Join(names, ", "), "reason", first.why(p.words)))
	if remedy := p.words.Say(first.Remedy); remedy != "" {
		p.wrap("    -> ", "       ", remedy)
	}
	return rest
}

// measured is a measure in words.
func (p *page) measured(m *Measure) string {
	if m == nil {
		return ""
	}
	key := map[Unit]devices.Key{
		Seconds: saysSeconds, Milliseconds: saysMillis, DotsPerInch: saysDPI, Millimetres: saysMM, Percent: saysPercent, GreyLevels: saysGrey,
		PerSecond: saysEach, CyclesPixel: saysCycles, Count: saysCount,
	}[m.Unit]
	if key == "" {
		return m.number(m.Value)
	}
	return p.say(key, "value", m.number(m.Value))
}

// Line is how the check ended, in a line for somebody who waits for it: "+ line 0.4 mm".
func (c Check) Line(words *wording.Catalogue) string {
	p := &page{words: words}
	text := string(c.mark()) + " " + join(" ", c.title(p.words), p.measured(c.Measure))
	if why := c.why(words); why != "" {
		text += ": " + why
	}
	if remedy := words.Say(c.Remedy); remedy != "" {
		text += " -> " + remedy
	}
	return printable(text)
}
