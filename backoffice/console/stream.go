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

// message is one event of a stream.
type message struct {
	name string
	data []byte
}

// stream keeps a page live that is sent whole: it sends what snapshot makes, now and after every change of the queue in which it came
// out differently.
func (c *Console) stream(w http.ResponseWriter, r *http.Request, v viewer, snapshot func() ([]byte, error)) {
	var last []byte
	c.follow(w, r, v, func(viewer) ([]message, <-chan struct{}, error) {
		changed := c.store.Changed()
		html, err := snapshot()
		if err != nil || bytes.Equal(html, last) {
			return nil, changed, err
		}
		last = html
		return []message{{"snapshot", html}}, changed, nil
	})
}

// follow keeps a page live: it sends what news gives, now and whenever the channel that came with it is closed, and a beat, until the
// browser goes, the session ends, newer pages take its place or the console stops. News gets the viewer as the session has it.
func (c *Console) follow(w http.ResponseWriter, r *http.Request, v viewer, news func(viewer) ([]message, <-chan struct{}, error)) {
	page := c.watchers.add(v.token, c.livePages(r))
	defer c.watchers.remove(page)
	out := c.open(w)
	beat, look := time.NewTicker(c.beat), time.NewTicker(c.beat/looks)
	defer beat.Stop()
	defer look.Stop()
	for begun := false; ; begun = true {
		messages, changed, err := news(v)
		switch {
		case errors.Is(err, store.ErrNotFound) && !begun:
			w.WriteHeader(http.StatusNoContent) // erased; this tells a browser not to come again
			return
		case errors.Is(err, store.ErrNotFound):
			out.send(message{"ended", []byte(erased)})
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
		out.send(append(messages, message{"beat", []byte(c.office.Local(c.now()).Format(time.TimeOnly))})...)
		var more bool
		if v, more = c.untilNext(r, page, out, changed, beat.C, look.C); !more {
			return
		}
	}
}

// untilNext waits until there may be something new to send, which is never once the stream has ended.
func (c *Console) untilNext(r *http.Request, page *watcher, out *events, changed <-chan struct{}, beat, look <-chan time.Time) (viewer, bool) {
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
			out.send(message{"ended", []byte(aside)})
			return viewer{}, false
		case <-c.stopped:
			return viewer{}, false
		case <-r.Context().Done():
			return viewer{}, false
		}
		v, err := c.session(r)
		if ended, ok := errors.AsType[nobody](err); ok {
			out.send(message{"ended", []byte(ended.why)})
		}
		if err != nil {
			return viewer{}, false
		}
		out.warn(v.left < min(warning, c.idle/3))
		if next {
			return v, out.err == nil
		}
	}
	return viewer{}, false
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

// send sends events together. Only while they are being written is there a deadline: one that passed between two events would end
// the stream over HTTP/2.
func (e *events) send(messages ...message) {
	if e.err != nil {
		return
	}
	if e.err = e.control.SetWriteDeadline(time.Now().Add(e.patient)); e.err != nil {
		return
	}
	for _, m := range messages {
		// A line break in the data would end the event.
		lines := bytes.ReplaceAll(bytes.TrimSpace(m.data), []byte("\n"), []byte("\ndata: "))
		if _, e.err = fmt.Fprintf(e.w, "event: %s\ndata: %s\n\n", m.name, lines); e.err != nil {
			return
		}
	}
	if e.err = e.control.Flush(); e.err == nil {
		e.err = e.control.SetWriteDeadline(time.Time{})
	}
}

// warn says that the session will soon end by idling, again and again for as long as it is so, and then that it will not.
func (e *events) warn(soon bool) {
	switch {
	case soon:
		e.send(message{"warning", []byte("soon")})
	case e.warned:
		e.send(message{"warning", []byte("later")})
	}
	e.warned = soon
}
