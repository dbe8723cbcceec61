package console

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/verify"
)

// recent is how many visitors, with whom a caseworker has finished, can be brought back from the list.
const recent = 3

// row is one check-in as the lists show it.
type row struct {
	store.CheckIn
	ServiceName string // in the viewer's language, or the id of a service given up since; empty when the visitor asked for staff
	Caseworker  string // name
	Since       string // office time, HH:MM
	Minutes     int    // since confirmation
	Estimate    int    // minutes from then until called, as it was estimated on arrival; 0 for at once
	Mine        bool   // called by the viewer
	CalledName  string // who called
	Why         string // the rule's reason
	Dated       string // the ticket's day, YYYY-MM-DD; empty when it is today's
	Erased      bool   // the data came and its key is gone: vault.ErrErased
	NoDocument  bool   // the service asks for one, and none was read
	Denied      string // since when the station is denied, in office time; empty where it is not
}

// Spoken is the ticket in words that mean one visitor only: of two with the same number, with station and time.
func (r row) Spoken() string {
	if !r.Twin {
		return r.Ticket
	}
	return fmt.Sprintf("%s, %s, %s", r.Ticket, r.Station, r.Since)
}

// Invalid says that the document is known not to be valid today, which is no forgery.
func (r row) Invalid() bool {
	return r.Validity == verify.Expired || r.Validity == verify.NotYetValid
}

// deskQueue is the queue of one caseworker.
type deskQueue struct {
	Name, Room string
	Rows       []row
}

type queuePage struct {
	frame
	Notice  string // key of a text; empty for none
	Asking  []row  // visitors who asked for a person, and to whom nobody has gone yet, in the whole office
	Current *row   // the visitor at the viewer's desk
	Mine    []row
	Others  []deskQueue
	Ended   []row
	Waiting int       // in the whole office
	Lead    *leadView // what only the lead is told; nil for others, and when there is nothing
	// Certificates are all that the office lives by, for the lead; they are as old as the page.
	Certificates []certificateRow
}

func (c *Console) row(v viewer, in store.CheckIn) row {
	r := row{CheckIn: in, Since: c.office.Local(in.ConfirmedAt).Format("15:04")}
	r.Minutes = max(0, int(c.now().Sub(in.ConfirmedAt)/time.Minute))
	r.Estimate = int(in.Wait.Round(time.Minute) / time.Minute)
	r.ServiceName = in.Service
	if s, ok := c.office.Service(in.Service); ok {
		r.ServiceName = inLanguage(s.Names, v.Language)
		r.NoDocument = in.Recorded && in.Verdict == "" && slices.Contains(s.Steps, "document")
	}
	r.Why = inLanguage(in.Decision.About, v.Language)
	r.Caseworker = c.nameOf(in.Decision.Caseworker)
	r.CalledName = c.nameOf(in.CalledBy)
	r.Mine = in.CalledBy == v.ID
	if !in.DeniedSince.IsZero() {
		r.Denied = v.moment(c.office.Local(in.DeniedSince))
	}
	if in.Day != c.office.Day(c.now()) {
		r.Dated = in.Day
	}
	return r
}

func (c *Console) nameOf(caseworker string) string {
	if w, ok := c.office.Caseworker(caseworker); ok {
		return w.Name
	}
	return caseworker
}

func inLanguage(texts map[string]string, tag string) string {
	if text := texts[tag]; text != "" {
		return text
	}
	return texts["de"]
}

// queue reads the whole queue as the viewer sees it.
func (c *Console) queue(r *http.Request, v viewer) (queuePage, error) {
	p := queuePage{frame: c.frame(r, v)}
	all, err := c.store.Queue(r.Context())
	if err != nil {
		return p, err
	}
	keys, err := c.vault.CheckIns(r.Context())
	if err != nil {
		return p, err
	}
	readable := map[string]bool{}
	for _, id := range keys {
		readable[id] = true
	}
	byCaseworker := map[string][]row{}
	for _, in := range all {
		visitor := c.row(v, in)
		visitor.Erased = in.Recorded && !readable[in.ID]
		if visitor.Mine {
			p.Current = &visitor
			continue
		}
		if in.State == store.Waiting {
			p.Waiting++
			if in.Service == "" {
				p.Asking = append(p.Asking, visitor)
			}
		}
		byCaseworker[in.Decision.Caseworker] = append(byCaseworker[in.Decision.Caseworker], visitor)
	}
	p.Mine = waitingOnly(byCaseworker[v.ID])
	for _, w := range c.office.Caseworkers {
		if w.ID != v.ID {
			p.Others = append(p.Others, deskQueue{w.Name, c.office.RoomOf(w.ID), byCaseworker[w.ID]})
		}
	}
	ended, err := c.store.Ended(r.Context(), v.ID, recent)
	if err != nil {
		return p, err
	}
	for _, in := range ended {
		p.Ended = append(p.Ended, c.row(v, in))
	}
	p.Lead, err = c.lead(r.Context(), v, readable, all)
	return p, err
}

func waitingOnly(rows []row) []row {
	var waiting []row
	for _, r := range rows {
		if r.State == store.Waiting {
			waiting = append(waiting, r)
		}
	}
	return waiting
}

func (c *Console) showQueue(w http.ResponseWriter, r *http.Request, v viewer) {
	p, err := c.queue(r, v)
	if err != nil {
		c.fail(w, err)
		return
	}
	if c.office.Leads(v.ID) {
		p.Certificates = c.certificates()
	}
	switch notice := r.URL.Query().Get("notice"); notice {
	case "nobody", "taken", "busy":
		p.Notice = "notice." + notice
	}
	c.render(w, http.StatusOK, "queue", p)
}

func (c *Console) streamQueue(w http.ResponseWriter, r *http.Request, v viewer) {
	c.stream(w, r, v, func() ([]byte, error) {
		p, err := c.queue(r, v)
		if err != nil {
			return nil, err
		}
		return c.pages.execute("queue-live", p)
	})
}

func (c *Console) callNext(w http.ResponseWriter, r *http.Request, v viewer) {
	id, err := c.store.CallNext(r.Context(), v.ID, c.now())
	c.after(w, r, err, "/visitor/"+id)
}

func (c *Console) call(w http.ResponseWriter, r *http.Request, v viewer) {
	id := r.PathValue("id")
	c.after(w, r, c.store.Call(r.Context(), v.ID, id, c.now()), "/visitor/"+id)
}

func (c *Console) finish(as store.State) func(http.ResponseWriter, *http.Request, viewer) {
	return func(w http.ResponseWriter, r *http.Request, v viewer) {
		c.after(w, r, c.store.Finish(r.Context(), v.ID, r.PathValue("id"), as, c.now()), "/")
	}
}

func (c *Console) giveBack(w http.ResponseWriter, r *http.Request, v viewer) {
	c.after(w, r, c.store.Return(r.Context(), v.ID, r.PathValue("id"), c.now()), "/")
}

// after leads on to a page, or back to the queue with a word about what has come between.
func (c *Console) after(w http.ResponseWriter, r *http.Request, err error, to string) {
	switch {
	case err == nil:
	case errors.Is(err, store.ErrNobodyWaiting):
		to = "/?notice=nobody"
	case errors.Is(err, store.ErrTaken):
		to = "/?notice=taken"
	case errors.Is(err, store.ErrBusy):
		to = "/?notice=busy"
	default:
		c.fail(w, err)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
