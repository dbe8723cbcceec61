package console

import (
	"crypto/sha256"
	"slices"
	"sync"
)

// How many pages of a session are live at once. A browser has six connections to a host over HTTP/1.1, and each live page
// holds one: with all six taken nothing else would load. Over HTTP/2, or to a proxy, they share one.
const (
	livePages  = 24
	livePages1 = 5
)

// watcher is one live page.
type watcher struct {
	token [sha256.Size]byte // of its session, hashed
	look  chan struct{}     // has something in it when the session may have ended
	aside chan struct{}     // closed when newer pages take its place
}

// watchers are the live pages of each session, the oldest first. The zero watchers are ready.
type watchers struct {
	mu    sync.Mutex
	pages map[[sha256.Size]byte][]*watcher
}

// add adds a page, and sets the oldest aside where there are more than limit. The caller removes it.
func (a *watchers) add(token [sha256.Size]byte, limit int) *watcher {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.pages == nil {
		a.pages = map[[sha256.Size]byte][]*watcher{}
	}
	w := &watcher{token: token, look: make(chan struct{}, 1), aside: make(chan struct{})}
	pages := append(a.pages[token], w)
	for len(pages) > limit {
		close(pages[0].aside)
		pages = pages[1:]
	}
	a.pages[token] = pages
	return w
}

// remove forgets a page that has ended.
func (a *watchers) remove(w *watcher) {
	a.mu.Lock()
	defer a.mu.Unlock()
	left := slices.DeleteFunc(a.pages[w.token], func(other *watcher) bool { return other == w })
	if len(left) == 0 {
		delete(a.pages, w.token)
		return
	}
	a.pages[w.token] = left
}

// wake lets every page of a session look whether the session lives.
func (a *watchers) wake(token [sha256.Size]byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, w := range a.pages[token] {
		select {
		case w.look <- struct{}{}:
		default: // it will look anyway
		}
	}
}
