package zone_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/zone"
)

func TestLinesAreTakenHoweverTheyEnd(t *testing.T) {
	want := []string{"P<UTO", "L898"}
	for _, text := range []string{"P<UTO\rL898", "P<UTO\rL898\r", "P<UTO\nL898\n", "P<UTO\r\nL898\r\n", "P<UTO\r\nL898\r\n\r\n"} {
		if got, err := zone.Split([]byte(text)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestWhatCannotBePrintedThereIsMarked(t *testing.T) {
	if got, err := zone.Split([]byte("P*UTo E\xe9")); err != nil || !slices.Equal(got, []string{"P?UT??E?"}) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestADocumentThatWasNotReadHasOneEmptyLine(t *testing.T) {
	for _, text := range []string{"", "\r", "\r\r\r"} {
		if got, err := zone.Split([]byte(text)); err != nil || !slices.Equal(got, []string{""}) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestMoreThanADocumentHasIsRefused(t *testing.T) {
	for _, text := range []string{"A\rB\rC\rD", strings.Repeat("<", zone.MaxLength+1)} {
		if got, err := zone.Split([]byte(text)); !errors.Is(err, zone.ErrLines) || !errors.Is(err, devices.ErrUnreadable) {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte("P<UTO\r\nL898\r"))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines, err := zone.Split(text)
		if err == nil && (len(lines) == 0 || len(lines) > zone.MaxLines) {
			t.Fatalf("%d lines", len(lines))
		}
		for _, line := range lines {
			if len(line) > zone.MaxLength || strings.Trim(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<?") != "" {
				t.Fatalf("line %q", line)
			}
		}
	})
}
