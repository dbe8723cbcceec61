package ui

import (
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/ui/drawing"
	"github.com/foyer-station/foyer/ui/theme"
)

// Heights of the frame that every screen has.
const (
	headerHeight float32 = 150
	footerPad    float32 = 36
)

// firstSteps is how many steps come before those that the service asks for: language, privacy, service.
const firstSteps = 3

// frame puts content between the header and, if there is one, the footer. The content's filler takes the height that is
// left.
func (p *page) frame(footer fyne.CanvasObject, filler fyne.CanvasObject, content ...fyne.CanvasObject) fyne.CanvasObject {
	middle := container.New(inset{theme.Margin, theme.Gap}, space(0),
		container.New(column{gap: theme.Gap, filler: filler}, content...))
	parts := []fyne.CanvasObject{p.header(), p.steps(), middle}
	if footer != nil {
		parts = append(parts, footer)
	} else {
		parts = append(parts, space(footerPad))
	}
	return container.New(column{filler: middle}, parts...)
}

// header says where the visitor is, and in which language.
func (p *page) header() fyne.CanvasObject {
	name := p.text(p.view.Office.Name, theme.Small, theme.Ink, bold, lines(2))
	language := p.text("", theme.Small, theme.Quiet, atEnd)
	if p.view.State.Language != "" {
		language.content = p.texts.Say("language.name")
	}
	bar := p.row(theme.Gap, []float32{60, 0, 230}, p.icon(drawing.Mark, theme.Accent, 60), name, language)
	return container.New(inset{theme.Margin, theme.Gap}, space(0), container.New(centred{theme.Width, headerHeight - 2*theme.Gap}, bar))
}

// timer shows how long the screen still waits for the visitor, and nothing while it waits for a device, or for a document to be taken
// away, which it does for ever.
func (p *page) timer() fyne.CanvasObject {
	left := p.text("", theme.Small, theme.Quiet, atEnd)
	icon := p.icon(drawing.Clock, theme.Quiet, 40)
	if p.view.Until.IsZero() || p.view.State.Screen == flow.TakeDocument {
		return left
	}
	p.ticks = append(p.ticks, func(now time.Time) {
		seconds := secondsUntil(p.view.Until, now) // of the view that is shown by then
		left.say(fmt.Sprintf("%d:%02d", seconds/60, seconds%60))
	})
	width := float32(90)
	if p.view.Until.Sub(p.now()) > 9*time.Minute { // four digits
		width = 110
	}
	return p.row(0, []float32{0, 40, width}, space(0), icon, left)
}

// secondsUntil counts a begun second.
func secondsUntil(until, now time.Time) int {
	return int(max(0, until.Sub(now)+time.Second-1) / time.Second)
}

// progress is which step of how many this is, 0 where there is none to speak of. Before the service is chosen the
// longest one that the office offers counts.
func (p *page) progress() (step, total int) {
	s := p.view.State
	most := len(s.Service.Steps)
	switch shown(s) {
	case flow.Language:
		step = 1
	case flow.Privacy:
		step = 2
	case flow.ServiceMenu:
		step = firstSteps
	case flow.Document, flow.TurnOver, flow.AccessNumber, flow.Portrait, flow.Signature:
		step = firstSteps + 1 + slices.Index(s.Service.Steps, stepOf(shown(s)))
	case flow.Review:
		step = firstSteps + 1 + most
	}
	if s.Service.ID == "" {
		for _, service := range p.view.Office.Services {
			most = max(most, len(service.Steps))
		}
	}
	return step, firstSteps + most + 1
}

// stepOf is the step that a screen belongs to.
func stepOf(screen flow.Screen) flow.Step {
	switch screen {
	case flow.Portrait:
		return flow.StepPortrait
	case flow.Signature:
		return flow.StepSignature
	default:
		return flow.StepDocument
	}
}

// steps draws the progress, a bar in as many parts as there are steps, and how long the screen waits.
func (p *page) steps() fyne.CanvasObject {
	step, total := p.progress()
	if step == 0 {
		line := p.row(theme.Gap, []float32{0, 150}, space(0), p.timer())
		return container.New(inset{theme.Margin, 0}, space(0), newColumn(0, space(10), line))
	}
	parts := make([]fyne.CanvasObject, total)
	for i := range parts {
		colour := theme.Line
		if i < step {
			colour = theme.Sea
		}
		part := canvas.NewRectangle(colour)
		part.CornerRadius = 5
		part.SetMinSize(fyne.NewSize(0, 10))
		parts[i] = part
	}
	where := p.texts.Step(step, total)
	if n := len(p.view.State.Persons); n > 1 && shown(p.view.State) != flow.Review {
		where += " · " + p.texts.Person(n)
	}
	said := p.text(where, theme.Small, theme.Quiet)
	return container.New(inset{theme.Margin, 0}, space(0),
		newColumn(10, p.row(10, nil, parts...), p.row(theme.Gap, []float32{0, 150}, said, p.timer())))
}

// footer has back and help; either may be left out.
func (p *page) footer(back, help bool) fyne.CanvasObject {
	left, right := space(theme.ButtonHeight), space(theme.ButtonHeight)
	if back {
		left = p.control("back", secondary, p.texts.Say("frame.back"), p.arrow(false), flow.Back{})
	}
	if help {
		right = p.control("help", secondary, p.texts.Say("frame.help"), drawing.Help, flow.OpenHelp{})
	}
	return p.between(left, right)
}

// between is a footer of two controls.
func (p *page) between(left, right fyne.CanvasObject) fyne.CanvasObject {
	ground := container.New(column{}, line(), space(theme.ButtonHeight+2*footerPad-2))
	return container.New(inset{theme.Margin, footerPad}, ground, p.row(theme.Gap, nil, left, right))
}

func line() fyne.CanvasObject {
	r := canvas.NewRectangle(theme.Line)
	r.SetMinSize(fyne.NewSize(0, 2))
	return r
}

// hint is what the visitor should do differently, on a ground that wants to be read.
func (p *page) hint(said string) fyne.CanvasObject {
	return p.hintOf(p.text(said, theme.Body, theme.Ink))
}

// hintOf is a hint whose words can change, or that says more.
func (p *page) hintOf(said fyne.CanvasObject) fyne.CanvasObject {
	return panel(theme.Sand, 28, p.row(theme.Gap, []float32{56}, p.icon(drawing.Info, theme.Ink, 56), said))
}

// busy says that a device is at work: three dots, one of them darker in turn.
func (p *page) busy() fyne.CanvasObject {
	dots := make([]fyne.CanvasObject, 3)
	for i := range dots {
		dot := canvas.NewCircle(theme.Line)
		dot.Resize(fyne.NewSize(26, 26))
		dots[i] = container.New(centred{26, 26}, dot)
	}
	turn := -1
	p.ticks = append(p.ticks, func(time.Time) {
		turn = (turn + 1) % len(dots)
		for i, dot := range dots {
			circle := dot.(*fyne.Container).Objects[0].(*canvas.Circle)
			circle.FillColor = theme.Line
			if i == turn {
				circle.FillColor = theme.Sea
			}
			circle.Refresh()
		}
	})
	return container.New(centred{170, 60}, p.row(0, nil, dots...))
}
