package web

import (
	"bytes"
	"fmt"
	"net/http"
	"time"
)

// Events writes server-sent events (HTML Living Standard, section 9.2) until the first error, which it keeps.
type Events struct {
	w       http.ResponseWriter
	control *http.ResponseController
	patient time.Duration
	err     error
}

// OpenEvents begins a stream. A browser that takes no event for as long as patient has gone.
func OpenEvents(w http.ResponseWriter, patient time.Duration) *Events {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx, and what took the word over, would keep events back
	return &Events{w: w, control: http.NewResponseController(w), patient: patient}
}

// Send sends one event, and gives the first error of the stream. Only while an event is being written is there a deadline: one that
// passed between two would end the stream over HTTP/2.
func (e *Events) Send(name string, data []byte) error {
	if e.err != nil {
		return e.err
	}
	if e.err = e.control.SetWriteDeadline(time.Now().Add(e.patient)); e.err != nil {
		return e.err
	}
	lines := bytes.ReplaceAll(bytes.TrimSpace(data), []byte("\n"), []byte("\ndata: ")) // a line break would end the event
	if _, e.err = fmt.Fprintf(e.w, "event: %s\ndata: %s\n\n", name, lines); e.err != nil {
		return e.err
	}
	if e.err = e.control.Flush(); e.err == nil {
		e.err = e.control.SetWriteDeadline(time.Time{})
	}
	return e.err
}
