package backoffice_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/appointments"
	"github.com/foyer-station/foyer/backoffice/vault"
)

// TestAppointmentsAreImportedBesideTheServerAndForgottenWhenTheirDayIsOver looks for the key too, without which nothing can be read.
func TestAppointmentsAreImportedBesideTheServerAndForgottenWhenTheirDayIsOver(t *testing.T) {
	w := build(t, t.TempDir(), morning)
	w.serve(t)
	s := w.open(t)
	v, err := vault.Open(t.Context(), filepath.Join(w.config.Data, "files"), w.config.Keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	k := appointments.Kept{Store: s, Vault: v, Day: func(at time.Time) string { return at.Format(time.DateOnly) }}
	two := []appointments.Appointment{{Name: "Anna Eriksson", Start: morning.Add(time.Hour)}, {Name: "Lars Eriksson", Start: morning.Add(30 * time.Hour)}}
	if _, err := k.Import(t.Context(), "command-line", two, morning); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	until(t, "the first erasing", func() bool { return !w.erasing(t).Believed.IsZero() })
	w.stop()
	if _, keys := w.kept(t); len(keys) != 2 {
		t.Errorf("%d keys for two days, after the first look", len(keys))
	}
	w.set(morning.Add(24 * time.Hour))
	w.synced = true
	w.serve(t)
	until(t, "the day is forgotten", func() bool {
		days, err := s.AppointmentDays(t.Context())
		return err == nil && len(days) == 1 && days[0].Day == "2026-03-03"
	})
	w.stop()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, keys := w.kept(t); len(keys) != 1 {
		t.Errorf("%d keys are left", len(keys))
	}
}
