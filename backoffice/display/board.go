package display

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/web"
)

const (
	before = 4                // calls that stand beside the last one
	fresh  = 45 * time.Second // for which a call rings at a display that has not rung for it: one that comes back rings for no old one
)

// call is one call as a display shows it.
type call struct {
	Key    string // names the call at this display; says nothing to anybody else
	Ticket string
	Of     string // which of two with this ticket: "09:41, station-1"; empty where it is the only one
	Place  string // a room's number, or the name of a place without one
	Named  bool   // the place has no number
	Fresh  bool   // it rings where it has not yet
	words  string // what is said
	voice  string // of whoever says it
}

// TicketLength and PlaceLength are how many characters there are to fit in.
func (c call) TicketLength() int { return utf8.RuneCountInString(c.Ticket) }

// PlaceLength is told with TicketLength.
func (c call) PlaceLength() int { return utf8.RuneCountInString(c.Place) }

// board is all that a display shows.
type board struct {
	Office  string
	Version string
	Beat    int64 // milliseconds
	Calls   []call
	Waiting []greeting // what is shown while the office cannot be reached
}

// First is the last call; nil when there was none.
func (b board) First() *call {
	if len(b.Calls) == 0 {
		return nil
	}
	return &b.Calls[0]
}

// Rest are the calls before the last.
func (b board) Rest() []call { return b.Calls[min(1, len(b.Calls)):] }

// board reads what a display shows now.
func (d *Displays) board(ctx context.Context, which store.Display) (board, error) {
	calls, err := d.calls(ctx, which)
	return board{Office: d.office.Name, Version: d.version, Beat: d.beat.Milliseconds(), Calls: calls, Waiting: d.words.waiting}, err
}

func (d *Displays) calls(ctx context.Context, which store.Display) ([]call, error) {
	callers, none := d.callers(which.Rooms)
	if none {
		return nil, nil
	}
	all, err := d.store.Calls(ctx, callers, 1+before)
	if err != nil {
		return nil, err
	}
	var calls []call
	for _, v := range all {
		calls = append(calls, d.call(v))
	}
	return calls, nil
}

// callers are the caseworkers in some rooms, all where no room is named; none says that there is nobody in them.
func (d *Displays) callers(rooms []string) (callers []string, none bool) {
	for _, c := range d.office.Caseworkers {
		if slices.Contains(rooms, c.Room) {
			callers = append(callers, c.ID)
		}
	}
	return callers, len(rooms) > 0 && len(callers) == 0
}

func (d *Displays) call(v store.CalledVisitor) call {
	// Of the check-in's id a display gets a hash alone: from the id follows the token of the visitor's own view.
	sum := sha256.Sum256(fmt.Appendf(nil, "call %s %d", v.ID, v.CalledAt.UnixMilli()))
	age := d.now().Sub(v.CalledAt)
	c := call{Key: hex.EncodeToString(sum[:12]), Ticket: v.Ticket, Fresh: age < fresh && age > -fresh}
	if v.Twin {
		c.Of = d.office.Local(v.ConfirmedAt).Format("15:04") + ", " + v.Station
	}
	room := d.office.RoomOf(v.CalledBy)
	c.Place, c.Named = d.words.place(room)
	c.voice, c.words = d.words.say(v.Language, v.Ticket, room)
	return c
}

func (d *Displays) showBoard(w http.ResponseWriter, r *http.Request) {
	which, err := d.display(r)
	if errors.Is(err, store.ErrNotFound) {
		http.Redirect(w, r, "/pair", http.StatusSeeOther)
		return
	}
	if err == nil {
		var b board
		if b, err = d.board(r.Context(), which); err == nil {
			if cookie, err := r.Cookie(tokenCookie); err == nil {
				keep(w, cookie.Value)
			}
			d.render(w, http.StatusOK, "display", b)
			return
		}
	}
	d.fail(w, err)
}

// streamBoard keeps a display live: it sends the board, now and whenever it has changed, and a beat, until the display goes, is
// removed, or the server stops.
func (d *Displays) streamBoard(w http.ResponseWriter, r *http.Request, _ store.Display) {
	select {
	case d.streams <- struct{}{}:
		defer func() { <-d.streams }()
	default:
		http.Error(w, "too many displays", http.StatusServiceUnavailable)
		return
	}
	out := web.OpenEvents(w, d.beat)
	out.Send("version", []byte(d.version))
	beat := time.NewTicker(d.beat)
	defer beat.Stop()
	var last []byte
	for {
		changed := d.store.Changed()
		which, err := d.display(r)
		if errors.Is(err, store.ErrNotFound) {
			d.log.Info("a display was removed while it was live")
			out.Send("ended", []byte("removed"))
			return
		}
		if err == nil {
			last, err = d.send(r.Context(), out, which, last)
		}
		if err != nil { // the display goes by its silence
			if r.Context().Err() == nil {
				d.log.Error("a display's stream failed", "error", err)
			}
			return
		}
		select {
		case <-changed:
		case <-beat.C:
		case <-d.stopped:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// send sends the board, unless it is as it was last, and a beat; it gives what the display has now.
func (d *Displays) send(ctx context.Context, out *web.Events, which store.Display, last []byte) ([]byte, error) {
	b, err := d.board(ctx, which)
	if err != nil {
		return nil, err
	}
	html, err := d.execute("board", b)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(html, last) {
		out.Send("board", html)
	}
	return html, out.Send("beat", []byte(d.office.Local(d.now()).Format("15:04")))
}

func (d *Displays) execute(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := d.templates.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// versionOf tells one release's pages from another's, so that a display that has run for months loads new ones.
func versionOf(all embed.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(all, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := all.ReadFile(path)
		sum.Write(text)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:8]), err
}
