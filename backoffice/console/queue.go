package console

import (
	"fmt"
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
	Minutes     int    // since confirmation
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

// deskQueue is the queue of one caseworker or pool.
type deskQueue struct {
	Name, Room string
	Rows       []row
}

type queuePage struct {
	frame
	Notice  string // key of a text; empty for none
	Asking  []row  // visitors who asked for a person, and to whom nobody has gone yet, in the whole office
	Alarms  []alarmRow
	First   *row // who is called next; nil for nobody
	Current *row // the visitor at the viewer's desk
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
	byQueue := map[string][]row{}
	mine := c.office.QueuesOf(v.ID)
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
		if name := in.Decision.Caseworker; !slices.Contains(mine, name) {
			byQueue[name] = append(byQueue[name], visitor)
		} else if in.State == store.Waiting && in.Parked.By == "" {
			p.Mine = append(p.Mine, visitor)
		}
	}
	for _, pool := range c.office.Pools {
		if !slices.Contains(mine, pool.ID) {
			p.Others = append(p.Others, deskQueue{pool.Name, c.office.Lobby, byQueue[pool.ID]})
		}
	}
	for _, w := range c.office.Caseworkers {
		if w.ID != v.ID {
			p.Others = append(p.Others, deskQueue{w.Name, c.office.RoomOf(w.ID), byQueue[w.ID]})
		}
	}
	ended, err := c.store.Ended(r.Context(), v.ID, recent)
	if err != nil {
		return p, err
	}
	for _, in := range ended {
		p.Ended = append(p.Ended, c.row(v, in))
	}
	o, err := c.store.Office(r.Context())
	if err != nil {
		return p, err
	}
	p.Alarms = c.alarms(o)
	if len(p.Mine) > 0 {
		p.First = &p.Mine[0]
	}
	p.Lead, err = c.lead(r.Context(), v, readable, all)
	return p, err
}

func (c *Console) showQueue(w http.ResponseWriter, r *http.Request, v viewer) {
	p, err := c.queue(r, v)
	if err != nil {
		c.fail(w, err)
		return
	}
	if c.may(v, staff.Lead) {
		p.Certificates = c.certificates()
	}
	if notice := r.URL.Query().Get("notice"); notices()[notice] != nil {
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
