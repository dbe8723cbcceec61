package hid_test

import (
	"slices"
	"testing"

	"github.com/foyer-station/foyer/devices/hid"
)

// keyboard is the keyboard of HID 1.11, appendix E.6, without its lamps.
var keyboard = []byte{
	0x05, 0x01, 0x09, 0x06, 0xa1, 0x01,
	0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02,
	0x95, 0x01, 0x75, 0x08, 0x81, 0x01,
	0x95, 0x06, 0x75, 0x08, 0x15, 0x00, 0x25, 0x65, 0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00,
	0xc0,
}

// numbered has an input report 2 (one byte, then three bytes, then a bit) and a feature report 7 of two bytes.
var numbered = []byte{
	0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01,
	0x85, 0x02, 0x75, 0x08, 0x95, 0x01, 0x0b, 0x3b, 0x00, 0x01, 0x00, 0x81, 0x02,
	0x95, 0x03, 0x09, 0xfb, 0x09, 0xfe, 0x81, 0x02,
	0xa4, 0x75, 0x01, 0x95, 0x08, 0x09, 0xff, 0x81, 0x02, 0xb4,
	0x85, 0x07, 0x95, 0x02, 0x09, 0x10, 0xb1, 0x02,
	0xc0,
}

func parse(t *testing.T, descriptor []byte) hid.Descriptor {
	t.Helper()
	d, err := hid.Parse(descriptor)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAKeyboardIsSeenToBeOne(t *testing.T) {
	d := parse(t, keyboard)
	if !d.Is(hid.Keyboard) || d.Is(hid.Mouse) {
		t.Errorf("it is for %x", d.Applications)
	}
	if n := d.Length(hid.Input, 0); n != 8 {
		t.Errorf("its report has %d bytes, want 8", n)
	}
	if p, ok := d.Find(hid.Input, hid.UsageOf(7, 0xe2)); !ok || p.Offset != 2 || p.Size != 1 {
		t.Errorf("left Alt is at %+v, %v", p, ok)
	}
}

func TestValuesAreFoundWhereTheyStand(t *testing.T) {
	d := parse(t, numbered)
	for usage, want := range map[hid.Usage]hid.Place{
		hid.UsageOf(1, 0x3b):    {Report: 2, Offset: 8, Size: 8, Count: 1},
		hid.UsageOf(0x8c, 0xfb): {Report: 2, Offset: 16, Size: 8, Count: 1},
		hid.UsageOf(0x8c, 0xfe): {Report: 2, Offset: 24, Size: 8, Count: 2},
		hid.UsageOf(0x8c, 0xff): {Report: 2, Offset: 40, Size: 1, Count: 8},
	} {
		if got, ok := d.Find(hid.Input, usage); !ok || got != want {
			t.Errorf("%08x is at %+v, %v, want %+v", usage, got, ok, want)
		}
	}
	if _, ok := d.Find(hid.Output, hid.UsageOf(0x8c, 0xfe)); ok {
		t.Error("a value in a report of another kind")
	}
	if d.Length(hid.Input, 2) != 6 || d.Length(hid.Feature, 7) != 3 || d.Length(hid.Output, 0) != 0 {
		t.Errorf("lengths %d, %d, %d", d.Length(hid.Input, 2), d.Length(hid.Feature, 7), d.Length(hid.Output, 0))
	}
	if ids := d.Reports(hid.Feature); !slices.Equal(ids, []byte{7}) {
		t.Errorf("feature reports %v", ids)
	}
}

func TestWhatAPlaceSaysIsReadFromAReport(t *testing.T) {
	d := parse(t, numbered)
	report := []byte{2, 9, ']', 'a', 'b', 1}
	data, _ := d.Find(hid.Input, hid.UsageOf(0x8c, 0xfe))
	if got, ok := data.Bytes(report); !ok || string(got) != "ab" {
		t.Errorf("data %q, %v", got, ok)
	}
	if _, ok := data.Bytes(report[:4]); ok {
		t.Error("data of a report that is too short")
	}
	more, _ := d.Find(hid.Input, hid.UsageOf(0x8c, 0xff))
	if set, ok := more.Bit(report); !ok || !set {
		t.Error("the bit is not set")
	}
	if _, ok := more.Bit(report[:5]); ok {
		t.Error("a bit of a report that is too short")
	}
}

func TestWhatMakesNoSenseIsRefused(t *testing.T) {
	for name, descriptor := range map[string][]byte{
		"an item that is cut off":        {0x05, 0x01, 0x26, 0xff},
		"a long item that is cut off":    {0xfe, 0x10, 0x00, 0x00},
		"a collection that is not ended": {0x05, 0x01, 0x09, 0x06, 0xa1, 0x01},
		"an end without a collection":    {0xc0},
		"collections without end":        slices.Repeat([]byte{0xa1, 0x01}, 100),
		"states without end":             slices.Repeat([]byte{0xa4}, 100),
		"a state that was never kept":    {0xb4},
		"a report of gigabytes":          {0x75, 0x20, 0x97, 0xff, 0xff, 0xff, 0x7f, 0x81, 0x02},
		"values of a thousand bits":      {0x76, 0xe8, 0x03, 0x95, 0x01, 0x81, 0x02},
		"report 0":                       {0x85, 0x00},
		"an id after a report without":   {0x75, 0x08, 0x95, 0x01, 0x81, 0x02, 0x85, 0x01},
		"more than a device may have":    make([]byte, 5000),
		"fields without end":             append([]byte{0x75, 0x01, 0x95, 0x01}, slices.Repeat([]byte{0x81, 0x02}, 1000)...),
	} {
		if d, err := hid.Parse(descriptor); err == nil {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(keyboard)
	f.Add(numbered)
	f.Add([]byte{0x19, 0x00, 0x2b, 0xff, 0xff, 0xff, 0xff, 0x81, 0x02})
	f.Fuzz(func(t *testing.T, descriptor []byte) {
		d, err := hid.Parse(descriptor)
		if err != nil {
			return
		}
		for _, kind := range []hid.Kind{hid.Input, hid.Output, hid.Feature} {
			for _, id := range d.Reports(kind) {
				if n := d.Length(kind, id); n > 16385 {
					t.Fatalf("a report of %d bytes", n)
				}
			}
			if p, ok := d.Find(kind, hid.UsageOf(0x8c, 0xfe)); ok && p.Offset+p.Size*p.Count > 8*d.Length(kind, p.Report) {
				t.Fatalf("%+v is beyond its report", p)
			}
		}
	})
}
