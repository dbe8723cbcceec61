package ui

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/ui/drawing"
	"github.com/foyer-station/foyer/ui/theme"
)

// ticket is the end: a number to remember, and where to wait.
func (p *page) ticket() fyne.CanvasObject {
	s := p.view.State
	switch {
	case s.Problem == flow.NotSaved:
		picture := p.illustration(drawing.Staff)
		return p.frame(p.footer(false, true), picture, p.heading("ticket.not_saved"), p.body("ticket.not_saved_text"), picture, p.leave())
	case s.Number == "":
		picture := p.illustration(drawing.Services)
		return p.frame(p.footer(false, true), picture, p.heading("ticket.saving"), p.body("ticket.saving_text"), picture, p.busy())
	}
	title := "ticket.title"
	if s.Asked {
		title = "ticket.asked"
	}
	content := []fyne.CanvasObject{p.heading(title), p.number()}
	notes := p.notes()
	content = append(content, notes...)
	var filler fyne.CanvasObject
	switch {
	case s.Lying && len(notes) <= mostBesideDrawing:
		filler = p.illustration(drawing.TakeDocument)
	case !s.Asked || len(notes) <= mostBesideAsked:
		filler = space(0)
	}
	if filler != nil {
		content = append(content, filler)
	}
	if s.Phase == flow.Done {
		content = append(content, p.leave())
	} else {
		content = append(content, p.busy())
	}
	return p.frame(p.footer(false, true), filler, content...)
}

// Up to how many notes a ticket has room for a drawing; and, with the long one of whoever asked for a person among them, for space.
const (
	mostBesideDrawing = 2
	mostBesideAsked   = 3
)

func (p *page) leave() *button {
	return p.control("leave", primary, p.texts.Say("ticket.leave"), drawing.Check, flow.Leave{})
}

// number is the visitor's, as large as the screen allows, and the room below it.
func (p *page) number() fyne.CanvasObject {
	s := p.view.State
	where, place := "ticket.room", s.Room
	if s.Room == "" {
		where, place = "ticket.lobby", p.view.Office.Lobby
	}
	parts := newColumn(0,
		p.text(p.texts.Say("ticket.number"), theme.Label, theme.Mist, centre),
		p.text(s.Number, theme.Number, theme.White, bold, centre))
	if s.Room != "" || s.Phase == flow.Done || s.Printing {
		parts.Add(p.text(p.texts.Say(where), theme.Label, theme.Mist, centre))
		parts.Add(p.text(place, theme.Heading*1.2, theme.White, bold, centre, lines(2)))
	}
	return panel(theme.Accent, 32, parts)
}

// notes are what the visitor should know now, the most urgent first.
func (p *page) notes() []fyne.CanvasObject {
	s := p.view.State
	var notes []fyne.CanvasObject
	if s.Problem == flow.NotPrinted {
		notes = append(notes, p.hint(p.texts.Say("ticket.not_printed")))
	}
	if comes := p.texts.Come(s.Ahead, s.Wait.From, s.Wait.Until, s.Room != ""); comes != "" {
		notes = append(notes, p.note(drawing.Clock, comes))
	}
	switch {
	case s.Asked:
		notes = append(notes, p.note(drawing.Person, p.texts.Say("ticket.asked_text")))
	case s.StaffWillHelp:
		notes = append(notes, p.note(drawing.Person, p.texts.Say("ticket.staff")))
	}
	switch {
	case s.Problem == flow.NotPrinted && (s.Lying || laidDown(s)):
		notes = append(notes, p.note(drawing.Card, p.texts.Say("ticket.not_printed_document")))
	case s.Lying:
		notes = append(notes, p.hint(p.texts.Say("ticket.document_lies")))
	case s.Printed && laidDown(s):
		notes = append(notes, p.note(drawing.Card, p.texts.Say("ticket.take_document")))
	case s.Printed:
		notes = append(notes, p.note(drawing.Document, p.texts.Say("ticket.take_ticket")))
	case s.Phase == flow.Working:
		notes = append(notes, p.note(drawing.Document, p.texts.Say("ticket.printing")))
	}
	return notes
}

