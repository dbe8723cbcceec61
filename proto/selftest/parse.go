package selftest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode"
	"unicode/utf8"
)

// ErrMalformed is what every error of a parser wraps.
var ErrMalformed = errors.New("malformed line")

// ParseEvent takes a line of hwtest's, with or without its end. Errors: [ErrMalformed].
func ParseEvent(line []byte) (Event, error) {
	var e Event
	if err := decode(line, &e); err != nil {
		return Event{}, err
	}
	if err := e.check(); err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return e, nil
}

// ParseAnswer takes a line to hwtest, with or without its end. Errors: [ErrMalformed].
func ParseAnswer(line []byte) (Answer, error) {
	var a Answer
	if err := decode(line, &a); err != nil {
		return Answer{}, err
	}
	if err := a.check(); err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return a, nil
}

// Line is a value as a line with its end; false where it is longer than the other end takes.
func Line(v any) ([]byte, bool) {
	text, err := json.Marshal(v)
	return append(text, '\n'), err == nil && len(text) < MaxLine
}

// decode reads one object and nothing else.
func decode(line []byte, into any) error {
	switch {
	case len(line) > MaxLine:
		return fmt.Errorf("%w: %d bytes", ErrMalformed, len(line))
	case !utf8.Valid(line):
		return fmt.Errorf("%w: not UTF-8", ErrMalformed)
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: not an object of this version", ErrMalformed) // the error might repeat what stands there
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something behind the object", ErrMalformed)
	}
	return nil
}

// demand is something that has to hold.
type demand struct {
	what  string
	holds bool
}

func all(demands ...demand) error {
	for _, d := range demands {
		if !d.holds {
			return errors.New(d.what)
		}
	}
	return nil
}

// check tells whether an event has what its kind needs, and keeps to its bounds.
func (e Event) check() error {
	if err := all(
		demand{"name", e.Name.fits()}, demand{"device", e.Device == "" || isName(e.Device)}, demand{"do", e.Do.fits()},
		demand{"reason", e.Reason.fits()}, demand{"remedy", e.Remedy.fits()}, demand{"check", e.Check.fits()},
		demand{"choices", len(e.Choices) <= maxChoices && !slices.ContainsFunc(e.Choices, func(c Choice) bool { return !c.fits() })},
	); err != nil {
		return err
	}
	device := demand{"device", e.Device != ""}
	switch e.Event {
	case Begins:
		return all(demand{"version", e.Version > 0}, demand{"level", isName(e.Level)})
	case Waits, Fails:
		return all(demand{"reason", e.Reason != nil})
	case Testing:
		return all(device, demand{"name", len(e.Name) > 0})
	case Tested:
		return all(device)
	case Asks:
		return all(device, demand{"id", e.ID > 0}, demand{"do", e.Do != nil}, demand{"name", len(e.Name) > 0})
	case Checked, Found:
		return all(demand{"check", e.Check != nil})
	case Ends:
		return all(demand{"totals", e.Totals != nil})
	case Borrowed, Alive:
		return nil
	}
	return errors.New("unknown event")
}

// check tells whether an answer has what it needs.
func (a Answer) check() error {
	switch to := (demand{"to", a.To > 0}); a.Answer {
	case GoOn, Skip:
		return all(to)
	case Choose:
		return all(to, demand{"choice", isName(a.Choice)})
	case Stop:
		return nil
	}
	return errors.New("unknown answer")
}

func (c *Check) fits() bool {
	if c == nil {
		return true
	}
	for _, t := range []Text{c.Name, c.Title, c.Condition, c.Measured, c.Why, c.Remedy} {
		if !t.fits() {
			return false
		}
	}
	for _, s := range []string{c.ReasonKey, c.RemedyKey, c.Unit} {
		if s != "" && !isName(s) {
			return false
		}
	}
	if len(c.Levels) > maxParams || slices.ContainsFunc(c.Levels, func(l string) bool { return !isName(l) }) {
		return false
	}
	known := slices.Contains([]Mark{Ill, Soon, Untested, Well}, c.Mark)
	return known && isName(c.ID) && isName(c.Device) && isName(c.Result) && isName(c.State) && isShown(c.Model) && isShown(c.Path)
}

func (c Choice) fits() bool { return isName(c.ID) && len(c.Text) > 0 && c.Text.fits() }

func (m *Message) fits() bool {
	if m == nil {
		return true
	}
	if !isName(m.Key) || len(m.Params) > maxParams || !m.Text.fits() {
		return false
	}
	for name, value := range m.Params {
		if !isName(name) || !isShown(value) {
			return false
		}
	}
	return true
}

func (t Text) fits() bool {
	if len(t) > maxTexts {
		return false
	}
	for tag, text := range t {
		if !isName(tag) || !isShown(text) {
			return false
		}
	}
	return true
}

// isName tells ids from whatever else could stand in their place.
func isName(s string) bool {
	const most = 80
	if s == "" || len(s) > most {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '.' && c != '-' {
			return false
		}
	}
	return true
}

// isShown tells whether a text can be shown: nothing in it moves a cursor or turns the direction of what stands around it.
func isShown(s string) bool {
	if len(s) > maxText {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// In is the text in a language, or in English, or in the first that there is.
func (t Text) In(language string) string {
	for _, tag := range []string{language, "en"} {
		if text := t[tag]; text != "" {
			return text
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(t)) {
		return t[tag]
	}
	return ""
}
