package lampboard_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/imager/lampboard"
	"github.com/foyer-station/foyer/devices/usbmon"
	"github.com/foyer-station/foyer/devices/usbmon/usbmontest"
	emulated "github.com/foyer-station/foyer/emulate/lampboard"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

// oneLight lights a lamp, and puts it out.
func oneLight(ctx context.Context) (devices.Info, error) {
	b, err := openHID(ctx)
	if err != nil {
		return devices.Info{}, err
	}
	return b.Info(), errors.Join(b.Switch(ctx, devices.LightUltraviolet, 80), b.Switch(ctx, devices.LightUltraviolet, 0), b.Close())
}

func TestABoardReplaysFromACaptureWithoutItsSerialNumber(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	bed := usbtest.NewBed(t)
	board := usb.NewLampBoard("serial", emulated.New("LAMP-4711", time.Now))
	recording := usb.Record(board.Device, time.Now)
	if err := bed.Plug("1", board.Device); err != nil {
		t.Fatal(err)
	}
	if info, err := oneLight(ctx); err != nil || info.Serial != "LAMP-4711" {
		t.Fatalf("%+v, %v", info, err)
	}
	bed.Unplug("1")
	clean, unknown := usbmon.Scrub(recording.Events(), lampboard.NewScrubber())
	if unknown > 0 || slices.ContainsFunc(clean, func(e usbmon.Event) bool { return strings.Contains(string(e.Data), "4711") }) {
		t.Errorf("%d events are not understood, or the serial number is there", unknown)
	}
	replay := usb.NewReplay(clean, lampboard.NewScrubber())
	board.Device.Model = replay
	if err := bed.Plug("2", board.Device); err != nil {
		t.Fatal(err)
	}
	if info, err := oneLight(ctx); err != nil || info.Serial != "" || replay.Err() != nil || replay.Left() > 0 {
		t.Errorf("%+v, %v; the replay: %v, %d left", info, err, replay.Err(), replay.Left())
	}
}

func FuzzScrub(f *testing.F) {
	usbmontest.Fuzz(f, lampboard.NewScrubber, []byte{usbmon.Interrupt | 4, 9, 3, 0, 80, 0, 1, 0, 100, 0, 1})
}
