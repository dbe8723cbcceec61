// Package machine is what a station's computer says of itself: its disk, memory, clock and temperature, what runs on it, and
// why its kiosk was started again.
//
// It reads what Linux shows in /proc, /sys and /etc, asks systemd, and changes nothing. All of it is small and quick; what asks another
// program takes a context and ends with it. Files are looked for below a root that tests replace.
package machine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Machine is one computer.
type Machine struct{ sources Sources }

// Sources are where a computer is looked at. Zero ones are this computer's own.
type Sources struct {
	Root string // /proc, /sys, /etc and /var are below it
	Run  Runner
	Disk func(folder string) (Disk, error)
	Time func(*unix.Timex) (state int, err error) // adjtimex(2)
}

// Runner runs a program and gives what it wrote to standard output; it ends with the context.
type Runner func(ctx context.Context, name string, args ...string) ([]byte, error)

// This is the computer that the program runs on.
func This() Machine { return Of(Sources{}) }

// Of is a computer of other sources.
func Of(s Sources) Machine {
	if s.Root == "" {
		s.Root = "/"
	}
	if s.Run == nil {
		s.Run = run
	}
	if s.Disk == nil {
		s.Disk = diskOf
	}
	if s.Time == nil {
		s.Time = unix.Adjtimex
	}
	return Machine{s}
}

// run runs a program of this computer. It is killed when ctx ends, and waited for half a second more.
func run(ctx context.Context, name string, args ...string) ([]byte, error) {
	const patience = 500 * time.Millisecond
	c := exec.CommandContext(ctx, name, args...)
	c.Env = append(os.Environ(), "LC_ALL=C", "SYSTEMD_COLORS=0", "SYSTEMD_PAGER=")
	c.WaitDelay = patience
	return c.Output()
}

func (m Machine) path(elements ...string) string {
	return filepath.Join(append([]string{m.sources.Root}, elements...)...)
}

// Disk is the volume that a folder is on.
type Disk struct {
	Free, Size int64 // bytes; Free is what a program that is not root may take
	ReadOnly   bool  // it was mounted so, or the kernel made it so after an error
}

// Disk tells of the volume that holds a folder, which may be out of reach itself.
func (m Machine) Disk(folder string) (Disk, error) { return m.sources.Disk(folder) }

func diskOf(folder string) (Disk, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return Disk{}, &fs.PathError{Op: "statfs", Path: folder, Err: err}
	}
	return Disk{
		Free: int64(s.Bavail) * s.Bsize, Size: int64(s.Blocks) * s.Bsize,
		ReadOnly: s.Flags&unix.ST_RDONLY != 0,
	}, nil
}

// ErrNotOwner says that whoever asks is not the one whose folder it is, and so cannot tell for them.
var ErrNotOwner = errors.New("the folder is another user's")

// Writable is nil where a folder's owner may write to it. It writes nothing. Asked by another user, root too, it is ErrNotOwner.
func Writable(folder string) error {
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrPermission): // a folder above it is another user's
		return ErrNotOwner
	case err != nil:
		return err
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return &fs.PathError{Op: "write", Path: folder, Err: unix.ENOTDIR}
	case known && int(owner.Uid) != os.Geteuid():
		return ErrNotOwner
	}
	if err := unix.Faccessat(unix.AT_FDCWD, folder, unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return &fs.PathError{Op: "write", Path: folder, Err: err}
	}
	return nil
}

// Memory is the computer's, in bytes.
type Memory struct {
	Available int64 // what programs can still have without swapping
	Total     int64
}

// Memory reads /proc/meminfo (proc_meminfo(5)).
func (m Machine) Memory() (Memory, error) {
	file, err := os.Open(m.path("proc/meminfo"))
	if err != nil {
		return Memory{}, err
	}
	defer file.Close()
	values := map[string]int64{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), ":")
		kibibytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		if err == nil {
			values[name] = kibibytes << 10
		}
	}
	all := Memory{Available: values["MemAvailable"], Total: values["MemTotal"]}
	if all.Total == 0 {
		return all, fmt.Errorf("%s says nothing of memory", file.Name())
	}
	return all, nil
}

// Synchronised tells whether the kernel's clock is kept by a time server: what timedatectl calls "System clock synchronized"
// (adjtimex(2), STA_UNSYNC).
func (m Machine) Synchronised() (bool, error) {
	var t unix.Timex // no modes: nothing is set
	state, err := m.sources.Time(&t)
	if err != nil {
		return false, fmt.Errorf("ask the kernel for its clock: %w", err)
	}
	return state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0, nil
}
