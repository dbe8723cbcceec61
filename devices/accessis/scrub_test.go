package accessis_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices/accessis"
	"github.com/foyer-station/foyer/devices/usbmon"
	"github.com/foyer-station/foyer/devices/usbmon/usbmontest"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

func TestARecordingHasTheSpecimenInThePlaceOfWhatWasRead(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	reader, bed := usb.NewReader("SERIAL"), usbtest.NewBed(t)
	recording := usb.Record(reader.Device, time.Now)
	if err := bed.Plug("1", reader.Device); err != nil {
		t.Fatal(err)
	}
	somebody := []string{"P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"}
	read, err := oneDocument(ctx, func() error {
		err := reader.Ready(ctx)
		reader.Swipe(somebody...)
		return err
	})
	if err != nil || !cmp.Equal(read, somebody) {
		t.Fatalf("%q, %v", read, err)
	}
	clean, unknown := usbmon.Scrub(recording.Events(), accessis.NewScrubber())
	if !strings.Contains(heard(recording.Events()), "MUSTERMANN") || len(clean) != len(recording.Events()) || unknown > 0 {
		t.Errorf("what was recorded was changed, is not all there, or %d events are not understood", unknown)
	}
	usbmontest.Exercise(t, accessis.NewScrubber, recording.Events(), func(usbmon.Event) bool { return true }, "MUSTERMANN")
	replayed := usb.NewReader("SERIAL").Device
	replayed.Model = usb.NewReplay(clean, accessis.NewScrubber())
	bed.Unplug("1")
	if err := bed.Plug("2", replayed); err != nil {
		t.Fatal(err)
	}
	lines, err := oneDocument(ctx, func() error { return nil })
	if err != nil || !cmp.Equal(lines, specimen) {
		t.Errorf("%q, %v", lines, err)
	}
}

// heard is all that a device said.
func heard(events []usbmon.Event) string {
	var all strings.Builder
	for _, e := range events {
		all.Write(e.Data)
	}
	return all.String()
}

func TestWhatAKeyboardSaysIsNothingOfAMessage(t *testing.T) {
	typed := []byte{0x02, 0, 0x1c, 0x02, 0x0e, 0, 0, 0} // with the shift key, and codes that are a reader's marks
	clean, unknown := usbmon.Scrub([]usbmon.Event{{Kind: usbmon.Completed, Transfer: usbmon.Interrupt, Endpoint: 0x81, Data: typed}}, accessis.NewScrubber())
	if unknown != 1 || len(bytes.Trim(clean[0].Data, "\x00")) > 0 {
		t.Errorf("%+v", clean)
	}
}

func FuzzScrub(f *testing.F) {
	frame := "\x1c\x02P<D<<A\rC01X\r\x03\x1d"
	report := append([]byte{byte(len(frame))}, frame...)
	usbmontest.Fuzz(f, accessis.NewScrubber, append([]byte{1 | 4, byte(len(report))}, report...))
}
