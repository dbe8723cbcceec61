package lastseen_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/lastseen"
)

var dawn = time.Date(2026, 3, 2, 6, 41, 0, 0, time.UTC)

func TestADeviceThatWentIsKnownAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seen.json")
	n := lastseen.Open(path)
	pad := devices.Info{Kind: devices.KindSignaturePad, Model: "Wacom STU-530", Serial: "PAD-1", Path: "usb 1-2"}
	for _, err := range []error{
		n.See(dawn.Add(-time.Hour), pad, devices.Info{Kind: devices.KindCamera}),
		n.Gone(devices.KindSignaturePad, dawn), n.Gone(devices.KindCamera, dawn),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := map[devices.Kind]lastseen.Device{devices.KindSignaturePad: {Model: "Wacom STU-530", Path: "usb 1-2", Until: dawn}}
	if diff := cmp.Diff(want, lastseen.Open(path).All()); diff != "" {
		t.Error(diff)
	}
}

func TestNotesThatAreNoFileAreEmptyAndNotWaitedFor(t *testing.T) {
	const notes = `{"camera":{"model":"CAMERA"}}`
	for name, put := range map[string]func(path string) error{
		"a pipe": func(path string) error { return unix.Mkfifo(path, 0o600) },
		"a link": func(path string) error {
			return errors.Join(os.WriteFile(path+".other", []byte(notes), 0o600), os.Symlink(path+".other", path))
		},
		"longer than any notes": func(path string) error {
			return os.WriteFile(path, []byte(notes+strings.Repeat(" ", 1<<20)), 0o600)
		},
	} {
		path := filepath.Join(t.TempDir(), "seen.json")
		if err := put(path); err != nil {
			t.Fatal(err)
		}
		opened := make(chan *lastseen.Notes, 1)
		go func() { opened <- lastseen.Open(path) }()
		select {
		case n := <-opened:
			if all := n.All(); len(all) != 0 {
				t.Errorf("%s: %v", name, all)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("%s is waited for", name)
		}
	}
}

func TestNotesThatCannotBeReadAreEmpty(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seen.json")
	for _, text := range []string{"", "null", "[1]", `{"camera":7}`, "{"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		n := lastseen.Open(path)
		if len(n.All()) != 0 {
			t.Errorf("%q is %v", text, n.All())
		}
		if err := n.See(dawn, devices.Info{Kind: devices.KindCamera, Path: "/dev/video0"}); err != nil {
			t.Errorf("after %q: %v", text, err)
		}
	}
	if err := lastseen.Open(filepath.Join(t.TempDir(), "none", "seen.json")).See(dawn); err == nil {
		t.Error("notes are kept in a folder that does not exist")
	}
}

// /dev/full takes a name, and no content.
func TestNotesForWhichThereIsNoRoomLeaveTheOldOnesAndNothingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seen.json")
	n := lastseen.Open(path)
	camera := devices.Info{Kind: devices.KindCamera, Path: "/dev/video0"}
	if err := errors.Join(n.See(dawn, camera), os.Symlink("/dev/full", path+".new")); err != nil {
		t.Fatal(err)
	}
	if err := n.See(dawn.Add(time.Hour), camera); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v", err)
	}
	if _, err := os.Lstat(path + ".new"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half of the notes are left: %v", err)
	}
	if kept := lastseen.Open(path).All()[devices.KindCamera]; !kept.Until.Equal(dawn) {
		t.Errorf("kept are %+v", kept)
	}
	if err := n.See(dawn.Add(2*time.Hour), camera); err != nil || !lastseen.Open(path).All()[devices.KindCamera].Until.Equal(dawn.Add(2*time.Hour)) {
		t.Errorf("with room again: %v", err)
	}
}
