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

// Sizes in dots, at 8 to the millimetre. The number's capitals are 14 mm high on a paper of usualWidth, 72 mm, which is what
// an 80 mm roll has; on a narrower one numbers, places and margins shrink with it, and what is to be read stays as large.
const (
	usualWidth  = 576
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

// Draw gives the ticket as a picture that is as wide as the printer prints, in dots, black on white, as high as it needs. A
// width of 100 is the least on which anything can be read.
func (p *Printer) Draw(data kiosk.TicketData, width int) (*image.Gray, error) {
	texts := p.catalogues.In(data.Language)
	scale := min(1, float32(width)/usualWidth)
	s := &strip{typesetter: p.typesetter, texts: texts, width: width, scale: scale, margin: int(scale * margin)}
	s.write(data.Office, smallSize, true)
	s.rule()
	s.body(data, true)
	if err := s.code(data.URL); err != nil {
		return nil, err
	}
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
	width      int     // of the paper, in dots
	scale      float32 // of what shrinks with the paper: 1 on the usual one and on wider ones
	margin     int
	parts      []part
	height     int
}

// part is a paragraph or a code, or a rule where there is neither.
type part struct {
	top  int
	laid *text.Layout
	code *image.Gray
}

// body says number, place and notes; the second time, for staff, without the large number.
func (s *strip) body(data kiosk.TicketData, large bool) {
	size := float32(textSize)
	if large {
		s.write(s.texts.Say("ticket.number"), textSize, false)
		s.write(data.Number, s.fitting(data.Number, s.scale*numberSize), true)
		size = s.scale * placeSize
	}
	if data.Room != "" {
		s.write(s.texts.Say("ticket.room"), textSize, false)
		s.write(data.Room, size, true)
	} else {
		s.write(s.texts.Say("ticket.lobby"), textSize, false)
		s.write(data.Lobby, size, true)
	}
	s.write(s.texts.Come(data.Ahead, data.Wait.From, data.Wait.Until, data.Room != ""), textSize, false)
	if data.StaffWillHelp {
		s.write(s.texts.Say("ticket.staff"), textSize, true)
	}
}

func (s *strip) write(content string, size float32, bold bool) {
	if content == "" {
		return
	}
	laid := s.typesetter.Layout(content, s.style(size, bold), float32(s.width-2*s.margin))
	s.parts = append(s.parts, part{top: s.height, laid: laid})
	s.height += int(laid.Height())
}

func (s *strip) style(size float32, bold bool) text.Style {
	return text.Style{
		Size: size, Bold: bold, Color: color.Black, Align: text.Center,
		Language: s.texts.Language, RightToLeft: s.texts.RightToLeft, MaxLines: 3,
	}
}

// fitting is the largest size up to one at which a word stands on one line, bold; not below that of small texts.
func (s *strip) fitting(word string, size float32) float32 {
	for size > smallSize && s.typesetter.Layout(word, s.style(size, true), float32(s.width-2*s.margin)).Lines() > 1 {
		size--
	}
	return size
}

func (s *strip) rule() {
	s.parts = append(s.parts, part{top: s.height + gap})
	s.height += 2*gap + ruleHeight
}

func (s *strip) picture() *image.Gray {
	paper := image.NewRGBA(image.Rect(0, 0, s.width, s.height+2*s.margin))
	draw.Draw(paper, paper.Rect, image.White, image.Point{}, draw.Src)
	for _, part := range s.parts {
		at := image.Pt(s.margin, s.margin+part.top)
		if part.code != nil {
			left := (s.width - part.code.Rect.Dx()) / 2
			draw.Draw(paper, part.code.Rect.Add(image.Pt(left, at.Y)), part.code, image.Point{}, draw.Src)
			continue
		}
		if part.laid == nil {
			draw.Draw(paper, image.Rect(at.X, at.Y, s.width-s.margin, at.Y+ruleHeight), image.Black, image.Point{}, draw.Src)
			continue
		}
		s.typesetter.Draw(part.laid, paper, at, 1)
	}
	printed := image.NewGray(paper.Rect)
	draw.Draw(printed, printed.Rect, paper, image.Point{}, draw.Src)
	return printed
}
