package ui

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/foyer-station/foyer/kiosk/bench"
	"github.com/foyer-station/foyer/proto/selftest"
	"github.com/foyer-station/foyer/ui/drawing"
	"github.com/foyer-station/foyer/ui/theme"
)

// benchRuns is a test at work: a line a device with what it does now.
func (p *page) benchRuns() fyne.CanvasObject {
	v := p.workbench.view
	title := p.texts.Say("bench.runs_" + v.Level)
	stop := p.bid("bench.stop", secondary, p.texts.Say("bench.stop"), drawing.Close, bench.Stop{})
	if v.Phase == bench.Ending {
		title, stop = p.texts.Say("bench.ending"), p.disable(stop)
	}
	var about fyne.CanvasObject = p.busy()
	switch {
	case v.Waits != nil:
		about = p.hint(p.begins(v.Waits))
	case v.Doing != nil:
		about = newColumn(theme.Gap, p.text(p.in(v.Doing.Do), theme.Heading, theme.Ink), p.busy())
	}
	var items []fyne.CanvasObject
	for _, l := range v.Lines {
		items = append(items, p.progressOf(l))
	}
	if v.Level == bench.Internal { // a matter of seconds, and nothing to be stopped
		return p.paged(title, about, items, p.leaveAlone())
	}
	return p.paged(title, about, items, stop)
}

// progressOf is how far the test of a device is.
func (p *page) progressOf(l bench.Line) fyne.CanvasObject {
	sign, said := p.sign(l.Mark()), p.counted(l)
	if l.Busy {
		sign, said = p.icon(drawing.Clock, theme.Accent, 48), joined(" · ", p.texts.Say("bench.busy"), said)
	}
	return panel(theme.White, 14, p.row(theme.Gap, []float32{56, 330, 0}, sign,
		p.text(p.begins(l.Name), theme.Small, theme.Ink, bold, lines(2)), p.text(said, theme.Small, theme.Quiet, lines(2))))
}

// benchAsks asks the technician to do something, or to choose.
func (p *page) benchAsks() fyne.CanvasObject {
	q := p.workbench.view.Question
	filler := space(0)
	answer := func(id string, r rank, label string, icon drawing.Name, reply selftest.Reply, choice string) *button {
		return p.bid(id, r, label, icon, bench.Answer{To: q.ID, Reply: reply, Choice: choice})
	}
	most := 12 // lines: what can be answered stays on the screen, whatever is asked
	if len(q.Choices) > 0 {
		most = 4
	}
	content := []fyne.CanvasObject{p.benchTitle(p.begins(q.Name)), p.text(p.in(q.Do), theme.Heading, theme.Ink, lines(most)), filler}
	for _, c := range q.Choices {
		b := answer("bench.choice."+c.ID, card, p.begins(c.Text), "", selftest.Choose, c.ID)
		b.label.style.MaxLines, b.least = 1, choiceHeight
		content = append(content, b)
	}
	if len(q.Choices) == 0 {
		content = append(content, answer("bench.go_on", primary, p.texts.Say("bench.go_on"), drawing.Check, selftest.GoOn, ""))
	}
	content = append(content, p.pair(
		answer("bench.skip", secondary, p.texts.Say("bench.skip"), p.arrow(true), selftest.Skip, ""),
		p.bid("bench.stop", secondary, p.texts.Say("bench.stop"), drawing.Close, bench.Stop{})))
	return p.frame(nil, filler, content...)
}

// benchResult is what came of a test: what failed on top, and a line for each device, which opens; of one device alone all of it.
func (p *page) benchResult() fyne.CanvasObject {
	v := p.workbench.view
	if len(v.Lines) == 1 {
		return p.benchOutcome(p.checks(v.Lines[0], p.in(v.Lines[0].Name)+" · "))
	}
	var ill, folded []fyne.CanvasObject
	for _, l := range v.Lines {
		for _, alike := range p.alike(l.Checks) {
			if c := alike[0]; c.Mark == selftest.Ill || c.Mark == selftest.Soon {
				ill = append(ill, p.check(p.begins(l.Name)+" · "+p.titles(alike), c))
			}
		}
		folded = append(folded, p.fold(l, p.counted(l)))
	}
	return p.benchOutcome(append(ill, folded...))
}

// benchOutcome is what a test comes to, with these items.
func (p *page) benchOutcome(items []fyne.CanvasObject) fyne.CanvasObject {
	v := p.workbench.view
	return p.paged(p.texts.Say("bench.result_"+v.Level), p.benchSum(v), items,
		p.pair(p.bid("bench.again", secondary, p.texts.Say("bench.overview"), p.arrow(false), bench.Test{Level: bench.Internal}), p.benchLeave()))
}

// paged is a screen of the bench: a title, what it comes to, as many of the items as there is room for, and controls below. The others
// are on pages of their own, which are turned, because a finger's drag does not scroll.
func (p *page) paged(title string, about fyne.CanvasObject, items []fyne.CanvasObject, controls ...fyne.CanvasObject) fyne.CanvasObject {
	const width = theme.Width - 2*theme.Margin
	fixed := append([]fyne.CanvasObject{p.benchTitle(title), about}, controls...)
	room := theme.Height - headerHeight - stepsHeight - footerPad - 2*theme.Gap
	for _, o := range fixed {
		room -= heightFor(o, width) + theme.Gap
	}
	pages := p.fill(items, room, width)
	list := newColumn(itemGap)
	if len(pages) > 0 {
		at := p.workbench.page % len(pages)
		list.Objects = pages[at]
		if len(pages) > 1 {
			list.Objects = append(list.Objects, p.pageTurn(at, len(pages)))
		}
	}
	filler := container.New(column{}, list)
	content := append([]fyne.CanvasObject{fixed[0], about, filler}, controls...)
	return p.frame(nil, filler, content...)
}

const (
	itemGap     float32 = 12
	stepsHeight float32 = 60 // of what stands between header and content
)

// mostPages is more than a station has with everything ill. What is beyond it is not measured: a test that told of thousands of checks
// would take the screen's time, and the station's memory.
const mostPages = 24

// fill puts items on pages that are so high. Where there are several each has room for the control that turns them.
func (p *page) fill(items []fyne.CanvasObject, room, width float32) (pages [][]fyne.CanvasObject) {
	var total float32
	for _, o := range items {
		if total += heightFor(o, width) + itemGap; total > room {
			room -= choiceHeight + itemGap
			break
		}
	}
	left := float32(0)
	for _, o := range items {
		height := heightFor(o, width) + itemGap
		switch {
		case len(pages) > 0 && height <= left:
		case len(pages) == mostPages:
			return pages
		default:
			pages, left = append(pages, nil), room
		}
		pages[len(pages)-1] = append(pages[len(pages)-1], o)
		left -= height
	}
	return pages
}

// pageTurn goes on to the next page, and from the last to the first.
func (p *page) pageTurn(at, of int) fyne.CanvasObject {
	b := p.control("bench.page", secondary, fmt.Sprintf("%s (%d/%d)", p.texts.Say("bench.next_page"), at+1, of), drawing.More, nil)
	b.least = choiceHeight
	return p.turn(b.id, b, func(w *workbench) { w.page = (at + 1) % of })
}
