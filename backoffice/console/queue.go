package console

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"time"

	"github.com/foyer-station/foyer/backoffice/staff"
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
	Arrived     int64  // when confirmed, Unix milliseconds
	Elapsed     string // minutes since confirmation; filled in where a list is made
	Estimate    int    // minutes from then until called, as it was estimated on arrival; 0 for at once
	Mine        bool   // called by the viewer
	CalledName  string // who called
	Why         string // the rule's reason
	Dated       string // the ticket's day, YYYY-MM-DD; empty when it is today's
	Erased      bool   // the data came and its key is gone: vault.ErrErased
	NoDocument  bool   // the service asks for one, and none was read
	Away        string // until when the visitor asked not to be called, office time, HH:MM; empty where not away
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

// queuePage is the page, and of its live part what is made for one viewer.
type queuePage struct {
	frame
	Notice  string // key of a text; empty for none
	Alarms  []alarmRow
	First   *row // who is called next; nil for nobody
	Live    template.HTML
	Calling bool // the viewer may call out of turn
	Current *row // the visitor at the viewer's desk
	Mine    int  // who wait for the viewer
	More    int  // of them, who are only on the full list
	Ended   []row
	Waiting int       // who wait in the whole office
	Lead    *leadView // what only the lead is told; nil for others, and when there is nothing
	// Certificates are all that the office lives by, for the lead; they are as old as the page.
	Certificates []certificateRow
}

func (c *Console) row(v viewer, in store.CheckIn) row {
	r := row{CheckIn: in, Since: c.office.Local(in.ConfirmedAt).Format("15:04"), Arrived: in.ConfirmedAt.UnixMilli()}
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
	if in.State == store.Waiting && in.AwayUntil.After(c.now()) {
		r.Away = c.office.Local(in.AwayUntil).Format("15:04")
	}
	if !in.DeniedSince.IsZero() {
		r.Denied = v.moment(c.office.Local(in.DeniedSince))
	}
	if in.Day != c.office.Day(c.now()) {
		r.Dated = in.Day
	}
	return r
}

// nameOf is the name of a caseworker or a pool, or the id itself of one given up since.
func (c *Console) nameOf(queue string) string {
	if w, ok := c.office.Caseworker(queue); ok {
		return w.Name
	}
	if p, ok := c.office.Pool(queue); ok {
		return p.Name
	}
	return queue
}

func inLanguage(texts map[string]string, tag string) string {
	if text := texts[tag]; text != "" {
		return text
	}
	return texts["de"]
}

func (c *Console) showQueue(w http.ResponseWriter, r *http.Request, v viewer) {
	p := queuePage{frame: c.frame(r, v)}
	live, err := c.liveNow(r.Context(), v)
	if err != nil {
		c.fail(w, err)
		return
	}
	p.Live = template.HTML(live) //nolint:gosec // made by html/template
	if c.may(v, staff.Lead) {
		p.Certificates = c.certificates()
	}
	if notice := r.URL.Query().Get("notice"); notices()[notice] != nil {
		p.Notice = "notice." + notice
	}
	c.render(w, http.StatusOK, "queue", p)
}

// liveNow is the live part of a page that is being loaded.
func (c *Console) liveNow(ctx context.Context, v viewer) ([]byte, error) {
	b, err := c.newest(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	made, err := c.view(ctx, b, v)
	if err != nil {
		return nil, err
	}
	return c.snapshot(made)
}

// streamQueue keeps a page live: first with the whole of its live part, then with what has changed since it was sent last. Between
// two sendings nothing is kept for a page but which view it has, however slowly it reads.
func (c *Console) streamQueue(w http.ResponseWriter, r *http.Request, v viewer) {
	var last *view
	c.follow(w, r, v, func(v viewer) ([]message, <-chan struct{}, error) {
		b, err := c.newest(r.Context(), time.Now().Add(-c.beat/2))
		if err != nil {
			return nil, nil, err
		}
		next, err := c.view(r.Context(), b, v)
		if err != nil {
			return nil, nil, err
		}
		former := last
		last = next
		if former == nil || !next.sameShape(former) || former.key != next.key {
			html, err := c.snapshot(next)
			return []message{{"snapshot", html}}, b.changed, err
		}
		update, err := c.since(former, next)
		if update == nil {
			return nil, b.changed, err
		}
		return []message{{"update", update}}, b.changed, err
	})
}
