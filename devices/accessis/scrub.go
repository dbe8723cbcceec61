package accessis

import "github.com/foyer-station/foyer/devices/usbmon"

// readingEndpoint is where documents come from, in all layouts.
const readingEndpoint = 0x81

// specimens are the lines of ICAO Doc 9303's specimens (part 4 to 6, appendix B), by how long a line is.
func specimens() map[int][]string {
	return map[int][]string{
		44: {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
		36: {"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"},
		30: {"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"},
	}
}

// Scrub takes everything of people and of the one reader out of what usbmon saw of it, and changes neither lengths nor times: what was read
// becomes the specimen's lines of the same length, or fillers, and what is behind a report's data, or comes from elsewhere, zeros. Standard
// requests, by which serial numbers are asked for, are left out. What is given is a copy.
func Scrub(events []usbmon.Event) (clean []usbmon.Event) {
	var read text
	standard := map[uint64]bool{}
	for _, e := range events {
		const mask = 0x60
		if e.Kind == usbmon.Submitted {
			standard[e.ID] = e.Transfer == usbmon.Control && e.Setup[0]&mask == 0
		}
		if standard[e.ID] {
			continue
		}
		e.Data = append([]byte(nil), e.Data...)
		switch {
		case e.Kind == usbmon.Submitted: // commands
		case e.Endpoint == readingEndpoint && len(e.Data) > 0 && int(e.Data[0]&ctsLength) < len(e.Data):
			length := int(e.Data[0] & ctsLength)
			clear(e.Data[1+length:])
			read.take(e.Data[1 : 1+length])
		default:
			clear(e.Data)
		}
		clean = append(clean, e)
	}
	read.line()
	return clean
}

// text is a row of lines, wherever their bytes are.
type text struct {
	bytes []*byte // of the line that is being read
	lines int     // of the message, before it
}

// take takes the next bytes: what is printed, and the marks between.
func (t *text) take(data []byte) {
	for i, b := range data {
		if b >= ' ' {
			t.bytes = append(t.bytes, &data[i])
			continue
		}
		t.line()
		if b != cr {
			t.lines = 0
		}
	}
}

// line puts the specimen in the place of a line.
func (t *text) line() {
	if len(t.bytes) == 0 {
		return
	}
	as := ""
	if of := specimens()[len(t.bytes)]; t.lines < len(of) {
		as = of[t.lines]
	}
	for i, b := range t.bytes {
		*b = '<'
		if as != "" {
			*b = as[i]
		}
	}
	t.bytes, t.lines = nil, t.lines+1
}
