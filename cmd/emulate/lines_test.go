package main

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/foyer-station/foyer/emulate/specimen"
)

// lines keep what the programs log, from any goroutine.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String gives the last lines.
func (l *lines) String() string {
	const most = 8000
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.text.String()
	return text[max(0, len(text)-most):]
}

// check fails when a program raced, or said anything of a person.
func (l *lines) check(t *testing.T, maker *specimen.Maker) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.text.String()
	if i := strings.Index(text, "DATA RACE"); i >= 0 {
		t.Errorf("a data race:\n%s", text[i:min(len(text), i+4000)])
	}
	for _, p := range maker.People() {
		for _, secret := range []string{p.Surname, p.GivenNames, p.DocumentNumber, p.BirthDate} {
			if strings.Contains(strings.ToUpper(text), strings.ToUpper(secret)) {
				t.Errorf("the log holds personal data of %s", p.ID)
			}
		}
	}
}
