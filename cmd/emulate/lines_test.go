package main

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"testing"
	"unicode"

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
func (l *lines) check(t testing.TB, maker *specimen.Maker) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.text.String()
	if i := strings.Index(text, "DATA RACE"); i >= 0 {
		t.Errorf("a data race:\n%s", text[i:min(len(text), i+4000)])
	}
	for _, told := range []string{"Harbour Road", "شارع الميناء", "يوسف", "Коваленко", "Преводилац", "555 01"} { // by chips, beside the MRZ
		if strings.Contains(text, told) {
			t.Errorf("the log holds what a chip tells: %s", told)
		}
	}
	for _, p := range maker.People() {
		names := strings.FieldsFunc(p.Surname+" "+p.GivenNames, func(r rune) bool { return !unicode.IsLetter(r) })
		for _, secret := range append(names, p.DocumentNumber, p.BirthDate) {
			// As a word: made-up passwords and ids are long rows of letters, in which a short name can stand by chance.
			if regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(secret) + `\b`).MatchString(text) {
				t.Errorf("the log holds personal data of %s", p.ID)
			}
		}
	}
}
