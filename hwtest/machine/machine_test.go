package machine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// computer is one whose files are these, and whose programs answer by their names.
func computer(t *testing.T, files map[string]string, programs map[string]string) Machine {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return Of(Sources{Root: root, Run: func(_ context.Context, name string, args ...string) ([]byte, error) {
		said, known := programs[name]
		if !known {
			return nil, os.ErrNotExist
		}
		return []byte(said), nil
	}})
}

func TestTheHottestZoneIsTheOneNearestToItsLimit(t *testing.T) {
	zone := func(name, kind, temp string) map[string]string {
		return map[string]string{"sys/class/thermal/" + name + "/type": kind + "\n", "sys/class/thermal/" + name + "/temp": temp + "\n"}
	}
	files := zone("thermal_zone0", "acpitz", "61000")
	for _, more := range []map[string]string{
		zone("thermal_zone1", "x86_pkg_temp", "58000"),
		{"sys/class/thermal/thermal_zone1/trip_point_0_type": "passive\n", "sys/class/thermal/thermal_zone1/trip_point_0_temp": "60000\n"},
		zone("thermal_zone2", "asleep", "no data"),
		zone("thermal_zone3", "broken", "-274000"),
	} {
		for name, content := range more {
			files[name] = content
		}
	}
	got, err := computer(t, files, nil).Temperature()
	if want := (Temperature{Zone: "x86_pkg_temp", Celsius: 58, Limit: 60}); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	if _, err := computer(t, nil, nil).Temperature(); !errors.Is(err, ErrNoSensor) {
		t.Errorf("a computer without a sensor: %v", err)
	}
}

func TestMemoryIsWhatProgramsCanStillHave(t *testing.T) {
	m := computer(t, map[string]string{"proc/meminfo": "MemTotal:        8000000 kB\nMemFree:  100 kB\nMemAvailable:    4000000 kB\nHugePages_Total:  0\n"}, nil)
	got, err := m.Memory()
	if want := (Memory{Available: 4000000 << 10, Total: 8000000 << 10}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := computer(t, map[string]string{"proc/meminfo": "nothing\n"}, nil).Memory(); err == nil {
		t.Error("a file that says nothing is taken for an empty memory")
	}
}

func TestAClockThatNoServerKeepsIsToldFromOneThatIsKept(t *testing.T) {
	for name, c := range map[string]struct {
		state  int
		status int32
		kept   bool
	}{
		"kept":           {0, 0, true},
		"not kept":       {unix.TIME_ERROR, unix.STA_UNSYNC, false},
		"a leap second":  {1, 0, true},
		"not kept alone": {0, unix.STA_UNSYNC, false},
	} {
		m := Of(Sources{Time: func(t *unix.Timex) (int, error) {
			if t.Modes != 0 {
				return 0, errors.New("the clock was set")
			}
			t.Status = c.status
			return c.state, nil
		}})
		if kept, err := m.Synchronised(); err != nil || kept != c.kept {
			t.Errorf("%s: %v, %v", name, kept, err)
		}
	}
}

func TestPackagesAreThoseThatAreInstalled(t *testing.T) {
	m := computer(t, map[string]string{
		"etc/os-release": "NAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
		"var/lib/dpkg/status": "Package: libusb-1.0-0\nStatus: install ok installed\nVersion: 2:1.0.26-1\nDescription: USB\n Version: 7 of it\n\n" +
			"Package: pcscd\nStatus: deinstall ok config-files\nVersion: 1.9.9-2\n\nPackage: other\nStatus: install ok installed\nVersion: 1",
	}, nil)
	got, err := m.Software("pcscd", "libusb-1.0-0", "absent")
	if err != nil || got.Kernel == "" || got.System != "Debian GNU/Linux 12 (bookworm)" {
		t.Errorf("%+v, %v", got, err)
	}
	if diff := cmp.Diff([]Package{{"pcscd", ""}, {"libusb-1.0-0", "2:1.0.26-1"}, {"absent", ""}}, got.Packages); diff != "" {
		t.Error(diff)
	}
	if other, err := computer(t, nil, nil).Software("pcscd"); err != nil || other.Packages != nil {
		t.Errorf("without dpkg: %+v, %v", other, err)
	}
}

func TestWhyAServiceWasStartedAgainIsFoundInTheSystemsLog(t *testing.T) {
	const shown = "Result=success\nNRestarts=2\nExecMainStartTimestamp=@1764486000\nLoadState=loaded\nActiveState=active\n"
	m := computer(t, nil, map[string]string{"systemctl": shown,
		"journalctl": `{"UNIT_RESULT":"watchdog","__REALTIME_TIMESTAMP":"1764485998000000","MESSAGE":[104,105]}` + "\n"})
	got, err := m.Service(t.Context(), "foyer-kiosk.service")
	want := Service{Active: "active", Since: time.Unix(1764486000, 0), Restarts: 2, Failed: "watchdog", FailedAt: time.Unix(1764485998, 0)}
	if err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	unread := computer(t, nil, map[string]string{"systemctl": strings.Replace(shown, "success", "oom-kill", 1)})
	if got, err := unread.Service(t.Context(), "foyer-kiosk.service"); err != nil || got.Failed != "oom-kill" || !got.FailedAt.IsZero() {
		t.Errorf("of one who may not read the log: %+v, %v", got, err)
	}
	for name, c := range map[string]struct {
		programs map[string]string
		want     error
	}{
		"no systemd": {nil, ErrNoSystemd},
		"no unit":    {map[string]string{"systemctl": "LoadState=not-found\nActiveState=inactive\n"}, ErrNoUnit},
	} {
		if _, err := computer(t, nil, c.programs).Service(t.Context(), "foyer-kiosk.service"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAProgramThatHangsIsLeft(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := run(ctx, "sleep", "60"); err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

func TestAFolderIsWritableForItsOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	if err := Writable(dir); err != nil {
		t.Errorf("its owner: %v", err)
	}
	if err := Writable(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("one that is not there: %v", err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		if err := Writable(dir); !errors.Is(err, ErrNotOwner) {
			t.Errorf("somebody else: %v", err)
		}
	}
	d, err := This().Disk(dir)
	if err != nil || d.Free <= 0 || d.Size < d.Free {
		t.Errorf("%+v, %v", d, err)
	}
}
