package ui

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/foyer-station/foyer/kiosk/bench"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/proto/selftest"
	"github.com/foyer-station/foyer/ui/drawing"
	"github.com/foyer-station/foyer/ui/theme"
)

// workbench is what the technician's screen keeps: what the bench showed last, the device whose checks are looked at, and the page.
type workbench struct {
	view   bench.View
	device string // empty: all of them
	page   int    // from 0
}

// take takes a view in. What is looked at stays as long as the phase does.
func (w *workbench) take(v bench.View) {
	if v.Phase != w.view.Phase || v.Level != w.view.Level {
		w.device, w.page = "", 0
	}
	w.view = v
}

// line is that of the device that is looked at.
func (w *workbench) line() (bench.Line, bool) {
	i := slices.IndexFunc(w.view.Lines, func(l bench.Line) bool { return l.Device == w.device })
	if i < 0 {
		return bench.Line{}, false
	}
	return w.view.Lines[i], true
}

// technician is the station in a technician's hands.
func (p *page) technician() fyne.CanvasObject {
	line, looks := p.workbench.line()
	switch p.workbench.view.Phase {
	case bench.Running, bench.Ending:
		return p.benchRuns()
	case bench.Asking:
		return p.benchAsks()
	case "": // the bench has not said anything yet
		return p.paged(p.texts.Say("technician.title"), p.busy(), nil, p.leaveAlone())
	case bench.Result:
		if !looks {
			return p.benchResult()
		}
	}
	if looks {
		return p.benchDevice(line)
	}
	return p.benchOverview()
}

// in is a text in the technician's language.
func (p *page) in(t selftest.Text) string { return t.In(p.texts.Language) }

// begins is a text in the technician's language as the beginning of a line. It is not for what may begin with a command.
func (p *page) begins(t selftest.Text) string { return large(p.in(t)) }

