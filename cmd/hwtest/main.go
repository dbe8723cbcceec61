// Command hwtest is the technician's self-test. It asks a running kiosk, which holds the devices, and opens them itself
// where none runs. Exit status: 0 all is well, 1 a device is ill or wants attention soon, 2 the call was wrong, 3 the
// test could not run.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}
