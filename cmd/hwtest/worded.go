package main

import (
	"strings"
	"unicode"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/wording"
	"github.com/foyer-station/foyer/proto/selftest"
)

// text is what say says in each language; nothing where it says nothing.
func (t *teller) text(say func(*wording.Catalogue) string) selftest.Text {
	text := selftest.Text{}
	for tag, words := range t.words {
		if said := shownAs(say(words)); said != "" {
			text[tag] = said
		}
	}
	return text
}

// message is a message with its words; nil for one that says nothing.
func (t *teller) message(m devices.Message) *selftest.Message {
	if m.IsZero() {
		return nil
	}
	said := &selftest.Message{Key: string(m.Key), Text: t.text(func(words *wording.Catalogue) string { return words.Say(m) })}
	for _, p := range m.Params {
		if said.Params == nil {
			said.Params = map[string]string{}
		}
		said.Params[p.Name] = shownAs(p.Value)
	}
	return said
}

// check is a check with its words.
func (t *teller) check(c hwtest.Check) *selftest.Check {
	worded := map[string]hwtest.Worded{}
	for tag, words := range t.words {
		worded[tag] = c.Worded(words, t.at)
	}
	of := func(part func(hwtest.Worded) string) selftest.Text {
		text := selftest.Text{}
		for tag, w := range worded {
			if said := part(w); said != "" {
				text[tag] = said
			}
		}
		return text
	}
	told := &selftest.Check{
		ID: c.ID, Device: string(c.Device), Result: string(c.Result), Mark: selftest.Mark(c.Standing()), State: string(c.State), Acted: c.Acted(),
		Model: shownAs(c.Model), Path: shownAs(c.Path), ReasonKey: string(c.Reason.Key), RemedyKey: string(c.Remedy.Key),
		Name:      of(func(w hwtest.Worded) string { return w.Name }),
		Title:     of(func(w hwtest.Worded) string { return w.Title }),
		Condition: of(func(w hwtest.Worded) string { return w.Condition }),
		Measured:  of(func(w hwtest.Worded) string { return w.Measured }),
		Why:       of(func(w hwtest.Worded) string { return w.Why }),
		Remedy:    of(func(w hwtest.Worded) string { return w.Remedy }),
	}
	if m := c.Measure; m != nil {
		told.Value, told.Unit, told.Min, told.Max = &m.Value, string(m.Unit), m.Min, m.Max
	}
	return told
}

// shownAs is a text that the other end takes: what a device says of itself may hold anything.
func shownAs(text string) string {
	const most = 500 // characters
	clean := []rune(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, strings.ReplaceAll(text, "\n", "; ")))
	if len(clean) > most {
		clean = append(clean[:most], '…')
	}
	return string(clean)
}
