package verify

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
)

// Code says what a reason is, for catalogues to have words for: [a-z0-9_.]{1,60}. All codes are typed constants beside the checks
// that give them, but for those of [Deviation] and [Note].
type Code string

// Reason says why a check ended as it did, or what it got along with. It is worded where people read it (package wording). What it says
// may be personal data, so that no log, error or JSON has more of it than the code.
type Reason struct {
	Code   Code
	Params []Param `json:"-"` // what the words leave open
}

// String is the code.
func (r Reason) String() string { return string(r.Code) }

// Param is one of the things that a reason's words leave open.
type Param struct {
	Name string // [a-z_]{1,30}
	// Values are words that catalogues have words for (the names of fields and lights), or texts as they are (a subject, a day as
	// YYYY-MM-DD, a number as Go writes it). They may be personal data.
	Values []string
}

// Detail is the parameter that says in English what only an engineer reads. Words in other languages leave it out.
const Detail = "detail"

// Because begins a reason.
func Because(code Code) Reason { return Reason{Code: code} }

// With is the reason with one more parameter.
func (r Reason) With(name string, values ...string) Reason {
	r.Params = append(slices.Clip(r.Params), Param{name, values})
	return r
}

// WithNumber is [Reason.With] for a number.
func (r Reason) WithNumber(name string, number int) Reason { return r.With(name, fmt.Sprint(number)) }

// Values are those of a parameter; none where the reason does not have it.
func (r Reason) Values(name string) []string {
	for _, p := range r.Params {
		if p.Name == name {
			return p.Values
		}
	}
	return nil
}

// How codes begin that come from other packages' constants.
const (
	deviation = "deviation." // of what a document has otherwise than its standard, and was judged all the same
	note      = "note."      // of what a chip did otherwise while it was read
)

// IsDeviation says whether the reason is that a document has something otherwise than its standard.
func (r Reason) IsDeviation() bool { return strings.HasPrefix(string(r.Code), deviation) }

// Deviation is the reason of a deviation that package pki lets pass.
func Deviation(d pki.Deviation) Reason {
	r := Because(Code(deviation + "pki." + d.Code()))
	if value := d.Value(); value != "" {
		r = r.With("value", value)
	}
	return r
}

// Deviations are the reasons of several.
func Deviations(all []pki.Deviation) (reasons []Reason) {
	for _, d := range all {
		reasons = append(reasons, Deviation(d))
	}
	return reasons
}

// Note is the reason of what package emrtd got along with while it talked to a chip.
func Note(n emrtd.Note) Reason { return Because(Code(note+n.Code)).With(Detail, n.Text) }

// FileDeviation is the reason of what package emrtd lets pass in one of a chip's files.
func FileDeviation(file string, n emrtd.Note) Reason {
	return Because(Code(deviation+"emrtd."+n.Code)).With("file", file).With(Detail, n.Text)
}

// Bounds of what a check says, so that a record holds a score of them whatever a document says of itself.
const (
	maxReasons = 20
	maxParams  = 8
	maxValues  = 20
	maxName    = 30
	maxCode    = 60
	maxValue   = 300  // characters; one that is cut has dots besides
	maxSaid    = 1500 // characters of all values of a check
)

// codeMore says how many reasons are left out for want of room.
const codeMore Code = "more" // count

// Bounded are the reasons as they may leave for a record: few, and each value one printable line. It changes nothing a second time.
func Bounded(reasons []Reason) []Reason {
	room := maxSaid
	var all []Reason
	for n, r := range reasons {
		b, whole := r.bounded(&room)
		if left := len(reasons) - n; n > 0 && !whole || n == maxReasons-1 && left > 1 {
			return append(all, Because(codeMore).WithNumber("count", left))
		}
		all = append(all, b)
	}
	return all
}

// bounded takes what the values need of the room, and leaves out those that have none any more.
func (r Reason) bounded(room *int) (b Reason, whole bool) {
	b = Reason{Code: Code(Quote(string(r.Code), maxCode))}
	if r.Code == codeMore && len(r.Params) == 1 {
		return r, true
	}
	whole = true
	for _, p := range r.Params[:min(len(r.Params), maxParams)] {
		quoted := Param{Name: Quote(p.Name, maxName), Values: make([]string, 0, len(p.Values))}
		for _, v := range p.Values[:min(len(p.Values), maxValues)] {
			v = Quote(v, maxValue)
			if *room -= utf8.RuneCountInString(v); *room < 0 {
				whole = false
				break
			}
			quoted.Values = append(quoted.Values, v)
		}
		b.Params = append(b.Params, quoted)
	}
	return b, whole
}
