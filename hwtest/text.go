package hwtest

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest/wording"
)

// What the report itself says.
const (
	saysHead        devices.Key = "report.head"          // at, source
	saysAllWell     devices.Key = "report.well"          // nobody has to see to anything
	saysIll         devices.Key = "report.ill"           // names; who wants somebody
	saysNothing     devices.Key = "report.nothing"       // nothing could be tested
	saysName        devices.Key = "report.name"          // kind
	saysCheck       devices.Key = "report.check"         // name
	saysState       devices.Key = "report.state"         // state
	saysUntested    devices.Key = "report.untested"      // names
	saysConfigured  devices.Key = "report.configured"    // key, value
	saysLast        devices.Key = "report.last"          // model, path, at
	saysLines       devices.Key = "report.lines"         // above lines of station.toml
	saysBytes       devices.Key = "measure.bytes"        // value
	saysSeconds     devices.Key = "measure.seconds"      // value
	saysMillis      devices.Key = "measure.milliseconds" // value
	saysCelsius     devices.Key = "measure.celsius"      // value
	saysDays        devices.Key = "measure.days"         // value
	saysDaysLeft    devices.Key = "report.days_left"     // value
	saysServes      devices.Key = "station.serves"       // service, link
	saysOutboxLine  devices.Key = "station.outbox"       // count, numbers
	saysOutboxWaits devices.Key = "station.waits"        // count, age, left, numbers
)

// width is how many columns a text has: those of a terminal of 80 by 24.
const width = 80

// Paint says how a text is coloured, by the mark of the line; none on anything but a terminal.
type Paint map[byte]string

// Colours are those of a terminal (ECMA-48, 8.3.117): red for what is ill, yellow for what will be, green for what is well.
func Colours() Paint { return Paint{ill: "\x1b[31;1m", soon: "\x1b[33;1m", well: "\x1b[32m"} }

// Marks are shapes before they are colours: terminals of technicians are not all the same.
const (
	ill      = 'x'
	soon     = '!'
	well     = '+'
	untested = '-'
)

func (c Check) mark() byte {
	switch {
	case c.skipped():
		return untested
	case !c.wantsSomebody():
		return well
	case c.Result == Passed:
		return soon
	}
	return ill
}

// page is a text that is being written.
type page struct {
	strings.Builder
	words *wording.Catalogue
	paint Paint
	dense bool // without the empty lines that are easier to read
	at    time.Time
}

// WriteText writes the report for a person, in the language of words, on one screen of 80 columns as far as it goes: first what wants
// somebody, why, and what to do; then a line for each device that is well, and what else is well in as few as it takes.
func (r Report) WriteText(w io.Writer, words *wording.Catalogue, paint Paint) error {
	const height = 24
	text := r.page(words, paint, false)
	if strings.Count(text, "\n") >= height {
		text = r.page(words, paint, true)
	}
	_, err := io.WriteString(w, text)
	return err
}

func (r Report) page(words *wording.Catalogue, paint Paint, dense bool) string {
	p := &page{words: words, paint: paint, dense: dense, at: r.At}
	entries := r.entries()
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.urgency(), b.urgency()) })
	p.head(r, entries)
	p.gap()
	for _, e := range entries {
		ills := e.ills()
		for _, c := range ills {
			p.illness(e, c)
			if c.isDevice() && c.ID == ills[len(ills)-1].ID {
				p.acted(e)
			}
			p.gap()
		}
	}
	p.wellDevices(entries)
	p.others(entries)
	p.lines(entries)
	return p.String()
}

// gap is an empty line.
func (p *page) gap() {
	if !p.dense {
		p.WriteString("\n")
	}
}

// urgency orders what is ill: a kiosk that serves nobody first, then what is ill, then what will be.
func (e entry) urgency() int {
	switch worst := e.worst(); {
	case worst.mark() == ill && worst.Device == KindKiosk:
		return 0
	case worst.mark() == ill:
		return 1
	case worst.mark() == soon:
		return 2
	}
	return 3
}

// head is who was asked, and the sum of it.
func (p *page) head(r Report, entries []entry) {
	p.wrap("", "", p.say(saysHead, "at", r.At.Format(time.DateTime), "source", string(r.Source)))
	if r.Station != nil {
		p.wrap("", "", r.Station.in(p.words))
	}
	var names []string
	for _, e := range entries {
		if e.worst().wantsSomebody() {
			names = append(names, p.name(e[0].Device))
		}
	}
	switch {
	case len(names) > 0:
		p.wrap("", "", p.cut(p.say(saysIll, "names", strings.Join(names, ", ")), width))
	case r.Healthy():
		p.wrap("", "", p.say(saysAllWell))
	default:
		p.wrap("", "", p.say(saysNothing))
	}
}

