package hidpos_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices/hidpos"
	"github.com/foyer-station/foyer/devices/usbmon"
	"github.com/foyer-station/foyer/devices/usbmon/usbmontest"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

var somebody = []string{"P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"}

// letter is what a code on somebody's letter says.
const letter = "https://office.example/appointment/7f3a9c1e-MUSTERMANN-ERIKA"

// codeAndDocument reads a code and a document with the only scanner, each of which is shown once it waits.
func codeAndDocument(ctx context.Context, showCode, showDocument func() error) (code hidpos.Scan, lines []string, err error) {
	scanner, err := hidpos.Open(ctx, hidpos.Config{})
	if err != nil {
		return code, nil, err
	}
	defer func() { err = errors.Join(err, scanner.Close()) }()
	err = meanwhile(showCode, func() (err error) {
		code, err = scanner.ReadCode(ctx)
		return err
	})
	if err != nil {
		return code, nil, err
	}
	err = meanwhile(showDocument, func() (err error) {
		lines, err = scanner.ReadMRZ(ctx)
		return err
	})
	return code, lines, err
}

func meanwhile(show, read func() error) error {
	shown := make(chan error, 1)
	go func() { shown <- show() }()
	return errors.Join(read(), <-shown)
}

// recorded is what is said while somebody's letter and document are read.
func recorded(t *testing.T, ctx context.Context, bed *usb.Bed, scanner *usb.Scanner) []usbmon.Event {
	t.Helper()
	recording := usb.Record(scanner.Device, time.Now)
	if err := bed.Plug("1", scanner.Device); err != nil {
		t.Fatal(err)
	}
	defer bed.Unplug("1")
	code, lines, err := codeAndDocument(ctx, func() error {
		err := scanner.Ready(ctx)
		scanner.ShowCode("]Q1", []byte(letter))
		return err
	}, func() error {
		err := scanner.Ready(ctx)
		scanner.Show(somebody...)
		return err
	})
	if err != nil || string(code.Data) != letter || !cmp.Equal(lines, somebody) {
		t.Fatalf("%q, %q, %v", code, lines, err)
	}
	return recording.Events()
}

// nobody shows anything: a replay says what it has to say.
func nobody() error { return nil }

// kinds are scanners whose drivers know when to listen.
func kinds() map[string]func(string) *usb.Scanner {
	return map[string]func(string) *usb.Scanner{"commands to an endpoint": usb.NewScanner, "a trigger as the standard has": usb.NewTriggerScanner}
}

func TestAScannerReplaysWithTheSpecimenFromACaptureOfSomebodysDocument(t *testing.T) {
	for name, newScanner := range kinds() {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			bed := usbtest.NewBed(t)
			clean, unknown := usbmon.Scrub(recorded(t, ctx, bed, newScanner("SERIAL")), hidpos.NewScrubber())
			if unknown > 0 {
				t.Errorf("%d events are not understood", unknown)
			}
			replay, device := usb.NewReplay(clean, hidpos.NewScrubber()), newScanner("SERIAL").Device
			device.Model = replay
			if err := bed.Plug("2", device); err != nil {
				t.Fatal(err)
			}
			code, lines, err := codeAndDocument(ctx, nobody, nobody)
			if err != nil || replay.Err() != nil || replay.Left() > 0 {
				t.Errorf("%v; the replay: %v, %d left", err, replay.Err(), replay.Left())
			}
			if code.AIM != "]Q1" || !bytes.Equal(code.Data, bytes.Repeat([]byte("X"), len(letter))) || !cmp.Equal(lines, specimen) {
				t.Errorf("%q, %q", code, lines)
			}
		})
	}
}

func TestNothingOfADocumentOrLetterIsInACaptureOfAScanner(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	bed := usbtest.NewBed(t)
	for _, newScanner := range kinds() {
		anywhere := func(usbmon.Event) bool { return true }
		usbmontest.Exercise(t, hidpos.NewScrubber, recorded(t, ctx, bed, newScanner("SERIAL")), anywhere, "MUSTERMANN", "C01X00T478D", "appointment")
	}
}

func TestReportsAreReadByTheScannersOwnDescriptorWhereACaptureHasThat(t *testing.T) {
	// Report 5: four bytes of data and nothing else.
	descriptor := []byte{0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x85, 5, 0x15, 0, 0x26, 0xff, 0, 0x75, 8, 0x95, 4, 0x09, 0xfe, 0x81, 0x02, 0xc0}
	read := usbmon.Event{ID: 2, Kind: usbmon.Completed, Transfer: usbmon.Interrupt, Endpoint: 0x83, Data: []byte("\x05C01X")}
	for name, events := range map[string][]usbmon.Event{
		"\x00\x00\x00\x00\x00": {read},
		"\x05<<<<": {
			{ID: 1, Kind: usbmon.Submitted, Transfer: usbmon.Control, Endpoint: 0x80, Setup: [8]byte{0x81, 6, 0, 0x22}},
			{ID: 1, Kind: usbmon.Completed, Transfer: usbmon.Control, Endpoint: 0x80, Data: descriptor},
			read,
		},
	} {
		clean, _ := usbmon.Scrub(events, hidpos.NewScrubber())
		if len(clean) != 1 || string(clean[0].Data) != name {
			t.Errorf("%+v, want %q", clean, name)
		}
	}
}

func FuzzScrub(f *testing.F) {
	report := make([]byte, 64)
	copy(report, "\x02\x08]o2P<D\rC01X")
	usbmontest.Fuzz(f, hidpos.NewScrubber, append([]byte{usbmon.Interrupt | 4, byte(len(report))}, report...))
}
