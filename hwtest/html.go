package hwtest

import (
	"cmp"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest/wording"
)

// What the page says besides.
const (
	saysLabel   devices.Key = "html.label"   // label
	saysResult  devices.Key = "html.result"  // result
	saysSource  devices.Key = "html.source"  // source
	saysLevel   devices.Key = "html.level"   // level
	saysValue   devices.Key = "html.value"   // value, unit
	saysNumber  devices.Key = "html.number"  // value
	saysTitle   devices.Key = "html.title"   // at
	saysAtLeast devices.Key = "html.minimum" // value, unit
	saysAtMost  devices.Key = "html.maximum" // value, unit
)

//go:embed report.html
var pageText string

// sheet is what the page is made of: worded, and in its order.
type sheet struct {
	words    *wording.Catalogue
	Language string
	Title    string
	Head     []string
	Sum      string
	Well     bool
	Ills     []sheetIll
	Entries  []sheetEntry
	Past     []plot
	Seen     []sheetSeen
	Checks   []sheetCheck
	Config   []string
}

type sheetIll struct {
	Mark, Name, ID, State, Device, Path, Reason, Remedy, Last, Configured string
}

type sheetEntry struct{ Mark, Name, Device, Serial, Path, State, Measured string }

// sheetSeen is a picture, or a curve.
type sheetSeen struct {
	Caption string
	Picture template.URL
	Curve   *plot
}

type sheetCheck struct {
	Mark, ID, Result, Value, Limits, Millis, Reason string

	Bring string // what a check wants that was not made
}

// WriteHTML writes the report as one page that needs nothing besides: no network, no script, no font. past are the points of checks by
// their id, for plots; none is needed. The same report gives the same page.
func (r Report) WriteHTML(w io.Writer, words *wording.Catalogue, language string, past map[string][]Point) error {
	s := &sheet{words: words, Language: language}
	t, err := template.New("report").Funcs(template.FuncMap{"label": s.label}).Parse(pageText)
	if err != nil {
		return err
	}
	s.head(r)
	entries := r.entries()
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.urgency(), b.urgency()) })
	p := page{words: words, at: r.At}
	for _, e := range entries {
		s.entry(&p, e)
	}
	for _, c := range r.Checks {
		s.check(c, past[c.ID])
	}
	p.lines(entries)
	if text := strings.TrimSpace(p.String()); text != "" {
		s.Config = strings.Split(text, "\n")[1:]
	}
	var b strings.Builder
	if err := t.Execute(&b, s); err != nil {
		return err
	}
	_, err = io.WriteString(w, visible(b.String()))
	return err
}

// visible is a page without what nobody sees in it: controls, and what turns the direction of text around, which would let a device's name
// read as another.
func visible(page string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Bidi_Control) {
			return '?'
		}
		return r
	}, page)
}

func (s *sheet) label(name string) string { return s.say(saysLabel, "label", name) }

func (s *sheet) say(key devices.Key, namesAndValues ...string) string {
	return (&page{words: s.words}).say(key, namesAndValues...)
}

func (s *sheet) head(r Report) {
	s.Title = s.say(saysTitle, "at", r.At.Format(time.DateTime))
	s.Head = []string{s.say(saysLevel, "level", string(r.Level)) + "; " + s.say(saysSource, "source", string(r.Source))}
	if r.Station != nil {
		s.Head = append(s.Head, r.Station.in(s.words))
	}
	var names []string
	for _, e := range r.entries() {
		if e.worst().wantsSomebody() {
			names = append(names, NameOf(e[0].Device, s.words))
		}
	}
	s.Well = r.Healthy()
	switch {
	case len(names) > 0:
		s.Sum = s.say(saysIll, "names", strings.Join(names, ", "))
	case s.Well:
		s.Sum = s.say(saysAllWell)
	default:
		s.Sum = s.say(saysNothing)
	}
}

// markNames are what the page's classes and words call the marks.
var markNames = map[byte]string{ill: "ill", soon: "soon", well: "well", untested: "untested"}

