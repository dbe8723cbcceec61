package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/wording"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/hardware"
	"github.com/foyer-station/foyer/kiosk/link"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
	"github.com/foyer-station/foyer/proto/mutual"
	"github.com/foyer-station/foyer/verify"
)

// program is what this command is called.
const program = "hwtest"

// askTime bounds the question to a running kiosk.
const askTime = 10 * time.Second

type cli struct {
	Config string   `default:"/etc/foyer/station.toml" env:"FOYER_CONFIG" help:"The station's configuration." placeholder:"F"`
	Level  string   `default:"internal" enum:"internal,external,interactive" help:"How far the test goes; only internal so far."`
	Device []string `help:"Only these devices: document_reader, chip_reader, page_imager, camera, signature_pad, ticket_printer." placeholder:"ID"`
	Format string   `default:"text" enum:"text,json,tap,junit,prometheus" help:"text, json or prometheus; the others not yet."`
	JSON   bool     `name:"json" help:"The same as --format json."`

	Language string `help:"What reasons and remedies are in: de or en; as the terminal's language, else English." placeholder:"TAG"`

	NoKiosk bool `name:"no-kiosk" help:"On a bench: open the devices, and do not expect a kiosk or certificates."`

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
			return command.CannotRun(fmt.Errorf("write the report: %w", err), "check where the output goes: a full disk, a closed pipe")
		}
		if !report.Healthy() {
			return command.ErrNotGood
		}
		return nil
	}, kong.Description("Which of the station's devices are ill, and what to do about it."))
}

// kinds are the devices of a station, in the order in which they are tested.
var kinds = []devices.Kind{
	devices.KindMRZReader, devices.KindChipReader, devices.KindPageImager, devices.KindCamera, devices.KindSignaturePad, devices.KindTicketPrinter,
}

func (c *cli) test(ctx context.Context, chosen string) (hwtest.Report, error) {
	for _, d := range c.Device {
		if !slices.Contains(kinds, devices.Kind(d)) {
			return hwtest.Report{}, command.WrongCall(fmt.Errorf("no device is called %q", d), "hwtest --help names them")
		}
	}
	if c.Language != "" && !slices.Contains(wording.Languages(), c.Language) {
		return hwtest.Report{}, command.WrongCall(fmt.Errorf("no words in %q", c.Language), "hwtest --language "+strings.Join(wording.Languages(), ", or "))
	}
	if chosen != "test" || c.Level != "internal" || !slices.Contains([]string{"text", "json", "prometheus"}, c.Format) {
		return hwtest.Report{}, command.CannotRun(errors.New("not yet in this version"), "hwtest --level internal --format text, or json")
	}
	settings, err := config.Load(c.Config)
	if err != nil {
		return hwtest.Report{}, command.CannotRun(err, "name the station's configuration with --config; docs/operations.md explains it")
	}
	if c.NoKiosk {
		return hwtest.Internal(ctx, c.probes(settings.Devices), time.Now), ctx.Err()
	}
	report, err := ask(ctx, settings.Socket)
	switch {
	case errors.Is(err, errNobody):
		return c.direct(ctx, settings), ctx.Err()
	case errors.Is(err, errHangs):
		report.Add(hwtest.KioskIll(err.Error(), "systemctl restart foyer-kiosk, and keep its log: journalctl -u foyer-kiosk"))
		return report, nil
	case errors.Is(err, errOdd):
		report.Add(hwtest.KioskIll(err.Error(), "is it the kiosk that holds "+settings.Socket+", and of this version? systemctl restart foyer-kiosk"))
		return report, nil
	case errors.Is(err, fs.ErrPermission):
		return report, command.CannotRun(err, "run it as the station's user, or as a member of its group")
	case err != nil:
		return report, command.CannotRun(err, "start the kiosk again, and check its log")
	}
	report.Checks = slices.DeleteFunc(report.Checks, func(k hwtest.Check) bool { return !c.asked(k.Device) })
	if len(report.Checks) == 0 {
		return report, command.CannotRun(errors.New("the running kiosk does not know that device"), "run the hwtest of the kiosk's own version")
	}
	return report, nil
}

// direct opens the devices. That no kiosk runs is told too, unless single devices were asked for: nobody can check in.
func (c *cli) direct(ctx context.Context, settings config.Config) hwtest.Report {
	report := hwtest.Internal(ctx, c.probes(settings.Devices), time.Now)
	if len(c.Device) > 0 {
		return report
	}
	report.Add(noKiosk(settings))
	b := settings.BackOffice
	report.Add(kiosk.CertificateStatus(mutual.Read(link.Files(b.Certificate, b.Key, b.Authority)...), time.Now())...)
	return report
}

