package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

func denied() []promise {
	return []promise{
		{"what came from a denied station is marked since it is denied", markedDenied},
		{"what waits of a denied station is set aside together", setAside},
		{"what was left of a denied station is dismissed together", dismissedTogether},
	}
}

// from is check-in number n of a station that showed a certificate.
func from(n int, station, certificate string) store.Admission {
	a := visitor(n)
	a.Station, a.Certificate = station, certificate
	return a
}

func markedDenied(t *testing.T, s Store) {
	admit(t, s, from(1, "stolen", "sha256:01"), with("brandt"))
	admit(t, s, from(2, "renewed", "sha256:02"), with("brandt"))
	admit(t, s, from(3, "renewed", "sha256:03"), with("brandt"))
	marked := func(want ...string) {
		t.Helper()
		all, err := s.Queue(t.Context())
		must(t, err)
		all = slices.DeleteFunc(all, func(c store.CheckIn) bool { return c.DeniedSince.IsZero() })
		if !slices.Equal(tickets(all), want) {
			t.Errorf("marked are %v, want %v", tickets(all), want)
		}
	}
	must(t, s.SetDenied(t.Context(), []string{"stolen", "sha256:02"}, noon))
	marked("A-1", "A-2")
	must(t, s.SetDenied(t.Context(), []string{"stolen"}, noon.Add(time.Hour)))
	marked("A-1")
	if c, _, err := s.CheckIn(t.Context(), numbered(1)); err != nil || !c.DeniedSince.Equal(noon) {
		t.Errorf("denied since %v, %v; want when it was noted first", c.DeniedSince, err)
	}
	must(t, s.SetDenied(t.Context(), nil, noon))
	marked()
}

func setAside(t *testing.T, s Store) {
	waiting, called := admit(t, s, from(1, "stolen", ""), with("brandt")), admit(t, s, from(2, "stolen", ""), with("brandt"))
	other := arrive(t, s, 3, "brandt")
	must(t, s.Call(t.Context(), "yilmaz", called, noon))
	if err := s.SetAside(t.Context(), "lead", "stolen", noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("of a station that is not denied: %v", err)
	}
	must(t, s.SetDenied(t.Context(), []string{"stolen"}, noon))
	must(t, s.SetAside(t.Context(), "lead", "stolen", noon))
	if err := s.SetAside(t.Context(), "lead", "stolen", noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("twice: %v", err)
	}
	all, err := s.Queue(t.Context())
	if err != nil || len(all) != 2 || all[0].ID != called || all[1].ID != other {
		t.Errorf("in the queue: %v, %v", tickets(all), err)
	}
	left, err := s.LeftOver(t.Context())
	if err != nil || len(left) != 1 || left[0].ID != waiting || !left[0].Denied {
		t.Errorf("listed: %+v, %v", left, err)
	}
	if trail, err := s.AuditTrail(t.Context(), waiting); err != nil || len(trail) != 1 || trail[0].Action != store.ActionSetAside || trail[0].Name != "lead" {
		t.Errorf("kept: %+v, %v", trail, err)
	}
	must(t, s.Readmit(t.Context(), "lead", waiting, today, noon))
	if id, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon); err != nil || id != other {
		t.Errorf("called %s, %v", id, err)
	}
}

func dismissedTogether(t *testing.T, s Store) {
	for n, station := range []string{"stolen", "stolen", "station-1"} {
		admit(t, s, from(n, station, ""), with("brandt"))
	}
	_, err := s.CloseDay(t.Context(), "", tomorrow, noon)
	must(t, err)
	must(t, s.Forget(t.Context(), numbered(1))) // erased, and listed all the same
	if err := s.DismissDenied(t.Context(), "lead", "stolen", noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("of a station that is not denied: %v", err)
	}
	must(t, s.SetDenied(t.Context(), []string{"stolen"}, noon))
	must(t, s.DismissDenied(t.Context(), "lead", "stolen", noon))
	if err := s.DismissDenied(t.Context(), "lead", "stolen", noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("twice: %v", err)
	}
	if left, err := s.LeftOver(t.Context()); err != nil || len(left) != 1 || left[0].Station != "station-1" {
		t.Errorf("listed: %+v, %v", left, err)
	}
	for n := range 2 {
		if trail, err := s.AuditTrail(t.Context(), numbered(n)); err != nil || len(trail) != 1 || trail[0].Action != store.ActionDismissed {
			t.Errorf("kept of %s: %+v, %v", numbered(n), trail, err)
		}
	}
}
