// Command doccheck does everything about documents from files or readers. Its rules towards people and scripts: human
// text by default, one JSON object with --json, errors on standard error with what to do next, and the exit status 0
// answered and good, 1 answered and not good, 2 the call was wrong, 3 could not run.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/foyer-station/foyer/verify/picture"
)

func main() {
	picture.ServeIfChild()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}
