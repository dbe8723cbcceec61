package stu_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu"
	"github.com/foyer-station/foyer/devices/stu/protocol"
	"github.com/foyer-station/foyer/devices/usbmon"
	"github.com/foyer-station/foyer/devices/usbmon/usbmontest"
	emulated "github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

// visit opens the only pad, shows a picture, and takes what sign writes on it until the last stroke ends.
func visit(ctx context.Context, wanted stu.Encryption, sign func() error) (samples []devices.Sample, err error) {
	pad, err := stu.New(stu.Config{Encryption: wanted}).Open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pad.Close()) }()
	if err := pad.Show(ctx, sheet(pad.Size()), image.Rectangle{}); err != nil {
		return nil, err
	}
	signing, done := context.WithCancel(ctx)
	defer done()
	signed := make(chan error, 1)
	go func() { signed <- sign() }()
	lifts := 0
	err = pad.Capture(signing, func(s devices.Sample) {
		if len(samples) > 0 && samples[len(samples)-1].Down && !s.Down {
			lifts++
		}
		if samples = append(samples, s); lifts == len(signature()) {
			done()
		}
	})
	return samples, errors.Join(err, <-signed)
}

// signature is a signature of several strokes.
func signature() [][]emulated.Point { return emulated.Signature(7) }

// recorded is what a pad and the driver say to each other during a visit, and the samples that come of it.
func recorded(t *testing.T, model emulated.Model, wanted stu.Encryption) ([]usbmon.Event, []devices.Sample) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	pad, bed := usb.NewPadOf(model, "SERIAL77"), usbtest.NewBed(t)
	recording := usb.Record(pad.Device, time.Now)
	if err := bed.Plug("1", pad.Device); err != nil {
		t.Fatal(err)
	}
	samples, err := visit(ctx, wanted, func() error { return errors.Join(pad.Ready(ctx), pad.Sign(ctx, signature())) })
	if err != nil {
		t.Fatal(err)
	}
	bed.Unplug("1")
	return recording.Events(), samples
}

// replayed is a visit to a pad that says what a capture has, and what of the capture was otherwise.
func replayed(t *testing.T, model emulated.Model, wanted stu.Encryption, events []usbmon.Event) ([]devices.Sample, *usb.Replay, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	replay, device := usb.NewReplay(events, protocol.NewScrubber()), usb.NewPadOf(model, "SERIAL77").Device
	device.Model = replay
	bed := usbtest.NewBed(t)
	if err := bed.Plug("1", device); err != nil {
		t.Fatal(err)
	}
	samples, err := visit(ctx, wanted, func() error { return nil })
	return samples, replay, err
}

// A pad without stamps is not among them: its driver throws away what was written before it listened, and a replay says at once all that there
// is.
func TestAPadReplaysFromACaptureThatHasNothingOfWhatWasWritten(t *testing.T) {
	for _, model := range models()[:2] {
		t.Run(model.Name, func(t *testing.T) {
			events, written := recorded(t, model, stu.Off)
			clean, unknown := usbmon.Scrub(events, protocol.NewScrubber())
			if unknown > 0 {
				t.Errorf("%d events are not understood", unknown)
			}
			got, replay, err := replayed(t, model, stu.Off, clean)
			if err != nil || replay.Err() != nil || replay.Left() > 0 {
				t.Fatalf("%v; the replay: %v, %d left", err, replay.Err(), replay.Left())
			}
			if len(got) != len(written) {
				t.Fatalf("%d samples of %d", len(got), len(written))
			}
			same := 0
			for i, s := range got {
				if s.Down != written[i].Down {
					t.Fatalf("sample %d is %+v, and was %+v", i, s, written[i])
				}
				if s.Down && s.X == written[i].X && s.Y == written[i].Y {
					same++
				}
			}
			if most := len(got) / 50; same > most { // two lines may cross
				t.Errorf("%d of %d samples are where the pen was", same, len(got))
			}
		})
	}
}

func TestNothingOfPictureKeyOrPenIsInACaptureOfAPad(t *testing.T) {
	personal := func(e usbmon.Event) bool {
		switch t := protocol.Report(e.Setup[2]); {
		case e.Transfer == usbmon.Interrupt:
			return true
		case e.Kind != usbmon.Submitted:
			return false
		default:
			return t == protocol.ImageDataBlock || t == protocol.StartCapture || t == protocol.EncryptionCommand || t == protocol.HostPublicKey
		}
	}
	for _, visit := range []struct {
		model  emulated.Model
		wanted stu.Encryption
	}{{emulated.STU530(), stu.Off}, {emulated.STU430(), stu.Required}, {emulated.STU300(), stu.Off}, {emulated.STU520A(), stu.Required}} {
		t.Run(fmt.Sprintf("%s, encryption %s", visit.model.Name, visit.wanted), func(t *testing.T) {
			events, _ := recorded(t, visit.model, visit.wanted)
			usbmontest.Exercise(t, protocol.NewScrubber, events, personal)
		})
	}
}

func TestAPadThatEncryptsCannotBeReplayedAndThatIsSaid(t *testing.T) {
	for _, model := range models()[:2] {
		t.Run(model.Name, func(t *testing.T) {
			events, _ := recorded(t, model, stu.Required)
			clean, unknown := usbmon.Scrub(events, protocol.NewScrubber())
			if unknown > 0 {
				t.Errorf("%d events are not understood", unknown)
			}
			if _, _, err := replayed(t, model, stu.Required, clean); !errors.Is(err, stu.ErrInClear) {
				t.Errorf("%v, want that it cannot encrypt", err)
			}
		})
	}
}

func TestThePenIsSomewhereElseWhateverItWrote(t *testing.T) {
	at := func(x, y, pressure uint16) usbmon.Event {
		report := []byte{byte(protocol.PenDataTimed)}
		for _, v := range []uint16{0x9000 | pressure, x, y, 4711, 17} {
			report = binary.BigEndian.AppendUint16(report, v)
		}
		return usbmon.Event{Kind: usbmon.Completed, Transfer: usbmon.Interrupt, Endpoint: 0x81, Data: report}
	}
	one, _ := usbmon.Scrub([]usbmon.Event{at(1, 2, 3), at(4, 5, 6)}, protocol.NewScrubber())
	other, _ := usbmon.Scrub([]usbmon.Event{at(10000, 6000, 1023), at(0, 0, 0)}, protocol.NewScrubber())
	for i := range one {
		if !bytes.Equal(one[i].Data, other[i].Data) {
			t.Errorf("it can be told where the pen was: % x, % x", one[i].Data, other[i].Data)
		}
	}
	if stamp := one[0].Data[7:]; !bytes.Equal(stamp, []byte{0x12, 0x67, 0, 17}) {
		t.Errorf("time and number became % x", stamp)
	}
}
