package routing

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// receiver is a Receiver that is ready to be asked.
type receiver struct {
	Receiver
	letters letters
	hours   []span
	absent  []days
	members []*receiver // of a pool
	pools   []*receiver // of which it is a member
}

func newReceiver(r Receiver) (made *receiver, key string, err error) {
	made = &receiver{Receiver: r}
	if made.letters, err = parseLetters(r.Letters); err != nil {
		return nil, "letters", err
	}
	if made.hours, err = parseHours(r.Hours); err != nil {
		return nil, "hours", err
	}
	if made.absent, err = parseDays(r.Absent); err != nil {
		return nil, "absent", err
	}
	if err = checkLanguages(r.Languages); err != nil {
		return nil, "language", err
	}
	if r.Capacity < 0 {
		return nil, "capacity", fmt.Errorf("is less than 0")
	}
	return made, "", nil
}

// refuses gives the first cell that says no, and the value that it saw; an empty one where the receiver fits. Who is not there is told
// first. Ready are those who would call the visitor: the receiver, or the members of a pool that fit.
func (r *receiver) refuses(f *Facts, load Load) (no Cell, saw string, ready []*receiver) {
	if len(r.Members) > 0 {
		no, ready = r.refusePool(f)
		return no, "", ready
	}
	if no, saw = r.refusesAny(f); no == "" && r.Capacity > 0 && load.Waiting >= r.Capacity {
		no, saw = CellCapacity, strconv.Itoa(load.Waiting)
	}
	return no, saw, []*receiver{r}
}

// refusesAny is refuses for whoever else waits.
func (r *receiver) refusesAny(f *Facts) (no Cell, saw string) {
	day := f.At.Format(time.DateOnly)
	switch {
	case slices.ContainsFunc(r.absent, func(d days) bool { return d.from <= day && day <= d.until }):
		return CellAbsent, day
	case len(r.hours) > 0 && !within(r.hours, f.At):
		return CellHours, f.At.Format("Mon 15:04")
	case len(r.Services) > 0 && !slices.Contains(r.Services, f.service()):
		return CellService, f.service()
	case r.letters != 0 && f.Letter != "" && !r.letters.has(f.Letter):
		return CellLetters, f.Letter
	case len(r.Nationalities) > 0 && f.Nationality != "" && !slices.Contains(r.Nationalities, f.Nationality):
		return CellNationality, f.Nationality
	}
	return "", ""
}

func (r *receiver) refusePool(f *Facts) (no Cell, ready []*receiver) {
	no = CellAbsent
	for _, m := range r.members {
		switch cell, _ := m.refusesAny(f); cell {
		case "":
			ready = append(ready, m)
		case CellAbsent, CellHours:
		default:
			no = CellMembers
		}
	}
	if len(ready) > 0 {
		return "", ready
	}
	return no, r.members
}

// always says whether the receiver takes every visitor for a service, at any time and however many wait.
func (r *receiver) always(service string) bool {
	if len(r.Members) > 0 {
		return slices.ContainsFunc(r.members, func(m *receiver) bool { return m.Capacity == 0 && m.always(service) })
	}
	return len(r.hours)+len(r.absent)+len(r.Nationalities)+r.Capacity == 0 && r.letters == 0 &&
		(len(r.Services) == 0 || slices.Contains(r.Services, service))
}
