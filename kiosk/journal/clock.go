package journal

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// The journal's clock measures how long a check-in has waited. It runs with the machine (CLOCK_BOOTTIME), so that nobody
// ages a check-in by setting the time of day, nor keeps it young. How long the machine was off only the time of day knows,
// and may be wrong: it is believed where it went forward, but a check-in that is over the limit only by that is first kept
// for [Grace].

// Grace is how long a machine must have run since its start before it wipes what only its time of day calls too old.
const Grace = 2 * time.Hour

// Uptime tells which boot of the machine this is, and how long it has been up.
type Uptime func() (boot string, up time.Duration, err error)

// SystemUptime is the uptime of this machine, suspension included. Where the boot's id is hidden from the process, the boot
// is "unknown": then a restart is told by an uptime that has become less.
func SystemUptime() (boot string, up time.Duration, err error) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		id = []byte("unknown")
	}
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return "", 0, fmt.Errorf("uptime: %w", err)
	}
	return strings.TrimSpace(string(id)), time.Duration(t.Nano()), nil
}

// clock is the row of the table of this name; all in milliseconds.
type clock struct {
	boot                          string
	uptime, wall, ran, off, began int64
}

// at is what the clock shows when the machine has been up for so long, and the time of day is wall.
func (c clock) at(boot string, up time.Duration, wall time.Time) clock {
	now := c
	now.boot, now.uptime, now.wall = boot, up.Milliseconds(), wall.UnixMilli()
	switch {
	case c.boot == boot && c.uptime <= now.uptime:
		now.ran += now.uptime - c.uptime
	case c.boot == "": // never looked at before
	default:
		now.began = c.ran
		now.ran += now.uptime
		now.off += max(0, now.wall-c.wall-now.uptime)
	}
	return now
}

// stamp is what the clock showed when a check-in was confirmed.
type stamp struct{ ran, off int64 }

// age is how long ago that was.
func (c clock) age(s stamp) time.Duration {
	return time.Duration(c.ran-s.ran+c.off-s.off) * time.Millisecond
}

// left is how long a check-in may still wait; not positive when it is to be wiped.
func (c clock) left(s stamp) time.Duration {
	left := Limit - c.age(s)
	if s.ran > c.began { // confirmed since the machine was started
		return left
	}
	running := Limit - time.Duration(c.ran-s.ran)*time.Millisecond
	return min(running, max(left, Grace-time.Duration(c.ran-c.began)*time.Millisecond))
}

type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// clock gives what the clock shows now; wall is the time of day, as good as it is known.
func (j *Journal) clock(ctx context.Context, from queryer, wall time.Time) (clock, error) {
	var c clock
	err := from.QueryRowContext(ctx, "SELECT boot, uptime, wall, ran, off, began FROM clock").
		Scan(&c.boot, &c.uptime, &c.wall, &c.ran, &c.off, &c.began)
	if err != nil {
		return c, err
	}
	boot, up, err := j.uptime()
	return c.at(boot, up, wall), err
}

// tick notes what the clock shows now.
func (j *Journal) tick(ctx context.Context, tx *sql.Tx, wall time.Time) (clock, error) {
	c, err := j.clock(ctx, tx, wall)
	if err != nil {
		return c, err
	}
	_, err = tx.ExecContext(ctx, "UPDATE clock SET boot = ?, uptime = ?, wall = ?, ran = ?, off = ?, began = ?",
		c.boot, c.uptime, c.wall, c.ran, c.off, c.began)
	return c, err
}
