package routing

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Cell is a condition that can say no.
type Cell string

// The cells of a row, and after them those of a candidate.
const (
	CellService     Cell = "service"
	CellVerdict     Cell = "verdict"
	CellLanguage    Cell = "language"
	CellNationality Cell = "nationality"
	CellLetters     Cell = "letters"
	CellPersons     Cell = "persons"
	CellAppointment Cell = "appointment"
	CellOwnCase     Cell = "own_case"
	CellValidFrom   Cell = "valid_from"
	CellValidUntil  Cell = "valid_until"
	CellTo          Cell = "to" // the row fits, and none of its candidates does

	CellAbsent   Cell = "absent" // of a pool: nobody of it is there
	CellHours    Cell = "hours"
	CellCapacity Cell = "capacity"
	CellMembers  Cell = "members" // of a pool: nobody who is there fits
	CellWait     Cell = "longest_wait"
)

// row is a Rule that is ready to be asked.
type row struct {
	Rule
	letters letters
}

func (t *Table) newRow(r Rule) (made row, key string, err error) {
	made.Rule = r
	if made.letters, err = parseLetters(r.Letters); err != nil {
		return made, "letters", err
	}
	if err := checkLanguages(r.Languages); err != nil {
		return made, "language", err
	}
	switch {
	case r.ID == "":
		return made, "id", fmt.Errorf("is missing")
	case r.About["de"] == "":
		return made, "about", fmt.Errorf("does not say why in German")
	case r.Persons < 0:
		return made, "persons", fmt.Errorf("is less than 0")
	case r.LongestWait < 0:
		return made, "longest_wait", fmt.Errorf("is less than 0")
	case r.ValidFrom != "" && !isDay(r.ValidFrom):
		return made, "valid_from", fmt.Errorf("%q is no day, as \"2026-12-01\"", r.ValidFrom)
	case r.ValidUntil != "" && (!isDay(r.ValidUntil) || r.ValidUntil < r.ValidFrom):
		return made, "valid_until", fmt.Errorf("%q is no day from valid_from on, as \"2026-12-01\"", r.ValidUntil)
	case len(r.To) == 0:
		return made, "to", fmt.Errorf("sends to nobody")
	}
	for _, id := range r.To {
		if t.receivers[id] == nil {
			return made, "to", fmt.Errorf("there is no caseworker and no pool %q", id)
		}
	}
	return made, "", nil
}

// conditional says whether the row can say no.
func (r *row) conditional() bool {
	return len(r.Services)+len(r.Verdicts) > 0 || r.asksMore()
}

// asksMore says whether the row looks at more than service and verdict, of the visitor or of the queues.
func (r *row) asksMore() bool {
	return len(r.Languages)+len(r.Nationalities)+len(r.Letters)+r.Persons+r.LongestWait > 0 || r.Appointment != nil || r.OwnCase != nil || r.ValidFrom+r.ValidUntil != ""
}

// refuses gives the first cell that says no, and the value that it saw; an empty one where the row fits.
func (r *row) refuses(f *Facts) (no Cell, saw string) {
	day := f.At.Format(time.DateOnly)
	switch {
	case r.ValidFrom != "" && day < r.ValidFrom:
		return CellValidFrom, day
	case r.ValidUntil != "" && day > r.ValidUntil:
		return CellValidUntil, day
	case len(r.Services) > 0 && !slices.Contains(r.Services, f.service()):
		return CellService, f.service()
	case len(r.Verdicts) > 0 && !slices.Contains(r.Verdicts, f.Verdict):
		return CellVerdict, string(f.Verdict)
	case r.Appointment != nil && *r.Appointment != f.Appointment:
		return CellAppointment, strconv.FormatBool(f.Appointment)
	case r.OwnCase != nil && *r.OwnCase != (f.OwnCase != ""):
		return CellOwnCase, strconv.FormatBool(f.OwnCase != "")
	case len(r.Languages) > 0 && !speaks(r.Languages, f.Language):
		return CellLanguage, f.Language
	case len(r.Nationalities) > 0 && !slices.Contains(r.Nationalities, f.Nationality):
		return CellNationality, f.Nationality
	case r.letters != 0 && !r.letters.has(f.Letter):
		return CellLetters, f.Letter
	case f.Persons < r.Persons:
		return CellPersons, strconv.Itoa(f.Persons)
	}
	return "", ""
}

func (f *Facts) service() string {
	if f.Service == "" {
		return NoService
	}
	return f.Service
}
