package mrzline_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices/mrzline"
	"github.com/foyer-station/foyer/devices/usbmon"
	"github.com/foyer-station/foyer/devices/usbmon/usbmontest"
	"github.com/foyer-station/foyer/emulate/lines"
	"github.com/foyer-station/foyer/emulate/tty"
)

var somebody = []string{"P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"}

// oneDocument reads one document at a line, once show has shown one.
func oneDocument(ctx context.Context, path string, trigger mrzline.Trigger, show func() error) (lines []string, err error) {
	reader, err := mrzline.Open(ctx, mrzline.Config{Path: path, Pause: pause, Trigger: trigger})
	if err != nil {
		return nil, err
	}
	shown := make(chan error, 1)
	go func() { shown <- show() }()
	lines, err = reader.ReadMRZ(ctx)
	return lines, errors.Join(err, <-shown, reader.Close())
}

// recorded is what is said while somebody's document is read.
func recorded(t *testing.T, ctx context.Context, trigger mrzline.Trigger) []usbmon.Event {
	t.Helper()
	reader, err := lines.New(trigger == mrzline.Newland)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	tap, err := tty.NewTap(reader.Line().Path(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer tap.Close()
	read, err := oneDocument(ctx, tap.Path(), trigger, func() error {
		err := reader.Ready(ctx)
		reader.Show(somebody...)
		return err
	})
	if err != nil || !cmp.Equal(read, somebody) {
		t.Fatalf("%q, %v", read, err)
	}
	return tap.Events()
}

// TestAReaderReplaysWithTheSpecimenFromACaptureOfSomebodysDocument where it has a trigger. One that has none says at once what it has to
// say, when the driver may still be throwing away what was said before.
func TestAReaderReplaysWithTheSpecimenFromACaptureOfSomebodysDocument(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	clean, unknown := usbmon.Scrub(recorded(t, ctx, mrzline.Newland), mrzline.NewScrubber())
	if unknown > 0 {
		t.Errorf("%d events are not understood", unknown)
	}
	replay, err := tty.NewReplay(clean)
	if err != nil {
		t.Fatal(err)
	}
	defer replay.Close()
	got, err := oneDocument(ctx, replay.Path(), mrzline.Newland, func() error { return nil })
	if err != nil || replay.Err() != nil || replay.Left() > 0 {
		t.Errorf("%v; the replay: %v, %d left", err, replay.Err(), replay.Left())
	}
	if !cmp.Equal(got, specimen) {
		t.Errorf("%q", got)
	}
}

func TestNothingOfADocumentIsInACaptureOfAReader(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for _, trigger := range []mrzline.Trigger{mrzline.Untriggered, mrzline.Newland} {
		anywhere := func(usbmon.Event) bool { return true }
		usbmontest.Exercise(t, mrzline.NewScrubber, recorded(t, ctx, trigger), anywhere, "MUSTERMANN", "C01X00T478D")
	}
}

func FuzzScrub(f *testing.F) {
	text := "\x02P<D\r\nC01\x03\x02\x010000#SCNTRG1\x06;\x03"
	usbmontest.Fuzz(f, mrzline.NewScrubber, append([]byte{usbmon.Bulk | 4, byte(len(text))}, text...))
}
