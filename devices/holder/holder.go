// Package holder finds out which programs have a device's node open, so that a technician who reads that another program is using a
// device reads which one. Linux tells that in /proc/PID/fd (proc_pid_fd(5)): of a user's own processes to that user, and of all to root.
package holder

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-station/foyer/devices"
)

const (
	saysHeldBy devices.Key = "device.held_by"     // names
	saysHidden devices.Key = "device.held_hidden" // those that have it open are hidden from this user
)

const (
	patience  = 200 * time.Millisecond // for all processes
	mostNamed = 4
	procFS    = "/proc"
)

// Named is the health with the programs that have the device open, where another program is using it and they can be seen: a program's
// own name and its number, "cheese (4711)", never its arguments.
func Named(ctx context.Context, h devices.Health) devices.Health {
	named, _ := name(ctx, h)
	return named
}

// NamedOrHow is [Named], and where they are hidden from this user it says who can see them. A health that has their names keeps those.
func NamedOrHow(ctx context.Context, h devices.Health) devices.Health {
	if slices.ContainsFunc(h.Also, func(m devices.Message) bool { return m.Is(saysHeldBy) }) {
		return h
	}
	named, hidden := name(ctx, h)
	if hidden {
		return with(named, devices.Say(saysHidden))
	}
	return named
}

// name adds the programs that have the device open; hidden tells that there are none that this user can see, but others.
func name(ctx context.Context, h devices.Health) (named devices.Health, hidden bool) {
	node := h.Reason.InUseAt()
	if node == "" {
		return h, false
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	names, hidden := Of(ctx, node)
	if len(names) == 0 {
		return h, hidden
	}
	return with(h, devices.Say(saysHeldBy).With("names", strings.Join(names, ", "))), false
}

func with(h devices.Health, also devices.Message) devices.Health {
	h.Also = append(slices.Clip(h.Also), also)
	return h
}

// Of gives the programs, but for this one, that have a node open, by number; at most four. Hidden tells that there are programs that this
// user may not look into. It ends with ctx, with what it has found by then.
func Of(ctx context.Context, node string) (names []string, hidden bool) {
	if whole, err := filepath.EvalSymlinks(node); err == nil { // "/dev/serial/by-id/..."
		node = whole
	}
	for _, pid := range processes() {
		if ctx.Err() != nil || len(names) == mostNamed {
			break
		}
		switch has, err := opened(pid, node); {
		case os.IsPermission(err):
			hidden = true
		case has:
			names = append(names, program(pid))
		}
	}
	return names, hidden
}

// processes are all but this one, by number.
func processes() (all []int) {
	folder, err := os.Open(procFS)
	if err != nil {
		return nil
	}
	defer folder.Close()
	entries, _ := folder.Readdirnames(-1) // what could be read of it
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry); err == nil && pid != os.Getpid() {
			all = append(all, pid)
		}
	}
	slices.Sort(all)
	return all
}

// opened tells whether a process has a node open, among the first so many files that it has. One that has ended has not.
func opened(pid int, node string) (bool, error) {
	const most = 4096
	dir, err := os.Open(filepath.Join(procFS, strconv.Itoa(pid), "fd"))
	if err != nil {
		return false, err
	}
	defer dir.Close()
	numbers, _ := dir.Readdirnames(most) // what could be read of them
	for _, number := range numbers {
		if target, err := os.Readlink(filepath.Join(dir.Name(), number)); err == nil && target == node {
			return true, nil
		}
	}
	return false, nil
}

// program is a program's own name, of 15 bytes at most (proc_pid_comm(5)), and its number.
func program(pid int) string {
	comm, err := os.ReadFile(filepath.Join(procFS, strconv.Itoa(pid), "comm"))
	name := strings.TrimSpace(strings.ToValidUTF8(string(comm), "?"))
	if err != nil || name == "" {
		name = "?"
	}
	return name + " (" + strconv.Itoa(pid) + ")"
}
