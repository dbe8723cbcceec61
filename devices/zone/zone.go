// Package zone is the machine-readable zone as document readers send it: lines of text, before anybody has checked them. Every
// driver of a reader hands its lines on through it, and so keeps to the contract of devices.MRZReader.
package zone

import (
	"fmt"
	"strings"

	"github.com/foyer-station/foyer/devices"
)

// Bounds of a document's lines (ICAO Doc 9303-4, 9303-5, 9303-6: two of 44, three of 30, two of 36; some readers put more about them).
const (
	MaxLines  = 3
	MaxLength = 64 // of one line, in characters
)

// ErrLines is what comes of more or longer lines than a document has. It is devices.ErrUnreadable.
var ErrLines = fmt.Errorf("%w: more or longer lines than a document has", devices.ErrUnreadable)

// Split gives the lines of a document, each of which ends with CR, LF or both, the last one perhaps with the text. Empty lines at
// the end are passed over; text without any line is one empty line: a document that was noticed, and not read. What a
// machine-readable zone cannot hold becomes '?'. The error is ErrLines.
func Split(text []byte) ([]string, error) {
	whole := strings.ReplaceAll(string(text), "\r\n", "\n")
	whole = strings.ReplaceAll(whole, "\r", "\n")
	return Lines(strings.Split(strings.TrimRight(whole, "\n"), "\n"))
}

// Lines takes lines as they are printed, and gives them as [Split] does.
func Lines(printed []string) ([]string, error) {
	if len(printed) > MaxLines {
		return nil, ErrLines
	}
	lines := make([]string, len(printed))
	for i, line := range printed {
		if len(line) > MaxLength {
			return nil, ErrLines
		}
		lines[i] = readable(line)
	}
	return lines, nil
}

// readable marks each byte that a machine-readable zone cannot hold.
func readable(line string) string {
	marked := []byte(line)
	for i, b := range marked {
		if (b < 'A' || b > 'Z') && (b < '0' || b > '9') && b != '<' {
			marked[i] = '?'
		}
	}
	return string(marked)
}
