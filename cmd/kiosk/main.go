// Command kiosk is the visitor's touchscreen app: it serves one check-in after another until it is told to end.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the office's time zone, on machines without a database of them

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"github.com/alecthomas/kong"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/devices/finger"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/bench"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/technician"
	"github.com/foyer-station/foyer/ui"
	"github.com/foyer-station/foyer/ui/padsheet"
	"github.com/foyer-station/foyer/ui/ticket"
	"github.com/foyer-station/foyer/verify/picture"
)

type cli struct {
	Config   string `default:"/etc/foyer/station.toml" env:"FOYER_CONFIG" help:"The station's configuration." placeholder:"F"`
	Windowed bool   `help:"A window instead of the whole screen."`
	Verbose  bool   `help:"Log every screen."`
}

func main() {
	picture.ServeIfChild()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var c cli
	status := command.Run("kiosk", &c, os.Args[1:], os.Stdout, os.Stderr, func(*kong.Context) error { return run(ctx, c) },
		kong.Description("The visitor's touchscreen app of a Foyer station."))
	stop()
	os.Exit(status)
}

// run builds the house, then lends its goroutine to Fyne until ctx ends: a window belongs to the main thread.
func run(ctx context.Context, c cli) error {
	settings, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	h, err := open(ctx, settings, log)
	if err != nil {
		return err
	}
	board := technician.NewBoard()
	screen, err := newScreen(c.Windowed, board, h.finger)
	if err != nil {
		return errors.Join(err, h.close())
	}
	tickets, err := ticket.NewPrinter()
	if err != nil {
		return errors.Join(err, h.close())
	}
	sheets, err := padsheet.New(settings.Devices.Pad.Picture)
	if err != nil {
		return errors.Join(command.CannotRun(err, "name a picture in devices.signature_pad.picture, or none"), h.close())
	}
	tests, err := newBench(settings, c.Config, screen.ui, log)
	if err != nil {
		return errors.Join(err, h.close())
	}
	made := h.station(screen.ui, tickets.Draw, sheets)
	made.Technician = func(present bool) { tests.Do(comesOrGoes(present)) }
	station := kiosk.New(made)
	screen.touched, screen.tests = station.Send, tests.Do

	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- h.run(ctx, station, tests, screen.ui, board)
		fyne.Do(screen.app.Driver().Quit) // the application's own Quit breaks where Fyne has heard the signal too, and was quicker
	}()
	screen.ui.Window().ShowAndRun()
	cancel() // the window may have been closed by hand
	err = <-ended
	if errors.Is(err, context.Canceled) { // told to end: what closing says counts all the same
		err = nil
	}
	return errors.Join(err, h.close())
}

// screen is the window, and where its touches go: the station, which is made after it.
type screen struct {
	app     fyne.App
	ui      *ui.UI
	touched func(flow.Event)
	tests   func(bench.Command) // and those of a technician: the bench
}

func newScreen(windowed bool, board *technician.Board, signing *finger.Screen) (*screen, error) {
	s := &screen{app: app.NewWithID("station.foyer.kiosk")}
	o := ui.Options{Windowed: windowed, Publish: board.Publish, Bench: func(c bench.Command) { s.tests(c) }}
	if signing != nil {
		o.Sign = signing.Touch
	}
	var err error
	s.ui, err = ui.New(s.app, func(e flow.Event) { s.touched(e) }, o)
	return s, err
}
