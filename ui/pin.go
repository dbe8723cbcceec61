package ui

import (
	"bytes"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/pin"
	"github.com/foyer-station/foyer/ui/drawing"
	"github.com/foyer-station/foyer/ui/theme"
)

// pinDot is how large a dot is that stands for a digit.
const pinDot float32 = 34

// pinEntry is what a technician has typed of the PIN, until it is sent or the screen is left. It shows how many digits that is.
type pinEntry struct {
	digits [pin.MaxDigits]byte // ASCII
	typed  int                 // how many of them
	dots   [pin.MaxDigits]*canvas.Circle
	done   *button
}

// add implements typing.
func (e *pinEntry) add(digit byte) {
	if e.typed < len(e.digits) {
		e.digits[e.typed] = digit
		e.typed++
	}
}

// erase implements typing.
func (e *pinEntry) erase() {
	if e.typed > 0 {
		e.typed--
		e.digits[e.typed] = 0
	}
}

func (e *pinEntry) wipe() { e.digits, e.typed = [pin.MaxDigits]byte{}, 0 }

// show implements typing.
func (e *pinEntry) show() {
	for i, dot := range e.dots {
		dot.FillColor = theme.White
		if i < e.typed {
			dot.FillColor = theme.Accent
		}
		dot.Refresh()
	}
	e.done.enable(e.typed >= pin.MinDigits)
}

// askPIN asks a technician for the PIN. While it is checked, and while none may be tried, no key can be touched.
func (p *page) askPIN() fyne.CanvasObject {
	filler := space(0)
	done := p.control("pin.done", primary, p.texts.Say("pin.done"), "", nil)
	done.tapped = p.sendPIN
	p.typedPIN.done = done
	dots := p.pinDots()
	keys := p.keys("pin", p.texts.Say("pin.erase"), &p.typedPIN, p.typePIN, done)
	p.typedPIN.show()
	if s := p.view.State; s.Phase == flow.Working || s.Problem == flow.PINLocked {
		disable(keys)
	}
	return p.frame(p.between(p.control("back", secondary, p.texts.Say("frame.back"), p.arrow(false), flow.Back{}), p.otherLanguage()), filler,
		p.heading("pin.title"), p.aboutPIN(), filler, dots, keys)
}

// aboutPIN is what there is to say: what is wrong, or that somebody works on it.
func (p *page) aboutPIN() fyne.CanvasObject {
	s := p.view.State
	switch {
	case s.Phase == flow.Working:
		return p.body("pin.working")
	case s.Problem == flow.WrongPIN:
		return p.hint(p.texts.Say("pin.wrong"))
	case s.Problem == flow.PINLocked:
		return p.lockedFor()
	}
	return p.body("pin.text")
}

// lockedFor counts down to when a PIN may be tried again.
func (p *page) lockedFor() fyne.CanvasObject {
	from := p.view.PINFrom
	left := func(now time.Time) string { return p.texts.Wait("pin.locked", secondsUntil(from, now)) }
	said := p.text(left(p.now()), theme.Body, theme.Ink)
	p.ticks = append(p.ticks, func(now time.Time) { said.say(left(now)) })
	return p.hintOf(said)
}

// pinDots are as many as a PIN can have digits, so that nobody sees how many the station's has.
func (p *page) pinDots() fyne.CanvasObject {
	dots := make([]fyne.CanvasObject, len(p.typedPIN.dots))
	for i := range dots {
		dot := canvas.NewCircle(theme.White)
		dot.StrokeWidth, dot.StrokeColor = 3, theme.Shade
		p.typedPIN.dots[i] = dot
		dots[i] = container.New(centred{pinDot, pinDot}, dot)
	}
	return container.New(inset{0, theme.Gap}, space(0), p.row(theme.Gap, nil, dots...))
}

// typePIN does what a key is for, as often as it is touched: a PIN can have the same digit twice in a row, and nobody sees that one is
// missing. The station is told that somebody is there.
func (p *page) typePIN(_ string, do func()) {
	do()
	p.typedPIN.show()
	p.publishFocus()
	p.send(flow.MoreTime{})
}

// sendPIN hands the digits over and keeps none.
func (p *page) sendPIN() {
	typed := bytes.Clone(p.typedPIN.digits[:p.typedPIN.typed])
	p.typedPIN.wipe()
	p.typedPIN.show()
	p.send(flow.PINTyped{PIN: typed})
}

// samePIN tells of a view that shows what the one before showed, to somebody who is typing the PIN: only the time starts anew. It is not
// drawn: a key that was drawn anew below a finger would not know that it is touched.
func samePIN(before, now kiosk.View) bool {
	a, b := before.State, now.State
	return a.Screen == flow.PIN && b.Screen == flow.PIN && a.Phase == b.Phase && a.Problem == b.Problem && a.Language == b.Language &&
		before.PINFrom.Equal(now.PINFrom) && before.Office.Name == now.Office.Name
}

// otherLanguage is the way to the technician's other language.
func (p *page) otherLanguage() *button {
	tag := "en"
	if p.texts.Language == tag {
		tag = "de"
	}
	return p.control("language."+tag, secondary, p.technical.In(tag).Say("language.name"), drawing.Globe, flow.ChooseLanguage{Tag: tag})
}

// disable takes every control in something out of use.
func disable(o fyne.CanvasObject) {
	walk(o, fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		if b, ok := o.(*button); ok {
			b.enable(false)
		}
	})
}
