// Package technician is the station's own socket for the person who mends it, and for tests that drive the real window:
// gRPC over a Unix socket that only the station's user and group may open, serving proto/foyer/technician/v1.
//
// Nothing that passes here is personal data: device health, counts, the name of the screen and where its controls are.
package technician

import (
	"image"
	"slices"
	"sync"
)

// Focus is one control on the screen.
type Focus struct {
	ID      string          // "language.uk", "next", "back", "help"; "sheet", to sign on with a finger: stable, for tests and keypads
	Role    string          // "button", which is touched; "hold", which is held for five seconds; "sheet"
	Enabled bool            // it answers a touch
	Area    image.Rectangle // in physical pixels from the window's top left
}

// Screen is what is shown, without what is personal in it.
type Screen struct {
	Name     string // as flow.Screen: "greeting", "language"
	Language string // BCP 47 tag; empty before it is chosen
	Attempt  int    // at the screen's device step, from 1; 0 where there is none. A technician who is asked something: the question
	Problem  string // as flow.Problem; empty when nothing went wrong
	Focus    []Focus
}

// Board holds the screen that is shown now. The display publishes, any number of watchers read; both from any
// goroutine.
type Board struct {
	mu       sync.Mutex
	screen   Screen
	revision int64
	changed  chan struct{} // closed and replaced at every Publish
}

// NewBoard makes a board that shows nothing yet.
func NewBoard() *Board { return &Board{changed: make(chan struct{})} }

// Publish replaces the screen, once it is laid out; it returns at once, and never waits for a watcher.
func (b *Board) Publish(s Screen) {
	s.Focus = slices.Clone(s.Focus)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.screen = s
	b.revision++
	close(b.changed)
	b.changed = make(chan struct{})
}

// Latest is the screen published last, its revision (0 before the first), and a channel that is closed when it has been
// replaced. The caller must not change the screen's focus list.
func (b *Board) Latest() (Screen, int64, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.screen, b.revision, b.changed
}
