package kiosk

import (
	"slices"
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
	mu       sync.Mutex
	since    time.Time      // zero while none does
	by       []devices.Kind // the devices that said so last
	hidden   bool           // they cannot tell any more
	stubborn []devices.Kind // the devices that say so and are not believed
}

const (
	// leftBehind is the kind of a document that lies there, among the devices.
	leftBehind = "left_behind"
	// leftLong is how long one may lie there before a technician is told more than that it does.
	leftLong = 2 * time.Minute

	saysLeftBehind devices.Key = "kiosk.left_behind" // minutes, at; since a document was left behind, and what feels it
	saysLeftAlone  devices.Key = "kiosk.left_alone"  // minutes, at; for how long one device alone has said so, and which
)

// lies notes the devices on which a document lies, and since when. One that nobody could tell of for a while has lain there all the time.
func (l *left) lies(by []devices.Kind, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.since.IsZero() {
		l.since = now
	}
	l.by, l.hidden = by, false
}

// hides notes that nobody can tell any more whether the document still lies there. It tells whether that is new.
func (l *left) hides() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.hidden
	l.hidden = true
	return !was
}

// ends notes that no document lies there, and tells for how long one did.
func (l *left) ends(now time.Time) (lay time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lay = now.Sub(l.since)
	l.since, l.by, l.hidden = time.Time{}, nil, false
	return lay
}

// saidBy are the devices that said last that a document lies there; none where none does.
func (l *left) saidBy() []devices.Kind {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.by
}

// disbelieves notes the devices that are not believed.
func (l *left) disbelieves(stubborn []devices.Kind) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stubborn = stubborn
}

// status is nil where no document lies there, and all devices are believed that say so. After doubt, of a device that is alone with what it
// says, a technician is told that it may be wrong.
func (l *left) status(now time.Time, doubt time.Duration) *technicianv1.DeviceStatus {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.since.IsZero() || l.hidden {
		if len(l.stubborn) == 0 {
			return nil
		}
		return statusOf(leftBehind, notBelieved(l.stubborn))
	}
	h := devices.DocumentLies()
	switch lay := now.Sub(l.since); {
	case lay < leftLong:
		h.State = devices.StateDegraded
	case lay >= doubt && len(l.by) == 1:
		h.Reason, h.Remedy = said(saysLeftAlone, lay, l.by), devices.Say(findWhatSticks)
	default:
		h.Reason = said(saysLeftBehind, lay, l.by)
	}
	return statusOf(leftBehind, h)
}

func said(key devices.Key, lay time.Duration, at []devices.Kind) devices.Message {
	kinds := make([]string, len(at))
	for i, kind := range at {
		kinds[i] = string(kind)
	}
	return devices.Say(key).With("minutes", strconv.Itoa(int(lay/time.Minute))).With("at", strings.Join(kinds, ", "))
}

// noteLeft keeps what the technician is told of a document that lies there. One that lies there while a visitor has a ticket is the
// visitor's still, unless somebody asked for a person, who may have found it.
func (s *Station) noteLeft() {
	s.left.disbelieves(s.doubts.kinds())
	if s.state.Lying && (s.state.Screen != flow.Ticket || s.state.Asked) {
		if by := s.feel(); len(by) > 0 { // else it lay there before a test, and nobody has looked since
			s.left.lies(by, s.config.Now())
		}
		return
	}
	by := s.left.saidBy()
	if len(by) == 0 {
		return
	}
	switch s.lookout.fate(by) {
	case gone:
		s.config.Log.Info("a document that lay there is gone", "after", s.left.ends(s.config.Now()).Round(time.Second))
	case hidden:
		if s.visited() {
			s.left.ends(s.config.Now())
		} else if s.left.hides() {
			s.config.Log.Info("no device can tell any more whether a document that lay there still does")
		}
	case doubted:
		s.left.ends(s.config.Now())
	}
}

// visited tells that a visitor is under way: what lies there is the visitor's.
func (s *Station) visited() bool {
	return !s.state.Watches() && s.state.Screen != flow.Tested && s.state.Screen != flow.Technician
}

// fate is what became of a document that some devices said lies there.
type fate int

const (
	gone    fate = iota // they say that none does
	hidden              // one of them cannot tell, or nobody looks
	doubted             // one of them still says so, and is not believed
)

func (l *lookout) fate(by []devices.Kind) fate {
	if l == nil {
		return hidden
	}
	became := gone
	for place, kind := range places {
		switch p := l.seen[place]; {
		case !slices.Contains(by, kind) || p == devices.Absent:
		case p == devices.Resting || p == devices.Felt:
			return doubted
		default:
			became = hidden
		}
	}
	return became
}

// feel names the devices that are believed that a document lies on them; none where nobody looks.
func (s *Station) feel() (kinds []devices.Kind) {
	if s.lookout == nil {
		return nil
	}
	for place, p := range s.lookout.seen {
		if s.doubts.believed(place, p) {
			kinds = append(kinds, places[place])
		}
	}
	return kinds
}
