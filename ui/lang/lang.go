// Package lang is everything that Foyer says to a visitor, in every language that it speaks: one catalogue a language,
// all with the same messages (a test holds them to it). What it says on its screen to a technician is in catalogues of their own, in
// German and English.
//
// The language is the visitor's, not the machine's: a [Texts] is made for each visit and nothing reads the locale.
package lang

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed *.toml technician/*.toml
var files embed.FS

// Catalogues holds all languages. It is not changed after [Load] and may be used from any goroutine.
type Catalogues struct {
	bundle *i18n.Bundle
}

// Load reads the visitors' catalogues; an error means that the program was built from broken ones.
func Load() (*Catalogues, error) { return load("*.toml") }

// LoadTechnicians reads those of what a technician reads on the screen.
func LoadTechnicians() (*Catalogues, error) { return load("technician/*.toml") }

// load reads embedded catalogues.
func load(pattern string) (*Catalogues, error) {
	bundle := i18n.NewBundle(language.German)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := bundle.LoadMessageFileFS(files, name); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", name, err)
		}
	}
	return &Catalogues{bundle: bundle}, nil
}

// Speaks tells whether there is a catalogue for a BCP 47 tag.
func (c *Catalogues) Speaks(tag string) bool {
	want, err := language.Parse(tag)
	if err != nil {
		return false
	}
	for _, have := range c.bundle.LanguageTags() {
		if have == want {
			return true
		}
	}
	return false
}

// In gives the texts of a language; those of German, the office's own, for a tag that no catalogue speaks.
func (c *Catalogues) In(tag string) *Texts {
	if !c.Speaks(tag) {
		tag = language.German.String()
	}
	return &Texts{Language: tag, RightToLeft: rightToLeft(tag), localizer: i18n.NewLocalizer(c.bundle, tag)}
}

func rightToLeft(tag string) bool {
	script, _ := language.Make(tag).Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc":
		return true
	}
	return false
}

// Texts is what Foyer says in one language.
type Texts struct {
	Language    string // BCP 47 tag
	RightToLeft bool
	localizer   *i18n.Localizer
}

// Say gives a message. One that is missing is given by its id: a visitor is not stopped by a hole in a catalogue.
func (t *Texts) Say(id string) string {
	return t.localize(id, &i18n.LocalizeConfig{MessageID: id})
}

// Count gives a message in the plural form for n, which it can name as {{.Count}}.
func (t *Texts) Count(id string, n int) string {
	return t.localize(id, &i18n.LocalizeConfig{MessageID: id, PluralCount: n, TemplateData: map[string]int{"Count": n}})
}

// Wait gives a message that names a time in seconds, as 4:05, as {{.Time}}.
func (t *Texts) Wait(id string, seconds int) string {
	data := map[string]string{"Time": fmt.Sprintf("%d:%02d", seconds/60, seconds%60)}
	return t.localize(id, &i18n.LocalizeConfig{MessageID: id, TemplateData: data})
}

// Come says how many come before and, from the first minute to the last, how long that takes: one, the other, both, or nothing.
// Ahead is -1 where that is not known, and Until is 0 where nobody knows how long. Next says whether who has nobody ahead is told so.
func (t *Texts) Come(ahead, from, until int, next bool) string {
	var said []string
	switch {
	case ahead > 0:
		said = append(said, t.Count("ticket.ahead", ahead))
	case ahead == 0 && next:
		said = append(said, t.Say("ticket.next_in_line"))
	}
	if until > 0 {
		data := map[string]int{"From": from, "Until": until}
		said = append(said, t.localize("ticket.wait", &i18n.LocalizeConfig{MessageID: "ticket.wait", TemplateData: data}))
	}
	return strings.Join(said, " ")
}

// Step says which step of how many this is, from 1.
func (t *Texts) Step(step, total int) string {
	data := map[string]int{"Step": step, "Total": total}
	return t.localize("frame.step", &i18n.LocalizeConfig{MessageID: "frame.step", TemplateData: data})
}

// Person names one of several who check in at once, from 1.
func (t *Texts) Person(number int) string {
	data := map[string]int{"Person": number}
	return t.localize("frame.person", &i18n.LocalizeConfig{MessageID: "frame.person", TemplateData: data})
}

// Date writes a date, given as YYYY-MM-DD with unknown parts as ??, as is usual in the language. What is no such date
// is given back as it is.
func (t *Texts) Date(date string) string {
	parts := strings.Split(date, "-")
	if len(parts) != 3 {
		return date
	}
	data := map[string]string{"Year": parts[0], "Month": parts[1], "Day": parts[2]}
	return t.localize("language.date", &i18n.LocalizeConfig{MessageID: "language.date", TemplateData: data})
}

func (t *Texts) localize(id string, config *i18n.LocalizeConfig) string {
	said, err := t.localizer.Localize(config)
	if err != nil {
		return id
	}
	return said
}
