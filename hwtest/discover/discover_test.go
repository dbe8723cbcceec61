package discover_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	driver "github.com/foyer-station/foyer/devices/usb"
	"github.com/foyer-station/foyer/emulate/pcsc"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/hwtest/discover"
)

func TestMain(m *testing.M) { devicestest.RunPreloaded(m) }

// pads is a driver of one pad.
func pads(opened *int) discover.Driver {
	return discover.Driver{
		Kind: devices.KindSignaturePad, IDs: []driver.ID{{Vendor: 0x056a, Product: 0x00a5, Model: "Wacom STU-530"}},
		Open: func(context.Context) (devices.Device, error) { *opened++; return nil, devices.ErrBusy },
	}
}

// computer makes /dev and /sys with these files, and links where the content begins with "->".
func computer(t *testing.T, files map[string]string) discover.Places {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		to, link := strings.CutPrefix(content, "->")
		err := error(nil)
		if link {
			err = os.Symlink(to, path)
		} else {
			err = os.WriteFile(path, []byte(content+"\n"), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return discover.Places{Dev: filepath.Join(root, "dev"), Sys: filepath.Join(root, "sys")}
}

// setenv lets this process see an emulated part.
func setenv(t *testing.T, env []string) {
	for _, variable := range env {
		if name, value, _ := strings.Cut(variable, "="); name != "LD_PRELOAD" {
			t.Setenv(name, value)
		}
	}
}

func bus(t *testing.T) *usb.Bed {
	t.Helper()
	bed, err := usb.NewBed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bed.Close() })
	setenv(t, bed.Env())
	return bed
}

