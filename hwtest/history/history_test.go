package history_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/history"
)

var (
	seven = time.Date(2026, time.November, 30, 7, 0, 0, 0, time.UTC)
	later = seven.AddDate(2, 0, 0)
)

func open(t *testing.T, path string, limits history.Limits) *history.History {
	t.Helper()
	h, err := history.Open(t.Context(), path, limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// run is a station with one camera, and how sharp it is.
func run(at time.Time, result hwtest.Result, state devices.State, sharpness float64) hwtest.Report {
	return hwtest.Report{At: at, Level: hwtest.Internal, Source: hwtest.FromDevices, Checks: []hwtest.Check{
		{ID: "camera.present", Device: devices.KindCamera, Result: result, State: state, Model: "CAMERA", Serial: "S-1234", Path: "/home/tina"},
		{ID: "camera.sharpness", Device: devices.KindCamera, Result: hwtest.Passed, State: devices.StateOnline, Measure: &hwtest.Measure{
			Value: sharpness, Unit: hwtest.CyclesPixel, Min: new(0.2),
		}},
	}}
}

func add(t *testing.T, h *history.History, runs ...hwtest.Report) {
	t.Helper()
	for _, r := range runs {
		if err := h.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatChangedIsKeptOnceAndWhatWasMeasuredEveryTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), history.Name)
	h := open(t, path, history.Usual())
	for minute := range 10 {
		state, result := devices.StateOnline, hwtest.Passed
		if minute >= 4 && minute < 7 {
			state, result = devices.StateNoDevice, hwtest.Failed
		}
		add(t, h, run(seven.Add(time.Duration(minute)*time.Minute), result, state, 0.4-float64(minute)/100))
	}
	changes, err := h.Changes(t.Context(), seven.Add(time.Second), later)
	if err != nil || len(changes) != 2 || changes[0].State != devices.StateNoDevice || !changes[1].At.Equal(seven.Add(7*time.Minute)) || changes[1].First {
		t.Errorf("%v, %+v", err, changes)
	}
	measured, err := h.Measured(t.Context(), seven, later)
	if err != nil || len(measured) != 1 || len(measured[0].Points) != 10 || measured[0].Points[9].Value > 0.311 || *measured[0].Limits.Min != 0.2 {
		t.Errorf("%v, %+v", err, measured)
	}
	if count, first, last, err := h.Runs(t.Context(), seven, later); err != nil || count != 10 || !first.Equal(seven) || last.Sub(first) != 9*time.Minute {
		t.Errorf("%v: %d from %s to %s", err, count, first, last)
	}
	for _, file := range []string{path, path + "-wal"} {
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
		if held, _ := os.ReadFile(file); strings.Contains(string(held), "S-1234") || strings.Contains(string(held), "tina") {
			t.Errorf("%s holds a serial number or a path", file)
		}
	}
}

func TestAVisitorWhoComesAndGoesIsNoChange(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), history.Name), history.Usual())
	morning := time.Now().Add(-time.Hour)
	add(t, h, run(morning, hwtest.Passed, devices.StateOnline, 0.3), run(morning.Add(time.Minute), hwtest.Passed, devices.StateBusy, 0.3),
		run(morning.Add(2*time.Minute), hwtest.Passed, devices.StateOnline, 0.3), run(morning.Add(3*time.Minute), hwtest.Failed, devices.StateBusy, 0.3))
	changes, err := h.Changes(t.Context(), morning.Add(-time.Minute), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var states []devices.State
	for _, c := range changes {
		if c.Check == "camera.present" {
			states = append(states, c.State)
		}
	}
	if want := []devices.State{devices.StateOnline, devices.StateBusy}; !slices.Equal(states, want) { // the last is another program's
		t.Errorf("%v, want %v", states, want)
	}
}

