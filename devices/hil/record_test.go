package hil_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/accessis"
	"github.com/foyer-station/foyer/devices/elyctis"
	"github.com/foyer-station/foyer/devices/stu"
	"github.com/foyer-station/foyer/devices/stu/protocol"
	"github.com/foyer-station/foyer/devices/usbmon"
	emulated "github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/tty"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

var somebody = []string{"P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"}

// record has hwtest record a kind of device while it is used, and gives the capture.
func record(t *testing.T, kind devices.Kind, use func(context.Context) error) (path string, events []usbmon.Event) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "capture.pcap")
	hwtest := exec.CommandContext(t.Context(), "./hwtest", "--config", "", "record", "--device", string(kind), "--out", path)
	said, err := hwtest.StderrPipe()
	if err == nil {
		err = hwtest.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	for lines.Scan() && !strings.Contains(lines.Text(), "recording bus") {
	}
	used := use(limited(t)) // from here on: a large program starts slowly
	hwtest.Process.Signal(os.Interrupt)
	for lines.Scan() {
		t.Log(lines.Text())
	}
	if err := errors.Join(used, hwtest.Wait()); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if events, err = usbmon.ReadAll(file); err != nil || len(events) == 0 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	for _, e := range events {
		if bytes.Contains(e.Data, []byte("MUSTER")) || bytes.Contains(e.Data, []byte("ERIKA")) {
			t.Errorf("it has somebody's name: %q", e.Data)
		}
	}
	return path, events
}

// meanwhile does one thing while another is under way.
func meanwhile(act, use func() error) error {
	acted := make(chan error, 1)
	go func() { acted <- act() }()
	return errors.Join(use(), <-acted)
}

// readOnce opens the only Access-IS reader, and reads one document.
func readOnce(ctx context.Context, swipe func() error) (read []string, err error) {
	r, err := accessis.Open(ctx)
	if err != nil {
		return nil, err
	}
	err = meanwhile(swipe, func() (err error) {
		read, err = r.ReadMRZ(ctx)
		return err
	})
	return read, errors.Join(err, r.Close())
}

func TestWhatTheKernelTellsOfAReaderIsRecordedWithoutTheDocumentAndReplays(t *testing.T) {
	inMachine(t)
	r := plugReader(&ports{}, usb.NewReader)(t)
	path, _ := record(t, devices.KindMRZReader, func(ctx context.Context) error {
		read, err := readOnce(ctx, func() error {
			err := r.Ready(ctx)
			r.Swipe(somebody...)
			return err
		})
		if err == nil && !slices.Equal(read, somebody) {
			err = fmt.Errorf("read %q", read)
		}
		return err
	})
	replayed(t, "reader", path)
}

// signOnce opens the only pad, and takes one signature.
func signOnce(ctx context.Context, sign func() error) (samples int, err error) {
	pad, err := stu.New(stu.Config{Encryption: stu.Off}).Open(ctx)
	if err != nil {
		return 0, err
	}
	white := image.NewGray(image.Rect(0, 0, pad.Size().Width, pad.Size().Height))
	if err := pad.Show(ctx, white, image.Rectangle{}); err != nil {
		return 0, errors.Join(err, pad.Close())
	}
	signing, done := context.WithCancel(ctx)
	defer done()
	err = meanwhile(sign, func() error {
		down := false
		return pad.Capture(signing, func(s devices.Sample) {
			if samples++; down && !s.Down {
				done()
			}
			down = s.Down
		})
	})
	return samples, errors.Join(err, pad.Close())
}

