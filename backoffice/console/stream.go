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
	// beat is how often a stream says that it lives; console.js takes three missed beats for a lost connection. Waiting
	// times are brought up to date with it.
	beat      = 10 * time.Second
	writeTime = 10 * time.Second
)

// stream sends what snapshot makes, now and after every change of the queue in which it came out differently, until the
// browser goes, the session ends or the console stops.
func (c *Console) stream(w http.ResponseWriter, r *http.Request, snapshot func() ([]byte, error)) {
	out := &events{w: w, control: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	tick := time.NewTicker(beat)
	defer tick.Stop()
	var last []byte
	for {
		changed := c.store.Changed()
		html, err := snapshot()
		if errors.Is(err, store.ErrNotFound) {
			if last == nil {
				w.WriteHeader(http.StatusNoContent) // erased; this tells a browser not to come again
			}
			return
		}
		if err != nil {
			if r.Context().Err() == nil {
				c.log.Error("console stream failed", "error", err)
			}
			return
		}
		if !bytes.Equal(html, last) {
			out.send("snapshot", html)
			last = html
		}
		out.send("beat", []byte(c.office.Local(c.now()).Format(time.TimeOnly)))
		if out.err != nil {
			return
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-c.stopped:
			return
		case <-r.Context().Done():
			return
		}
		if _, err := c.session(r); err != nil {
			return
		}
	}
}

// events writes server-sent events until the first error, which it keeps.
type events struct {
	w       http.ResponseWriter
	control *http.ResponseController
	err     error
}

func (e *events) send(name string, data []byte) {
	if e.err != nil {
		return
	}
	if e.err = e.control.SetWriteDeadline(time.Now().Add(writeTime)); e.err != nil {
		return
	}
	// A line break in the data would end the event.
	lines := bytes.ReplaceAll(bytes.TrimSpace(data), []byte("\n"), []byte("\ndata: "))
	if _, e.err = fmt.Fprintf(e.w, "event: %s\ndata: %s\n\n", name, lines); e.err == nil {
		e.err = e.control.Flush()
	}
}