// illness is what is wrong with a device and what to do about it.
func (p *page) illness(e entry, worst Check) {
	name, id := p.name(worst.Device), string(worst.Device)
	if worst.isAct() {
		id = e.alike(worst)
	}
	if name != id {
		name += " (" + id + ")"
	}
	state := p.say(saysState, "state", string(worst.State))
	if days := worst.DaysLeft; days != nil && *days >= 0 {
		state += ", " + p.say(saysDaysLeft, "value", strconv.Itoa(*days))
	}
	p.marked(worst.mark(), fmt.Sprintf("%s: %s", name, state), join(" ", e.identity(), e.first(func(c Check) string { return c.Path })))
	p.wrap("    ", "    ", p.cut(p.whole(worst, e.isUnplaced()), 2*width-13))
	if remedy := p.words.Say(worst.Remedy); remedy != "" {
		p.wrap("    -> ", "       ", remedy)
	}
}

// cut shortens a text where the page is dense, to as many characters: JSON has all of it.
func (p *page) cut(text string, most int) string {
	if chars := []rune(text); p.dense && len(chars) > most {
		return string(chars[:most-1]) + "…"
	}
	return text
}

// whole is why, and what helps to find the device: where it was last, and where the configuration says it is. A dense page says that of
// one that is not there alone.
func (p *page) whole(c Check, unplaced bool) string {
	said := []string{c.why(p.words)}
	if p.dense && c.State != devices.StateNoDevice {
		return said[0]
	}
	if l := c.Last; l != nil {
		said = append(said, p.say(saysLast, "model", l.Model, "path", l.Path, "at", p.clock(l.Until)))
	}
	if s := c.Configured; s != nil && unplaced {
		said = append(said, p.say(saysConfigured, "key", s.Key, "value", strconv.Quote(shortened(s.Value))))
	}
	return join("; ", said...)
}

// clock is a time of day, with the day unless that is the report's.
func (p *page) clock(t time.Time) string {
	if t = t.Local(); t.Format(time.DateOnly) == p.at.Local().Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// shortened is a setting's value as far as a person reads it: a pipeline goes on for lines.
func shortened(value string) string {
	const most = 60
	if text := []rune(value); len(text) > most {
		return string(text[:most-1]) + "…"
	}
	return value
}

// identity is what a device calls itself.
func (e entry) identity() string { return e.first(func(c Check) string { return c.Model }) }

// isUnplaced tells whether no check says where the device is.
func (e entry) isUnplaced() bool { return e.first(func(c Check) string { return c.Path }) == "" }

// first is the first of the checks' texts that says something.
func (e entry) first(of func(Check) string) string {
	for _, c := range e {
		if text := of(c); text != "" {
			return text
		}
	}
	return ""
}

// wellDevices have a line each.
func (p *page) wellDevices(entries []entry) {
	for _, e := range entries {
		worst := e.worst()
		if worst.isAct() && worst.skipped() { // nothing else was asked for
			p.marked(untested, p.name(worst.Device), "")
			p.acted(e)
		}
		if !worst.isDevice() || worst.wantsSomebody() || worst.skipped() {
			continue
		}
		path := e.first(func(c Check) string { return c.Path })
		state := ""
		if worst.State != devices.StateOnline {
			state = p.say(saysState, "state", string(worst.State))
		}
		p.marked(well, fmt.Sprintf("%-18s", p.name(worst.Device)), join(" ", e.identity(), path, state, p.words.Say(worst.Reason)))
		p.acted(e)
	}
}

// others are what is no device: the names of what is well, with what was measured, and of what could not be tested.
func (p *page) others(entries []entry) {
	var fine []string
	var left entry
	for _, e := range entries {
		worst := e.worst()
		for _, c := range e {
			if c.skipped() && !c.isAct() && (!worst.isDevice() || worst.skipped()) {
				left = append(left, c)
			}
		}
		if worst.isDevice() || worst.wantsSomebody() || worst.skipped() {
			continue
		}
		fine = append(fine, join(" ", p.name(worst.Device), p.measures(e)))
	}
	if len(fine) > 0 {
		p.wrap(p.coloured(well)+" ", "  ", strings.Join(fine, ", "))
	}
	p.untested(left)
}

// untested names what could not be tested, and unless the page is dense, why.
func (p *page) untested(left entry) {
	why := func(c Check) string {
		if p.dense {
			return ""
		}
		return c.why(p.words)
	}
	for len(left) > 0 {
		reason, names := why(left[0]), []string(nil)
		left = slices.DeleteFunc(left, func(c Check) bool {
			same := why(c) == reason
			if same {
				names = append(names, c.ID)
			}
			return same
		})
		text := p.say(saysUntested, "names", strings.Join(names, ", "))
		if reason != "" {
			text = p.say(saysUnacted, "names", strings.Join(names, ", "), "reason", reason)
		}
		p.wrap(string(untested)+" ", "  ", text)
	}
}

// measures is the first thing that was measured.
func (p *page) measures(e entry) string {
	keys := map[Unit]devices.Key{Bytes: saysBytes, Seconds: saysSeconds, Milliseconds: saysMillis, Celsius: saysCelsius, Days: saysDays}
	for _, c := range e {
		if c.DaysLeft != nil {
			return p.say(saysDaysLeft, "value", strconv.Itoa(*c.DaysLeft))
		}
		m := c.Measure
		if m == nil || keys[m.Unit] == "" || m.Unit == Seconds && m.Value < 1 {
			continue
		}
		value := m.Value
		if m.Unit == Bytes {
			value /= 1 << 30
		}
		return p.say(keys[m.Unit], "value", strconv.FormatFloat(value, 'f', digits(m.Unit), 64))
	}
	return ""
}

// digits are how many a value has behind the point.
func digits(u Unit) int {
	if u == Bytes || u == Seconds {
		return 1
	}
	return 0
}

// lines are those of station.toml that would use what was found: each table once, and what would be set twice as a remark.
func (p *page) lines(entries []entry) {
	tables, set := map[string][]string{}, map[string]bool{}
	var order []string
	for _, c := range slices.Concat(entries...) {
		if len(c.Config) == 0 {
			continue
		}
		table := c.Config[0]
		if tables[table] == nil {
			order = append(order, table)
		}
		for _, line := range c.Config[1:] {
			key, _, _ := strings.Cut(line, " = ")
			if set[table+key] {
				line = "# " + line
			}
			set[table+key] = true
			tables[table] = append(tables[table], line)
		}
	}
	for i, table := range order {
		if i == 0 {
			p.WriteString("\n")
			p.wrap("", "", p.say(saysLines))
		}
		for _, line := range append([]string{table}, tables[table]...) {
			fmt.Fprintf(p, "    %s\n", printable(line))
		}
	}
}

// isDevice tells devices from what else there is of a station.
func (c Check) isDevice() bool {
	kind, _, _ := strings.Cut(string(c.Device), ".") // the second of a kind is "camera.2"
	switch devices.Kind(kind) {
	case devices.KindMRZReader, devices.KindChipReader, devices.KindPageImager, devices.KindCamera, devices.KindSignaturePad, devices.KindTicketPrinter:
		return true
	}
	return len(c.Config) > 0 // a lamp, a serial line
}

// in is how the kiosk itself is: "in service, linked to the back office; 0 check-ins to send, 87 numbers left".
func (s Station) in(words *wording.Catalogue) string {
	p := page{words: words}
	service, link := "closed", s.Link
	if s.InService {
		service = "open"
	}
	switch {
	case s.Linked:
		link = "linked"
	case link == "":
		link = "cut_off"
	}
	said := p.say(saysServes, "service", service, "link", link)
	count, numbers := strconv.Itoa(s.Outbox), strconv.Itoa(s.NumbersLeft)
	if s.OutboxAge < 60 {
		return said + "; " + p.say(saysOutboxLine, "count", count, "numbers", numbers)
	}
	return said + "; " + p.say(saysOutboxWaits, "count", count, "age", hoursAndMinutes(s.OutboxAge), "left", hoursAndMinutes(s.OutboxLeft), "numbers", numbers)
}

// hoursAndMinutes writes seconds as "5h20m".
func hoursAndMinutes(seconds int) string { return fmt.Sprintf("%dh%02dm", seconds/3600, seconds/60%60) }

// say words a message of names and values in turn.
func (p *page) say(key devices.Key, namesAndValues ...string) string {
	m := devices.Say(key)
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		m = m.With(namesAndValues[i], namesAndValues[i+1])
	}
	return p.words.Say(m)
}

