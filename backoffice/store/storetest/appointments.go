package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/backoffice/store"
)

func appointments() []promise {
	return []promise{
		{"the appointments of a day are those that were imported last, until they are forgotten", appointmentsOfADay},
	}
}

func appointmentsOfADay(t *testing.T, s Store) {
	if sealed, err := s.Appointments(t.Context(), today); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("before any were imported: %q, %v", sealed, err)
	}
	first := store.AppointmentDay{Day: today, Count: 3, ImportedBy: "brandt", ImportedAt: noon}
	second := store.AppointmentDay{Day: today, Count: 4, ImportedBy: "yilmaz", ImportedAt: noon.Add(time.Minute)}
	later := store.AppointmentDay{Day: tomorrow, Count: 1, ImportedBy: "brandt", ImportedAt: noon}
	must(t, s.SetAppointments(t.Context(), first, []byte("first")))
	must(t, s.SetAppointments(t.Context(), later, []byte("later")))
	must(t, s.SetAppointments(t.Context(), second, []byte("second")))
	if sealed, err := s.Appointments(t.Context(), today); err != nil || string(sealed) != "second" {
		t.Errorf("kept %q, %v", sealed, err)
	}
	days, err := s.AppointmentDays(t.Context())
	if diff := cmp.Diff([]store.AppointmentDay{second, later}, days); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	must(t, s.ForgetAppointments(t.Context(), today))
	must(t, s.ForgetAppointments(t.Context(), today))
	if days, err := s.AppointmentDays(t.Context()); err != nil || len(days) != 1 {
		t.Errorf("after they were forgotten: %v, %v", days, err)
	}
}
