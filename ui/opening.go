package ui

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/ui/drawing"
	"github.com/foyer-station/foyer/ui/theme"
)

// toEverybody sends the visitor to the reception desk, in every language at once: the station is out of service, or tested.
func (p *page) toEverybody(id string) fyne.CanvasObject {
	picture := p.illustration(drawing.Closed)
	content := []fyne.CanvasObject{picture}
	for _, tag := range p.offered() {
		other := &page{UI: p.UI, texts: p.catalogues.In(tag)}
		content = append(content,
			other.text(other.texts.Say(id+".title"), theme.Label, theme.Ink, bold),
			other.body(id+".text"), line())
	}
	return p.frame(nil, picture, content[:len(content)-1]...)
}

// offered is the languages that the office offers; German, its own, if it has not said yet.
func (p *page) offered() []string {
	if len(p.view.Languages) == 0 {
		return []string{p.texts.Language}
	}
	return p.view.Languages
}

// greeting waits for a visitor and speaks to everyone.
func (p *page) greeting() fyne.CanvasObject {
	picture := p.illustration(drawing.Welcome)
	content := []fyne.CanvasObject{picture}
	for i, tag := range p.offered() {
		other := &page{UI: p.UI, texts: p.catalogues.In(tag)}
		size := theme.Label
		if i == 0 {
			size = theme.Heading
		}
		content = append(content, other.text(other.texts.Say("greeting.title"), size, theme.Ink, bold, centre))
	}
	start := p.onwards("start", p.texts.Say("greeting.start"), flow.Start{})
	start.detail = p.text(p.everyLanguage("greeting.start"), theme.Small, theme.Mist, centre)
	content = append(content,
		space(theme.Gap), p.text(p.texts.Say("greeting.text"), theme.Body, theme.Quiet, centre), space(theme.Gap), start)
	return p.frame(p.footer(false, true), picture, content...)
}

// languages offers each language in its own script.
func (p *page) languages() fyne.CanvasObject {
	picture := p.illustration(drawing.Welcome)
	content := []fyne.CanvasObject{
		p.heading("language.choose"),
		p.text(p.everyLanguage("language.choose"), theme.Body, theme.Quiet),
		picture,
	}
	for _, tag := range p.offered() {
		other := &page{UI: p.UI, texts: p.catalogues.In(tag)}
		b := other.control("language."+tag, card, other.texts.Say("language.name"), drawing.Globe, flow.ChooseLanguage{Tag: tag})
		content = append(content, b)
	}
	return p.frame(p.footer(true, true), picture, content...)
}

// privacy says in plain words what is kept, who sees it and how long, and that a person can be asked instead.
func (p *page) privacy() fyne.CanvasObject {
	filler := space(0)
	content := []fyne.CanvasObject{p.heading("privacy.title"), space(0)}
	for _, point := range []struct {
		icon drawing.Name
		id   string
	}{
		{drawing.Document, "privacy.what"},
		{drawing.Eye, "privacy.who"},
		{drawing.Clock, "privacy.how_long"},
		{drawing.Person, "privacy.choice"},
	} {
		said := p.texts.Say(point.id + "_text")
		if point.id == "privacy.how_long" {
			said = p.howLong()
		}
		content = append(content, p.point(point.icon, point.id, said))
	}
	content = append(content, filler,
		p.onwards("privacy.accept", p.texts.Say("privacy.accept"), flow.AcceptPrivacy{}),
		p.control("privacy.staff", secondary, p.texts.Say("privacy.staff"), drawing.Person, flow.AskStaff{}))
	return p.frame(p.footer(true, true), filler, content...)
}

// howLong says how long the visitor's data is kept: on the machine, in the office's system if that says so, in the file.
func (p *page) howLong() string {
	said := []string{p.texts.Say("privacy.how_long_text")}
	if kept := p.view.Office.Retention; kept > 0 {
		const day = 24 * time.Hour
		said = append(said, p.texts.Count("privacy.office", int((kept+day-1)/day)))
	}
	return strings.Join(append(said, p.texts.Say("privacy.file")), " ")
}

// point is one paragraph of a notice, with its icon.
func (p *page) point(icon drawing.Name, id, said string) fyne.CanvasObject {
	about := newColumn(4, p.text(p.texts.Say(id), theme.Body, theme.Ink, bold), p.text(said, theme.Body, theme.Quiet))
	mark := panel(theme.Mist, 22, p.icon(icon, theme.Accent, 52))
	return p.row(theme.Gap+8, []float32{96}, mark, about)
}

// menuSize is how many cards the service menu shows at once: as many as the lower half of the screen holds. A longer
// menu is turned like pages, because a finger's drag does not scroll.
const menuSize = 4

// menu offers the office's services.
func (p *page) menu() fyne.CanvasObject {
	picture := p.illustration(drawing.Services)
	content := []fyne.CanvasObject{p.heading("service.title"), p.body("service.text"), picture}
	services := p.view.Office.Services
	if len(services) == 0 {
		content[1] = p.hint(p.texts.Say("service.none"))
		content = append(content, p.control("staff", secondary, p.texts.Say("help.staff"), drawing.Person, flow.AskStaff{}))
	}
	described := len(services) < menuSize // a full menu has room for the names only
	if len(services) > menuSize {
		first := p.menuPage * (menuSize - 1) % len(services)
		services = services[first:min(len(services), first+menuSize-1)]
	}
	for _, service := range services {
		b := p.control("service."+service.ID, card, p.named(service.Names), drawing.ForService(service.Icon),
			flow.ChooseService{Service: service.Service})
		if description := p.named(service.Descriptions); described && description != "" {
			b.detail = p.text(description, theme.Small, theme.Quiet, lines(2))
		}
		content = append(content, b)
	}
	if len(services) < len(p.view.Office.Services) {
		content = append(content, p.nextServices())
	}
	return p.frame(p.footer(true, true), picture, content...)
}

// nextServices turns the page of the menu; after the last comes the first again.
func (p *page) nextServices() *button {
	b := p.control("service.more", card, p.texts.Say("service.more"), drawing.More, nil)
	pages := (len(p.view.Office.Services) + menuSize - 2) / (menuSize - 1)
	b.tapped = func() {
		p.menuPage = (p.menuPage + 1) % pages
		p.draw(p.view)
	}
	return b
}

// named picks the name in the page's language, or the office's own.
func (p *page) named(names map[string]string) string {
	if name := names[p.texts.Language]; name != "" {
		return name
	}
	return names["de"]
}