// large is a text whose first letter is.
func large(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// bid is a control that tells the bench something. It is a sign to the station, too, that somebody is there.
func (p *page) bid(id string, r rank, label string, icon drawing.Name, c bench.Command) *button {
	b := p.control(id, r, label, icon, nil)
	b.tapped = func() {
		p.strike(id, func() {
			p.send(flow.MoreTime{})
			p.bench(c)
		})
	}
	return b
}

// turn is a control that changes what is looked at.
func (p *page) turn(id string, b *button, change func(*workbench)) *button {
	b.tapped = func() {
		p.strike(id, func() {
			p.send(flow.MoreTime{})
			change(&p.workbench)
			p.draw(p.view)
		})
	}
	return b
}

// tests is a control that begins a test, of one device or of all. While the devices are lent, to whomever, none can begin.
func (p *page) tests(id, level, device string) *button {
	b := p.bid(id, secondary, p.texts.Say("bench."+level), "", bench.Test{Level: level, Device: device, Language: p.texts.Language})
	if p.view.State.Phase == flow.Working {
		return p.disable(b)
	}
	return b
}

// pair puts two controls side by side.
func (p *page) pair(a, b fyne.CanvasObject) fyne.CanvasObject {
	for _, o := range []fyne.CanvasObject{a, b} {
		if b, is := o.(*button); is {
			b.narrow = true
		}
	}
	return container.New(row{gap: theme.Gap, rightToLeft: p.texts.RightToLeft, fill: true}, a, b)
}

// benchTitle is a title, with the other language beside it.
func (p *page) benchTitle(title string) fyne.CanvasObject {
	const width = 290
	change := p.otherLanguage()
	change.narrow = true
	return p.row(theme.Gap, []float32{0, width}, p.text(title, theme.Heading, theme.Ink, bold, lines(2)), change)
}

// benchOverview is how everything is: the ill first, then a line for each device that is well, then what else is well.
func (p *page) benchOverview() fyne.CanvasObject {
	v := p.workbench.view
	var items []fyne.CanvasObject
	var others []string
	for _, l := range v.Lines {
		worst, known := l.Worst()
		switch {
		case !known:
		case worst.Mark == selftest.Ill || worst.Mark == selftest.Soon:
			items = append(items, p.illness(l, worst))
		case l.Can(bench.External) || l.Can(bench.Interactive): // a device
			items = append(items, p.fold(l, l.First(func(c selftest.Check) string { return c.Model })))
		default:
			others = append(others, p.brief(l))
		}
	}
	if len(others) > 0 {
		items = append(items, p.text(p.texts.Say("bench.also_well")+" "+strings.Join(others, ", "), theme.Small, theme.Quiet))
	}
	return p.paged(p.texts.Say("technician.title"), p.orLent(p.benchSum(v)), items,
		p.pair(p.bid("bench.again", secondary, p.texts.Say("bench.again"), drawing.Retry, bench.Test{Level: bench.Internal}), p.tests("bench.external", bench.External, "")),
		p.pair(p.tests("bench.interactive", bench.Interactive, ""), p.benchLeave()))
}

func (p *page) benchLeave() *button {
	return p.control("leave", secondary, p.texts.Say("technician.leave"), drawing.Close, flow.Leave{})
}

// leaveAlone is the way out where it stands on the overview: whoever touches it while that comes touches nothing else.
func (p *page) leaveAlone() fyne.CanvasObject { return p.pair(space(0), p.benchLeave()) }

// brief is something that is no device in a few words.
func (p *page) brief(l bench.Line) string {
	name := p.in(l.Name)
	for _, c := range l.Checks {
		if text, _, _ := strings.Cut(p.in(c.Measured), ";"); text != "" {
			return name + " " + text
		}
	}
	return name
}

// orLent is what there is to say, and why no test can begin, where that is so.
func (p *page) orLent(said fyne.CanvasObject) fyne.CanvasObject {
	if p.view.State.Phase != flow.Working {
		return said
	}
	return newColumn(theme.Gap, p.hint(p.texts.Say("bench.lent")), said)
}

// benchSum is what it all comes to.
func (p *page) benchSum(v bench.View) fyne.CanvasObject {
	var ill []string
	for _, l := range v.Lines {
		if m := l.Mark(); m == selftest.Ill || m == selftest.Soon {
			ill = append(ill, p.in(l.Name))
		}
	}
	switch {
	case v.Fault != bench.NoFault:
		return p.hint(p.texts.Say("bench.fault_" + string(v.Fault)))
	case v.Reason != nil:
		why := []fyne.CanvasObject{p.text(p.begins(v.Reason)+".", theme.Body, theme.Ink)}
		return p.hintOf(newColumn(2, append(why, p.remedy(v.Remedy, 0)...)...))
	case len(ill) > 0:
		return p.text(p.texts.Say("bench.needed")+" "+strings.Join(ill, ", "), theme.Body, theme.Ink, bold, lines(3))
	case v.Totals.Healthy && v.Phase == bench.Result && v.Totals.Left > 0:
		return p.text(p.texts.Count("bench.well_but", v.Totals.Left), theme.Body, theme.Ink, bold)
	case v.Totals.Healthy:
		return p.text(p.texts.Say("bench.well"), theme.Body, theme.Ink, bold)
	}
	return p.text(p.texts.Say("bench.nothing"), theme.Body, theme.Ink, bold)
}

// illness is a device that wants somebody: what it is, why, and what to do.
func (p *page) illness(l bench.Line, worst selftest.Check) fyne.CanvasObject {
	open := p.control("bench.device."+l.Device, secondary, p.texts.Say("bench.more"), "", nil)
	open.least = openHeight
	const width, short = 190, 2
	title := p.row(theme.Gap, []float32{48, 0, width}, p.sign(worst.Mark),
		p.text(p.begins(l.Name)+": "+p.in(worst.Condition), theme.Label, theme.Ink, bold, lines(short)),
		p.turn(open.id, open, func(w *workbench) { w.device, w.page = l.Device, 0 }))
	said := []fyne.CanvasObject{title}
	where := joined(" ", l.First(func(c selftest.Check) string { return c.Model }), l.First(func(c selftest.Check) string { return c.Path }))
	if where != "" {
		said = append(said, p.text(where, theme.Small, theme.Quiet, lines(1)))
	}
	return panel(theme.Sand, 14, newColumn(2, append(said, p.advice(worst, short)...)...))
}

// advice is why a check wants somebody, and what to do, in so many lines each.
func (p *page) advice(c selftest.Check, most int) (said []fyne.CanvasObject) {
	if why := p.in(c.Why); why != "" {
		said = append(said, p.text(why, theme.Small, theme.Ink, lines(most)))
	}
	return append(said, p.remedy(c.Remedy, most)...)
}

// remedy is what to do, in so many lines, if there is something.
func (p *page) remedy(what selftest.Text, most int) []fyne.CanvasObject {
	said := p.in(what)
	if said == "" {
		return nil
	}
	return []fyne.CanvasObject{p.row(12, []float32{36, 0}, p.icon(drawing.ArrowRight, theme.Ink, 36), p.text(said, theme.Small, theme.Ink, lines(most)))}
}

// sign is the mark of a check as a drawing.
func (p *page) sign(m selftest.Mark) fyne.CanvasObject {
	name, tint := signOf(m)
	return p.icon(name, tint, 48)
}

// signOf is a shape before it is a colour.
func signOf(m selftest.Mark) (drawing.Name, theme.Color) {
	switch m {
	case selftest.Ill:
		return drawing.Close, theme.Ink
	case selftest.Soon:
		return drawing.Info, theme.Ink
	case selftest.Untested:
		return drawing.More, theme.Shade
	}
	return drawing.Check, theme.Sea
}

// fold is a device in a line, which opens.
func (p *page) fold(l bench.Line, about string) fyne.CanvasObject {
	icon, tint := signOf(l.Mark())
	b := p.control("bench.device."+l.Device, secondary, "", icon, nil)
	b.label = p.text(joined(" · ", p.begins(l.Name), about), theme.Small, theme.Ink, bold, lines(1))
	b.icon, b.narrow, b.least = p.picture(icon, tint), true, openHeight
	return p.turn(b.id, b, func(w *workbench) { w.device, w.page = l.Device, 0 })
}

// Heights of controls that a technician finds more of on a screen than a visitor.
const (
	openHeight   float32 = 84 // of what opens a device
	choiceHeight float32 = 104
)

// benchDevice is one device with all its checks.
func (p *page) benchDevice(l bench.Line) fyne.CanvasObject {
	var about fyne.CanvasObject = space(0)
	if text := joined(" · ", l.First(func(c selftest.Check) string { return c.Model }), l.First(func(c selftest.Check) string { return c.Path })); text != "" {
		about = p.text(text, theme.Small, theme.Quiet, lines(3))
	}
	back := p.turn("bench.back", p.control("bench.back", secondary, p.texts.Say("frame.back"), p.arrow(false), nil), func(w *workbench) { w.device, w.page = "", 0 })
	var controls []fyne.CanvasObject
	if external, interactive := l.Can(bench.External), l.Can(bench.Interactive); external || interactive {
		left, right := space(0), space(0)
		if external {
			left = p.tests("bench.external", bench.External, l.Device)
		}
		if interactive {
			right = p.tests("bench.interactive", bench.Interactive, l.Device)
		}
		controls = append(controls, p.pair(left, right))
	}
	return p.paged(p.begins(l.Name), p.orLent(about), p.checks(l, ""), append(controls, p.pair(back, p.benchLeave()))...)
}

// checks are all of a device's, each after the same words.
func (p *page) checks(l bench.Line, after string) (all []fyne.CanvasObject) {
	for _, alike := range p.alike(l.Checks) {
		all = append(all, p.check(large(after+p.titles(alike)), alike[0]))
	}
	return all
}

// alike puts checks together that follow each other and ended alike, with nothing measured: what is to be said is said once.
func (p *page) alike(checks []selftest.Check) (all [][]selftest.Check) {
	says := func(c selftest.Check) string {
		return joined("\n", string(c.Mark), p.in(c.Why), p.in(c.Remedy))
	}
	for i, c := range checks {
		if i > 0 && len(c.Measured) == 0 && len(checks[i-1].Measured) == 0 && len(c.Why) > 0 && says(c) == says(checks[i-1]) {
			all[len(all)-1] = append(all[len(all)-1], c)
			continue
		}
		all = append(all, []selftest.Check{c})
	}
	return all
}

// titles are what checks are called, without their device.
func (p *page) titles(checks []selftest.Check) string {
	var all []string
	for _, c := range checks {
		all = append(all, p.in(c.Title))
	}
	return strings.Join(all, ", ")
}

// check is how one ended, under a name, with what was measured and its limits.
func (p *page) check(name string, c selftest.Check) fyne.CanvasObject {
	said := []fyne.CanvasObject{p.text(joined(": ", name, p.in(c.Measured)), theme.Body, theme.Ink, bold, lines(4))}
	const whole = 8
	said = append(said, p.advice(c, whole)...)
	ground := theme.White
	if c.Mark == selftest.Ill || c.Mark == selftest.Soon {
		ground = theme.Sand
	}
	return panel(ground, 18, p.row(theme.Gap, []float32{56, 0}, p.sign(c.Mark), newColumn(2, said...)))
}

// counted is how many checks of a device passed, failed and were not made.
func (p *page) counted(l bench.Line) string {
	count := map[selftest.Mark]int{}
	for _, c := range l.Checks {
		count[c.Mark]++
	}
	var said []string
	for _, m := range []selftest.Mark{selftest.Ill, selftest.Soon, selftest.Well, selftest.Untested} {
		if count[m] > 0 {
			said = append(said, strconv.Itoa(count[m])+" "+p.texts.Say("bench.mark_"+string(m)))
		}
	}
	return strings.Join(said, ", ")
}

// joined puts those texts together that say something.
func joined(between string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" || t == "." }), between)
}
