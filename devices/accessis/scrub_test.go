package accessis_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/devices/accessis"
	"github.com/foyer-station/foyer/devices/usbmon"
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
	clean := accessis.Scrub(recording.Events())
	for _, e := range clean {
		if bytes.Contains(e.Data, []byte("MUSTER")) {
			t.Errorf("%q", e.Data)
		}
	}
	if !strings.Contains(heard(recording.Events()), "MUSTERMANN") || len(clean) != len(recording.Events()) {
		t.Error("what was recorded was changed, or is not all there")
	}
	replayed := usb.NewReader("SERIAL").Device
	replayed.Model = usb.NewReplay(clean)
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

// TestNothingThatAReaderSaysSurvivesARecording: whatever comes from the device, the same bytes come out if its printed characters are
// others.
func TestNothingThatAReaderSaysSurvivesARecording(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var one, other []usbmon.Event
		for id := range rapid.IntRange(1, 6).Draw(t, "reports") {
			data := rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "report")
			e := usbmon.Event{
				ID: uint64(id), Kind: usbmon.Completed, Transfer: usbmon.Interrupt, Data: data,
				Endpoint: rapid.SampledFrom([]byte{0x81, 0x82, 0x84}).Draw(t, "endpoint"),
			}
			one = append(one, e)
			e.Data = []byte{data[0]}
			for _, b := range data[1:] {
				if b >= ' ' {
					b = ' ' + (b-' '+7)%(0xff-' ')
				}
				e.Data = append(e.Data, b)
			}
			other = append(other, e)
		}
		if diff := cmp.Diff(accessis.Scrub(one), accessis.Scrub(other)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestStandardRequestsWhichAskForSerialNumbersAreLeftOut(t *testing.T) {
	clean := accessis.Scrub([]usbmon.Event{
		{ID: 1, Kind: usbmon.Submitted, Transfer: usbmon.Control, Setup: [8]byte{0x80, 6, 3, 3}},
		{ID: 1, Kind: usbmon.Completed, Transfer: usbmon.Control, Data: []byte("S\x001\x00")},
		{ID: 2, Kind: usbmon.Completed, Transfer: usbmon.Control, Data: []byte("S\x001\x00")}, // submitted before
	})
	if len(clean) != 1 || string(clean[0].Data) != "\x00\x00\x00\x00" {
		t.Errorf("something is left: %+v", clean)
	}
}
