package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/world"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// The technician's own program beside the running station.

// ofTheStation is what hwtest is asked here: the computer that tests run on has no time server, and no service of systemd's.
var ofTheStation = []string{
	"document_reader", "chip_reader", "page_imager", "camera", "signature_pad", "ticket_printer", "kiosk", "outbox", "back_office", "trust_store",
	"certificate_station", "certificate_authority", "certificate_back_office",
}

// hwtest is a call of it that has not begun yet.
func (b *built) hwtest(args ...string) *exec.Cmd {
	c := exec.CommandContext(b.ctx, filepath.Join(b.programs, "hwtest"), append([]string{"--config", b.Settings(), "--no-history", "--language", "en"}, args...)...)
	c.Env = append(os.Environ(), append(b.World.Env(), "OPENCV_LOG_LEVEL=ERROR")...)
	return c
}

// tested calls hwtest, which must end with the status, and gives what it says, its lines joined.
func (b *built) tested(t *testing.T, status int, args ...string) string {
	t.Helper()
	said, err := b.hwtest(args...).CombinedOutput()
	if failed := (*exec.ExitError)(nil); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	got := 0
	if err != nil {
		got = err.(*exec.ExitError).ExitCode()
	}
	text := strings.Join(strings.Fields(string(said)), " ")
	if got != status || strings.Contains(text, "DATA RACE") {
		t.Errorf("hwtest %s ended with %d, want %d:\n%s", strings.Join(args, " "), got, status, said)
	}
	return text
}

// allTested tests everything of the station.
func (b *built) allTested(t *testing.T, status int) string {
	t.Helper()
	var args []string
	for _, d := range ofTheStation {
		args = append(args, "--device", d)
	}
	return b.tested(t, status, args...)
}

func (b *built) testedWhileWell(t *testing.T) {
	text := b.allTested(t, 0)
	mustSay(t, text, "the running kiosk was asked", "in service, linked to the back office", "All is well.",
		"+ document reader", "+ chip reader", "+ page imager", "+ camera", "+ signature pad Wacom STU-530 usb 1-1", "+ ticket printer", "trust store")
}

// unplugged: each device is pulled out and put in again under the running station.
func (b *built) testedUnplugged(t *testing.T) {
	for _, d := range b.plugs(t) {
		t.Run(d.kind, func(t *testing.T) {
			d.out()
			b.wait(t, "it is missed", state(d.kind, "no_device"))
			name := strings.ReplaceAll(d.kind, "_", " ")
			text := b.tested(t, 1, "--device", d.kind)
			mustSay(t, text, "Somebody is needed here: "+name, "not there", "-> check that it is plugged in and powered")
			mustSay(t, text, d.where...)
			d.in()
			b.wait(t, "it is back", online(d.kind))
			mustSay(t, b.tested(t, 0, "--device", d.kind), "All is well.")
		})
	}
}

func state(kind, state string) func(*technicianv1.GetStatusResponse) bool {
	return func(s *technicianv1.GetStatusResponse) bool {
		return slices.ContainsFunc(s.GetDevices(), func(d *technicianv1.DeviceStatus) bool { return d.GetKind() == kind && d.GetState() == state })
	}
}

// plugged is a device with its plug.
type plugged struct {
	kind    string
	where   []string // what hwtest says of it and its place while it is not there: where it is to be, or where it was until when
	out, in func()
}

func (b *built) plugs(t *testing.T) []plugged {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w := b.World
	node := w.Printer.Path()
	return []plugged{
		{"document_reader", []string{"usb 1-"}, func() { w.Bus.Unplug(world.ReaderPort) }, func() { must(w.Bus.Plug(world.ReaderPort, w.Reader.Device)) }},
		{"chip_reader", nil, func() { must(w.Chips.Unplug(b.ctx)) }, func() { must(w.Chips.Plug(b.ctx)) }}, // a name of pcscd's is no place
		{"page_imager", []string{"OpenCV gstreamer", " tcpclientsrc host="}, w.Glass.Unplug, func() { must(w.Glass.Plug()) }},
		{"camera", []string{"OpenCV gstreamer", " tcpclientsrc host="}, w.Hall.Unplug, func() { must(w.Hall.Plug()) }},
		{"signature_pad", []string{"usb 1-"}, func() { w.Bus.Unplug(world.PadPort) }, func() { must(w.Bus.Plug(world.PadPort, w.Pad.Device)) }},
		{"ticket_printer", []string{"EPSON TM-T88V", " /"}, func() { must(w.Printer.Close()) }, func() {
			must(w.Printer.Plug())
			must(os.MkdirAll(filepath.Dir(node), 0o700))
			must(os.Symlink(w.Printer.Path(), node)) // as udev does: the name stays
		}},
	}
}

