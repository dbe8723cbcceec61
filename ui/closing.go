package ui

import (
	"image"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/ui/drawing"
	"github.com/foyer-station/foyer/ui/theme"
)

// review shows what will be sent.
func (p *page) review() fyne.CanvasObject {
	filler := space(0)
	confirm := p.onwards("confirm", p.texts.Say("review.confirm"), flow.Confirm{})
	var about fyne.CanvasObject = p.body("review.text")
	if p.view.State.Phase == flow.Working {
		about, confirm = p.hint(p.texts.Say("review.working")), p.disable(confirm)
	}
	return p.frame(p.footer(true, true), filler,
		p.heading("review.title"), about, panel(theme.White, 36, p.details()), filler, confirm)
}

// details are the fields, and the pictures that there are.
func (p *page) details() fyne.CanvasObject {
	r := p.view.Review
	fields := newColumn(12)
	for _, field := range []struct{ id, value string }{
		{"review.service", p.service()},
		{"review.surname", r.Surname},
		{"review.given_names", r.GivenNames},
		{"review.birth_date", p.texts.Date(r.BirthDate)},
		{"review.nationality", r.Nationality},
		{"review.document_number", r.DocumentNumber},
		{"review.expiry_date", p.texts.Date(r.ExpiryDate)},
	} {
		if field.value != "" {
			fields.Add(p.field(field.id, p.text(field.value, theme.Small, theme.Ink, bold, lines(3))))
		}
	}
	if r.Surname == "" && r.DocumentNumber == "" {
		fields.Add(p.body("review.nothing"))
	}
	if pictures := p.pictures(); pictures != nil {
		fields.Add(space(0))
		fields.Add(pictures)
	}
	return fields
}

func (p *page) field(id string, value fyne.CanvasObject) fyne.CanvasObject {
	return p.row(theme.Gap, []float32{370}, p.text(p.texts.Say(id), theme.Small, theme.Quiet), value)
}

// service is the name of the chosen service.
func (p *page) service() string {
	for _, service := range p.view.Office.Services {
		if service.ID == p.view.State.Service.ID {
			return p.named(service.Names)
		}
	}
	return ""
}

// pictures are the portrait and the signature, side by side.
func (p *page) pictures() fyne.CanvasObject {
	var objects []fyne.CanvasObject
	var widths []float32
	if portrait := p.view.Review.Portrait; portrait != nil {
		objects = append(objects, p.captioned("review.portrait", portrait))
		widths = append(widths, 230)
	}
	if signature := p.view.Review.Signature; signature != nil {
		objects = append(objects, p.captioned("review.signature", signature))
		widths = append(widths, 480)
	}
	if len(objects) == 0 {
		return nil
	}
	return p.row(theme.Gap*2, widths, objects...)
}

func (p *page) captioned(id string, picture image.Image) fyne.CanvasObject {
	shown := &canvas.Image{Image: picture, FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest}
	ground := canvas.NewRectangle(theme.Paper)
	ground.CornerRadius, ground.StrokeWidth, ground.StrokeColor = 12, 2, theme.Line
	return newColumn(8, p.text(p.texts.Say(id), theme.Small, theme.Quiet),
		container.New(inset{8, 8}, ground, container.New(centred{theme.Width, 216}, shown)))
}

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
	filler, title := space(0), "ticket.title"
	if s.Asked {
		title = "ticket.asked"
	}
	content := []fyne.CanvasObject{p.heading(title), p.number()}
	content = append(content, p.notes()...)
	content = append(content, filler)
	if s.Phase == flow.Done {
		content = append(content, p.leave())
	} else {
		content = append(content, p.busy())
	}
	return p.frame(p.footer(false, true), filler, content...)
}

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
	if s.Ahead == 0 && s.Room != "" {
		notes = append(notes, p.note(drawing.Clock, p.texts.Say("ticket.next_in_line")))
	} else if s.Ahead > 0 {
		notes = append(notes, p.note(drawing.Clock, p.texts.Count("ticket.ahead", s.Ahead)))
	}
	switch {
	case s.Asked:
		notes = append(notes, p.note(drawing.Person, p.texts.Say("ticket.asked_text")))
	case s.StaffWillHelp:
		notes = append(notes, p.note(drawing.Person, p.texts.Say("ticket.staff")))
	}
	switch {
	case s.Problem == flow.NotPrinted && laidDown(s):
		notes = append(notes, p.note(drawing.Card, p.texts.Say("ticket.not_printed_document")))
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
	return s.HaveDocument || s.Asked && slices.Contains(s.Service.Steps, flow.StepDocument)
}

func (p *page) note(icon drawing.Name, said string) fyne.CanvasObject {
	return p.row(theme.Gap, []float32{80}, panel(theme.Mist, 16, p.icon(icon, theme.Accent, 48)), p.text(said, theme.Body, theme.Ink))
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
