package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/store"
)

// logRows is how many entries a page of the log has.
const logRows = 50

// logRow is one entry as the log shows it.
type logRow struct {
	store.LogEntry
	When string // office time
	Who  string // name
}

type logPage struct {
	frame
	Who, Action, CheckIn, Day string // what is asked for, as it was sent; empty for all
	Notice                    string // key of a text; empty for none
	People                    []office.Caseworker
	Actions                   []string
	Rows                      []logRow
	Older                     int64 // the last entry's number, where there are more; 0 where there are none
}

// showLog shows who did what when. What is asked for comes in a form, so that nobody's name stands in a URL.
func (c *Console) showLog(w http.ResponseWriter, r *http.Request, v viewer) {
	p, status := logPage{frame: c.frame(r, v)}, http.StatusOK
	p.Who, p.Action, p.Day = r.PostFormValue("who"), r.PostFormValue("action"), r.PostFormValue("day")
	p.CheckIn = strings.TrimSpace(r.PostFormValue("check-in"))
	p.Actions = c.pages.group("log.action")
	filter, err := c.logFilter(p, r.PostFormValue("before"))
	if err != nil {
		p.Notice, status = "log.bad", http.StatusBadRequest
	} else if p.Rows, err = c.logRows(r, v, filter, &p.Older); err != nil {
		c.fail(w, err)
		return
	}
	if p.People, err = c.people(r); err != nil {
		c.fail(w, err)
		return
	}
	c.render(w, status, "log", p)
}

var errFilter = errors.New("no such day or page")

func (c *Console) logFilter(p logPage, before string) (f store.LogFilter, err error) {
	f = store.LogFilter{Name: p.Who, Action: store.Action(p.Action), CheckIn: p.CheckIn}
	if p.Day != "" {
		day, err := time.ParseInLocation(time.DateOnly, p.Day, c.office.Local(c.now()).Location())
		if err != nil {
			return f, errFilter
		}
		f.From, f.Until = day, day.AddDate(0, 0, 1)
	}
	if before != "" {
		if f.Before, err = strconv.ParseInt(before, 10, 64); err != nil || f.Before < 1 {
			return f, errFilter
		}
	}
	return f, nil
}

// logRows reads a page, and says in older where the next one begins, if there is one.
func (c *Console) logRows(r *http.Request, v viewer, f store.LogFilter, older *int64) (rows []logRow, err error) {
	entries, err := c.store.Log(r.Context(), f, logRows+1)
	if err != nil {
		return nil, err
	}
	if len(entries) > logRows {
		entries = entries[:logRows]
		*older = entries[logRows-1].Number
	}
	for _, e := range entries {
		local := c.office.Local(e.At)
		rows = append(rows, logRow{e, v.date(local.Format(time.DateOnly)) + ", " + local.Format(time.TimeOnly), c.nameOf(e.Name)})
	}
	return rows, nil
}

// people are all who have an account, as what they do is kept: by id and name.
func (c *Console) people(r *http.Request) (people []office.Caseworker, err error) {
	accounts, err := c.store.Accounts(r.Context())
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		people = append(people, office.Caseworker{ID: a.Actor(), Name: c.nameOf(a.Actor())})
	}
	slices.SortFunc(people, func(a, b office.Caseworker) int { return strings.Compare(a.Name, b.Name) })
	return people, nil
}

// group are the ids that have a text in a group, sorted.
func (p *pages) group(group string) (ids []string) {
	for key := range p.texts["de"] {
		if id, ok := strings.CutPrefix(key, group+"."); ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
