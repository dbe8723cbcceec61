package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/ui/drawing"
	"github.com/foyer-station/foyer/ui/theme"
)

// step is what the screens of the device steps have in common: what to do, what went wrong last time, a picture, the
// controls. A step that is left to staff says so instead.
func (p *page) step(title, body string, visual fyne.CanvasObject, controls ...fyne.CanvasObject) fyne.CanvasObject {
	s := p.view.State
	if s.Problem == flow.DeviceMissing || s.Problem == flow.WaitingForStaff {
		return p.leftToStaff()
	}
	content := []fyne.CanvasObject{p.heading(title), p.body(body)}
	if s.Problem != flow.NoProblem && s.Phase == flow.Waiting {
		content = append(content, p.hint(p.texts.Say("problem."+string(s.Problem))))
	}
	content = append(content, visual)
	return p.frame(p.footer(true, true), visual, append(content, controls...)...)
}

// leftToStaff tells the visitor that nothing more is to do here, and what it is about: where several steps are left to staff, one after
// the other, a touch that changed nothing on the screen would seem to have been missed.
func (p *page) leftToStaff() fyne.CanvasObject {
	title := "problem.staff_document"
	switch p.view.State.Screen {
	case flow.Portrait:
		title = "problem.staff_portrait"
	case flow.Signature:
		title = "problem.staff_signature"
	}
	picture := p.illustration(drawing.Staff)
	return p.frame(p.footer(true, true), picture,
		p.heading(title), p.body("problem.staff_text"), picture, p.next("frame.next"))
}

func (p *page) next(label string) *button { return p.onwards("next", p.texts.Say(label), flow.Next{}) }

func (p *page) retry(label string) *button {
	return p.control("retry", secondary, p.texts.Say(label), drawing.Retry, flow.Retry{})
}

// without is the way on of a visitor who cannot do this step, or does not want to.
func (p *page) without(label string) *button {
	return p.control("staff", secondary, p.texts.Say(label), drawing.Person, flow.PassOver{})
}

func (p *page) document() fyne.CanvasObject {
	switch p.view.State.Phase {
	case flow.Working:
		return p.step("document.working", "document.working_text", p.illustration(drawing.ReadDocument), p.busy())
	case flow.Done:
		return p.step("document.done", "document.done_text", p.illustration(drawing.DocumentRead),
			p.next("frame.next"), p.retry("document.again"))
	default:
		title, body := "document.title", "document.text"
		switch s := p.view.State; {
		case len(s.Steps()) < len(s.Service.Steps): // the round of another document
			title, body = "document.another", "document.another_text"
		case len(s.Persons) > 1:
			title, body = "document.person", "document.person_text"
		}
		return p.step(title, body, p.illustration(drawing.LayDocument), p.without("document.without"))
	}
}

func (p *page) turnOver() fyne.CanvasObject {
	if p.view.State.Phase == flow.Working {
		return p.step("turn_over.working", "document.working_text", p.illustration(drawing.ReadDocument), p.busy())
	}
	return p.step("turn_over.title", "turn_over.text", p.illustration(drawing.TurnCard),
		p.next("turn_over.next"), p.without("turn_over.without"))
}

func (p *page) portrait() fyne.CanvasObject {
	if p.view.State.Phase == flow.Done {
		p.camera.freeze()
		return p.step("portrait.done", "portrait.done_text", p.taken(), p.next("portrait.next"), p.retry("portrait.again"))
	}
	p.camera.start()
	still := p.text(p.texts.Say("portrait.hint"), theme.Body, theme.Ink, bold, centre)
	return p.step("portrait.title", "portrait.text", p.mirror(true), still, p.without("portrait.without"))
}

// taken shows the portrait that was taken: as it was seen, unless somebody else was before the camera since.
func (p *page) taken() fyne.CanvasObject {
	portrait := p.reviewedLast().Portrait
	if p.camera.image.Image != nil || portrait == nil {
		return p.mirror(false)
	}
	return container.New(proportion{cameraWidth, cameraHeight}, shownWhole(portrait))
}

// signed shows the signature as it was written, unless somebody else has signed since.
func (p *page) signed() fyne.CanvasObject {
	signature := p.reviewedLast().Signature
	if !p.ink.isBlank() || signature == nil {
		return p.sheet()
	}
	return container.New(proportion{inkWidth, inkHeight}, shownWhole(signature))
}

// reviewedLast is what is known of the one who is asked.
func (p *page) reviewedLast() kiosk.ReviewPerson {
	if n := len(p.view.Review.Persons); n > 0 {
		return p.view.Review.Persons[n-1]
	}
	return kiosk.ReviewPerson{}
}

// mirror shows the visitor as the camera sees them; while it is live with an oval for the face.
func (p *page) mirror(live bool) fyne.CanvasObject {
	objects := []fyne.CanvasObject{p.picture(drawing.Sitter, theme.Accent), p.camera.image}
	if live {
		objects = append(objects, p.picture(drawing.Oval, theme.Accent))
	}
	return container.New(proportion{cameraWidth, cameraHeight}, objects...)
}

func (p *page) signature() fyne.CanvasObject {
	s := p.view.State
	switch s.Phase {
	case flow.Working:
		return p.step("signature.title", "signature.working", p.sheet(), p.busy())
	case flow.Done:
		return p.step("signature.done", "signature.done_text", p.signed(), p.next("frame.next"), p.retry("signature.again"))
	}
	again := p.retry("signature.again")
	send := again.tapped
	again.tapped = func() {
		p.ink.wipe()
		send()
	}
	text := "signature.text"
	if p.byFinger() {
		text = "signature.finger"
	}
	return p.step("signature.title", text, p.signingSheet(),
		container.New(row{gap: theme.Gap, rightToLeft: p.texts.RightToLeft, fill: true}, again, p.next("signature.next")),
		p.without("signature.without"))
}

// sheet is the paper on which the signature appears as it is written on the pad.
func (p *page) sheet() fyne.CanvasObject {
	paper := canvas.NewRectangle(theme.White)
	paper.CornerRadius, paper.StrokeWidth, paper.StrokeColor = theme.Corner, 3, theme.Line
	base := p.row(20, []float32{48}, p.text("×", theme.Heading, theme.Shade), line())
	return container.New(proportion{inkWidth, inkHeight}, paper,
		container.New(signingLine{}, base), p.ink.image)
}
