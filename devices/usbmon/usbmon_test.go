package usbmon_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices/usbmon"
)

// some are a control transfer with data for the device, and an interrupt transfer with data from it.
func some() []usbmon.Event {
	at := time.Unix(1796022000, 123456000)
	return []usbmon.Event{
		{ID: 7, Kind: usbmon.Submitted, Transfer: usbmon.Control, Device: 5, Bus: 1, At: at, Status: -115, Length: 2, Setup: [8]byte{0x21, 9, 0x80, 2, 0, 0, 2, 0}, Data: []byte{0x80, 0}},
		{ID: 7, Kind: usbmon.Completed, Transfer: usbmon.Control, Device: 5, Bus: 1, At: at.Add(time.Millisecond), Length: 2},
		{ID: 8, Kind: usbmon.Submitted, Transfer: usbmon.Interrupt, Endpoint: 0x81, Device: 5, Bus: 1, At: at, Status: -115, Length: 64},
		{ID: 8, Kind: usbmon.Completed, Transfer: usbmon.Interrupt, Endpoint: 0x81, Device: 5, Bus: 1, At: at.Add(time.Second), Length: 3, Data: []byte("P<U")},
	}
}

func written(t testing.TB, events []usbmon.Event) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := usbmon.NewWriter(&b)
	for _, e := range events {
		err = errors.Join(err, w.Write(e))
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestACaptureIsReadAsItWasWritten(t *testing.T) {
	got, err := usbmon.ReadAll(bytes.NewReader(written(t, some())))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(some(), got); diff != "" {
		t.Error(diff)
	}
}

func TestACaptureThatEndsTooEarlyIsToldAsSuch(t *testing.T) {
	whole := written(t, some()[:1])
	for n := range len(whole) {
		events, err := usbmon.ReadAll(bytes.NewReader(whole[:n]))
		if n == 24 && err == nil && len(events) == 0 { // a capture of nothing
			continue
		}
		if !errors.Is(err, usbmon.ErrFormat) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(written(f, some()))
	f.Fuzz(func(t *testing.T, file []byte) {
		events, err := usbmon.ReadAll(bytes.NewReader(file))
		if err != nil {
			if !errors.Is(err, usbmon.ErrFormat) || errors.Is(err, io.EOF) {
				t.Error(err)
			}
			return
		}
		again, err := usbmon.ReadAll(bytes.NewReader(written(t, events)))
		if err != nil || len(again) != len(events) {
			t.Errorf("%v: %d events, and then %d", err, len(events), len(again))
		}
	})
}
