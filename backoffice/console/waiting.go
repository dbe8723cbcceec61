package console

import (
	"bytes"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/foyer-station/foyer/backoffice/staff"
)

// perPage is how many visitors a page of the full list has.
const perPage = 100

// waitingPage is one page of a full list.
type waitingPage struct {
	frame
	Title string
	Queue string // id; empty for the viewer's own
	Count int    // on all pages
	Page  int    // from 1
	Pages int
	Rows  template.HTML
	Now   int64 // Unix milliseconds, by the office's clock
}

// First is the place in the queue of the first on the page.
func (p waitingPage) First() int { return (p.Page-1)*perPage + 1 }

// Before is the page before.
func (p waitingPage) Before() int { return p.Page - 1 }

// After is the next page.
func (p waitingPage) After() int { return p.Page + 1 }

// Beyond is how many are on later pages.
func (p waitingPage) Beyond() int { return max(0, p.Count-p.Page*perPage) }

// showWaiting shows all who wait for the viewer, or all in one queue, a page at a time.
func (c *Console) showWaiting(w http.ResponseWriter, r *http.Request, v viewer) {
	c.waiting(w, r, v, "waiting")
}

// showRows is the beginning of a queue, for a page that has it open. It is no sign that somebody is there: the page asks by itself.
func (c *Console) showRows(w http.ResponseWriter, r *http.Request, v viewer) {
	c.waiting(w, r, v, "waiting-rows")
}

func (c *Console) waiting(w http.ResponseWriter, r *http.Request, v viewer, name string) {
	b, err := c.newest(r.Context(), time.Now())
	if err != nil {
		c.fail(w, err)
		return
	}
	p := waitingPage{frame: c.frame(r, v), Queue: r.PathValue("queue"), Now: b.at.UnixMilli()}
	indices, known := c.listed(b, v, &p)
	if !known {
		http.NotFound(w, r)
		return
	}
	p.Count, p.Pages = len(indices), max(1, (len(indices)+perPage-1)/perPage)
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		page = 1
	}
	p.Page = max(1, min(page, p.Pages))
	first := (p.Page - 1) * perPage
	if p.Rows, err = c.rowsNow(b, v, indices[first:min(len(indices), first+perPage)]); err != nil {
		c.fail(w, err)
		return
	}
	c.render(w, http.StatusOK, name, p)
}

// listed are those whom a full list has; none is known where there is no such queue.
func (c *Console) listed(b *board, v viewer, p *waitingPage) (indices []int, known bool) {
	if p.Queue == "" {
		p.Title = p.texts["queue.mine"]
		return b.waitingIn(c.office.QueuesOf(v.ID)...), true
	}
	for _, d := range c.desks() {
		if d.ID == p.Queue {
			p.Title = d.Name
			return b.butOf(v.ID, d.ID), true
		}
	}
	return nil, false
}

func (c *Console) rowsNow(b *board, v viewer, indices []int) (template.HTML, error) {
	c.boards.making.Lock()
	defer c.boards.making.Unlock()
	key := viewKey{language: v.Language, calling: c.may(v, staff.OutOfOrder)}
	rows, err := c.rows(b, waitingRow, key, indices)
	if err != nil {
		return "", err
	}
	var html bytes.Buffer
	for _, f := range rows {
		f.write(&html, b.at)
	}
	return template.HTML(html.String()), nil //nolint:gosec // made by html/template
}

// streamSession keeps a page live that shows nothing live but whether it is: it ends with its session.
func (c *Console) streamSession(w http.ResponseWriter, r *http.Request, v viewer) {
	c.follow(w, r, v, func(viewer) ([]message, <-chan struct{}, error) { return nil, nil, nil })
}
