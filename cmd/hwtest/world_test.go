package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/foyer-station/foyer/backoffice/ca"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emulate/pcsc"
	"github.com/foyer-station/foyer/emulate/printer"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/world"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/hardware"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// scene is what one script has around it.
type scene struct {
	world   *world.World
	office  *grpc.Server
	at      string // the office's address
	watcher *watcher
	lent    chan bool // has a value for each time that the kiosk lent its devices, and for each that it has them back
}

func sceneOf(ts *testscript.TestScript) *scene { return ts.Value("scene").(*scene) }

// aWorld FILE is an emulated station's hardware, and FILE its configuration.
func aWorld(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	w, err := world.New(ctx, ts.MkAbs("."), pcsc.Options{})
	ts.Check(err)
	ts.Defer(func() { ts.Check(w.Close()) })
	for _, variable := range w.Env() {
		name, value, _ := strings.Cut(variable, "=")
		ts.Setenv(name, value)
	}
	s := sceneOf(ts)
	s.world = w
	leds := w.LEDs()
	text := fmt.Sprintf(`state_dir = "state"
socket = "technician.sock"
[back_office]
address = %q
certificate = "station-1.pem"
key = "station-1.key"
authority = "ca.pem"
[verify]
trust_store = "trust"
[devices.camera]
backend = "gstreamer"
source = %q
[devices.page_imager]
dpi = %d
led_dir = %q
[devices.page_imager.camera]
backend = "gstreamer"
source = %q
[devices.page_imager.leds]
visible = %q
infrared = %q
ultraviolet = %q
[devices.printer]
path = %q
`, orNobody(s.at), w.Hall.Pipeline(), specimen.DPI, leds.Folder, w.Glass.Pipeline(), leds.Visible, leds.Infrared, leds.Ultraviolet, w.Printer.Path())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
	ts.Check(os.MkdirAll(ts.MkAbs("state"), 0o700))
}

func orNobody(address string) string {
	if address == "" {
		return "127.0.0.1:1"
	}
	return address
}

// break DEVICE FAULT makes a device misbehave: gone, mute, broken; well makes it well again.
func breaks(ts *testscript.TestScript, _ bool, args []string) {
	device, fault := args[0], args[1]
	w := sceneOf(ts).world
	switch device {
	case "pad":
		breakUSB(ts, w.Bus, world.PadPort, w.Pad.Device, fault)
	case "reader":
		breakUSB(ts, w.Bus, world.ReaderPort, w.Reader.Device, fault)
	case "camera", "imager":
		plug, unplug, pipeline := w.Hall.Plug, w.Hall.Unplug, w.Hall.Pipeline
		if device == "imager" {
			plug, unplug, pipeline = w.Glass.Plug, w.Glass.Unplug, w.Glass.Pipeline
		}
		if fault == "well" {
			ts.Check(plug())
			return
		}
		unplug()
		if fault == "mute" {
			mute(ts, pipeline())
		}
	case "lamp":
		ts.Check(os.Rename(filepath.Join(w.LEDs().Folder, w.LEDs().Ultraviolet), ts.MkAbs("burnt-out")))
	case "chips":
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		ts.Check(w.Chips.Unplug(ctx))
	case "printer":
		w.Printer.Set(map[string]printer.Condition{
			"mute": {Silent: true}, "out": {PaperOut: true}, "low": {PaperLow: true}, "open": {CoverOpen: true}, "broken": {Broken: true}, "well": {},
		}[fault])
	default:
		ts.Fatalf("no device is called %s", device)
	}
}

// mute takes connections where a camera was, and sends no picture.
func mute(ts *testscript.TestScript, pipeline string) {
	_, port, _ := strings.Cut(pipeline, " port=")
	port, _, _ = strings.Cut(port, " ")
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
}

