package imager

import (
	"context"
	"errors"
	"image"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// DocumentSwitch is of [Lamps] that can feel whether a document lies on the glass.
type DocumentSwitch interface {
	// DocumentLies asks the switch; fitted is false where there is none.
	DocumentLies(ctx context.Context) (lies, fitted bool, err error)
}

const (
	// glanceEvery is how often the glass is looked at: three glances tell what became of a document, in about a second.
	glanceEvery = 350 * time.Millisecond
	// glanceTime bounds the light of one glance that does not become steady, because what lies there moves.
	glanceTime = 200 * time.Millisecond
	// A document lies there if it covers so many hundredths of the glass at least: a driving licence has forty of a passport's, a
	// lamp that is mirrored in the glass one or two. What lay there is gone at half of that.
	leastCovered = 6
	stillCovered = 3
	// certainAfter is how many glances in a row must say that something came or went: a hand passes over the glass in less.
	certainAfter = 2
	// lookAnyway is how often the glass is looked at although the switch feels nothing: one that does not close any more would hide every
	// document.
	lookAnyway = time.Minute
)

// sight is what one glance shows.
type sight struct {
	grid    grid
	covered float64 // of the glass, in hundredths
	steady  bool    // two frames of it were alike
	felt    bool    // by the switch
}

// Presence implements [devices.PresenceSensor]. Something that moves just now is Moving.
func (m *Imager) Presence(ctx context.Context) (devices.Presence, error) {
	lies, feels, err := m.feel(ctx)
	if err != nil || feels && !lies && !m.looksAnyway() {
		return devices.Absent, err
	}
	for {
		s, err := m.look(ctx)
		switch {
		case errors.Is(err, errGaveWay):
			continue
		case err != nil:
			return devices.Absent, failed("look at the glass", err)
		case s.covered < leastCovered && lies:
			return devices.Felt, nil
		case s.covered < leastCovered:
			return devices.Absent, nil
		case s.steady:
			return devices.Resting, nil
		}
		return devices.Moving, nil
	}
}

// Watch implements [devices.PresenceSensor]. It looks at the glass in infrared, which nobody sees, or where there is none in a little
// white light. Where the lamps' board has a switch for documents, it lights nothing until that says that one lies there, but for a look
// every minute whether the switch is right.
func (m *Imager) Watch(ctx context.Context, tell func(devices.Presence)) error {
	tick := time.NewTicker(glanceEvery)
	defer tick.Stop()
	var w watch
	for {
		told, err := m.watchOnce(ctx, &w)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errGaveWay): // and looks again soon
		case err != nil:
			return failed("watch the glass", err)
		case told:
			tell(w.told)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// watchOnce takes one more look, and says whether there is something new to tell.
func (m *Imager) watchOnce(ctx context.Context, w *watch) (bool, error) {
	lies, feels, err := m.feel(ctx)
	if err != nil {
		return false, err
	}
	if feels && !lies && !m.looksAnyway() {
		return w.see(sight{}), nil
	}
	s, err := m.look(ctx)
	if err != nil {
		return false, err
	}
	s.felt = lies
	return w.see(s), nil
}

// looksAnyway tells whether to look at the glass although the switch feels nothing: it has not been looked at for long, or something lay
// there the last time.
func (m *Imager) looksAnyway() bool {
	m.seen.Lock()
	defer m.seen.Unlock()
	return m.seen.covered || time.Since(m.seen.at) >= lookAnyway
}

// feel asks the lamps' switch for documents, if they have one.
func (m *Imager) feel(ctx context.Context) (lies, feels bool, err error) {
	if s, has := m.lamps.(DocumentSwitch); has {
		return s.DocumentLies(ctx)
	}
	return false, false, nil
}

// watch is what was seen of a glass until now.
type watch struct {
	told         devices.Presence
	last         grid // of the last sight in which something lay there
	there, empty int  // sights in a row
	felt         int  // sights in a row that show nothing while the switch feels something
}

// see takes a sight, and says whether it makes something new to tell.
func (w *watch) see(s sight) bool {
	before := w.told
	least := float64(leastCovered)
	if w.there > 0 {
		least = stillCovered
	}
	switch {
	case s.covered >= least:
		w.there, w.empty, w.felt = w.there+1, 0, 0
	case s.felt:
		w.there, w.empty, w.felt, w.last = 0, 0, w.felt+1, grid{}
	default:
		w.there, w.empty, w.felt, w.last = 0, w.empty+1, 0, grid{}
	}
	still := s.steady && w.there > 1 && s.grid.near(w.last)
	if w.there > 0 {
		w.last = s.grid
	}
	switch {
	case w.empty >= certainAfter:
		w.told = devices.Absent
	case w.felt >= certainAfter:
		w.told = devices.Felt
	case w.there >= certainAfter && still:
		w.told = devices.Resting
	case w.there >= certainAfter, before == devices.Resting:
		w.told = devices.Moving
	}
	return w.told != before
}

// errGaveWay says that a glance was given up for a use.
var errGaveWay = errors.New("the imager is used otherwise")

// look lights the glass a little, and looks at it. It gives way to pictures.
func (m *Imager) look(ctx context.Context) (sight, error) {
	select {
	case <-m.turn:
		m.used.Store(true)
		defer m.leave()
	case <-ctx.Done():
		return sight{}, ctx.Err()
	}
	glancing, stop := context.WithCancel(ctx)
	defer stop()
	m.glance.Store(&stop)
	defer m.glance.Store(nil)
	if m.waiting.Load() > 0 {
		return sight{}, errGaveWay
	}
	s, err := m.lookBy(glancing, devices.LightInfrared)
	if errors.Is(err, ErrNoLamp) {
		s, err = m.lookBy(glancing, devices.LightVisible)
	}
	if err != nil && glancing.Err() != nil && ctx.Err() == nil {
		return sight{}, errGaveWay
	}
	if err == nil {
		m.seen.note(s.covered >= leastCovered)
	}
	return s, err
}

// lastSeen is what the last look at the glass has shown.
type lastSeen struct {
	sync.Mutex
	at      time.Time
	covered bool
}

func (l *lastSeen) note(covered bool) {
	l.Lock()
	defer l.Unlock()
	l.at, l.covered = time.Now(), covered
}

func (m *Imager) lookBy(ctx context.Context, light devices.Light) (s sight, err error) {
	var frame *image.RGBA
	frame, err = m.lit(ctx, light, lowPower, func(ctx context.Context, on *settling) (err error) {
		s, err = m.glimpse(ctx, on)
		return err
	})
	overwrite(frame)
	return s, err
}

// glimpse reads frames until the light is certain to be on, and one more at least. An empty glass shows nothing of it.
func (m *Imager) glimpse(ctx context.Context, on *settling) (sight, error) {
	on.switched()
	for start := time.Now(); ; {
		waited := time.Since(start)
		old := on.count < m.cfg.Discard || waited < leastTime
		if err := m.next(ctx, on); err != nil {
			return sight{}, err
		}
		if !on.dark {
			m.noteDark(on, false)
		}
		s := sight{grid: on.grid, covered: on.grid.covered(m.dark), steady: on.steady()}
		certain := !old || on.dark && on.grid.shows(m.dark)
		if certain && (s.steady || !old && waited >= glanceTime) {
			return s, nil
		}
	}
}
