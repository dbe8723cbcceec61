package imager

import (
	"context"
	"image"
	"time"

	"github.com/foyer-station/foyer/devices"
)

const (
	// firstPace stands for the time from frame to frame before it was measured; longestPace is the most that it counts as.
	firstPace   = 40 * time.Millisecond
	longestPace = 200 * time.Millisecond
	// leastTime goes with Config.Discard: buffers that are full are read in no time, and the frame behind them may have begun
	// before the lamp was switched.
	leastTime = 100 * time.Millisecond
	// darkFrames goes with Config.Discard, too: a lamp is dark once so many times as many frames have come without its light. A
	// computer that has other work gets few of them in any time.
	darkFrames = 2
	// steadyTime is how long a light must have been as bright as it is: the frames of a fast camera differ little while a slow
	// lamp rises.
	steadyTime = 30 * time.Millisecond
)

// settling is one picture on its way.
type settling struct {
	frame *image.RGBA // the last one; its memory is used again for the next
	grid  grid        // of the last one
	older []glimpse   // those before it, since a lamp was switched: the last that is old enough to tell, and those after it
	count int         // frames since a lamp was switched
	dark  bool        // one of all frames was dark: light that comes after it is the new lamp's
	came  time.Time   // when the last one came
}

// glimpse is a frame that came, as far as it is remembered.
type glimpse struct {
	grid grid
	came time.Time
}

// switched begins anew: what came before is of another light.
func (s *settling) switched() { s.older, s.count = nil, 0 }

// note takes a frame.
func (s *settling) note(frame *image.RGBA, now time.Time) {
	if s.count > 0 {
		s.older = append(s.older, glimpse{s.grid, s.came})
	}
	for len(s.older) > 1 && now.Sub(s.older[1].came) >= steadyTime {
		s.older = s.older[1:]
	}
	s.frame, s.grid, s.came = frame, gridOf(frame), now
	s.count++
}

// steady tells whether the last frame is as those before it.
func (s *settling) steady() bool {
	return len(s.older) > 0 && s.came.Sub(s.older[0].came) >= steadyTime && s.grid.near(s.older[0].grid) && s.grid.near(s.older[len(s.older)-1].grid)
}

// next reads a frame.
func (m *Imager) next(ctx context.Context, s *settling) error {
	frame, err := m.camera.Frame(ctx, s.frame)
	if err != nil {
		overwrite(s.frame)
		s.frame = nil
		return err
	}
	now := time.Now()
	if !s.came.IsZero() {
		m.pace.note(now.Sub(s.came))
	}
	s.note(frame, now)
	return nil
}

// pace is the time from one frame to the next. Frames that waited come at once, so that the longer times are the true ones.
type pace time.Duration

func (p *pace) note(took time.Duration) {
	took = min(took, longestPace)
	if old := time.Duration(*p); took < old {
		took = old - (old-took)/8
	}
	*p = pace(took)
}

// gap is how long all lamps stay out between two lights: a frame is dark then, although it may not have come yet.
func (p pace) gap() time.Duration {
	if p == 0 {
		p = pace(firstPace)
	}
	return time.Duration(p) * 5 / 4
}

// awaitDark keeps every lamp out until a frame that is dark has come, or is on its way. Where lamps have been out for a while, the
// next frame says what dark is like just now: rooms differ, and what lies on the glass shades it.
func (m *Imager) awaitDark(ctx context.Context, s *settling) error {
	for !s.dark {
		out := time.Since(m.out)
		unlit := out > freshPicture || m.dark.isEmpty() && s.count >= m.cfg.Discard && out > leastTime
		if !unlit && !m.dark.isEmpty() && out > m.pace.gap() {
			return nil
		}
		if err := m.next(ctx, s); err != nil {
			return err
		}
		m.noteDark(s, unlit)
	}
	return nil
}

// noteDark looks whether the last frame is dark, which it is for certain if it was taken long after the last lamp burned.
func (m *Imager) noteDark(s *settling, certain bool) {
	if certain || m.dark.comparable(s.grid) && !s.grid.shows(m.dark) {
		m.dark, s.dark = s.grid, true
	}
}

// settled reads frames until one shows the light that was just switched on, and is as bright as the one before. It is certain that
// it is this light if there was darkness before, or if more frames have come than can have been on their way. Where the page
// moves, or the lamp flickers, the last one that may be waited for counts. ErrNoLight says that all stayed dark.
func (m *Imager) settled(ctx context.Context, s *settling) error {
	s.switched()
	for start := time.Now(); ; {
		// Decided before the frame is asked for: it may have been taken long before it comes.
		waited := time.Since(start)
		old := s.count < m.cfg.Discard || waited < leastTime
		late := !old && waited >= m.cfg.Settle
		if err := m.next(ctx, s); err != nil {
			return err
		}
		if !s.dark {
			m.noteDark(s, false)
		}
		lit := s.grid.shows(m.dark)
		switch {
		case lit && (s.dark || !old) && (late || s.steady()):
			return nil
		case late && !lit && s.count >= darkFrames*m.cfg.Discard:
			return devices.ErrNoLight
		}
	}
}