func breakUSB(ts *testscript.TestScript, bus *usb.Bed, port string, device *usb.Device, fault string) {
	bus.Unplug(port)
	kind, known := map[string]usb.Fault{"gone": usb.Healthy, "well": usb.Healthy, "mute": usb.Silence, "broken": usb.Stall, "loose": usb.Loose, "babbling": usb.Endless}[fault]
	if !known {
		ts.Fatalf("no fault is called %s", fault)
	}
	device.Break(kind)
	if fault != "babbling" {
		device.BreakControl(kind)
	}
	if fault != "gone" {
		ts.Check(bus.Plug(port, device))
	}
}

// says PATTERN... is what the last command told, wherever its lines were broken.
func says(ts *testscript.TestScript, neg bool, args []string) {
	said := strings.Join(strings.Fields(ts.ReadFile("stdout")), " ")
	for _, want := range args {
		if strings.Contains(said, want) == neg {
			ts.Fatalf("says %q is %v in:\n%s", want, neg, ts.ReadFile("stdout"))
		}
	}
}

// fits is a text of at most 24 lines of 80 columns, but for a path that is longer by itself.
func fits(ts *testscript.TestScript, _ bool, _ []string) {
	lines := strings.Split(strings.TrimSuffix(ts.ReadFile("stdout"), "\n"), "\n")
	for _, l := range lines {
		if len([]rune(l)) > 80 && len(strings.Fields(l)) > 1 {
			ts.Fatalf("more than 80 columns: %s", l)
		}
	}
	if len(lines) > 24 {
		ts.Fatalf("%d lines:\n%s", len(lines), strings.Join(lines, "\n"))
	}
}

// environ is the script's environment for a command that this process starts.
func environ(ts *testscript.TestScript) (all []string) {
	for _, name := range []string{"PATH", "HOME", "LD_PRELOAD", "UMOCKDEV_DIR", "PCSCLITE_CSOCK_NAME", "COMPUTER", "OPENCV_LOG_LEVEL"} {
		all = append(all, name+"="+ts.Getenv(name))
	}
	return all
}

// hold FILE KIND is another program that has a device, until the script ends.
func hold(ts *testscript.TestScript, _ bool, args []string) {
	holder := exec.Command(filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "holder"), ts.MkAbs(args[0]), args[1])
	holder.Env = environ(ts)
	out, err := holder.StdoutPipe()
	ts.Check(err)
	ts.Check(holder.Start())
	ts.Defer(func() { holder.Process.Kill(); holder.Wait() })
	if said, err := bufio.NewReader(out).ReadString('\n'); said != "held\n" {
		ts.Fatalf("it is not held: %q, %v", said, err)
	}
}

// holder is the program of hold.
func holder() {
	settings, err := config.Load(os.Args[1])
	if err == nil {
		_, err = opener(hardware.New(settings.Devices), devices.Kind(os.Args[2]))(context.Background())
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("held")
	select {}
}

// as-nobody STATUS ARGS... calls hwtest as a user who may do nothing.
func asNobody(ts *testscript.TestScript, _ bool, args []string) {
	bin := filepath.SplitList(ts.Getenv("PATH"))[0]
	for _, dir := range []string{ts.MkAbs("."), bin} {
		for ; dir != "/" && dir != os.TempDir(); dir = filepath.Dir(dir) {
			ts.Check(os.Chmod(dir, 0o755))
		}
	}
	const nobody = 65534
	c := exec.Command(filepath.Join(bin, "hwtest"), args[1:]...)
	c.Env, c.Dir = environ(ts), ts.MkAbs(".")
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: true}}
	out, err := c.CombinedOutput()
	if c.ProcessState == nil || strconv.Itoa(c.ProcessState.ExitCode()) != args[0] {
		ts.Fatalf("%v, want exit status %s:\n%s", err, args[0], out)
	}
	ts.Check(os.WriteFile(ts.MkAbs("nobody"), out, 0o644))
}

// interrupt ARGS... calls hwtest, and Ctrl-C once a device is being opened; it must end soon, with status 3.
func interrupt(ts *testscript.TestScript, _ bool, args []string) { interruptBy(ts, os.Interrupt, args) }

