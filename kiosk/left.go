package kiosk

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// left is the document that lies there while nobody is served. Its methods may be called from any goroutine.
type left struct {
	mu    sync.Mutex
	since time.Time // zero while none does
	at    string    // the kinds of the devices that say so
}

const (
	// leftBehind is the kind of a document that lies there, among the devices.
	leftBehind = "left_behind"
	// leftLong is how long one may lie there before a technician is told more than that it does.
	leftLong = 2 * time.Minute

	saysLeftBehind devices.Key = "kiosk.left_behind" // minutes, at; since a document was left behind, and what feels it
)

// note keeps since when a document lies there; at is empty where none does. It tells after how long one went.
func (l *left) note(at string, now time.Time) (lay time.Duration, went bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case at == "" && !l.since.IsZero():
		lay, went = now.Sub(l.since), true
		l.since = time.Time{}
	case at != "" && l.since.IsZero():
		l.since = now
	}
	l.at = at
	return lay, went
}

// status is nil where no document lies there.
func (l *left) status(now time.Time) *technicianv1.DeviceStatus {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.since.IsZero() {
		return nil
	}
	h := devices.DocumentLies()
	if lay := now.Sub(l.since); lay < leftLong {
		h.State = devices.StateDegraded
	} else {
		h.Reason = devices.Say(saysLeftBehind).With("minutes", strconv.Itoa(int(lay/time.Minute))).With("at", l.at)
	}
	return statusOf(leftBehind, h)
}

// noteLeft keeps what the technician is told of a document that lies there. One that lies there while a visitor has a ticket is the
// visitor's still, unless somebody asked for a person, who may have found it.
func (s *Station) noteLeft() {
	at := ""
	if s.state.Lying && (s.state.Screen != flow.Ticket || s.state.Asked) {
		if at = s.lookout.feels(); at == "" { // it lay there before a test, and nobody has looked since
			return
		}
	}
	if lay, went := s.left.note(at, s.config.Now()); went {
		s.config.Log.Info("a document that lay there is gone", "after", lay.Round(time.Second))
	}
}

// feels names the kinds of the devices on which something lies; none where nobody looks.
func (l *lookout) feels() string {
	if l == nil {
		return ""
	}
	var kinds []string
	for place, kind := range places {
		if l.seen[place] == devices.Resting {
			kinds = append(kinds, string(kind))
		}
	}
	return strings.Join(kinds, ", ")
}
