package ticketview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/web"
)

const (
	rounded = 5 * time.Minute // what an expected wait is rounded to
	settled = time.Second     // at least between two looks at a visit, however fast the queue changes
)

// page is what a visitor sees.
type page struct {
	Office string
	Texts  *texts
	Ticket string
	Called bool
	Room   string // once called
	Ahead  int
	From   int    // minutes
	To     int    // minutes; 0 where it is soon
	Away   string // office time, HH:MM, until which the visitor is not called; empty where not away
	Left   int    // how often the visitor may still ask for time
	Path   string // of the page, relative to it
	Beat   int64  // milliseconds
}

// byOfficeFile is how long those before take by the office file: all of it for one caseworker, half of it for two.
func (v *View) byOfficeFile(service string, ahead int) (from, to time.Duration) {
	whole := time.Duration(ahead) * v.office.Minutes(service)
	return whole / 2, whole
}

// wait is the range that a visitor sees: what is expected now, or what the office file says where nobody knows.
func (v *View) wait(ctx context.Context, visit store.Visit) (from, to time.Duration, err error) {
	if v.expected != nil {
		from, to, ok, err := v.expected(ctx, visit.Service, visit.Ahead)
		if ok || err != nil {
			return from, to, err
		}
	}
	from, to = v.byOfficeFile(visit.Service, visit.Ahead)
	return from, to, nil
}

func (v *View) page(ctx context.Context, token string, visit store.Visit) (page, error) {
	p := page{
		Office: v.office.Name, Texts: v.textsFor(visit.Language), Ticket: visit.Ticket, Ahead: visit.Ahead,
		Left: max(0, mostAways-visit.Aways), Path: token, Beat: v.beat.Milliseconds(),
	}
	if visit.State == store.Called {
		p.Called, p.Room = true, p.Texts.room(v.office.RoomOf(visit.CalledBy))
		return p, nil
	}
	if visit.AwayUntil.After(v.now()) {
		p.Away = v.office.Local(visit.AwayUntil).Format("15:04")
	}
	from, to, err := v.wait(ctx, visit)
	p.From = int(from.Truncate(rounded) / time.Minute)
	p.To = int((to + rounded - 1).Truncate(rounded) / time.Minute)
	return p, err
}

func (v *View) show(w http.ResponseWriter, r *http.Request, token string, visit store.Visit) {
	p, err := v.page(r.Context(), token, visit)
	if err != nil {
		v.fail(w, err)
		return
	}
	v.render(w, http.StatusOK, "view", p)
}

// farewell is the one answer to who has no visit.
type farewell struct {
	Office string
	Said   []*texts
}

func (v *View) nowhere(w http.ResponseWriter, _ *http.Request) {
	f := farewell{Office: v.office.Name}
	for _, tag := range order {
		f.Said = append(f.Said, v.texts[tag])
	}
	v.render(w, http.StatusNotFound, "farewell", f)
}

func (v *View) render(w http.ResponseWriter, status int, name string, data any) {
	html, err := v.execute(name, data)
	if err != nil {
		v.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(html)
}

func (v *View) execute(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := v.templates.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// stream keeps a page live until the browser goes, the visit ends or the server stops.
func (v *View) stream(w http.ResponseWriter, r *http.Request, token string, _ store.Visit) {
	if !v.streams.open(token) {
		http.Error(w, "too many pages are live", http.StatusServiceUnavailable)
		return
	}
	defer v.streams.close(token)
	out := web.OpenEvents(w, v.beat)
	beat := time.NewTicker(v.beat)
	defer beat.Stop()
	var last []byte
	for {
		changed := v.store.Changed()
		var err error
		last, err = v.send(r.Context(), out, token, last)
		switch {
		case errors.Is(err, store.ErrNotFound):
			out.Send("ended", []byte("ended"))
			return
		case err != nil:
			if r.Context().Err() == nil {
				v.log.Info("a visitor's page is live no more", "error", err)
			}
			return
		}
		if !v.untilNext(r.Context(), changed, beat.C) {
			return
		}
	}
}

// untilNext waits until there may be something new, and a moment more, in which much may change at once.
func (v *View) untilNext(ctx context.Context, changed <-chan struct{}, beat <-chan time.Time) bool {
	if !v.until(ctx, changed, beat) {
		return false
	}
	calm := time.NewTimer(min(settled, v.beat/2))
	defer calm.Stop()
	return v.until(ctx, nil, calm.C)
}

// until waits for either; false says that the page or the server went before.
func (v *View) until(ctx context.Context, changed <-chan struct{}, passed <-chan time.Time) bool {
	select {
	case <-changed:
	case <-passed:
	case <-v.stopped:
		return false
	case <-ctx.Done():
		return false
	}
	return true
}

// send sends the page's live part, unless it is as it was last, and a beat.
func (v *View) send(ctx context.Context, out *web.Events, token string, last []byte) ([]byte, error) {
	visit, err := v.store.Visit(ctx, token)
	if err != nil {
		return nil, err
	}
	p, err := v.page(ctx, token, visit)
	if err != nil {
		return nil, err
	}
	html, err := v.execute("live", p)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(html, last) {
		out.Send("view", html)
	}
	return html, out.Send("beat", []byte("live"))
}
