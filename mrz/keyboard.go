package mrz

import (
	"slices"
	"strings"
	"time"
)

// A keyboard is what a layout makes of the characters of a zone that a reader types by the keys of the United States, Shift
// held for letters and the filler: those that it types, and what stands there instead, in the same order.
type keyboard struct{ name, typed, stands string }

// keyboards are the layouts on which that is something else.
var keyboards = []keyboard{
	{"English with Caps Lock", "", ""},
	{"German", "<YZ", ";ZY"},
	{"Spanish, Italian, Portuguese or Nordic", "<", ";"},
	{"French", "<AQZWM1234567890", ".QAWZ?&é\"'(-è_çà"},
	{"Belgian", "<AQZWM1234567890", ".QAWZ?&é\"'(§è!çà"},
	{"Czech", "<YZ1234567890", "?ZY+ěščřžýáíé"},
	{"Slovak", "<YZ1234567890", "?ZY+ľščťžýáíé"},
	{"Hungarian", "<YZ0", "?ZYö"},
}

// Typed is a zone that came through a keyboard of another layout than its reader types for.
type Typed struct {
	Zone
	Keyboard string // the layout that makes of the zone what was given: "German"
	Or       string // another that fits as well, with other letters in the names; empty where there is none
}

// FromKeyboard undoes what the wrong keyboard layout has made of a zone that a reader typed: ";" for "<", Y and Z in each
// other's place. Letters may be small, as with Caps Lock. ok is false where the lines are a valid zone as they are, and where
// no layout makes them one whose check digits all agree.
func FromKeyboard(lines []string, day time.Time) (typed Typed, ok bool) {
	if zone, err := Parse(lines, day); err == nil && zone.Valid() {
		return Typed{}, false
	}
	for _, k := range keyboards {
		if !k.couldType(lines) {
			continue
		}
		zone, err := Parse(k.undo(lines), day)
		if err != nil || !zone.Valid() || len(zone.layout.digits) == 0 {
			continue
		}
		switch {
		case !ok, !typed.knowsStates() && zone.knowsStates():
			typed, ok = Typed{Zone: zone, Keyboard: k.name}, true
		case typed.Or == "" && zone.lines != typed.lines && typed.knowsStates() == zone.knowsStates():
			typed.Or = k.name
		}
	}
	return typed, ok
}

// knowsStates reports whether the codes of the States are known, which no check digit covers.
func (z *Zone) knowsStates() bool {
	return (z.layout.state.Length == 0 || knownState(z.Fields.IssuingState)) &&
		(z.layout.nationality.Length == 0 || knownState(z.Fields.Nationality))
}

// couldType reports whether all that stands in the lines can come of the layout: nothing that it puts something else in the
// place of, and letters of one size. Else a wrong letter of an ordinary zone could be made to agree, and the names be
// rewritten with it.
func (k keyboard) couldType(lines []string) bool {
	text := strings.Join(lines, "")
	impossible := func(r rune) bool { return strings.ContainsRune(k.typed, r) && !strings.ContainsRune(k.stands, r) }
	small := strings.ContainsFunc(text, func(r rune) bool { return 'a' <= r && r <= 'z' })
	capital := strings.ContainsFunc(text, func(r rune) bool { return 'A' <= r && r <= 'Z' })
	return !strings.ContainsFunc(text, impossible) && !(small && capital)
}

// undo gives what was typed.
func (k keyboard) undo(lines []string) []string {
	typed, stands := []rune(k.typed), []rune(k.stands)
	var out []string
	for _, line := range lines {
		out = append(out, strings.Map(func(r rune) rune {
			if 'a' <= r && r <= 'z' {
				r += 'A' - 'a'
			}
			if i := slices.Index(stands, r); i >= 0 {
				return typed[i]
			}
			return r
		}, line))
	}
	return out
}
