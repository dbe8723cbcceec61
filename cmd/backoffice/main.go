// Command backoffice is the server of one office: stations hand check-ins to it, staff call visitors in its console.
//
//	backoffice demo --dir DIR
//	backoffice serve --config FILE
//
// Exit status: 0 good; 1 not found, or some rows refused; 2 the call was wrong; 3 could not run.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the office's time zone, on machines without a database of them

	"github.com/alecthomas/kong"

	"github.com/foyer-station/foyer/cmd/internal/command"
)

// program is what this command is called.
const program = "backoffice"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is the whole command but for the process: arguments in, exit status out.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return command.Run(program, &commands{}, args, stdout, stderr, func(chosen *kong.Context) error { return chosen.Run() },
		kong.Description("The back office of one office: takes check-ins from stations, shows them to staff."),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(streams{stdin, stdout, stderr}))
}

// streams are the standard streams, handed to commands.
type streams struct {
	in       io.Reader
	out, err io.Writer
}