// testedAfterTheVisitor: the test waits for whoever is at the station, who notices nothing, and then has the devices.
func (b *built) testedAfterTheVisitor(t *testing.T) {
	s := b.comes(t, 0, specimen.Genuine)
	test := b.hwtest("--level", "external", "--device", "signature_pad")
	var said *bufio.Reader
	waits := make(chan string, 1)
	b.visit(t, plan{want: usual, when: map[string]func(){"portrait": func() {
		said = begin(t, test)
		go func() { line, _ := said.ReadString('\n'); waits <- line }()
		select {
		case line := <-waits:
			mustSay(t, line, "waiting until the visitor at the station has left")
		case <-b.ctx.Done():
			t.Error("hwtest says nothing")
		}
	}}})
	rest, err := io.ReadAll(said)
	if err := errors.Join(err, test.Wait()); err != nil {
		t.Errorf("%v:\n%s", err, rest)
	}
	mustSay(t, strings.Join(strings.Fields(string(rest)), " "), "the station's devices are lent", "the running kiosk lent its devices", "+ signature pad", "display", "All is well.")
	b.ticket(t)
	mustSay(t, b.received(t, "brandt"), s.Person.DocumentNumber)
	b.wait(t, "the pad is back", online("signature_pad"))
	b.shows(t, "greeting")
}

// begin starts a command, and gives what it writes to both its outputs.
func begin(t *testing.T, c *exec.Cmd) *bufio.Reader {
	t.Helper()
	out, end, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	c.Stdout, c.Stderr = end, end
	if err := errors.Join(c.Start(), end.Close()); err != nil {
		t.Fatal(err)
	}
	return bufio.NewReader(out)
}

// testerKilled: a test that is killed while it has the devices gives them back by that.
func (b *built) testerKilled(t *testing.T) {
	test := b.hwtest("--level", "interactive", "--device", "signature_pad")
	answers, err := test.StdinPipe() // which nobody gives
	if err != nil {
		t.Fatal(err)
	}
	defer answers.Close()
	said := begin(t, test)
	for line := ""; !strings.Contains(line, "Draw along the line"); {
		if line, err = said.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	b.shows(t, "tested")
	if err := test.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	test.Wait()
	b.shows(t, "greeting")
	b.wait(t, "the pad is back", online("signature_pad"))
	mustSay(t, b.tested(t, 0, "--device", "signature_pad", "--device", "kiosk"), "All is well.")
}

// shows waits until the station shows a screen.
func (b *built) shows(t *testing.T, screen string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	watching, err := b.Station.WatchScreen(ctx, &technicianv1.WatchScreenRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		shown, err := watching.Recv()
		if err != nil {
			t.Fatalf("wait for %s: %v", screen, err)
		}
		if shown.GetScreen() == screen {
			return
		}
	}
}

func (b *built) testedWithoutOffice(t *testing.T) {
	if err := b.StopOffice(); err != nil {
		t.Fatal(err)
	}
	b.wait(t, "the station is cut off", func(s *technicianv1.GetStatusResponse) bool { return !s.GetLinked() })
	mustSay(t, b.allTested(t, 1), "in service, cut off from the back office", "Somebody is needed here: back office", "nobody takes connections at 127.0.0.1:", "-> check that the back office runs at")
	if err := b.StartOffice(b.ctx); err != nil {
		t.Fatal(err)
	}
	b.wait(t, "the station is linked", func(s *technicianv1.GetStatusResponse) bool { return s.GetLinked() })
	mustSay(t, b.allTested(t, 0), "All is well.")
}