func (p *page) name(kind devices.Kind) string { return NameOf(kind, p.words) }

// NameOf is what a device is called, or something else of the station; the second of a kind has its number behind it.
func NameOf(kind devices.Kind, words *wording.Catalogue) string {
	base, number, _ := strings.Cut(string(kind), ".")
	return join(" ", words.Say(devices.Say(saysName).With("kind", base)), number)
}

func (p *page) coloured(mark byte) string {
	if colour := p.paint[mark]; colour != "" {
		return colour + string(mark) + "\x1b[0m"
	}
	return string(mark)
}

// marked is a line that is cut where the screen ends.
func (p *page) marked(mark byte, name, about string) {
	text := []rune(strings.TrimRight(printable(name+" "+about), " "))
	if len(text) > width-2 {
		text = append(text[:width-3], '…')
	}
	fmt.Fprintf(p, "%s %s\n", p.coloured(mark), string(text))
}

// wrap writes a text in lines of the screen's width, which begin as said. A word that is longer than a line is not broken: a path is to be
// copied.
func (p *page) wrap(first, next, text string) {
	line, used := first, 0
	for _, word := range strings.Fields(printable(text)) {
		indent := len(next)
		if used > 0 && indent+used+1+utf8.RuneCountInString(word) > width {
			p.WriteString(line + "\n")
			line, used = next, 0
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+utf8.RuneCountInString(word)
	}
	if used > 0 {
		p.WriteString(line + "\n")
	}
}

// join puts those texts together that say something.
func join(between string, texts ...string) string {
	var said []string
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			said = append(said, t)
		}
	}
	return strings.Join(said, between)
}
