package backoffice

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// timesyncd makes this file once it has set the clock since the computer started; it can be seen from within a sandbox
// that forbids the call.
const timesyncd = "/run/systemd/timesync/synchronized"

// Clock is what the back office knows of time.
type Clock struct {
	Now          func() time.Time     // the wall clock, which may jump
	Elapsed      func() time.Duration // since some moment of this run, sleep included; never jumps
	Synchronised func() bool          // whether somebody vouches for the wall clock; false where nobody can tell
}

// SystemClock is the computer's. It is synchronised where systemd-timesyncd says so, or the kernel does for any other
// time service (adjtimex without STA_UNSYNC).
func SystemClock() Clock {
	start := boottime()
	return Clock{Now: time.Now, Elapsed: func() time.Duration { return boottime() - start }, Synchronised: synchronised}
}

// boottime is how long the computer has been on; unlike Go's monotonic clock it goes on while the computer sleeps.
func boottime() time.Duration {
	var at unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &at); err != nil {
		panic(err) // every Linux since 2.6.39 has it
	}
	return time.Duration(at.Nano())
}

func synchronised() bool {
	if _, err := os.Stat(timesyncd); err == nil {
		return true
	}
	var state unix.Timex
	status, err := unix.Adjtimex(&state)
	return err == nil && status != unix.TIME_ERROR && state.Status&unix.STA_UNSYNC == 0
}
