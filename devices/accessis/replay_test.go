package accessis_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices/accessis"
	"github.com/foyer-station/foyer/devices/usbmon"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

var update = flag.Bool("update", false, "record the captures of testdata anew, from the emulated reader")

// capture is of a reader that reads the specimen once.
const capture = "testdata/specimen.pcap"

// oneDocument opens the only reader, reads a document once swipe has put one in, and closes the reader.
func oneDocument(ctx context.Context, swipe func() error) (lines []string, err error) {
	reader, err := accessis.Open(ctx)
	if err != nil {
		return nil, err
	}
	swiped := make(chan error, 1)
	go func() { swiped <- swipe() }()
	lines, err = reader.ReadMRZ(ctx)
	return lines, errors.Join(err, <-swiped, reader.Close())
}

// recorded is the capture, made from the emulated reader.
func recorded(t *testing.T, ctx context.Context) []byte {
	t.Helper()
	reader := usb.NewReader("SERIAL")
	start, n := time.Unix(1796022000, 0), 0
	recording := usb.Record(reader.Device, func() time.Time { n++; return start.Add(time.Duration(n) * time.Millisecond) })
	bed := usbtest.NewBed(t)
	if err := bed.Plug("1", reader.Device); err != nil {
		t.Fatal(err)
	}
	_, err := oneDocument(ctx, func() error {
		if err := reader.Ready(ctx); err != nil {
			return err
		}
		reader.Swipe(specimen...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := usbmon.NewWriter(&b)
	for _, e := range recording.Events() {
		err = errors.Join(err, w.Write(e))
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheDriverReadsWhatAReaderSaidInACapture(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if *update {
		if err := os.WriteFile(capture, recorded(t, ctx), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	file, err := os.ReadFile(capture)
	if err != nil {
		t.Fatal(err)
	}
	events, err := usbmon.ReadAll(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	replay, bed := usb.NewReplay(events, nil), usbtest.NewBed(t)
	device := usb.NewReader("SERIAL").Device
	device.Model = replay
	if err := bed.Plug("1", device); err != nil {
		t.Fatal(err)
	}
	lines, err := oneDocument(ctx, func() error { return nil })
	if err != nil || replay.Err() != nil || replay.Left() > 0 {
		t.Errorf("%v; the replay: %v, %d left", err, replay.Err(), replay.Left())
	}
	if diff := cmp.Diff(specimen, lines); diff != "" {
		t.Error(diff)
	}
}

func TestAReplayIsStrictAboutWhatTheDriverAsks(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	file, err := os.ReadFile(capture)
	if err != nil {
		t.Fatal(err)
	}
	events, err := usbmon.ReadAll(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		if events[i].Kind == usbmon.Submitted && len(events[i].Data) > 0 {
			events[i].Data[0] ^= 1
			break
		}
	}
	replay, bed := usb.NewReplay(events, nil), usbtest.NewBed(t)
	device := usb.NewReader("SERIAL").Device
	device.Model = replay
	if err := bed.Plug("1", device); err != nil {
		t.Fatal(err)
	}
	if lines, err := oneDocument(ctx, func() error { return nil }); err == nil || replay.Err() == nil {
		t.Errorf("%q, %v", lines, replay.Err())
	}
}