func TestWhatIsNotMeasuredOnceKeepsItsUnitAndItsLimits(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), history.Name), history.Usual())
	morning := time.Now().Add(-time.Hour)
	skipped := run(morning.Add(time.Minute), hwtest.Passed, devices.StateOnline, 0.3)
	skipped.Checks[1] = hwtest.Skipped(devices.KindCamera, "sharpness", devices.Say("chart.not_seen"))
	add(t, h, run(morning, hwtest.Passed, devices.StateOnline, 0.3), skipped)
	all, err := h.Measured(t.Context(), morning.Add(-time.Minute), time.Now())
	if err != nil || len(all) != 1 || all[0].Limits.Unit != hwtest.CyclesPixel || all[0].Limits.Min == nil || *all[0].Limits.Min != 0.2 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestTwoSelfTestsMayKeepWhatTheyFoundAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), history.Name)
	var both sync.WaitGroup
	for n := range 2 {
		both.Go(func() {
			h, err := history.Open(context.Background(), path, history.Usual())
			if err != nil {
				t.Error(err)
				return
			}
			defer h.Close()
			for i := range 50 {
				if err := h.Add(context.Background(), run(seven.Add(time.Duration(2*i+n)*time.Second), hwtest.Passed, devices.StateOnline, 0.4)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	both.Wait()
	if count, _, _, err := open(t, path, history.Usual()).Runs(t.Context(), seven, later); err != nil || count != 100 {
		t.Errorf("%d runs, %v", count, err)
	}
}

func TestADamagedHistoryIsSetAsideAndBegunAnew(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"no database": func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("no database\n", 1000)), 0o640)
		},
		"torn": func(path string) error { return os.Truncate(path, 700) },
		"overwritten": func(path string) error {
			file, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				return err
			}
			_, err = file.WriteAt([]byte(strings.Repeat("\xff", 3996)), 100)
			return errors.Join(err, file.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), history.Name)
			whole, err := history.Open(t.Context(), path, history.Usual())
			if err != nil {
				t.Fatal(err)
			}
			add(t, whole, run(seven, hwtest.Passed, devices.StateOnline, 0.4))
			if err := errors.Join(whole.Close(), damage(path)); err != nil {
				t.Fatal(err)
			}
			h := open(t, path, history.Usual())
			if h.SetAside != path+".damaged" {
				t.Fatalf("set aside as %q", h.SetAside)
			}
			if _, err := os.Stat(h.SetAside); err != nil {
				t.Error(err)
			}
			add(t, h, run(seven, hwtest.Passed, devices.StateOnline, 0.4))
		})
	}
}

func TestAHistoryThatIsDamagedFurtherOnIsSetAsideOnceThatIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), history.Name)
	whole, err := history.Open(t.Context(), path, history.Usual())
	if err != nil {
		t.Fatal(err)
	}
	add(t, whole, run(seven, hwtest.Passed, devices.StateOnline, 0.4))
	if err := whole.Close(); err != nil {
		t.Fatal(err)
	}
	held, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(held); i++ { // all pages but the first
		held[i] = 0xff
	}
	if err := os.WriteFile(path, held, 0o640); err != nil {
		t.Fatal(err)
	}
	h := open(t, path, history.Usual())
	add(t, h, run(seven, hwtest.Passed, devices.StateOnline, 0.4))
	if count, _, _, err := h.Runs(t.Context(), seven, later); err != nil || count != 1 || h.SetAside != path+".damaged" {
		t.Errorf("%d runs, %v, set aside as %q", count, err, h.SetAside)
	}
}

func TestAHistoryOfANewerVersionIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), history.Name)
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version = 99"); errors.Join(err, db.Close()) != nil {
		t.Fatal(err)
	}
	if _, err := history.Open(t.Context(), path, history.Usual()); !errors.Is(err, history.ErrNewer) {
		t.Errorf("%v", err)
	}
}

func TestAHistoryIsKeptInNothingButAFile(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"a link to where nothing is": func(path string) error { return os.Symlink(path+".elsewhere", path) },
		"a link to another database": func(path string) error {
			h, err := history.Open(t.Context(), path+".elsewhere", history.Usual())
			return errors.Join(err, h.Close(), os.Symlink(path+".elsewhere", path))
		},
		"a pipe": func(path string) error { return unix.Mkfifo(path, 0o600) },
	} {
		path := filepath.Join(t.TempDir(), history.Name)
		if err := make(path); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(path + ".elsewhere")
		if _, err := history.Open(t.Context(), path, history.Usual()); !errors.Is(err, history.ErrOdd) {
			t.Errorf("%s: %v", name, err)
		}
		if after, _ := os.ReadFile(path + ".elsewhere"); len(after) != len(before) {
			t.Errorf("%s: something was written there", name)
		}
	}
}

