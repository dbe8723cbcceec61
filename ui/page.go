package ui

import (
	"image"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/ui/drawing"
	"github.com/foyer-station/foyer/ui/lang"
	"github.com/foyer-station/foyer/ui/text"
	"github.com/foyer-station/foyer/ui/theme"
)

// page builds one screen in one language.
type page struct {
	*UI
	texts *lang.Texts
}

// screen is the whole window for the state, without the countdown that can lie over it.
func (p *page) screen() fyne.CanvasObject {
	switch p.view.State.Screen {
	case flow.Greeting:
		return p.greeting()
	case flow.Language:
		return p.languages()
	case flow.Privacy:
		return p.privacy()
	case flow.ServiceMenu:
		return p.menu()
	case flow.Document:
		return p.document()
	case flow.TurnOver:
		return p.turnOver()
	case flow.AccessNumber:
		return p.accessNumber()
	case flow.Portrait:
		return p.portrait()
	case flow.Signature:
		return p.signature()
	case flow.Review:
		return p.review()
	case flow.Ticket:
		return p.ticket()
	case flow.Cleared:
		return p.cleared()
	case flow.Tested:
		return p.toEverybody("tested")
	case flow.TakeDocument:
		return p.takeDocument()
	case flow.PIN:
		return p.askPIN()
	case flow.Technician:
		return p.technician()
	case flow.Help:
		return p.help()
	default:
		return p.toEverybody("out_of_service")
	}
}

// text makes a paragraph in the page's language.
func (p *page) text(content string, size float32, colour theme.Color, options ...func(*text.Style)) *paragraph {
	style := text.Style{Size: size, Color: colour, Language: p.texts.Language, RightToLeft: p.texts.RightToLeft}
	for _, option := range options {
		option(&style)
	}
	return newParagraph(p.typesetter, content, style)
}

func bold(s *text.Style)   { s.Bold = true }
func centre(s *text.Style) { s.Align = text.Center }
func atEnd(s *text.Style)  { s.Align = text.End }

func lines(n int) func(*text.Style) { return func(s *text.Style) { s.MaxLines = n } }

func (p *page) heading(id string) *paragraph {
	return p.text(p.texts.Say(id), theme.Heading, theme.Ink, bold)
}

func (p *page) body(id string) *paragraph { return p.text(p.texts.Say(id), theme.Body, theme.Quiet) }

// row is a row in the page's direction of reading.
func (p *page) row(gap float32, widths []float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(row{gap: gap, widths: widths, rightToLeft: p.texts.RightToLeft}, objects...)
}

// drawn is one drawing as it was drawn; they are the same for every visitor, so they are kept.
type drawn struct {
	name drawing.Name
	tint theme.Color
	size image.Point
}

// picture shows a drawing as large as its box lets it.
func (p *page) picture(name drawing.Name, tint theme.Color) *canvas.Raster {
	return canvas.NewRaster(func(width, height int) image.Image {
		key := drawn{name, tint, image.Pt(width, height)}
		if p.drawings[key] == nil {
			p.drawings[key] = drawing.Draw(name, tint, key.size)
		}
		return p.drawings[key]
	})
}

// icon is a drawing of a fixed size.
func (p *page) icon(name drawing.Name, tint theme.Color, size float32) fyne.CanvasObject {
	return container.New(centred{size, size}, p.picture(name, tint))
}

// illustration fills what is left of a screen.
func (p *page) illustration(name drawing.Name) *fyne.Container {
	return container.New(centred{880, 550}, p.picture(name, theme.Accent))
}

// panel puts content on a coloured ground.
func panel(colour theme.Color, padding float32, content fyne.CanvasObject) *fyne.Container {
	ground := canvas.NewRectangle(colour)
	ground.CornerRadius = theme.Corner
	if colour == theme.White {
		ground.StrokeWidth, ground.StrokeColor = 2, theme.Line
	}
	return container.New(inset{padding, padding}, ground, content)
}

// control is a button with a label; what it means is sent when it is touched.
func (p *page) control(id string, r rank, label string, icon drawing.Name, e flow.Event) *button {
	b := &button{id: id, rank: r, mirror: p.texts.RightToLeft, tapped: func() { p.touch(id, e) }}
	switch r {
	case primary:
		b.label = p.text(label, theme.Label, theme.White, bold, centre)
	case secondary:
		b.label = p.text(label, theme.Body, theme.Accent, bold, centre)
	case card:
		b.label = p.text(label, theme.Label, theme.Ink, bold, lines(2))
	}
	if icon != "" {
		b.icon = p.picture(icon, tintOf(r))
	}
	b.ExtendBaseWidget(b)
	return b
}

func tintOf(r rank) theme.Color {
	if r == primary {
		return theme.White
	}
	return theme.Accent
}

// onwards is the control that goes on, with an arrow in the direction of reading behind its label.
func (p *page) onwards(id, label string, e flow.Event) *button {
	b := p.control(id, primary, label, p.arrow(true), e)
	b.iconEnd = true
	return b
}

// arrow points onwards or back in the direction of reading.
func (p *page) arrow(onwards bool) drawing.Name {
	if onwards == p.texts.RightToLeft {
		return drawing.ArrowLeft
	}
	return drawing.ArrowRight
}

// disable shows a control that cannot be touched now.
func (p *page) disable(b *button) *button {
	b.disabled = true
	style := b.label.style
	style.Color = theme.Quiet
	b.label = newParagraph(p.typesetter, b.label.content, style)
	b.icon = nil
	return b
}

// everyLanguage gives a message in all languages that the office offers but the page's own.
func (p *page) everyLanguage(id string) string {
	var said []string
	for _, tag := range p.view.Languages {
		if texts := p.catalogues.In(tag); texts.Language != p.texts.Language {
			said = append(said, texts.Say(id))
		}
	}
	return strings.Join(said, "\u00a0· ")
}

// space is nothing, of the given height.
func space(height float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(0, height))
	return r
}
