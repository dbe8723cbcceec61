// Package wording has the words of every reason that a check can give, in each language that people read them in.
//
// A catalogue is a file beside this one, named by its language: another language is another file. Load one with [Load] where the
// program begins, and word a whole check with [Catalogue.Sentence], or its reasons one by one with [Catalogue.Reason]. What comes out
// is text and never markup: whoever puts it into HTML escapes it, as html/template does.
package wording

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/foyer-station/foyer/verify"
)

//go:embed *.toml
var files embed.FS

const ending = ".toml"

// Catalogue is the words of one language.
type Catalogue struct {
	reasons map[verify.Code][]piece
	words   map[string]map[string]string
	format
}

// format is how a language writes what is no word.
type format struct {
	Decimal  string // what separates a whole number from its fraction
	Date     string // a layout of package time
	Deviates string // what stands before the first deviation
	Nothing  string // for a parameter without a value
	Unknown  string // for a reason without words; its code stands behind it
}

// piece is text as it is or, where it has a name, a parameter.
type piece struct {
	text, name, as string // as is "date", "decimal", a group of words, or empty
}

// Languages are the tags of the languages that there are, in order.
func Languages() (tags []string) {
	entries, _ := files.ReadDir(".") // it is embedded
	for _, e := range entries {
		tags = append(tags, strings.TrimSuffix(e.Name(), ending))
	}
	return tags
}

// Load reads the catalogue of a language. The error is that there is none, or that it is malformed.
func Load(language string) (*Catalogue, error) { return Read(files, language+ending) }

// Read reads a catalogue of this form from a file: other packages' codes have words of their own.
func Read(from fs.FS, name string) (*Catalogue, error) {
	var file struct {
		format
		Reasons map[verify.Code]string
		Words   map[string]map[string]string
	}
	about, err := toml.DecodeFS(from, name, &file)
	if err != nil {
		return nil, fmt.Errorf("words of reasons in %q: %w", name, err)
	}
	if unknown := about.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("words of reasons in %q: unknown key %s", name, unknown[0])
	}
	c := &Catalogue{reasons: map[verify.Code][]piece{}, words: file.Words, format: file.format}
	for code, text := range file.Reasons {
		c.reasons[code] = parse(text)
	}
	return c, nil
}

// Codes are those that the catalogue has words for, in order.
func (c *Catalogue) Codes() []verify.Code { return slices.Sorted(maps.Keys(c.reasons)) }

var parameter = regexp.MustCompile(`\{([a-z_]+)(?::([a-z_]+))?\}`)

// parse takes {name} and {name:as} out of a text.
func parse(text string) (pieces []piece) {
	end := 0
	for _, at := range parameter.FindAllStringSubmatchIndex(text, -1) {
		p := piece{text: text[end:at[0]], name: text[at[2]:at[3]]}
		if at[4] >= 0 {
			p.as = text[at[4]:at[5]]
		}
		pieces, end = append(pieces, p), at[1]
	}
	return append(pieces, piece{text: text[end:]})
}

// Reason words one reason; false for one that the catalogue has no words for: of a code that it does not know, or without a parameter
// that the words need.
func (c *Catalogue) Reason(r verify.Reason) (text string, known bool) {
	pieces, known := c.reasons[r.Code]
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.text)
		if p.name == "" {
			continue
		}
		i := slices.IndexFunc(r.Params, func(given verify.Param) bool { return given.Name == p.name })
		if i < 0 {
			return "", false
		}
		b.WriteString(c.values(r.Params[i].Values, p.as))
	}
	return b.String(), known
}

func (c *Catalogue) values(values []string, as string) string {
	if strings.Join(values, "") == "" {
		return c.Nothing
	}
	worded := make([]string, len(values))
	for i, v := range values {
		worded[i] = c.value(v, as)
	}
	return strings.Join(worded, ", ")
}

func (c *Catalogue) value(value, as string) string {
	switch as {
	case "":
		return value
	case "decimal":
		return strings.Replace(value, ".", c.Decimal, 1)
	case "date":
		if day, err := time.Parse(time.DateOnly, value); err == nil {
			return day.Format(c.Date)
		}
		return value
	}
	if word, known := c.words[as][value]; known {
		return word
	}
	return value
}

// Sentence words all that a check says, in one line: each reason once, separated by semicolons, with a word before the first deviation. A
// reason without words is told as such, with its code.
func (c *Catalogue) Sentence(reasons []verify.Reason) string {
	var said, parts []string
	deviates := false
	for _, r := range reasons {
		text, known := c.Reason(r)
		if !known {
			text = c.Unknown + ": " + string(r.Code)
		}
		if slices.Contains(said, text) {
			continue
		}
		said = append(said, text)
		if r.IsDeviation() && !deviates {
			deviates, text = true, c.Deviates+text
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}
