package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/alecthomas/kong"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/hardware"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// Exit statuses, the same for all of Foyer's commands.
const (
	statusGood    = 0
	statusNotGood = 1
	statusUsage   = 2
	statusFailed  = 3
)

// errNotYet ends a command that this version does not have.
var errNotYet = errors.New("not yet in this version")

// askTime bounds the question to a running kiosk.
const askTime = 10 * time.Second

type cli struct {
	Config string   `default:"/etc/foyer/station.toml" env:"FOYER_CONFIG" help:"The station's configuration." placeholder:"F"`
	Level  string   `default:"internal" enum:"internal,external,interactive" help:"How far the test goes; only internal so far."`
	Device []string `help:"Only these devices: document_reader, chip_reader, page_imager, camera, signature_pad, ticket_printer." placeholder:"ID"`
	Format string   `default:"text" enum:"text,json,tap,junit,prometheus" help:"text or json; the others not yet."`
	JSON   bool     `name:"json" help:"The same as --format json."`

	Test   struct{} `cmd:"" default:"1" help:"Test the devices (the default)."`
	Record struct{} `cmd:"" help:"Record a test's result (not yet)."`
	Chart  struct{} `cmd:"" help:"Chart recorded results (not yet)."`
}

// run is the whole command but for the process: arguments in, exit status out.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	done := -1
	parser, err := kong.New(&c, kong.Name("hwtest"), kong.Description("Which of the station's devices is ill, and what to do."),
		kong.Writers(stdout, stderr), kong.Exit(func(status int) { done = status }))
	if err != nil {
		fmt.Fprintln(stderr, "hwtest:", err)
		return statusFailed
	}
	parsed, err := parser.Parse(args)
	if done >= 0 { // --help has answered
		return done
	}
	if err == nil {
		err = c.known()
	}
	if err != nil {
		fmt.Fprintf(stderr, "hwtest: %v\nTry: hwtest --help\n", err)
		return statusUsage
	}
	report, err := c.test(ctx, parsed.Command())
	if err == nil {
		err = c.write(report, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "hwtest:", err)
		return statusFailed
	}
	if !report.Healthy() {
		return statusNotGood
	}
	return statusGood
}

// kinds are the devices of a station, in the order in which they are tested.
var kinds = []devices.Kind{
	devices.KindDocumentReader, devices.KindChipReader, devices.KindPageImager, devices.KindCamera, devices.KindSignaturePad, devices.KindTicketPrinter,
}

func (c *cli) known() error {
	for _, d := range c.Device {
		if !slices.Contains(kinds, devices.Kind(d)) {
			return fmt.Errorf("no device is called %q", d)
		}
	}
	return nil
}

func (c *cli) test(ctx context.Context, command string) (hwtest.Report, error) {
	if command != "test" || c.Level != "internal" || !slices.Contains([]string{"text", "json"}, c.Format) {
		return hwtest.Report{}, errNotYet
	}
	settings, err := config.Load(c.Config)
	if err != nil {
		return hwtest.Report{}, err
	}
	report, err := ask(ctx, settings.Socket)
	if errors.Is(err, fs.ErrNotExist) {
		return hwtest.Internal(ctx, c.probes(settings.Devices), time.Now), ctx.Err()
	}
	if err != nil {
		return report, fmt.Errorf("%w; if no kiosk runs, remove %s", err, settings.Socket)
	}
	report.Checks = slices.DeleteFunc(report.Checks, func(k hwtest.Check) bool { return !c.asked(k.Device) })
	return report, nil
}

// ask asks a running kiosk; fs.ErrNotExist says that there is none.
func ask(ctx context.Context, socket string) (hwtest.Report, error) {
	if _, err := os.Stat(socket); err != nil {
		return hwtest.Report{}, err
	}
	conn, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return hwtest.Report{}, err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	return hwtest.FromStation(ctx, technicianv1.NewTechnicianServiceClient(conn), time.Now)
}

func (c *cli) asked(kind devices.Kind) bool {
	return len(c.Device) == 0 || slices.Contains(c.Device, string(kind))
}

// probes are how each device that was asked for is opened.
func (c *cli) probes(settings config.Devices) []hwtest.Probe {
	h := hardware.New(settings)
	open := map[devices.Kind]func(context.Context) (devices.Device, error){
		devices.KindDocumentReader: func(ctx context.Context) (devices.Device, error) { return h.DocumentReader(ctx) },
		devices.KindChipReader:     func(ctx context.Context) (devices.Device, error) { return h.ChipReader(ctx) },
		devices.KindPageImager:     func(ctx context.Context) (devices.Device, error) { return h.PageImager(ctx) },
		devices.KindCamera:         func(ctx context.Context) (devices.Device, error) { return h.Camera(ctx) },
		devices.KindSignaturePad:   func(ctx context.Context) (devices.Device, error) { return h.SignaturePad(ctx) },
		devices.KindTicketPrinter:  func(ctx context.Context) (devices.Device, error) { return h.TicketPrinter(ctx) },
	}
	var probes []hwtest.Probe
	for _, kind := range kinds {
		if c.asked(kind) {
			probes = append(probes, hwtest.Probe{Kind: kind, Open: open[kind]})
		}
	}
	return probes
}

func (c *cli) write(r hwtest.Report, w io.Writer) error {
	if c.JSON || c.Format == "json" {
		return r.WriteJSON(w)
	}
	return r.WriteText(w)
}
