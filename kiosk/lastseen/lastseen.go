// Package lastseen remembers which devices a station had, and when each was last there, so that a technician is told what is missing by its
// name: "Wacom STU-530 was at usb 1-2 until 06:41".
//
// The notes stand in one small file in the station's state folder. They hold models and places, and nothing about people. A file that
// is missing or cannot be read is empty notes: nothing depends on them.
package lastseen

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/devices"
)

// Device is what is known of a device that was there.
type Device struct {
	Model string    `json:"model"`
	Path  string    `json:"path"`
	Until time.Time `json:"until"` // when it was there last, to [Every]
}

// Every is how often a device that stays is noted again: after a power cut nobody knows better.
const Every = 10 * time.Minute

// Notes are those of one station. They may be used from any goroutine.
type Notes struct {
	path string

	mu  sync.Mutex
	all map[devices.Kind]Device
}

// Open reads the notes in a file, which need not exist.
func Open(path string) *Notes {
	n := &Notes{path: path, all: map[devices.Kind]Device{}}
	var all map[devices.Kind]Device
	if json.Unmarshal(read(path), &all) == nil {
		maps.Copy(n.all, all)
	}
	return n
}

// longest is more than the notes of any station have, in bytes.
const longest = 1 << 16

// read reads the notes, if they are a file: whoever looks at them may be root, and the folder is the station's. A pipe is not waited for.
func read(path string) []byte {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(file, longest+1))
	if err != nil || len(text) > longest {
		return nil
	}
	return text
}

// See notes devices that are there at a time, and keeps the notes. One without a model or a path is left out.
func (n *Notes) See(at time.Time, there ...devices.Info) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, i := range there {
		if i.Model != "" || i.Path != "" {
			n.all[i.Kind] = Device{Model: i.Model, Path: i.Path, Until: at.UTC().Truncate(time.Second)}
		}
	}
	return n.save()
}

// Gone notes when a device went, if it is known.
func (n *Notes) Gone(kind devices.Kind, at time.Time) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	last, known := n.all[kind]
	if !known {
		return nil
	}
	last.Until = at.UTC().Truncate(time.Second)
	n.all[kind] = last
	return n.save()
}

// All are the notes by the kind of the device.
func (n *Notes) All() map[devices.Kind]Device {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.all)
}

// save replaces the file in one step.
func (n *Notes) save() error {
	text, err := json.Marshal(n.all)
	if err != nil {
		return fmt.Errorf("note devices: %w", err)
	}
	next := n.path + ".new"
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		os.Remove(next)
		return fmt.Errorf("note devices: %w", err)
	}
	if err := os.Rename(next, n.path); err != nil {
		os.Remove(next)
		return fmt.Errorf("note devices in %s: %w", filepath.Base(n.path), err)
	}
	return nil
}
