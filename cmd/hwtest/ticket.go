package main

import (
	"image"
	"image/color"
	"image/draw"
	"os"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/ui/padsheet"
	"github.com/foyer-station/foyer/ui/text"
)

// Sizes in dots, at 8 to the millimetre.
const (
	ticketMargin = 16
	ticketText   = 28
	ticketSteps  = 12 // of a staircase over the whole width: a dot of the head that is dead leaves a white line in one of them
	stepHeight   = 8
)

// signingSheet is what the kiosk shows on a pad while a visitor signs; another language costs about as much.
func signingSheet(size devices.PadSize) (image.Image, error) {
	drawer, err := padsheet.New("")
	if err != nil {
		return nil, err
	}
	sheet, err := drawer.Sheet("de", size)
	return sheet.Picture, err
}

// testTicket is what the printer prints to be looked at: when and where, and black over the whole width.
func testTicket(width int, at time.Time) (*image.Gray, error) {
	typesetter, err := text.NewTypesetter()
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	var laid []*text.Layout
	height := 0
	for i, line := range []string{"Foyer hwtest", host, at.Format(time.DateTime)} {
		style := text.Style{Size: ticketText, Bold: i == 0, Color: color.Black, Align: text.Center, Language: "en", MaxLines: 2}
		l := typesetter.Layout(line, style, float32(width-2*ticketMargin))
		laid = append(laid, l)
		height += int(l.Height())
	}
	paper := image.NewRGBA(image.Rect(0, 0, width, height+3*ticketMargin+ticketSteps*stepHeight))
	draw.Draw(paper, paper.Rect, image.White, image.Point{}, draw.Src)
	top := ticketMargin
	for _, l := range laid {
		typesetter.Draw(l, paper, image.Pt(ticketMargin, top), 1)
		top += int(l.Height())
	}
	top += ticketMargin
	for i := range ticketSteps {
		step := image.Rect(width*i/ticketSteps, top+i*stepHeight, width*(i+1)/ticketSteps, top+(i+1)*stepHeight)
		draw.Draw(paper, step, image.Black, image.Point{}, draw.Src)
	}
	ticket := image.NewGray(paper.Rect)
	draw.Draw(ticket, ticket.Rect, paper, image.Point{}, draw.Src)
	return ticket, nil
}
