package escpos

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// maxText bounds what a printer says of itself: 80 characters and the NUL behind them (Epson, ESC/POS Command Reference, GS I).
const maxText = 80

// introduceTime is how long a printer may take to begin to say what it is. One that does not know the question says nothing.
const introduceTime = 300 * time.Millisecond

// What GS I can be asked for.
const (
	askFirmware = 'A'
	askMaker    = 'B'
	askModel    = 'C'
	askSerial   = 'D'
)

// introduce asks the printer for its model, and if it knows that, for the rest. The question is answered in its turn, so that
// a printer that stands still is not asked, and one that does not answer has to forget it, or it might in the middle of a ticket.
func (p *Printer) introduce(ctx context.Context) {
	unanswered := false
	ask := func(n byte) string {
		text := p.identify(ctx, n)
		unanswered = unanswered || text == ""
		return text
	}
	if model := ask(askModel); model != "" {
		p.info.Model, p.info.Firmware = strings.TrimSpace(ask(askMaker)+" "+model), ask(askFirmware)
		p.info.Serial = cmp.Or(ask(askSerial), p.info.Serial)
	}
	if unanswered {
		p.clear(ctx)
	}
}

// identify asks for one text; it is empty where the printer does not answer as it should.
func (p *Printer) identify(ctx context.Context, n byte) string {
	if err := p.link.Drain(); err != nil {
		return ""
	}
	if err := p.link.Write(ctx, []byte{0x1D, 'I', n}, answerTime); err != nil {
		return ""
	}
	const header = '_'
	if b, err := p.readByte(ctx, introduceTime); err != nil || b != header {
		return ""
	}
	var text []byte
	for range maxText + 1 {
		b, err := p.readByte(ctx, introduceTime)
		if err != nil {
			return ""
		}
		if b == 0 {
			return printable(string(text))
		}
		text = append(text, b)
	}
	return ""
}

// parseDeviceID reads an identity in the manner of IEEE 1284: a length of two bytes that counts itself, and keys with values. The
// length is not believed.
func parseDeviceID(b []byte) devices.Info {
	const length = 2
	i := devices.Info{Kind: devices.KindTicketPrinter, Model: unknownModel}
	var maker, model string
	for _, field := range strings.Split(string(b[min(length, len(b)):]), ";") {
		key, value, _ := strings.Cut(field, ":")
		switch strings.ToUpper(strings.TrimSpace(key)) {
		case "MFG", "MANUFACTURER":
			maker = printable(value)
		case "MDL", "MODEL":
			model = printable(value)
		case "SN", "SERN", "SERIALNUMBER":
			i.Serial = printable(value)
		}
	}
	if model != "" {
		i.Model = strings.TrimSpace(maker + " " + model)
	}
	return i
}

// printable is a text that may be shown: ASCII without control characters, of bounded length; anything else is nothing.
func printable(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > maxText || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return text
}