// laidDown tells whether a document may lie on the glass: of a visitor who asked for a person also one that was not read.
func laidDown(s flow.State) bool {
	had := func(d flow.DocumentState) bool { return d.Have }
	return slices.ContainsFunc(s.Documents, had) || s.Asked && slices.Contains(s.Service.Steps, flow.StepDocument)
}

func (p *page) note(icon drawing.Name, said string) fyne.CanvasObject {
	return p.row(theme.Gap, []float32{80}, panel(theme.Mist, 16, p.icon(icon, theme.Accent, 48)), p.text(said, theme.Body, theme.Ink))
}

// takeDocument is there as long as a document lies there: in the visitor's language as long as its owner may be there, and then in
// every language, for whoever finds it.
func (p *page) takeDocument() fyne.CanvasObject {
	picture := p.illustration(drawing.TakeDocument)
	staff := p.control("staff", secondary, p.texts.Say("take_document.staff"), drawing.Person, flow.AskStaff{})
	if p.view.State.Language != "" {
		return p.frame(nil, picture, p.heading("take_document.title"), p.body("take_document.text"), picture, staff)
	}
	var content []fyne.CanvasObject
	for _, tag := range p.offered() {
		other := &page{UI: p.UI, texts: p.catalogues.In(tag)}
		content = append(content,
			other.text(other.texts.Say("take_document.found"), theme.Label, theme.Ink, bold),
			other.body("take_document.found_text"), line())
	}
	staff.detail = p.text(p.everyLanguage("take_document.staff"), theme.Small, theme.Quiet, centre)
	return p.frame(nil, picture, append(content[:len(content)-1], picture, staff)...)
}

// cleared shows that nothing is left.
func (p *page) cleared() fyne.CanvasObject {
	picture := p.illustration(drawing.Goodbye)
	return p.frame(nil, picture, p.heading("cleared.title"), p.body("cleared.text"), picture)
}

// help lies over any other screen.
func (p *page) help() fyne.CanvasObject {
	picture := p.illustration(drawing.Staff)
	about := "help.general"
	switch behind := p.view.State.Behind; behind {
	case flow.Privacy, flow.ServiceMenu, flow.Document, flow.AccessNumber, flow.Portrait, flow.Signature, flow.Review, flow.Ticket:
		about = "help." + string(behind)
	case flow.TurnOver:
		about = "help.document"
	}
	if about == "help.signature" && p.byFinger() {
		about = "help.finger"
	}
	controls := []fyne.CanvasObject{p.onwards("help.continue", p.texts.Say("help.continue"), flow.Back{})}
	if p.view.State.Behind != flow.Ticket {
		staff := p.control("help.staff", secondary, p.texts.Say("help.staff"), drawing.Person, flow.AskStaff{})
		staff.detail = p.text(p.texts.Say("help.staff_text"), theme.Small, theme.Quiet)
		controls = append(controls, staff,
			p.control("leave", secondary, p.texts.Say("help.leave"), drawing.Close, flow.Leave{}))
	}
	content := append([]fyne.CanvasObject{p.heading("help.title"), p.body(about), picture}, controls...)
	return p.frame(nil, picture, content...)
}

// countdown lies over a screen that has been still for long. A touch beside its controls means that somebody is there.
func (p *page) countdown() fyne.CanvasObject {
	said := p.text(p.texts.Count("countdown.text", 0), theme.Body, theme.Quiet)
	until := p.view.Until
	p.ticks = append(p.ticks, func(now time.Time) {
		said.say(p.texts.Count("countdown.text", secondsUntil(until, now)))
	})
	box := panel(theme.White, 56, newColumn(theme.Gap,
		p.heading("countdown.title"), said, space(theme.Gap),
		p.onwards("more_time", p.texts.Say("countdown.more_time"), flow.MoreTime{}),
		p.control("leave", secondary, p.texts.Say("countdown.leave"), drawing.Close, flow.Leave{})))
	veil := newVeil(func() { p.touch("more_time", flow.MoreTime{}) })
	low := container.New(column{filler: nil}, space(theme.Height/2-theme.Gap), container.New(inset{theme.Margin, 0}, space(0), box))
	return container.New(stage{resized: func() {}}, veil, low)
}