func TestWhatTheKernelTellsOfAPadIsRecordedWithoutTheSignatureAndReplays(t *testing.T) {
	inMachine(t)
	p := plugPad(&ports{})(t)
	stroke := emulated.Point{X: 0.9, Y: 0.9, Pressure: 1}
	path, events := record(t, devices.KindSignaturePad, func(ctx context.Context) error {
		_, err := signOnce(ctx, func() error {
			return errors.Join(p.Ready(ctx), p.Sign(ctx, [][]emulated.Point{slices.Repeat([]emulated.Point{stroke}, 10)}))
		})
		return err
	})
	const pressureXY = "\x93\xff\x25\xf8\x16\xc8" // of that stroke, on a pad of 10,800 x 6,480 with 1,023
	samples := 0
	for _, e := range events {
		if e.Transfer == usbmon.Interrupt && len(e.Data) > 0 {
			samples++
		}
		if bytes.Contains(e.Data, []byte(pressureXY)) {
			t.Errorf("it has the pen: % x", e.Data)
		}
	}
	if samples < 10 {
		t.Errorf("%d reports of the pen", samples)
	}
	replayed(t, "pad", path)
}

func TestWhatTheKernelTellsOfALineIsRecordedWithoutTheDocumentAndReplays(t *testing.T) {
	inMachine(t)
	b := plugBox(&ports{})(t)
	readBox := func(ctx context.Context, path string, lay func() error) (read []string, err error) {
		r, err := elyctis.Open(ctx, elyctis.Config{Path: path})
		if err != nil {
			return nil, err
		}
		err = meanwhile(lay, func() (err error) {
			read, err = r.ReadMRZ(ctx)
			return err
		})
		return read, errors.Join(err, r.Close())
	}
	_, events := record(t, devices.KindMRZReader, func(ctx context.Context) error {
		_, err := readBox(ctx, "", func() error {
			err := b.Ready(ctx)
			b.LayDown(somebody...)
			return err
		})
		return err
	})
	replay, err := tty.NewReplay(events)
	if err != nil {
		t.Fatal(err)
	}
	defer replay.Close()
	read, err := readBox(limited(t), replay.Path(), func() error { return nil })
	if err != nil || replay.Err() != nil || !slices.Equal(read, lines) {
		t.Errorf("%q, %v; the replay: %v", read, err, replay.Err())
	}
}

// replayed has the driver talk to a replay of the capture, in a process that sees the emulated bus instead of the kernel's.
func replayed(t *testing.T, of, path string) {
	t.Helper()
	c := exec.CommandContext(limited(t), "/proc/self/exe", "-test.run", "^TestHelperReplays$", "-test.v")
	c.Env = append(os.Environ(), "FOYER_HIL_REPLAY="+of, "FOYER_HIL_CAPTURE="+path, "LD_PRELOAD=libumockdev-preload.so.0")
	if said, err := c.CombinedOutput(); err != nil || !strings.Contains(string(said), "--- PASS: TestHelperReplays") {
		t.Errorf("the replay: %v\n%s", err, said)
	}
}

// TestHelperReplays is run by the tests of recordings.
func TestHelperReplays(t *testing.T) {
	of := os.Getenv("FOYER_HIL_REPLAY")
	if of == "" {
		t.Skip("a part of the tests of recordings")
	}
	file, err := os.Open(os.Getenv("FOYER_HIL_CAPTURE"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	events, err := usbmon.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	device, scrubber := usb.NewReader("REPLAY").Device, accessis.NewScrubber()
	if of == "pad" {
		device, scrubber = usb.NewPad("REPLAY").Device, protocol.NewScrubber()
	}
	replay := usb.NewReplay(events, scrubber)
	device.Model = replay
	if err := usbtest.NewBed(t).Plug("1", device); err != nil {
		t.Fatal(err)
	}
	nothing := func() error { return nil }
	if of == "pad" {
		samples, err := signOnce(limited(t), nothing)
		if err != nil || replay.Err() != nil || samples < 10 {
			t.Errorf("%d samples, %v; the replay: %v", samples, err, replay.Err())
		}
		return
	}
	read, err := readOnce(limited(t), nothing)
	if err != nil || replay.Err() != nil || !slices.Equal(read, lines) {
		t.Errorf("%q, %v; the replay: %v", read, err, replay.Err())
	}
}
