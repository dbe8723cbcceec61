package display

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/foyer-station/foyer/backoffice/office"
)

// fallback is the language in which a number is said whose visitor chose none that there are words for: the office's own.
const fallback = "de"

// language is a file under text.
type language struct {
	Voice string `toml:"voice"` // of espeak-ng
	Right bool   `toml:"right_to_left"`
	// Call is said where the room has a number: {number} and {room} stand for them. Place is said where it has a name instead, which
	// is German: {place} stands for it, and is left out in other languages.
	Call    string `toml:"call"`
	Place   string `toml:"place"`
	Waiting string `toml:"waiting"` // shown while the office cannot be reached
}

// greeting is what is shown to those who read a language while the office cannot be reached.
type greeting struct {
	Language, Text string
	Right          bool
}

// words are those of all languages.
type words struct {
	languages map[string]language
	waiting   []greeting
}

// order is in which languages stand one below the other.
var order = []string{"de", "en", "ar", "uk", "tr", "fa", "ru", "fr"}

func loadWords() (*words, error) {
	w := &words{languages: map[string]language{}}
	entries, err := files.ReadDir("text")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		var l language
		meta, err := toml.DecodeFS(files, path.Join("text", e.Name()), &l)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		if extra := meta.Undecoded(); len(extra) > 0 {
			return nil, fmt.Errorf("%s: unknown key %s", e.Name(), extra[0])
		}
		tag := strings.TrimSuffix(e.Name(), ".toml")
		if !slices.Contains(order, tag) || l.Voice == "" || l.Call == "" || l.Place == "" || l.Waiting == "" {
			return nil, fmt.Errorf("%s: not all words are there, or no place for them", e.Name())
		}
		w.languages[tag] = l
	}
	for _, tag := range order {
		l := w.languages[tag]
		w.waiting = append(w.waiting, greeting{tag, l.Waiting, l.Right})
	}
	return w, nil
}

// place is what of a room's name a display shows large: its number, or the name where it has none.
func (w *words) place(room string) (place string, named bool) {
	if number, ok := office.RoomNumber(room); ok {
		return number, false
	}
	return room, true
}

// say is what is said of a call, and in which voice.
func (w *words) say(tag, ticket, room string) (voice, text string) {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	l, ok := w.languages[base]
	if !ok {
		l = w.languages[fallback]
	}
	place, named := w.place(room)
	text = l.Call
	if named {
		text = l.Place
	}
	return l.Voice, strings.NewReplacer("{number}", spelt(ticket), "{room}", place, "{place}", place).Replace(text)
}

// spelt says a ticket's letters one by one, and its number as a number: "A 127".
func spelt(ticket string) string {
	letters, number, _ := strings.Cut(ticket, "-")
	return strings.Join(strings.Split(letters, ""), " ") + " " + number
}
