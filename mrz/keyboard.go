package mrz

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// A keyboard is what a layout makes of the characters of a zone that a reader types by the keys of the United States, Shift
// held for letters and the filler: those that it types, and what stands there instead, in the same order. Small letters are
// what Caps Lock makes of it; one that is no other's small letter stands in the table by itself.
type keyboard struct{ name, typed, stands string }

const (
	latin   = "QWERTYUIOPASDFGHJKLZXCVBNM<"
	russian = "ЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬБ"
)

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
	{"Turkish Q", "<", "Ö"},
	{"Turkish F", latin + "RS", "FGĞIODRNHPUİEAÜTKMLJÖVCÇZSB" + "ıi"},
	{"Hebrew", "<", ">"},
	{"Greek", "QWERTYUIOPASDFGHJKLZXCVBNM", ":ςΕΡΤΥΘΙΟΠΑΣΔΦΓΗΞΚΛΖΧΨΩΒΝΜ"},
	{"Greek, with Σ for W", "QWERTYUIOPASDFGHJKLZXCVBNM", ":ΣΕΡΤΥΘΙΟΠΑσΔΦΓΗΞΚΛΖΧΨΩΒΝΜ"}, // W and S have one capital letter there
	{"Russian", latin, russian},
	{"Ukrainian", latin, strings.Replace(russian, "Ы", "І", 1)},
	{"Belarusian", latin, strings.NewReplacer("Щ", "Ў", "И", "І").Replace(russian)},
	{"Bulgarian", latin + "A", "ЫУЕИШЩКСДЗЬЯАОЖГТНВЮЙЪЭФХПР" + "Ѝ"},
	{"Serbian", latin, "ЉЊЕРТЗУИОПАСДФГХЈКЛЅЏЦВБНМ;"},
	{"Macedonian", latin, "ЉЊЕРТЅУИОПАСДФГХЈКЛЗЏЦВБНМ;"},
}

// Typed is a zone that came through a keyboard of another layout than its reader types for.
type Typed struct {
	Zone
	Keyboard string // the layout that makes of the zone what was given: "German"
	Or       string // another that fits as well, with other letters in the names; empty where there is none
}

// FromKeyboard undoes what the wrong keyboard layout has made of a zone that a reader typed: ";" for "<", Y and Z in each
// other's place. Letters may be small, as with Caps Lock. ok is false where the lines are a valid zone as they are, and where
// no layout makes them a valid one with check digits; Keyboard is then the layout of which they look like, empty where they
// look like none.
func FromKeyboard(lines []string, day time.Time) (typed Typed, ok bool) {
	if zone, err := Parse(lines, day); err == nil && zone.Valid() {
		return Typed{}, false
	}
	for _, k := range keyboards {
		if !k.couldType(lines) {
			continue
		}
		zone, err := Parse(k.undo(lines), day)
		switch {
		case err != nil || len(zone.layout.digits) == 0:
		case !zone.Valid():
			if !ok && k.typed != "" && (typed.Keyboard == "" || zone.wrongs() < typed.wrongs()) {
				typed = Typed{Zone: zone, Keyboard: k.name}
			}
		case !ok, !typed.knowsStates() && zone.knowsStates():
			typed, ok = Typed{Zone: zone, Keyboard: k.name}, true
		case typed.Or == "" && zone.lines != typed.lines && typed.knowsStates() == zone.knowsStates():
			typed.Or = k.name
		}
	}
	return typed, ok
}

// wrongs counts what is wrong with a zone.
func (z *Zone) wrongs() int {
	n := len(z.Faults())
	for _, c := range z.Checks() {
		if c.Result == Failed || c.Result == Undetermined {
			n++
		}
	}
	return n
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
	small, capital := false, false
	for _, r := range strings.Join(lines, "") {
		if strings.ContainsRune(k.stands, r) {
			capital = capital || unicode.IsUpper(r)
			continue
		}
		upper := unicode.ToUpper(r)
		if strings.ContainsRune(k.typed, upper) && !strings.ContainsRune(k.stands, upper) {
			return false
		}
		small, capital = small || unicode.IsLower(r), capital || unicode.IsUpper(r)
	}
	return !(small && capital)
}

// undo gives what was typed.
func (k keyboard) undo(lines []string) []string {
	typed, stands := []rune(k.typed), []rune(k.stands)
	var out []string
	for _, line := range lines {
		out = append(out, strings.Map(func(r rune) rune {
			for _, r := range [...]rune{r, unicode.ToUpper(r)} {
				if i := slices.Index(stands, r); i >= 0 {
					return typed[i]
				}
			}
			return unicode.ToUpper(r)
		}, line))
	}
	return out
}
