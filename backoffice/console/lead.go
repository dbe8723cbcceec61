package console

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/mutual"
)

// leadView is what the lead is told above the queue: what erasing waits for, and who was left when a day was closed.
type leadView struct {
	Erasing store.Erasing
	Clock   time.Time // what the server's clock said when erasing was held, in the office's time
	Stamp   int64     // the same in Unix milliseconds, to be confirmed
	Left    []leftRow
	Ends    []certificateRow

	Denied []*deniedRow
	// Outdated are the stations that speak an older contract: "station-1, station-2"; empty for none.
	Outdated string
	Newer    []newerRow
	Help     []helpRow // who calls for help, the first one first
	Deserted int       // who wait where nobody is there
}

// deserted counts those who wait where nobody was there to whom the rules could send.
func deserted(queue []store.CheckIn) (n int) {
	for _, in := range queue {
		if in.State == store.Waiting && in.Decision.Resort == routing.ResortAbsent {
			n++
		}
	}
	return n
}

// newerRow is a station that sent more than this office can show.
type newerRow struct {
	Station  string
	CheckIns int // in the queue
}

// newer counts, by station, the check-ins of a newer contract.
func newer(queue []store.CheckIn) (rows []newerRow) {
	counts := map[string]int{}
	for _, in := range queue {
		if in.Newer {
			counts[in.Station]++
		}
	}
	for _, station := range slices.Sorted(maps.Keys(counts)) {
		rows = append(rows, newerRow{station, counts[station]})
	}
	return rows
}

// outdated are the stations that speak an older contract.
func (c *Console) outdated() string {
	if c.Outdated == nil {
		return ""
	}
	return strings.Join(c.Outdated(), ", ")
}

// deniedRow are those who came through one denied station.
type deniedRow struct {
	Station string
	Since   string // office time
	Waiting int
	Left    int // on the list of who was left
}

// denied counts, by station, who waits or was left and came through a denied one.
func (c *Console) denied(v viewer, queue []store.CheckIn, left []store.LeftOver) (rows []*deniedRow) {
	of := func(station string) *deniedRow {
		for _, r := range rows {
			if r.Station == station {
				return r
			}
		}
		rows = append(rows, &deniedRow{Station: station})
		return rows[len(rows)-1]
	}
	for _, in := range queue {
		if !in.DeniedSince.IsZero() && in.State == store.Waiting {
			r := of(in.Station)
			r.Since = v.moment(c.office.Local(in.DeniedSince))
			r.Waiting++
		}
	}
	for _, l := range left {
		if l.Denied {
			of(l.Station).Left++
		}
	}
	return rows
}

// certificateRow is a certificate, and what is to be said of it.
type certificateRow struct {
	Name string // "back_office", "station gate-1"
	Text string // key of a text; with a day it takes that besides the name
	Day  string // that it speaks of: YYYY-MM-DD
	Days int    // that it lasts yet, where nothing is the matter
	Well bool   // nobody has to see to it
	Bad  bool   // it does not serve, or not for long
}

// certificates are those that the office lives by.
func (c *Console) certificates() (rows []certificateRow) {
	if c.Certificates == nil {
		return nil
	}
	now := time.Now() // TLS goes by the machine's clock
	for _, cert := range c.Certificates() {
		level, _, _ := cert.Judge(now)
		row := certificateRow{Name: cert.Name, Text: "lead.certificate.ends", Day: cert.NotAfter.Format(time.DateOnly), Days: cert.DaysLeft(now),
			Well: level == mutual.Well, Bad: level == mutual.Ill}
		switch {
		case cert.Unusable:
			row.Text, row.Day = "lead.certificate.fault", ""
		case now.After(cert.NotAfter):
			row.Text = "lead.certificate.ended"
		case now.Before(cert.NotBefore):
			row.Text, row.Day = "lead.certificate.early", cert.NotBefore.Format(time.DateOnly)
		case !cert.Fault.IsZero():
			row.Text, row.Day = "lead.certificate.fault", ""
		}
		rows = append(rows, row)
	}
	return rows
}

// ends are the certificates that want somebody.
func (c *Console) ends() []certificateRow {
	return slices.DeleteFunc(c.certificates(), func(r certificateRow) bool { return r.Well })
}

// leftRow is one visitor who was left.
type leftRow struct {
	store.LeftOver
	ServiceName string // in the viewer's language; empty when the visitor asked for staff
	InCharge    string // name
	CalledName  string // who had called; empty when nobody had
	Data        string // key of a text: what is still there
}

// data is the key of the text that says what is still there of a visitor who was left.
func data(l store.LeftOver, readable bool) string {
	switch {
	case !l.Kept:
		return "lead.erased"
	case !l.Recorded:
		return "lead.none"
	case !readable:
		return "queue.erased"
	}
	return "lead.kept"
}

// lead is what a lead is told; nil when there is nothing.
func (c *Console) lead(v viewer, b *board, told *leadFacts) *leadView {
	erasing, left := told.erasing, told.left
	ends, denied, newer, outdated, deserted := c.ends(), c.denied(v, b.queue, left), newer(b.queue), c.outdated(), deserted(b.queue)
	if erasing.Reason == "" && erasing.Failed == 0 && len(left) == 0 && len(ends) == 0 && len(denied) == 0 && len(newer) == 0 && outdated == "" && deserted == 0 && len(told.help) == 0 {
		return nil
	}
	view := &leadView{Help: c.helpRows(v, told.help), Ends: ends, Denied: denied, Newer: newer, Outdated: outdated, Deserted: deserted, Erasing: erasing, Clock: c.office.Local(erasing.ClockAt), Stamp: erasing.ClockAt.UnixMilli()}
	for _, l := range left {
		row := leftRow{LeftOver: l, ServiceName: l.Service, InCharge: c.nameOf(l.Caseworker), CalledName: c.nameOf(l.CalledBy),
			Data: data(l, told.readable[l.ID])}
		if s, ok := c.office.Service(l.Service); ok {
			row.ServiceName = inLanguage(s.Names, v.Language)
		}
		view.Left = append(view.Left, row)
	}
	return view
}

func (c *Console) dismiss(w http.ResponseWriter, r *http.Request, v viewer) {
	c.after(w, r, c.store.Dismiss(r.Context(), v.ID, r.PathValue("id"), c.now()), "/")
}

func (c *Console) readmit(w http.ResponseWriter, r *http.Request, v viewer) {
	now := c.now()
	c.after(w, r, c.store.Readmit(r.Context(), v.ID, r.PathValue("id"), c.office.Day(now), now), "/")
}

func (c *Console) setAside(w http.ResponseWriter, r *http.Request, v viewer) {
	c.after(w, r, c.store.SetAside(r.Context(), v.ID, r.PathValue("station"), c.now()), "/")
}

func (c *Console) dismissDenied(w http.ResponseWriter, r *http.Request, v viewer) {
	c.after(w, r, c.store.DismissDenied(r.Context(), v.ID, r.PathValue("station"), c.now()), "/")
}

func (c *Console) confirmErasing(w http.ResponseWriter, r *http.Request, v viewer) {
	clock, err := strconv.ParseInt(r.PostFormValue("clock"), 10, 64)
	if err != nil {
		http.Error(w, "clock is not what the page says", http.StatusBadRequest)
		return
	}
	c.after(w, r, c.store.ConfirmErasing(r.Context(), v.ID, time.UnixMilli(clock), c.now()), "/")
}
