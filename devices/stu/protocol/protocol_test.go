package protocol_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu/protocol"
)

var size530 = devices.PadSize{MaxX: 10800, MaxY: 6480, MaxPressure: 1023, Width: 800, Height: 480}

func TestCapabilityGivesGeometryRateAndEncodings(t *testing.T) {
	colour := []byte{0x2a, 0x30, 0x19, 0x50, 0x03, 0xff, 0x03, 0x20, 0x01, 0xe0, 200, 0x09, 0xec, 0x0f, 0, 0}
	all := protocol.TakesZlib | protocol.Takes1Bit | protocol.Takes16Bit | protocol.Takes24Bit
	for name, c := range map[string]struct {
		report []byte
		want   protocol.Capability
	}{
		"a new one":  {colour, protocol.Capability{PadSize: size530, Rate: 200, Encodings: all}},
		"an old one": {colour[:10], protocol.Capability{PadSize: size530}},
	} {
		if got, err := protocol.DecodeCapability(c.report); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, c.want)
		}
	}
	for name, report := range map[string][]byte{
		"empty": nil, "short": colour[:9], "no pressure": append([]byte{0x2a, 0x30, 0x19, 0x50, 0, 0}, colour[6:]...),
		"an endless screen":     append(append([]byte{}, colour[:6]...), 0xff, 0xff, 0xff, 0xff),
		"a screen of one line":  append(append([]byte{}, colour[:6]...), 0xff, 0xff, 0, 1),
		"a screen of a stamp":   append(append([]byte{}, colour[:6]...), 0, 8, 0, 8),
		"a tablet of one width": append([]byte{0, 1, 0xff, 0xff}, colour[4:]...),
	} {
		if _, err := protocol.DecodeCapability(report); !errors.Is(err, devices.ErrProtocol) {
			t.Errorf("%s: %v, want ErrProtocol", name, err)
		}
	}
}

func TestInformationIsPrintableWhateverThePadSays(t *testing.T) {
	model, firmware, err := protocol.DecodeInformation([]byte("STU\x1b-530\x00\x01\x05\x00\x00\x00\x00\x00"))
	if err != nil || model != "STU-530" || firmware != "1.05" {
		t.Errorf("%q, %q, %v, want STU-530, 1.05", model, firmware, err)
	}
}

// pens are the samples in clear of a whole packet.
func pens(packet []byte) []protocol.Pen {
	var all []protocol.Pen
	for _, m := range protocol.Split(packet) {
		all = append(all, m.Pens(size530)...)
	}
	return all
}

func TestPenReportsAreReadFromAPacket(t *testing.T) {
	pen := []byte{0x01, 0x91, 0xf4, 0x15, 0x18, 0x0c, 0xa8} // ready, touches, 500 at 5400, 3240
	timed := []byte{0x34, 0x80, 0x00, 0x00, 0x01, 0x00, 0x02, 0x12, 0x34, 0x00, 0x07}
	numbered := []byte{0x30, 0x80, 0x00, 0x00, 0x01, 0x00, 0x02, 0x00, 0x09}
	far := []byte{0x01, 0x91, 0xf4, 0x2a, 0x31, 0x00, 0x00} // one unit beyond the pad
	first := protocol.Pen{Ready: true, Down: true, Pressure: 500, X: 5400, Y: 3240}
	second := protocol.Pen{Ready: true, X: 1, Y: 2, Timed: true, Time: 0x1234, Numbered: true, Number: 7}
	third := protocol.Pen{Ready: true, X: 1, Y: 2, Numbered: true, Number: 9}
	join := func(parts ...[]byte) []byte {
		var all []byte
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	for name, c := range map[string]struct {
		packet []byte
		want   []protocol.Pen
	}{
		"one":              {pen, []protocol.Pen{first}},
		"three":            {join(pen, timed, numbered), []protocol.Pen{first, second, third}},
		"one and filling":  {join(pen, make([]byte, 57)), []protocol.Pen{first}},
		"one and a half":   {join(pen, timed[:4]), []protocol.Pen{first}},
		"beyond the pad":   {join(far, pen), []protocol.Pen{first}},
		"of another kind":  {[]byte{0x99, 1, 2, 3}, nil},
		"encrypted":        {join([]byte{0x10}, make([]byte, 16)), nil},
		"shorter than two": {pen[:6], nil},
		"empty":            {nil, nil},
	} {
		if diff := cmp.Diff(c.want, pens(c.packet)); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte{0x01, 0x91, 0xf4, 0x15, 0x18, 0x0c, 0xa8})
	f.Add([]byte{0x34, 0x80, 0x00, 0x00, 0x01, 0x00, 0x02, 0x12, 0x34, 0x00, 0x07})
	f.Add(append([]byte{0x31}, make([]byte, 20)...))
	session, err := protocol.NewSession(make([]byte, 32), 7)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		for _, m := range protocol.Split(packet) {
			opened, _ := session.Open(m, size530)
			for _, p := range append(opened, m.Pens(size530)...) {
				if p.X > size530.MaxX || p.Y > size530.MaxY || p.Pressure > size530.MaxPressure {
					t.Fatalf("sample %+v", p)
				}
			}
		}
		protocol.DecodeCapability(packet)
		protocol.DecodeInformation(packet)
		protocol.KeyProgress(packet)
		protocol.KeyBlock(packet)
	})
}
