package elyctis_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices/elyctis"
	"github.com/foyer-station/foyer/devices/usbmon"
	"github.com/foyer-station/foyer/devices/usbmon/usbmontest"
	"github.com/foyer-station/foyer/emulate/idbox"
	"github.com/foyer-station/foyer/emulate/tty"
)

var somebody = []string{"P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"}

// oneDocument reads one document at a line, once lay has laid one down.
func oneDocument(ctx context.Context, path string, lay func() error) (lines []string, firmware string, err error) {
	reader, err := elyctis.Open(ctx, elyctis.Config{Path: path})
	if err != nil {
		return nil, "", err
	}
	laid := make(chan error, 1)
	go func() { laid <- lay() }()
	lines, err = reader.ReadMRZ(ctx)
	return lines, reader.Info().Firmware, errors.Join(err, <-laid, reader.Close())
}

// recorded is what is said while somebody's document is read.
func recorded(t *testing.T, ctx context.Context) []usbmon.Event {
	t.Helper()
	box, err := idbox.New("NUMBER4711")
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	tap, err := tty.NewTap(box.Line().Path(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer tap.Close()
	read, _, err := oneDocument(ctx, tap.Path(), func() error {
		err := box.Ready(ctx)
		box.LayDown(somebody...)
		return err
	})
	if err != nil || !cmp.Equal(read, somebody) {
		t.Fatalf("%q, %v", read, err)
	}
	return tap.Events()
}

func TestAReaderReplaysWithTheSpecimenFromACaptureOfSomebodysDocument(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	events := recorded(t, ctx)
	clean, unknown := usbmon.Scrub(events, elyctis.NewScrubber())
	if unknown > 0 {
		t.Errorf("%d events are not understood", unknown)
	}
	replay, err := tty.NewReplay(clean)
	if err != nil {
		t.Fatal(err)
	}
	defer replay.Close()
	lines, firmware, err := oneDocument(ctx, replay.Path(), func() error { return nil })
	if err != nil || replay.Err() != nil || replay.Left() > 0 {
		t.Errorf("%v; the replay: %v, %d left", err, replay.Err(), replay.Left())
	}
	if !cmp.Equal(lines, specimen) || firmware != "2.51, NNA 1.07" {
		t.Errorf("%q of a reader with %q", lines, firmware)
	}
}

func TestNothingOfADocumentIsInACaptureOfAReader(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	document := func(e usbmon.Event) bool {
		return e.Kind == usbmon.Completed && len(e.Data) > 0 && e.Data[0] == 'I' || e.Kind == usbmon.Submitted
	}
	usbmontest.Exercise(t, elyctis.NewScrubber, recorded(t, ctx), document, "MUSTERMANN", "C01X00T478D", "NUMBER4711")
}

func TestAVersionThatNobodyAskedForIsNotKept(t *testing.T) {
	said := usbmon.Event{Kind: usbmon.Completed, Transfer: usbmon.Bulk, Endpoint: 0x82, Data: []byte("V\x00\x05C01X0")}
	clean, _ := usbmon.Scrub([]usbmon.Event{said}, elyctis.NewScrubber())
	if string(clean[0].Data) != "V\x00\x0500000" {
		t.Errorf("%q", clean[0].Data)
	}
}

func FuzzScrub(f *testing.F) {
	message := "I\x00\x08P<D\r\nC01"
	usbmontest.Fuzz(f, elyctis.NewScrubber, append([]byte{usbmon.Bulk | 4, byte(len(message))}, message...))
}
