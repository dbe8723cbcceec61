// Command backoffice is the server of one office: stations hand check-ins to it, staff call visitors in its console.
//
//	backoffice demo --dir DIR
//	backoffice serve --config FILE
//
// Exit status: 0 good; 1 not found; 2 the call was wrong; 3 could not run.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the office's time zone, on machines without a database of them

	"github.com/alecthomas/kong"
)

// The exit statuses of the project's commands.
const (
	exitWrongCall = 2
	exitCouldNot  = 3
)

// wrongCall is an error that calling the command otherwise would avoid.
type wrongCall struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the command without the process around it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	exited := -1
	parser, err := kong.New(&commands{}, kong.Name("backoffice"),
		kong.Description("The back office of one office: takes check-ins from stations, shows them to staff."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(streams{stdin, stdout, stderr}))
	if err != nil {
		fmt.Fprintln(stderr, "backoffice:", err)
		return exitCouldNot
	}
	call, err := parser.Parse(args)
	if exited >= 0 { // --help has printed itself
		return exited
	}
	if err != nil {
		fmt.Fprintf(stderr, "backoffice: %v\n  try: backoffice --help\n", err)
		return exitWrongCall
	}
	err = call.Run()
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "backoffice:", err)
	if errors.As(err, &wrongCall{}) {
		return exitWrongCall
	}
	return exitCouldNot
}

// streams are the standard streams, handed to commands.
type streams struct {
	in       io.Reader
	out, err io.Writer
}
