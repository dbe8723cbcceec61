package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/hardware"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// program is what this command is called.
const program = "hwtest"

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
	return command.Run(program, &c, args, stdout, stderr, func(chosen *kong.Context) error {
		report, err := c.test(ctx, chosen.Command())
		if err != nil {
			return err
		}
		if err := c.write(report, stdout); err != nil {
			return command.CannotRun(fmt.Errorf("write the report: %w", err), "look where the output goes: a full disk, a closed pipe")
		}
		if !report.Healthy() {
			return command.ErrNotGood
		}
		return nil
	}, kong.Description("Which of the station's devices is ill, and what to do."))
}

// kinds are the devices of a station, in the order in which they are tested.
var kinds = []devices.Kind{
	devices.KindDocumentReader, devices.KindChipReader, devices.KindPageImager, devices.KindCamera, devices.KindSignaturePad, devices.KindTicketPrinter,
}

func (c *cli) test(ctx context.Context, chosen string) (hwtest.Report, error) {
	for _, d := range c.Device {
		if !slices.Contains(kinds, devices.Kind(d)) {
			return hwtest.Report{}, command.WrongCall(fmt.Errorf("no device is called %q", d), "hwtest --help names them")
		}
	}
	if chosen != "test" || c.Level != "internal" || !slices.Contains([]string{"text", "json"}, c.Format) {
		return hwtest.Report{}, command.CannotRun(errors.New("not yet in this version"), "hwtest --level internal --format text, or json")
	}
	settings, err := config.Load(c.Config)
	if err != nil {
		return hwtest.Report{}, command.CannotRun(err, "name the station's configuration with --config; docs/operations.md explains it")
	}
	report, err := ask(ctx, settings.Socket)
	switch {
	case errors.Is(err, errNobody):
		return hwtest.Internal(ctx, c.probes(settings.Devices), time.Now), ctx.Err()
	case errors.Is(err, fs.ErrPermission):
		return report, command.CannotRun(err, "call it as the station's user, or as a member of its group")
	case err != nil:
		return report, command.CannotRun(err, "start the kiosk again, and look at its log")
	}
	report.Checks = slices.DeleteFunc(report.Checks, func(k hwtest.Check) bool { return !c.asked(k.Device) })
	if len(report.Checks) == 0 {
		return report, command.CannotRun(errors.New("the running kiosk knows nothing of that"), "call the hwtest of the kiosk's own version")
	}
	return report, nil
}

// errNobody says that no kiosk runs, so that its devices are free.
var errNobody = errors.New("no kiosk runs")

// ask asks a running kiosk. A socket that nobody serves was left by one that was killed.
func ask(ctx context.Context, socket string) (hwtest.Report, error) {
	knock, err := net.DialTimeout("unix", socket, askTime)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return hwtest.Report{}, errNobody
	}
	if err != nil {
		return hwtest.Report{}, fmt.Errorf("ask the running kiosk: %w", err)
	}
	knock.Close()
	conn, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
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
		if c.asked(kind) && !(kind == devices.KindDocumentReader && settings.DocumentReader.None()) {
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
