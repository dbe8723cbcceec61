package backoffice_test

import (
	"errors"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/scrub/scrubtest"
)

var morning = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// kept says which check-ins still have a row, and which a key.
func (w *world) kept(t *testing.T) (rows, keys []string) {
	t.Helper()
	s := w.open(t)
	defer s.Close()
	all, err := s.Overdue(t.Context(), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		rows = append(rows, c.ID)
	}
	v, err := vault.Open(t.Context(), filepath.Join(w.config.Data, "files"), w.config.Keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	keys, err = v.CheckIns(t.Context())
	if err := errors.Join(err, v.Close()); err != nil {
		t.Fatal(err)
	}
	return rows, keys
}

func (w *world) erasing(t *testing.T) store.Erasing {
	t.Helper()
	s := w.open(t)
	defer s.Close()
	state, err := s.Erasing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// fill sends n check-ins, confirmed now.
func (w *world) fill(t *testing.T, n int) (ids []string) {
	t.Helper()
	station := w.station(t)
	for range n {
		c := checkintest.Appointment(w.Now())
		send(t, station, c)
		ids = append(ids, c.ID)
	}
	return ids
}

func TestABackOfficeThatStartsFiveDaysAheadErasesNobody(t *testing.T) {
	for name, c := range map[string]struct {
		check  int
		synced bool
		want   store.Hold
	}{
		"nobody vouches for the clock":          {22, false, store.HoldClock},
		"few, and nobody vouches":               {2, false, store.HoldClock},
		"somebody vouches for it":               {22, true, store.HoldMany},
		"few, and somebody vouches for it":      {3, true, store.HoldMany},
		"one only, and somebody vouches for it": {1, true, store.HoldMany},
	} {
		t.Run(name, func(t *testing.T) {
			w := build(t, t.TempDir(), morning)
			w.serve(t)
			w.fill(t, c.check)
			w.stop()
			w.set(morning.Add(5 * 24 * time.Hour))
			w.synced = c.synced
			for range 2 { // starting again changes nothing
				w.serve(t)
				until(t, "erasing is held", func() bool { return w.erasing(t).Reason == c.want })
				w.stop()
			}
			if state := w.erasing(t); state.Held != c.check {
				t.Errorf("held: %+v", state)
			}
			if rows, keys := w.kept(t); len(rows) != c.check || len(keys) != c.check {
				t.Errorf("%d check-ins and %d keys are left", len(rows), len(keys))
			}
			w.set(morning.Add(time.Minute)) // somebody has set the clock
			w.serve(t)
			until(t, "the hold ends", func() bool { return w.erasing(t).Reason == "" })
		})
	}
}

func TestAClockThatJumpsWhileItRunsErasesNobodyUntilThePersonWhoSawItConfirms(t *testing.T) {
	w := build(t, t.TempDir(), morning)
	w.serve(t)
	ids := w.fill(t, 3)
	until(t, "the first erasing", func() bool { return !w.erasing(t).Believed.IsZero() })
	w.stop()
	w.set(morning.Add(100 * time.Hour).Truncate(time.Minute).Add(57 * time.Second)) // three seconds to the next look
	w.serve(t)
	lead := w.signIn(t, "brandt")
	until(t, "erasing is held", func() bool { return strings.Contains(lead.page(), "confirm-erasing") })
	page := lead.page()
	if !strings.Contains(page, "06.03.2026, 13:00") || !strings.Contains(page, "3 Anmeldungen") {
		t.Errorf("the lead does not see what the clock says and how many are held:\n%s", page)
	}
	stamp := regexp.MustCompile(`name="clock" value="(\d+)"`).FindStringSubmatch(page)[1]
	lead.post("/erasing/confirm", url.Values{"clock": {"1"}}) // seen at another time
	if w.erasing(t).Confirmed != (time.Time{}) {
		t.Error("what nobody has seen was confirmed")
	}
	lead.post("/erasing/confirm", url.Values{"clock": {stamp}})
	until(t, "what was confirmed is erased", func() bool { return w.erasing(t).Reason == "" })
	w.stop()
	if rows, keys := w.kept(t); len(rows) != 0 || len(keys) != 0 {
		t.Errorf("of %d check-ins %d are left, and %d keys", len(ids), len(rows), len(keys))
	}
}

func TestTimeThatPassedErasesWithoutAsking(t *testing.T) {
	for name, c := range map[string]struct {
		off    time.Duration
		synced bool
	}{
		"a restart":                             {time.Minute, false},
		"a weekend without power, synchronised": {62 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := build(t, t.TempDir(), morning)
			w.synced = c.synced
			w.serve(t)
			station := w.station(t)
			old, fresh := checkintest.Genuine(morning.Add(-96*time.Hour-time.Minute)), checkintest.Genuine(w.Now())
			for _, visitor := range []*checkintest.CheckIn{fresh, old} {
				send(t, station, visitor)
			}
			w.stop()
			w.set(w.Now().Add(c.off))
			w.serve(t)
			until(t, "the old one is erased", func() bool {
				s := w.open(t)
				defer s.Close()
				n, err := s.CountCheckIns(t.Context())
				return err == nil && n == 1
			})
			w.stop()
			if rows, keys := w.kept(t); !slices.Equal(rows, []string{fresh.ID}) || !slices.Equal(keys, rows) {
				t.Errorf("left: %v, keys of %v", rows, keys)
			}
		})
	}
}

func TestARetentionShortenedByMistakeErasesNobodyUntilItIsConfirmed(t *testing.T) {
	w := build(t, t.TempDir(), morning)
	w.serve(t)
	station := w.station(t)
	for range 21 {
		send(t, station, checkintest.Appointment(morning.Add(-30*time.Hour)))
	}
	w.stop()
	w.config.Retention.Duration = 24 * time.Hour // 240h was meant
	w.serve(t)
	until(t, "erasing is held", func() bool { return w.erasing(t).Reason == store.HoldMany })
	w.stop()
	if rows, keys := w.kept(t); len(rows) != 21 || len(keys) != 21 {
		t.Errorf("%d check-ins and %d keys are left", len(rows), len(keys))
	}
}

func TestADataFolderThatIsNotMountedCostsNoKey(t *testing.T) {
	w := build(t, t.TempDir(), morning).separate()
	w.serve(t)
	w.fill(t, 5)
	w.stop()
	if err := os.Rename(w.config.Data, w.config.Data+".disk"); err != nil {
		t.Fatal(err)
	}
	w.serve(t) // on an empty folder
	until(t, "the first erasing", func() bool { return !w.erasing(t).Believed.IsZero() })
	w.stop()
	if err := errors.Join(os.RemoveAll(w.config.Data), os.Rename(w.config.Data+".disk", w.config.Data)); err != nil {
		t.Fatal(err)
	}
	w.serve(t)
	w.wantWhole(t)
	w.stop()
	if rows, keys := w.kept(t); len(rows) != 5 || len(keys) != 5 {
		t.Errorf("%d check-ins and %d keys are left", len(rows), len(keys))
	}
}

func TestAnOfficeHasOneServer(t *testing.T) {
	w := build(t, t.TempDir(), morning).separate()
	w.serve(t)
	otherKeys, otherData := w.config, w.config
	otherKeys.Keys = filepath.Join(t.TempDir(), "keys.db")
	otherData.Data = t.TempDir()
	for what, c := range map[string]backoffice.Config{
		"of the same configuration": w.config, "with keys of its own": otherKeys, "with data of its own": otherData,
	} {
		if s, err := backoffice.New(t.Context(), c, slog.New(slog.DiscardHandler)); !errors.Is(err, durable.ErrLocked) {
			t.Errorf("a second server %s: %v", what, err)
			s.Close()
		}
	}
}

// overdue fills an office, on a file system of its own, with check-ins that are over their time.
func overdue(t *testing.T, n int) (*world, *scrubtest.Disk, []string) {
	t.Helper()
	disk := scrubtest.Mount(t, 400)
	w := build(t, filepath.Join(disk.Dir, "office"), morning)
	w.serve(t)
	station := w.station(t)
	var ids []string
	for range n {
		c := checkintest.Genuine(morning.Add(-97 * time.Hour))
		send(t, station, c)
		ids = append(ids, c.ID)
	}
	w.stop()
	return w, disk, ids
}

func TestACheckInThatCannotBeErasedStopsNoOther(t *testing.T) {
	w, _, ids := overdue(t, 5)
	folder := func(n int) string { return filepath.Join(w.config.Data, "files", ids[n]) }
	immutable := func(flag string) {
		if out, err := exec.Command("chattr", "-R", flag, folder(0)).CombinedOutput(); err != nil {
			t.Skipf("SKIPPED: no file can be made undeletable: %v: %s", err, out)
		}
	}
	immutable("+i")
	t.Cleanup(func() { exec.Command("chattr", "-R", "-i", folder(0)).Run() })
	// A directory where a file should be is no hindrance.
	if err := errors.Join(os.Remove(filepath.Join(folder(1), "0")), os.MkdirAll(filepath.Join(folder(1), "0", "deep"), 0o700)); err != nil {
		t.Fatal(err)
	}
	w.serve(t)
	until(t, "erasing ends", func() bool { return w.erasing(t).Failed == 1 })
	if page := w.signIn(t, "brandt").page(); !strings.Contains(page, "Nicht gelöscht werden konnten: 1") {
		t.Error("the lead is not told")
	}
	w.stop()
	rows, keys := w.kept(t)
	if !slices.Equal(rows, ids[:1]) || len(keys) != 0 {
		t.Errorf("left: %v, keys of %v; want the undeletable one, without its key", rows, keys)
	}
	for n := 1; n < len(ids); n++ {
		if _, err := os.Stat(folder(n)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("files of check-in %d are left: %v", n, err)
		}
	}
	immutable("-i")
	w.serve(t)
	until(t, "it is erased the next time", func() bool { s := w.erasing(t); return s.Failed == 0 })
	w.stop()
	if rows, _ := w.kept(t); len(rows) != 0 {
		t.Errorf("left: %v", rows)
	}
}
