package main

import (
	"fmt"
	"io"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/wording"
)

// watched is a line for each device as it is done, for somebody who sits before a terminal. The report takes their place.
type watched struct {
	to    io.Writer // nil: nobody watches
	words *wording.Catalogue
	lines int
}

// watch writes to stderr where both it and stdout are a terminal.
func watch(stdout, stderr io.Writer, words *wording.Catalogue) *watched {
	if !isTerminal(stdout) || !isTerminal(stderr) {
		stderr = nil
	}
	return &watched{to: stderr, words: words}
}

// done is called by one goroutine at a time.
func (w *watched) done(kind devices.Kind) {
	if w.to == nil {
		return
	}
	w.lines++
	fmt.Fprintf(w.to, "  %s\n", hwtest.NameOf(kind, w.words))
}

// clear takes the lines away again (ECMA-48: CUU, ED).
func (w *watched) clear() {
	if w.to != nil && w.lines > 0 {
		fmt.Fprintf(w.to, "\x1b[%dA\x1b[J", w.lines)
	}
}
