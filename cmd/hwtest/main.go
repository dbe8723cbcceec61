// Command hwtest is the technician's self-test. It asks a running kiosk, which holds the devices, and opens them itself
// where none runs. Exit status: 0 all is well, 1 a device is ill or wants attention soon, 2 the call was wrong, 3 the
// test could not run.
package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/foyer-station/foyer/hwtest/discover"
	"github.com/foyer-station/foyer/hwtest/machine"
)

func main() {
	if err := quiet(); err != nil {
		fmt.Fprintln(os.Stderr, "hwtest:", err) // OpenCV will talk besides
	}
	os.Exit(begin(&cli{machine: machine.This(), places: discover.Linux(), now: time.Now, pick: rand.IntN}))
}

// quiet keeps OpenCV from telling on the screen what the report tells in its own words, unless somebody has set how much it says. OpenCV
// reads that when it is loaded, so the program begins again with it.
func quiet() error {
	const level = "OPENCV_LOG_LEVEL"
	if _, set := os.LookupEnv(level); set {
		return nil
	}
	return syscall.Exec("/proc/self/exe", os.Args, append(os.Environ(), level+"=ERROR"))
}

// begin runs the command until it ends or somebody interrupts it, and gives its exit status.
func begin(c *cli) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.run(ctx, os.Args[1:], os.Stdout, os.Stderr)
}