func TestAHistoryForgetsAfterFourHundredDaysButNotHowThingsAre(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), history.Name), history.Usual())
	add(t, h, run(seven, hwtest.Passed, devices.StateOnline, 0.4))
	for day := range 402 {
		add(t, h, run(seven.AddDate(0, 0, day+1), hwtest.Failed, devices.StateNoDevice, 0.4))
	}
	count, first, _, err := h.Runs(t.Context(), time.Unix(0, 0), later)
	if err != nil || count != 400 || !first.Equal(seven.AddDate(0, 0, 3)) {
		t.Errorf("%d runs from %s, %v", count, first, err)
	}
	changes, err := h.Changes(t.Context(), time.Unix(0, 0), later)
	if err != nil || len(changes) != 2 || changes[1].State != devices.StateNoDevice { // of presence and of sharpness, the last of each
		t.Errorf("%+v, %v", changes, err)
	}
}

// A battery that is empty has a computer begin years ago, and a typing error years ahead.
func TestAClockThatWasWrongForAWhileTakesNothingWithIt(t *testing.T) {
	for name, wrong := range map[string]time.Time{"ahead": seven.AddDate(10, 0, 0), "behind": time.Unix(0, 0)} {
		t.Run(name, func(t *testing.T) {
			h := open(t, filepath.Join(t.TempDir(), history.Name), history.Usual())
			for day := range 30 {
				add(t, h, run(seven.AddDate(0, 0, day), hwtest.Passed, devices.StateOnline, 0.4))
			}
			for minute := range 5 {
				add(t, h, run(wrong.Add(time.Duration(minute)*time.Minute), hwtest.Failed, devices.StateNoDevice, 0.1))
			}
			today := seven.AddDate(0, 0, 30)
			for minute := range 3 {
				add(t, h, run(today.Add(time.Duration(minute)*time.Minute), hwtest.Passed, devices.StateOnline, 0.4))
			}
			gone := today.Add(time.Hour)
			add(t, h, run(gone, hwtest.Failed, devices.StateNoDevice, 0.4))
			past, err := h.Past(t.Context(), seven, gone.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			if last := past.Changes[len(past.Changes)-1]; len(past.Changes) != 3 || !last.At.Equal(gone) || last.State != devices.StateNoDevice {
				t.Errorf("%+v", past.Changes)
			}
			if points := past.Measured[0].Points; past.Runs != 34 || len(points) != 34 || points[33].Value != 0.4 {
				t.Errorf("%d runs, %+v", past.Runs, points)
			}
		})
	}
}

func TestAHistoryDoesNotGrowOverItsLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), history.Name)
	limits := history.Usual()
	limits.Bytes = 100_000
	h := open(t, path, limits)
	for i := range 4000 {
		add(t, h, run(seven.Add(time.Duration(i)*time.Minute), hwtest.Passed, devices.StateOnline, float64(i)))
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > limits.Bytes+8192 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	again := open(t, path, limits)
	if count, _, last, err := again.Runs(t.Context(), seven, later); err != nil || count < 500 || !last.Equal(seven.Add(3999*time.Minute)) {
		t.Errorf("%d runs up to %s, %v", count, last, err)
	}
}

func TestAFullDiskIsToldAsSuch(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("not shown: a full disk is a small file system, which root alone mounts")
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); errors.Is(err, syscall.EPERM) {
		t.Skip("not shown: nothing may be mounted here")
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	h, err := history.Open(t.Context(), filepath.Join(dir, history.Name), history.Usual())
	for i := 0; err == nil && i < 5000; i++ {
		err = h.Add(t.Context(), run(seven.Add(time.Duration(i)*time.Second), hwtest.Passed, devices.StateOnline, float64(i)))
	}
	if !errors.Is(err, history.ErrFull) {
		t.Errorf("%v", err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "others"), make([]byte, 256<<10), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("there is room left: %v", err)
	}
	if _, err := history.Open(t.Context(), filepath.Join(dir, history.Name), history.Usual()); !errors.Is(err, history.ErrFull) {
		t.Errorf("opened with no room for SQLite's own files: %v", err)
	}
}

func TestAFolderThatIsNotThereIsNotMade(t *testing.T) {
	_, err := history.Open(t.Context(), filepath.Join(t.TempDir(), "none", history.Name), history.Usual())
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
