// Command emulate starts the emulated world, a back office, and a real station in it:
//
//	emulate --visitor forged -- kiosk --windowed
//
// With a display somebody touches the screen, and only the hands that lay down documents and sign are played. Without one
// a visitor goes through by a script on a virtual display, and pictures of every screen, of the console, and the ticket
// are left behind.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/emulate/house"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/world"
)

type cli struct {
	Visitor  string   `default:"genuine" help:"Who comes: ${visitors}."`
	Person   string   `help:"Which person of Utopia; the first if not given." placeholder:"ID"`
	Language string   `default:"de" enum:"de,en,ar,uk" help:"What the scripted visitor speaks: ${enum}."`
	Service  string   `default:"residence-permit" help:"What the scripted visitor comes for: residence-permit, collect-card, appointment."`
	Devices  []string `help:"Devices in the place of the usual ones: ${others}. Several document readers are as many visits, one after the other." placeholder:"NAME,..."`
	Script   bool     `help:"Play the visitor's finger too, on a virtual display; this is the default where there is no display."`
	Out      string   `default:"out" type:"path" help:"Where the pictures and the ticket go." placeholder:"DIR"`
	Dir      string   `default:"var/house" type:"path" help:"Where the programs keep their data and log.txt; certificates and passwords are kept from run to run." placeholder:"DIR"`
	Grpc     string   `help:"Where stations connect to the back office; a free port if not given." placeholder:"ADDR"`
	Console  string   `default:"127.0.0.1:8080" help:"Where staff connect; port 0 picks a free one." placeholder:"ADDR"`
	Command  []string `arg:"" passthrough:"" help:"The station's program and its arguments, after --."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := call(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// call is the whole command: it gives the exit status.
func call(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	return command.Run("emulate", &c, args, stdout, stderr, func(*kong.Context) error {
		if err := c.run(ctx); !errors.Is(err, context.Canceled) { // somebody ends it: that is how it ends with a display
			return err
		}
		return nil
	},
		kong.Description("A real station in a world without hardware."), kong.Vars{
			"visitors": strings.Join(visitors(), ", "), "others": strings.Join(world.Others(), ", "),
		})
}

func (c cli) run(ctx context.Context) error {
	c.Command = slices.DeleteFunc(c.Command, func(word string) bool { return word == "--" })
	if len(c.Command) == 0 {
		return command.WrongCall(errors.New("no program"), "emulate -- kiosk --windowed")
	}
	if err := c.checkNames(); err != nil {
		return err
	}
	if err := c.checkAddresses(ctx); err != nil {
		return err
	}
	rounds, err := world.Rounds(c.Devices)
	if err != nil {
		return command.WrongCall(err, "emulate --devices "+strings.Join(world.Others(), ",")+" -- kiosk --windowed")
	}
	if err := errors.Join(os.MkdirAll(c.Dir, 0o700), os.MkdirAll(c.Out, 0o755)); err != nil {
		return err
	}
	maker, err := specimen.NewMaker(1, time.Now())
	if err != nil {
		return err
	}
	pieces, err := party(maker, c.Visitor, indexOf(maker.People(), c.Person))
	if err != nil {
		return err
	}
	log, err := c.log()
	if err != nil {
		return err
	}
	defer log.Close()
	options := house.Options{
		Dir: c.Dir, Programs: filepath.Dir(program()), Kiosk: c.Command, GRPC: c.Grpc, Console: c.Console, Specimens: maker, Log: log,
	}
	return c.visits(ctx, options, pieces, rounds)
}

// visits sends a visitor to a station with each of the devices, or lets somebody at the display be the visitor.
func (c cli) visits(ctx context.Context, options house.Options, pieces []piece, rounds [][]string) error {
	scripted := c.Script || os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == ""
	if !scripted && len(rounds) > 1 {
		return command.WrongCall(errors.New("one station has one document reader"), "emulate --devices "+rounds[0][0]+" -- kiosk --windowed")
	}
	for _, devices := range rounds {
		options.Devices = devices
		if !scripted {
			return c.attended(ctx, options, pieces)
		}
		each := c
		if len(rounds) > 1 {
			each.Out = filepath.Join(c.Out, devices[0])
			fmt.Println("with", devices[0])
		}
		if err := os.MkdirAll(each.Out, 0o755); err != nil {
			return err
		}
		if err := each.scripted(ctx, options, pieces); err != nil {
			return err
		}
	}
	return nil
}

func (c cli) logFile() string { return filepath.Join(c.Dir, "log.txt") }

func (c cli) log() (*os.File, error) { return os.Create(c.logFile()) }

// program is this one's path; the others lie beside it.
func program() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}
