package kiosk

import (
	"bytes"
	"image/png"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/link"
)

// The journal in testdata was written by a station that knew the first contract alone, of which the office went away before a
// visitor confirmed. This key opens what it holds, and nothing else.
const oldOfficeKey = "AGE-SECRET-KEY-14ZZWXEN2KZXK0UCFJXADAQM4WFVWZ6X4A86DY2V2YHE8JCQDCNJQE065MD"

// TestWhatWaitsWhenAStationIsUpdatedIsSentAsItWasSealed, to an office that understands more than the station of then did.
func TestWhatWaitsWhenAStationIsUpdatedIsSentAsItWasSealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	old, err := os.ReadFile(filepath.Join("testdata", "journal-of-contract-1.db"))
	fatal(t, err)
	fatal(t, os.WriteFile(path, old, 0o600))
	switchedOn := func() (string, time.Duration, error) { return "the boot after the update", time.Minute, nil }
	j, err := journal.OpenAt(t.Context(), path, switchedOn)
	fatal(t, err)
	defer j.Close()
	b := newParts(t)
	key, err := age.ParseX25519Identity(oldOfficeKey)
	fatal(t, err)
	b.office.Snapshot.Contract = 2
	b.office.Own(key)
	conn, stop, err := b.office.Connect()
	fatal(t, err)
	defer stop()
	l, err := link.New(t.Context(), conn, j, link.Options{
		Now: func() time.Time { return today }, Log: slog.New(slog.NewTextHandler(b.log, nil)), Interval: 20 * time.Millisecond,
	})
	fatal(t, err)
	var linked running
	linked.start(t.Context(), l.Run)
	defer linked.stop()
	b.until("the outbox is empty", func() bool {
		counts, err := j.Count(t.Context(), today.Format(time.DateOnly))
		return err == nil && counts.Outbox == 0
	})
	b.proveOldForm(b.office.received(t, 0))
	if counts, err := j.Count(t.Context(), today.Format(time.DateOnly)); err != nil || counts.Numbers != 99 || counts.Expired != 0 {
		t.Errorf("the journal has %+v, %v", counts, err)
	}
}

func (b *bed) proveOldForm(r received) {
	t := b.t
	t.Helper()
	if r.request.GetTicket() != "A-1" || r.request.GetServiceId() != "permit" || r.record.GetContract() != 0 {
		t.Errorf("the office got %v, by contract %d", r.request, r.record.GetContract())
	}
	names := []string{"chip-DG1", "chip-DG2", "chip-EF.COM", "chip-EF.SOD", "page-1-infrared", "page-1-ultraviolet", "page-1-visible",
		"portrait", "signature", "signature-samples"}
	if diff := cmp.Diff(names, slices.Sorted(maps.Keys(r.files))); diff != "" {
		t.Error(diff)
	}
	if page, err := png.Decode(bytes.NewReader(r.files["page-1-visible"])); err != nil || page.Bounds().Dx() != 40 {
		t.Errorf("the page is no picture: %v", err)
	}
	if p := r.record.GetPersons(); len(p) != 1 || p[0].GetSurname() != "ERIKSSON" {
		t.Errorf("the persons are %v", p)
	}
}
