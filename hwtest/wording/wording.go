// Package wording has the words of everything that a technician is told of a station: reasons and remedies, in each language.
//
// A catalogue is a file beside this one, named by its language: another language is another file, in the form of package
// verify/wording's. What comes out is text and never markup.
package wording

import (
	"embed"
	"strings"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/wording"
)

//go:embed *.toml
var files embed.FS

const ending = ".toml"

// Catalogue is the words of one language.
type Catalogue struct{ words *wording.Catalogue }

// Languages are the tags of the languages that there are, in order.
func Languages() (tags []string) {
	entries, _ := files.ReadDir(".") // it is embedded
	for _, e := range entries {
		tags = append(tags, strings.TrimSuffix(e.Name(), ending))
	}
	return tags
}

// Load reads the catalogue of a language. The error is that there is none, or that it is malformed.
func Load(language string) (*Catalogue, error) {
	words, err := wording.Read(files, language+ending)
	if err != nil {
		return nil, err
	}
	return &Catalogue{words}, nil
}

// Say words a message; nothing of one that says nothing. One without words is told as such, with its key.
func (c *Catalogue) Say(m devices.Message) string {
	if m.IsZero() {
		return ""
	}
	return c.words.Sentence([]verify.Reason{reasonOf(m)})
}

// Knows tells whether the catalogue has words for a message and all that they leave open.
func (c *Catalogue) Knows(m devices.Message) bool {
	_, known := c.words.Reason(reasonOf(m))
	return known
}

// reasonOf is a message in the form that catalogues word.
func reasonOf(m devices.Message) verify.Reason {
	said := verify.Because(verify.Code(m.Key))
	for _, p := range m.Params {
		said = said.With(p.Name, p.Value)
	}
	return said
}

// Keys are those that the catalogue has words for, in order.
func (c *Catalogue) Keys() (keys []devices.Key) {
	for _, code := range c.words.Codes() {
		keys = append(keys, devices.Key(code))
	}
	return keys
}
