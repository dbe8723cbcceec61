package console

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

const (
	// usualBeat is how often a live page hears that it is one; console.js takes three missed beats for a lost connection.
	// Waiting times are brought up to date with it.
	usualBeat = 10 * time.Second
	// looks is how often in a beat a live page looks whether its session has ended elsewhere than in this process.
	looks = 5
	// warning is how long before a session ends by idling its pages say so. WCAG 2.2, 2.2.1 asks for 20 seconds.
	warning = time.Minute
	// What ends a page but not its session: others are live in its place, and its visitor's file was erased.
	aside  = "aside"
	erased = "erased"
)

// stream keeps a page live: it sends what snapshot makes, now and after every change of the queue in which it came out
// differently, and a beat, until the browser goes, the session ends, newer pages take its place or the console stops.
func (c *Console) stream(w http.ResponseWriter, r *http.Request, v viewer, snapshot func() ([]byte, error)) {
	page := c.watchers.add(v.token, c.livePages(r))
	defer c.watchers.remove(page)
	out := c.open(w)
	beat, look := time.NewTicker(c.beat), time.NewTicker(c.beat/looks)
	defer beat.Stop()
	defer look.Stop()
	var last []byte
	for {
		changed := c.store.Changed()
		html, err := snapshot()
		switch {
		case errors.Is(err, store.ErrNotFound) && last == nil:
			w.WriteHeader(http.StatusNoContent) // erased; this tells a browser not to come again
			return
		case errors.Is(err, store.ErrNotFound):
			out.send("ended", []byte(erased))
			return
		case err != nil:
			if r.Context().Err() == nil {
				c.log.Error("console stream failed", "error", err)
			}
			return
		}
		if r.Method == http.MethodHead {
			return
		}
		if !bytes.Equal(html, last) {
			out.send("snapshot", html)
			last = html
		}
		out.send("beat", []byte(c.office.Local(c.now()).Format(time.TimeOnly)))
		if !c.untilNext(r, page, out, changed, beat.C, look.C) {
			return
		}
	}
}

// untilNext waits until there may be something new to send, which is never once the stream has ended.
func (c *Console) untilNext(r *http.Request, page *watcher, out *events, changed <-chan struct{}, beat, look <-chan time.Time) bool {
	for out.err == nil {
		next := false
		select {
		case <-changed:
			next = true
		case <-beat:
			next = true
		case <-look:
		case <-page.look:
		case <-page.aside:
			out.send("ended", []byte(aside))
			return false
		case <-c.stopped:
			return false
		case <-r.Context().Done():
			return false
		}
		v, err := c.session(r)
		if ended, ok := errors.AsType[nobody](err); ok {
			out.send("ended", []byte(ended.why))
		}
		if err != nil {
			return false
		}
		out.warn(v.left < min(warning, c.idle/3))
		if next {
			return out.err == nil
		}
	}
	return false
}

// livePages is how many pages may be live at once in the browser that sent the request.
func (c *Console) livePages(r *http.Request) int {
	if r.ProtoMajor == 1 && r.Header.Get("X-Forwarded-For") == "" {
		return livePages1
	}
	return livePages
}

// events writes server-sent events until the first error, which it keeps.
type events struct {
	w       http.ResponseWriter
	control *http.ResponseController
	patient time.Duration // with a browser that does not read
	warned  bool
	err     error
}

func (c *Console) open(w http.ResponseWriter) *events {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx, and what took the word over, would keep events back
	return &events{w: w, control: http.NewResponseController(w), patient: c.beat}
}

// send sends one event. Only while it is being written is there a deadline: one that passed between two events would end
// the stream over HTTP/2.
func (e *events) send(name string, data []byte) {
	if e.err != nil {
		return
	}
	if e.err = e.control.SetWriteDeadline(time.Now().Add(e.patient)); e.err != nil {
		return
	}
	// A line break in the data would end the event.
	lines := bytes.ReplaceAll(bytes.TrimSpace(data), []byte("\n"), []byte("\ndata: "))
	if _, e.err = fmt.Fprintf(e.w, "event: %s\ndata: %s\n\n", name, lines); e.err != nil {
		return
	}
	if e.err = e.control.Flush(); e.err == nil {
		e.err = e.control.SetWriteDeadline(time.Time{})
	}
}

// warn says that the session will soon end by idling, again and again for as long as it is so, and then that it will not.
func (e *events) warn(soon bool) {
	switch {
	case soon:
		e.send("warning", []byte("soon"))
	case e.warned:
		e.send("warning", []byte("later"))
	}
	e.warned = soon
}