// close-terminal ARGS... is the same with a terminal that is closed.
func closeTerminal(ts *testscript.TestScript, _ bool, args []string) {
	hear := make(chan os.Signal, 1)
	signal.Notify(hear, syscall.SIGHUP) // whoever runs the tests may ignore it, as nohup does, and what they start would, too
	defer signal.Stop(hear)
	interruptBy(ts, syscall.SIGHUP, args)
}

func interruptBy(ts *testscript.TestScript, how os.Signal, args []string) {
	c := exec.Command(filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "hwtest"), args...)
	c.Env, c.Dir = environ(ts), ts.MkAbs(".")
	var said strings.Builder
	c.Stderr = &said
	w := sceneOf(ts).world
	ts.Check(c.Start())
	for deadline := time.Now().Add(time.Minute); !w.Bus.Held(world.PadPort); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			c.Process.Kill()
			ts.Fatalf("nobody opens the pad")
		}
	}
	began := time.Now()
	ts.Check(c.Process.Signal(how))
	c.Wait()
	if status := c.ProcessState.ExitCode(); status != 3 || !strings.Contains(said.String(), "hwtest: interrupted") {
		ts.Fatalf("exit status %d after %s:\n%s", status, time.Since(began), said.String())
	}
	for deadline := time.Now().Add(time.Minute); w.Bus.Held(world.PadPort) || !w.Bus.Bound(world.PadPort); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("the pad is still held: %v; the kernel's driver has it again: %v", w.Bus.Held(world.PadPort), w.Bus.Bound(world.PadPort))
		}
	}
	ts.Logf("it ended %s after the interrupt", time.Since(began).Round(time.Millisecond))
}

// within DURATION COMMAND... is exits 1 and that long at most.
func within(ts *testscript.TestScript, _ bool, args []string) {
	most, err := time.ParseDuration(args[0])
	ts.Check(err)
	began := time.Now()
	exits(ts, false, append([]string{"1"}, args[1:]...))
	took := time.Since(began)
	ts.Logf("it took %s", took.Round(time.Millisecond))
	if took > most {
		ts.Fatalf("it took %s, more than %s", took, most)
	}
}

// office [OFFSET] is a back office whose clock is off by that much, until the script ends or stop-office. Certificates are certify's.
func office(ts *testscript.TestScript, _ bool, args []string) {
	offset := time.Duration(0)
	if len(args) > 0 {
		var err error
		offset, err = time.ParseDuration(args[0])
		ts.Check(err)
	}
	authority, err := ca.OpenAuthority(ts.MkAbs("."), time.Now().Add(-time.Hour))
	ts.Check(err)
	ts.Check(authority.Server("server", "127.0.0.1"))
	pair, err := tls.LoadX509KeyPair(ts.MkAbs("server.pem"), ts.MkAbs("server.key"))
	ts.Check(err)
	pem, err := os.ReadFile(ts.MkAbs("ca.pem"))
	ts.Check(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	s := sceneOf(ts)
	s.at = listener.Addr().String()
	s.office = grpc.NewServer(grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS13,
	})))
	stationv1.RegisterStationServiceServer(s.office, clockwork{offset: offset})
	ended := make(chan error, 1)
	go func() { ended <- s.office.Serve(listener) }()
	ts.Defer(func() { s.office.Stop(); <-ended })
}

func stopOffice(ts *testscript.TestScript, _ bool, _ []string) { sceneOf(ts).office.Stop() }

// clockwork is a back office that says what time it is.
type clockwork struct {
	stationv1.UnimplementedStationServiceServer
	offset time.Duration
}

// GetOffice implements the service.
func (c clockwork) GetOffice(context.Context, *stationv1.GetOfficeRequest) (*stationv1.GetOfficeResponse, error) {
	return &stationv1.GetOfficeResponse{Now: timestamppb.New(time.Now().Add(c.offset))}, nil
}