// noKiosk says that no kiosk runs, and why none would start, where the configuration tells.
func noKiosk(settings config.Config) *technicianv1.DeviceStatus {
	if policy := settings.Verify.Policy; policy != "" {
		if _, err := verify.LoadPolicy(policy); err != nil {
			return hwtest.KioskIll("no kiosk is running, and none would start: "+err.Error(), "doccheck policy explain "+policy+"; then systemctl start foyer-kiosk")
		}
	}
	return hwtest.KioskIll("no kiosk is running: nothing answers at "+settings.Socket,
		"systemctl start foyer-kiosk; journalctl -u foyer-kiosk -n 50 says why it ended; on a bench run hwtest --no-kiosk")
}

var (
	// errNobody says that no kiosk runs, so that its devices are free.
	errNobody = errors.New("no kiosk is running")
	// errHangs says that somebody holds the socket and does not answer.
	errHangs = errors.New("the kiosk hangs: it holds its socket and does not answer")
	// errOdd says that what it answers is nothing that a kiosk says.
	errOdd = errors.New("the kiosk does not answer as a kiosk should")
)

// ask asks a running kiosk. A socket that nobody serves was left by one that was killed.
func ask(ctx context.Context, socket string) (hwtest.Report, error) {
	knock, err := net.DialTimeout("unix", socket, askTime)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return hwtest.Report{}, errNobody
	}
	asked := hwtest.Report{At: time.Now(), Level: "internal", Source: "station"}
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, os.ErrDeadlineExceeded) { // nobody takes calls from the queue
		return asked, errHangs
	}
	if err != nil {
		return asked, fmt.Errorf("ask the running kiosk: %w", err)
	}
	knock.Close()
	conn, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return hwtest.Report{}, err
	}
	defer conn.Close()
	asking, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	report, err := hwtest.FromStation(asking, technicianv1.NewTechnicianServiceClient(conn), time.Now)
	switch code := status.Code(err); {
	case err == nil || ctx.Err() != nil:
		return report, err
	case code == codes.DeadlineExceeded || code == codes.Unavailable:
		return asked, errHangs
	default:
		return asked, fmt.Errorf("%w: %s", errOdd, code)
	}
}

func (c *cli) asked(kind devices.Kind) bool {
	return len(c.Device) == 0 || slices.Contains(c.Device, string(kind))
}

// probes are how each device that was asked for is opened.
func (c *cli) probes(settings config.Devices) []hwtest.Probe {
	h := hardware.New(settings)
	open := map[devices.Kind]func(context.Context) (devices.Device, error){
		devices.KindMRZReader:     func(ctx context.Context) (devices.Device, error) { return h.MRZReader(ctx) },
		devices.KindChipReader:    func(ctx context.Context) (devices.Device, error) { return h.ChipReader(ctx) },
		devices.KindPageImager:    func(ctx context.Context) (devices.Device, error) { return h.PageImager(ctx) },
		devices.KindCamera:        func(ctx context.Context) (devices.Device, error) { return h.Camera(ctx) },
		devices.KindSignaturePad:  func(ctx context.Context) (devices.Device, error) { return h.SignaturePad(ctx) },
		devices.KindTicketPrinter: func(ctx context.Context) (devices.Device, error) { return h.TicketPrinter(ctx) },
	}
	var probes []hwtest.Probe
	for _, kind := range kinds {
		none := kind == devices.KindMRZReader && settings.MRZReader.None() || kind == devices.KindSignaturePad && settings.Pad.None()
		if c.asked(kind) && !none {
			probes = append(probes, hwtest.Probe{Kind: kind, Open: open[kind]})
		}
	}
	return probes
}

func (c *cli) write(r hwtest.Report, w io.Writer) error {
	words, err := wording.Load(c.language())
	switch {
	case err != nil:
		return err
	case c.JSON || c.Format == "json":
		return r.WriteJSON(w, words)
	case c.Format == "prometheus":
		return r.WritePrometheus(w)
	}
	return r.WriteText(w, words)
}

// language is what the report is written in: what was asked for, or what the terminal's locale begins with, if there are words.
func (c *cli) language() string {
	if c.Language != "" {
		return c.Language
	}
	for _, variable := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} { // the first that is set counts (POSIX, 8.2)
		if locale := os.Getenv(variable); locale != "" {
			if tag := locale[:min(len(locale), 2)]; slices.Contains(wording.Languages(), tag) {
				return tag
			}
			break
		}
	}
	return "en"
}
