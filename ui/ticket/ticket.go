// Package ticket draws what the thermal printer prints: the number, where to wait, and nothing that is personal. It
// speaks the visitor's language and, below that, German for the staff; both are laid out by package text, so that Arabic
// on paper reads as it does on the screen.
package ticket

import (
	"image"
	"image/color"
	"image/draw"

	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/ui/lang"
	"github.com/foyer-station/foyer/ui/text"
)

// Width is the picture's width in dots: 72 mm at 8 dots to the millimetre, what an 80 mm ESC/POS printer prints.
const Width = 576

// Sizes in dots; the number's capitals are 14 mm high.
const (
	margin      = 24
	gap         = 14
	numberSize  = 160
	placeSize   = 64
	textSize    = 30
	smallSize   = 24
	ruleHeight  = 3
	officeWords = "de" // what staff reads
)

// Printer draws tickets. It is for one goroutine at a time.
type Printer struct {
	catalogues *lang.Catalogues
	typesetter *text.Typesetter
}

// NewPrinter loads the embedded texts and fonts.
func NewPrinter() (*Printer, error) {
	catalogues, err := lang.Load()
	if err != nil {
		return nil, err
	}
	typesetter, err := text.NewTypesetter()
	if err != nil {
		return nil, err
	}
	return &Printer{catalogues: catalogues, typesetter: typesetter}, nil
}

// Draw gives the ticket as a picture of Width dots, black on white, as high as it needs.
func (p *Printer) Draw(data kiosk.TicketData) (*image.Gray, error) {
	texts := p.catalogues.In(data.Language)
	s := &strip{typesetter: p.typesetter, texts: texts}
	s.write(data.Office, smallSize, true)
	s.rule()
	s.body(data, true)
	if texts.Language != officeWords {
		s.rule()
		s.texts = p.catalogues.In(officeWords)
		s.body(data, false)
	}
	s.rule()
	s.write(texts.Date(data.Time.Format("2006-01-02"))+"  "+data.Time.Format("15:04"), smallSize, false)
	return s.picture(), nil
}

// strip gathers paragraphs from top to bottom.
type strip struct {
	typesetter *text.Typesetter
	texts      *lang.Texts
	parts      []part
	height     int
}

// part is a paragraph, or a rule where there is none.
type part struct {
	top  int
	laid *text.Layout
}

// body says number, place and notes; the second time, for staff, without the large number.
func (s *strip) body(data kiosk.TicketData, large bool) {
	size := float32(textSize)
	if large {
		s.write(s.texts.Say("ticket.number"), textSize, false)
		s.write(data.Number, numberSize, true)
		size = placeSize
	}
	if data.Room != "" {
		s.write(s.texts.Say("ticket.room"), textSize, false)
		s.write(data.Room, size, true)
	} else {
		s.write(s.texts.Say("ticket.lobby"), textSize, false)
		s.write(data.Lobby, size, true)
	}
	switch {
	case data.Ahead > 0:
		s.write(s.texts.Count("ticket.ahead", data.Ahead), textSize, false)
	case data.Ahead == 0 && data.Room != "":
		s.write(s.texts.Say("ticket.next_in_line"), textSize, false)
	}
	if data.StaffWillHelp {
		s.write(s.texts.Say("ticket.staff"), textSize, true)
	}
}

func (s *strip) write(content string, size float32, bold bool) {
	if content == "" {
		return
	}
	laid := s.typesetter.Layout(content, text.Style{
		Size: size, Bold: bold, Color: color.Black, Align: text.Center,
		Language: s.texts.Language, RightToLeft: s.texts.RightToLeft, MaxLines: 3,
	}, Width-2*margin)
	s.parts = append(s.parts, part{s.height, laid})
	s.height += int(laid.Height())
}

func (s *strip) rule() {
	s.parts = append(s.parts, part{top: s.height + gap})
	s.height += 2*gap + ruleHeight
}

func (s *strip) picture() *image.Gray {
	paper := image.NewRGBA(image.Rect(0, 0, Width, s.height+2*margin))
	draw.Draw(paper, paper.Rect, image.White, image.Point{}, draw.Src)
	for _, part := range s.parts {
		at := image.Pt(margin, margin+part.top)
		if part.laid == nil {
			draw.Draw(paper, image.Rect(at.X, at.Y, Width-margin, at.Y+ruleHeight), image.Black, image.Point{}, draw.Src)
			continue
		}
		s.typesetter.Draw(part.laid, paper, at, 1)
	}
	printed := image.NewGray(paper.Rect)
	draw.Draw(printed, printed.Rect, paper, image.Point{}, draw.Src)
	return printed
}