func (s *sheet) entry(p *page, e entry) {
	worst := e.worst()
	one := sheetEntry{
		Mark: markNames[worst.mark()], Name: NameOf(worst.Device, s.words), Measured: p.measures(e),
		Device: join(" ", e.identity(), e.first(func(c Check) string { return c.Firmware })),
		Serial: e.first(func(c Check) string { return c.Serial }), Path: e.first(func(c Check) string { return c.Path }),
	}
	if !worst.skipped() {
		one.State = s.say(saysState, "state", string(worst.State))
	}
	s.Entries = append(s.Entries, one)
	for i, c := range e {
		if !c.wantsSomebody() || c.isAct() && slices.ContainsFunc(e[:i], c.isLike) {
			continue
		}
		name := one.Name
		if c.isAct() {
			name += ": " + e.alike(c, s.words)
		}
		bad := sheetIll{
			Mark: markNames[c.mark()], Name: name, ID: c.ID, State: s.say(saysState, "state", string(c.State)), Device: one.Device,
			Path: one.Path, Reason: c.why(s.words), Remedy: s.words.Say(c.Remedy),
		}
		if l := c.Last; l != nil {
			bad.Last = s.say(saysLast, "model", l.Model, "path", l.Path, "at", p.clock(l.Until))
		}
		if set := c.Configured; set != nil && e.isUnplaced() {
			bad.Configured = s.say(saysConfigured, "key", set.Key, "value", strconv.Quote(set.Value))
		}
		s.Ills = append(s.Ills, bad)
	}
}

func (s *sheet) check(c Check, past []Point) {
	one := sheetCheck{
		Mark: markNames[c.mark()], ID: c.ID, Result: s.say(saysResult, "result", string(c.Result)), Reason: c.why(s.words),
		Millis: fmt.Sprintf("%.0f", c.Millis),
	}
	if c.skipped() { // what to do about the others stands above
		one.Bring = s.words.Say(c.Remedy)
	}
	if c.Measure != nil {
		m := c.Measure.scaled()
		one.Value, one.Limits = s.value(saysValue, &m.Value, m.Unit), s.limits(m)
		if len(past) > 1 {
			plot := pastPlot(past, *c.Measure)
			plot.Title, plot.Caption = c.fullTitle(s.words), join("; ", one.Value, one.Limits)
			s.Past = append(s.Past, s.worded(plot))
		}
	}
	s.Checks = append(s.Checks, one)
	for _, p := range c.Pictures {
		s.Seen = append(s.Seen, sheetSeen{
			Caption: c.fullTitle(s.words) + ": " + strings.ReplaceAll(p.Name, "_", " "),
			Picture: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(p.PNG)),
		})
	}
	if v := c.Curve; v != nil && len(v.X) > 1 && len(v.X) == len(v.Y) {
		plot := line(v.X, v.Y, Measure{})
		plot.From, plot.To = s.value(saysValue, &v.X[0], v.XUnit), s.value(saysValue, &v.X[len(v.X)-1], v.XUnit)
		plot.Title = c.fullTitle(s.words)
		plot.Caption = plot.Title + ": " + s.label("curve") + ", " + s.value(saysValue, &v.Y[len(v.Y)-1], v.YUnit)
		plot = s.worded(plot)
		s.Seen = append(s.Seen, sheetSeen{Caption: plot.Caption, Curve: &plot})
	}
}

// worded is a plot whose numbers are written as the page's language does.
func (s *sheet) worded(p plot) plot {
	for _, number := range []*string{&p.Highest, &p.Lowest} {
		*number = s.say(saysNumber, "value", *number)
	}
	for i, l := range p.Limits {
		p.Limits[i].Value = s.say(saysNumber, "value", l.Value)
	}
	return p
}

func (s *sheet) limits(m Measure) string {
	return join(", ", s.value(saysAtLeast, m.Min, m.Unit), s.value(saysAtMost, m.Max, m.Unit))
}

// value words a value; nothing of one that is not there.
func (s *sheet) value(key devices.Key, v *float64, u Unit) string {
	if v == nil {
		return ""
	}
	return s.say(key, "value", figures(*v), "unit", string(u))
}
