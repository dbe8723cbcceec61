package ticketview

import (
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/foyer-station/foyer/backoffice/office"
)

// order is in which languages stand one below the other; who chose none that there are texts for reads the first.
var order = []string{"de", "en", "ar", "uk", "tr", "fa", "ru", "fr"}

// texts is a file under text. Whatever has a number in it is written so that the number stands behind a colon: no language here
// needs plural forms then.
type texts struct {
	Language string `toml:"-"`
	Right    bool   `toml:"right_to_left"`

	Title      string `toml:"title"`
	Number     string `toml:"number"`
	Go         string `toml:"go"`   // once called, above the room
	Room       string `toml:"room"` // {room} is a room's number
	Ahead      string `toml:"ahead"`
	Wait       string `toml:"wait"`
	Minutes    string `toml:"minutes"` // {from}, {to}
	Soon       string `toml:"soon"`
	Estimate   string `toml:"estimate"` // that the range is none that anybody promises
	NeedTime   string `toml:"need_time"`
	KeepsPlace string `toml:"keeps_place"`
	AwayUntil  string `toml:"away_until"` // above a time of day
	Back       string `toml:"back"`
	NoMore     string `toml:"no_more"`
	Live       string `toml:"live"`
	Lost       string `toml:"lost"`
	Ended      string `toml:"ended"`
}

func loadTexts() (map[string]*texts, error) {
	all := map[string]*texts{}
	for _, tag := range order {
		t := &texts{}
		name := path.Join("text", tag+".toml")
		meta, err := toml.DecodeFS(files, name, t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if extra := meta.Undecoded(); len(extra) > 0 {
			return nil, fmt.Errorf("%s: unknown key %s", name, extra[0])
		}
		t.Language = tag
		for _, field := range reflect.ValueOf(t).Elem().Fields() {
			if field.Kind() == reflect.String && field.String() == "" {
				return nil, fmt.Errorf("%s: a text is missing", name)
			}
		}
		all[tag] = t
	}
	return all, nil
}

// textsFor are those in a visitor's language.
func (v *View) textsFor(tag string) *texts {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if !slices.Contains(order, base) {
		base = order[0]
	}
	return v.texts[base]
}

// Dir is the direction in which the language is written, as HTML calls it.
func (t *texts) Dir() string {
	if t.Right {
		return "rtl"
	}
	return "ltr"
}

// Range is how long it may take, in minutes.
func (t *texts) Range(from, to int) string {
	return strings.NewReplacer("{from}", fmt.Sprint(from), "{to}", fmt.Sprint(to)).Replace(t.Minutes)
}

// room is a room's name in the language, where it has a number, and as it stands in the office file where not.
func (t *texts) room(name string) string {
	if number, ok := office.RoomNumber(name); ok {
		return strings.ReplaceAll(t.Room, "{room}", number)
	}
	return name
}
