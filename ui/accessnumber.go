package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/ui/drawing"
	"github.com/foyer-station/foyer/ui/theme"
)

// canLength is how many digits a card access number has (ICAO Doc 9303-11, 4.4).
const canLength = 6

// Sizes of the boxes in which the digits appear.
const (
	digitWidth  float32 = 92
	digitHeight float32 = 112
)

// entry is what the visitor has typed of the card access number, until it is tried or the screen is left.
type entry struct {
	digits [canLength]byte // ASCII
	typed  int             // how many of them
	boxes  [canLength]*paragraph
	done   *button
}

// add types a digit, if one is missing.
func (e *entry) add(digit byte) {
	if e.typed < canLength {
		e.digits[e.typed] = digit
		e.typed++
	}
}

// erase takes the last digit back.
func (e *entry) erase() {
	if e.typed > 0 {
		e.typed--
		e.digits[e.typed] = 0
	}
}

func (e *entry) wipe() { e.digits, e.typed = [canLength]byte{}, 0 }

// show puts the digits into their boxes. Only a whole number can be sent.
func (e *entry) show() {
	for i, box := range e.boxes {
		said := ""
		if i < e.typed {
			said = string(rune(e.digits[i]))
		}
		box.say(said)
	}
	e.done.enable(e.typed == canLength)
}

// accessNumber asks for the number that is printed on the card.
func (p *page) accessNumber() fyne.CanvasObject {
	s := p.view.State
	if s.Phase == flow.Working {
		return p.step("document.working", "document.working_text", p.illustration(drawing.ReadDocument), p.busy())
	}
	picture := p.illustration(drawing.FindNumber)
	content := []fyne.CanvasObject{p.heading("access_number.title"), p.body("access_number.text")}
	if s.Problem == flow.WrongNumber {
		content[1] = p.hint(p.texts.Say("problem.wrong_number"))
	}
	done := p.control("access_number.done", primary, p.texts.Say("access_number.done"), "", nil)
	done.tapped = func() { p.touch(done.id, flow.CANTyped{CAN: string(p.entry.digits[:])}) }
	p.entry.done = done
	content = append(content, picture, p.digits(), p.keys("access_number", p.texts.Say("access_number.erase"), &p.entry, p.change, done),
		p.control("access_number.without", secondary, p.texts.Say("access_number.without"), drawing.Close, flow.WithoutCAN{}))
	p.entry.show()
	return p.frame(p.footer(true, true), picture, content...)
}

// digits are the boxes, from left to right in every language, as the number is printed.
func (p *page) digits() fyne.CanvasObject {
	boxes := make([]fyne.CanvasObject, canLength)
	widths := make([]float32, canLength)
	for i := range boxes {
		ground := canvas.NewRectangle(theme.White)
		ground.CornerRadius, ground.StrokeWidth, ground.StrokeColor = 12, 3, theme.Shade
		p.entry.boxes[i] = p.text("", theme.Heading, theme.Ink, bold, centre)
		boxes[i] = container.New(inset{0, (digitHeight - theme.Heading*1.46) / 2}, ground, p.entry.boxes[i])
		widths[i] = digitWidth
	}
	const width = canLength*digitWidth + (canLength-1)*theme.Gap
	return container.New(centred{width, digitHeight}, container.New(row{gap: theme.Gap, widths: widths, fill: true}, boxes...))
}

// typing is what keys type.
type typing interface {
	add(digit byte) // types one, if one is missing
	erase()         // takes the last one back
	show()
}

// keys are laid out as on a telephone, in every language. Their ids begin with of; struck is what a touch on one of them does, but for
// done.
func (p *page) keys(of, eraseLabel string, typed typing, struck func(id string, do func()), done *button) fyne.CanvasObject {
	key := func(digit byte) fyne.CanvasObject {
		label := string(rune(digit))
		b := p.control(of+"."+label, secondary, label, "", nil)
		b.label = p.text(label, theme.Heading, theme.Accent, bold, centre)
		b.tapped = func() { struck(b.id, func() { typed.add(digit) }) }
		return b
	}
	keys := newColumn(theme.Gap)
	for first := byte('1'); first <= '7'; first += 3 {
		keys.Add(keyRow(key(first), key(first+1), key(first+2)))
	}
	erase := p.control(of+".erase", secondary, eraseLabel, "", nil)
	erase.tapped = func() { struck(erase.id, typed.erase) }
	keys.Add(keyRow(erase, key('0'), done))
	return keys
}

// keyRow runs from left to right in every language.
func keyRow(keys ...fyne.CanvasObject) fyne.CanvasObject {
	return container.New(row{gap: theme.Gap, fill: true}, keys...)
}

// change is what a key does to the number.
func (p *page) change(id string, do func()) {
	p.strike(id, func() {
		do()
		p.entry.show()
		p.publishFocus()
	})
}
