package ui

import (
	"image"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/ui/drawing"
	"github.com/foyer-station/foyer/ui/theme"
)

// detail is how much is said of those who check in: as much as there is room for.
type detail int

const (
	everything detail = iota
	lowPictures
	fewWords // no pictures of one person alone; of several of documents their numbers
	fewest   // a line for a name, and one for the documents
)

// Heights of pictures on the review.
const (
	highPicture float32 = 216
	lowPicture  float32 = 96
)

// middleHeight is what a frame with progress and footer leaves for its content.
const middleHeight = theme.Height - headerHeight - 70 - 2*theme.Gap - theme.ButtonHeight - 2*footerPad

// review shows what will be sent, and asks whether that is all.
func (p *page) review() fyne.CanvasObject {
	choices, confirm := p.choices(), p.onwards("confirm", p.texts.Say("review.confirm"), flow.Confirm{})
	var about fyne.CanvasObject = p.body("review.text")
	if p.view.State.Phase == flow.Working {
		about = p.hint(p.texts.Say("review.working"))
		for _, control := range append(choices, confirm) {
			p.disable(control)
		}
	}
	filler := space(0)
	controls := []fyne.CanvasObject{filler}
	if len(choices) > 0 {
		controls = append(controls, p.sideBySide(choices))
	}
	controls = append(controls, confirm)
	content := func(d detail) []fyne.CanvasObject {
		return append([]fyne.CanvasObject{p.heading("review.title"), about, panel(theme.White, 36, p.reviewed(d))}, controls...)
	}
	d := everything
	for d < fewest && (column{gap: theme.Gap}).heightOf(content(d), theme.Width-2*theme.Margin) > middleHeight {
		d++
	}
	return p.frame(p.footer(true, true), filler, content(d)...)
}

// sideBySide are controls that share a row.
func (p *page) sideBySide(controls []*button) fyne.CanvasObject {
	var objects []fyne.CanvasObject
	for _, control := range controls {
		control.narrow = len(controls) > 1
		objects = append(objects, control)
	}
	return container.New(row{gap: theme.Gap, rightToLeft: p.texts.RightToLeft, fill: true}, objects...)
}

// choices are the ways to add something to the review.
func (p *page) choices() []*button {
	var all []*button
	if s := p.view.State; s.OffersPerson() {
		all = append(all, p.control("another-person", secondary, p.texts.Say("review.another_person"), drawing.Person, flow.AnotherPerson{}))
	}
	if s := p.view.State; s.OffersDocument() {
		all = append(all, p.control("another-document", secondary, p.texts.Say("review.another_document"), drawing.Document, flow.AnotherDocument{}))
	}
	return all
}

// reviewed is everybody, and everything that there is.
func (p *page) reviewed(d detail) fyne.CanvasObject {
	persons := p.view.Review.Persons
	if len(persons) < 2 {
		var only kiosk.ReviewPerson
		if len(persons) == 1 {
			only = persons[0]
		}
		return p.details(only, d)
	}
	all := newColumn(16)
	if d < fewWords {
		all.Add(p.field("review.service", p.text(p.service(), theme.Small, theme.Ink, bold, lines(3))))
	}
	for i, person := range persons {
		if d < fewest && (i > 0 || d < fewWords) {
			all.Add(line())
		}
		all.Add(p.inBrief(person, d))
	}
	return all
}

// details are the fields of one person who comes alone, and the pictures that there are.
func (p *page) details(r kiosk.ReviewPerson, d detail) fyne.CanvasObject {
	fields := newColumn(12)
	add := func(id, value string, most int) {
		if value != "" {
			fields.Add(p.field(id, p.text(value, theme.Small, theme.Ink, bold, lines(most))))
		}
	}
	add("review.service", p.service(), 3)
	add("review.surname", r.Surname, 3)
	add("review.given_names", r.GivenNames, 3)
	add("review.birth_date", p.texts.Date(r.BirthDate), 3)
	add("review.nationality", r.Nationality, 3)
	switch {
	case len(r.Documents) == 1:
		add("review.document_number", r.Documents[0].Number, 3)
		add("review.expiry_date", p.texts.Date(r.Documents[0].ExpiryDate), 3)
	case d < fewest:
		for _, document := range r.Documents {
			add("review.document_number", p.documentInBrief(document), 2)
		}
	default:
		add("review.document_number", numbers(r.Documents), 5)
	}
	if r.Surname == "" && len(r.Documents) == 0 {
		fields.Add(p.body("review.nothing"))
	}
	height := highPicture
	if d > everything {
		height = lowPicture
	}
	if pictures := p.pictures(r, height); pictures != nil && d < fewWords {
		fields.Add(space(0))
		fields.Add(pictures)
	}
	return fields
}