func TestANewComputerIsLookedThroughAndNothingIsOpened(t *testing.T) {
	if err := bus(t).Plug("2", usb.NewPad("PAD-1").Device); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	chips, err := pcsc.Start(ctx, pcsc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer chips.Close()
	setenv(t, chips.Env())
	places := computer(t, map[string]string{
		"dev/video0": "", "dev/video1": "", "dev/video2": "",
		"dev/v4l/by-id/usb-Logitech_BRIO_1-video-index0": "->../../video0",
		"dev/v4l/by-id/usb-Logitech_BRIO_1-video-index1": "->../../video1",
		"dev/v4l/by-id/usb-Sony_IMX_2-video-index0":      "->../../video2",
		"sys/class/video4linux/video0/name":              "Logitech BRIO",
		"sys/class/video4linux/video2/name":              "Sony IMX",
		"dev/usb/lp0":                                    "",
		"sys/class/usbmisc/lp0/device/ieee1284_id":       "MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;",
		"dev/ttyACM0": "",
		"dev/serial/by-id/usb-Elyctis_ID_BOX_77-if00": "->../../ttyACM0",
		"sys/class/leds/foyer:uv:page/brightness":     "0",
		"sys/class/leds/foyer:odd/brightness":         "0",
		"sys/class/leds/input3::capslock/brightness":  "0",
	})
	opened := 0
	all, missing := discover.Devices(ctx, []discover.Driver{pads(&opened)}, places)
	var found, lines []string
	for _, f := range all {
		path := strings.TrimPrefix(f.Path, filepath.Dir(places.Dev)+"/")
		found = append(found, string(f.Kind)+": "+f.Model+" at "+path)
		lines = append(lines, f.Config...)
	}
	want := []string{
		"chip_reader: Foyer Chip Reader 00 00 at pcsc Foyer Chip Reader 00 00",
		"chip_reader: Foyer Chip Reader 00 01 at pcsc Foyer Chip Reader 00 01",
		"page_imager: Sony IMX at dev/v4l/by-id/usb-Sony_IMX_2-video-index0",
		"camera: Logitech BRIO at dev/v4l/by-id/usb-Logitech_BRIO_1-video-index0",
		"signature_pad: Wacom STU-530 at usb 1-2",
		"ticket_printer: EPSON TM-T88V at dev/usb/lp0",
		"serial_line: Elyctis ID BOX 77 at dev/serial/by-id/usb-Elyctis_ID_BOX_77-if00",
		"lamp: foyer:odd at sys/class/leds/foyer:odd",
		"lamp: foyer:uv:page at sys/class/leds/foyer:uv:page",
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
	for _, line := range []string{`filter = "Foyer Chip Reader 00 01"`, "[devices.printer]", `ultraviolet = "foyer:uv:page"`, `path = "` + places.Dev + `/usb/lp0"`} {
		if !slices.Contains(lines, line) {
			t.Errorf("%s is missing in\n%s", line, strings.Join(lines, "\n"))
		}
	}
	if len(missing) != 1 || missing[0].Kind != devices.KindMRZReader || !errors.Is(missing[0].Err, devices.ErrNoDevice) || opened != 0 {
		t.Errorf("missing %v, %d opened", missing, opened)
	}
}

func TestAPrinterWithoutANodeIsFoundOnTheBusAndWorksAsProposed(t *testing.T) {
	printer, err := usb.NewPrinter("P-1", 576)
	if err != nil {
		t.Fatal(err)
	}
	if err := bus(t).Plug("1", printer.Device); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PCSCLITE_CSOCK_NAME", filepath.Join(t.TempDir(), "none"))
	all, _ := discover.Devices(t.Context(), nil, computer(t, nil))
	want := []string{"[devices.printer]", `driver = "usb"`, `usb_id = "04b8:0202"`}
	if len(all) != 1 || all[0].Path != "usb 1-1" || !slices.Equal(all[0].Config, want) {
		t.Fatalf("found %+v, want the printer with %q", all, want)
	}
	device, err := all[0].Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	if h := device.Health(t.Context()); h.State != devices.StateOnline {
		t.Errorf("%+v", h)
	}
}

// TestWhatASerialLineLeadsToIsLeftToAPerson holds the proposal to remarks: a line of the file would be a guess.
func TestWhatASerialLineLeadsToIsLeftToAPerson(t *testing.T) {
	bus(t)
	t.Setenv("PCSCLITE_CSOCK_NAME", filepath.Join(t.TempDir(), "none"))
	all, _ := discover.Devices(t.Context(), nil, computer(t, map[string]string{"dev/serial/by-id/usb-FTDI_1-if00": ""}))
	if len(all) != 1 || all[0].Kind != discover.KindSerialLine || len(all[0].Config) < 5 {
		t.Fatalf("%+v", all)
	}
	for _, line := range all[0].Config {
		if !strings.HasPrefix(line, "# ") {
			t.Errorf("%s is proposed", line)
		}
	}
}

func TestAComputerWithNothingMissesEveryKindAndSaysWhy(t *testing.T) {
	bus(t)
	t.Setenv("PCSCLITE_CSOCK_NAME", filepath.Join(t.TempDir(), "none"))
	all, missing := discover.Devices(t.Context(), nil, computer(t, nil))
	if len(all) != 0 || len(missing) != 6 {
		t.Errorf("found %v, missing %v", all, missing)
	}
	if i := slices.IndexFunc(missing, func(m discover.Missing) bool { return m.Kind == devices.KindChipReader }); !errors.Is(missing[i].Err, devices.ErrStopped) {
		t.Errorf("%v", missing[i].Err)
	}
}

func TestEveryLineThatIsProposedIsTOML(t *testing.T) {
	bus(t)
	t.Setenv("PCSCLITE_CSOCK_NAME", filepath.Join(t.TempDir(), "none"))
	all, _ := discover.Devices(t.Context(), nil, computer(t, map[string]string{
		"dev/video7": "", "sys/class/video4linux/video7/index": "0", "dev/video8": "", "sys/class/video4linux/video8/index": "1", `dev/usb/lp0`: "",
		"dev/serial/by-id/usb-\"ID\\BOX\" \a\x01\xff\u202e\u00e9-if00": "",
	}))
	if len(all) != 3 {
		t.Errorf("%+v", all)
	}
	for _, f := range all {
		if _, err := toml.Decode(strings.Join(f.Config, "\n"), new(map[string]any)); err != nil || len(f.Config) == 0 {
			t.Errorf("%q: %v", f.Config, err)
		}
	}
}