func (p *page) field(id string, value fyne.CanvasObject) fyne.CanvasObject {
	return p.row(theme.Gap, []float32{370}, p.text(p.texts.Say(id), theme.Small, theme.Quiet), value)
}

// inBrief is one of several persons: a picture, the name, the documents.
func (p *page) inBrief(r kiosk.ReviewPerson, d detail) fyne.CanvasObject {
	name := strings.TrimSpace(r.GivenNames + " " + r.Surname)
	if name == "" && len(r.Documents) == 0 {
		name = p.texts.Say("review.nothing")
	}
	most := 2
	if d == fewest {
		most = 1
	}
	said := newColumn(2, p.text(name, theme.Small, theme.Ink, bold, lines(most)))
	add := func(words string) {
		if words != "" {
			said.Add(p.text(words, theme.Small, theme.Quiet, lines(most)))
		}
	}
	if d >= fewWords {
		add(numbers(r.Documents))
	} else {
		if r.BirthDate != "" {
			add(p.texts.Say("review.birth_date") + ": " + p.texts.Date(r.BirthDate))
		}
		for _, document := range r.Documents {
			add(p.documentInBrief(document))
		}
	}
	return p.row(theme.Gap, []float32{lowPicture}, p.likeness(r.Portrait), said)
}

// numbers are those of documents, in a line.
func numbers(documents []kiosk.ReviewDocument) string {
	var all []string
	for _, d := range documents {
		all = append(all, d.Number)
	}
	return strings.Join(all, " · ")
}

// documentInBrief is a document in a line.
func (p *page) documentInBrief(d kiosk.ReviewDocument) string {
	if d.ExpiryDate == "" {
		return d.Number
	}
	return d.Number + " · " + p.texts.Say("review.expiry_date") + " " + p.texts.Date(d.ExpiryDate)
}

// likeness is a small portrait, or a drawing where there is none.
func (p *page) likeness(portrait image.Image) fyne.CanvasObject {
	if portrait == nil {
		return p.icon(drawing.Person, theme.Accent, lowPicture/2)
	}
	return container.New(centred{lowPicture, lowPicture}, shownWhole(portrait))
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
func (p *page) pictures(r kiosk.ReviewPerson, height float32) fyne.CanvasObject {
	var objects []fyne.CanvasObject
	var widths []float32
	if r.Portrait != nil {
		objects = append(objects, p.captioned("review.portrait", r.Portrait, height))
		widths = append(widths, 230)
	}
	if r.Signature != nil {
		objects = append(objects, p.captioned("review.signature", r.Signature, height))
		widths = append(widths, 480)
	}
	if len(objects) == 0 {
		return nil
	}
	return p.row(theme.Gap*2, widths, objects...)
}

func (p *page) captioned(id string, picture image.Image, height float32) fyne.CanvasObject {
	ground := canvas.NewRectangle(theme.Paper)
	ground.CornerRadius, ground.StrokeWidth, ground.StrokeColor = 12, 2, theme.Line
	return newColumn(8, p.text(p.texts.Say(id), theme.Small, theme.Quiet),
		container.New(inset{8, 8}, ground, container.New(centred{theme.Width, height}, shownWhole(picture))))
}

// shownWhole shows a picture as large as fits.
func shownWhole(picture image.Image) *canvas.Image {
	return &canvas.Image{Image: picture, FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest}
}
