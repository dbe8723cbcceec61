package hidpos

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/hid"
)

// twelve is a scanner whose reports hold twelve bytes of data.
func twelve(t testing.TB) layout {
	t.Helper()
	d, err := hid.Parse([]byte{
		0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x75, 0x08, 0x85, 0x02,
		0x0b, 0x3b, 0x00, 0x01, 0x00, 0x95, 0x01, 0x81, 0x02,
		0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x95, 0x03, 0x81, 0x02,
		0x09, 0xfe, 0x95, 0x0c, 0x81, 0x02,
		0x75, 0x01, 0x95, 0x08, 0x09, 0xff, 0x81, 0x02, 0xc0,
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := layoutOf(d, 0)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func report(count byte, aim, data string, on byte) []byte {
	r := make([]byte, 18)
	r[0], r[1], r[17] = 2, count, on
	copy(r[2:], aim)
	copy(r[5:], data)
	return r
}

func TestScansArePutTogether(t *testing.T) {
	for name, c := range map[string]struct {
		reports [][]byte
		want    string
		err     error
	}{
		"one report":                 {[][]byte{report(3, "]Q1", "abc", 0)}, "abc", nil},
		"two reports":                {[][]byte{report(12, "]Q1", "abcdefghijkl", 1), report(1, "]Q1", "m", 0)}, "abcdefghijklm", nil},
		"another report before":      {[][]byte{{9, 1, 1}, report(1, "]Q1", "m", 0)}, "m", nil},
		"nothing that is complete":   {[][]byte{report(12, "]Q1", "abcdefghijkl", 1)}, "", nil},
		"more than there is room":    {[][]byte{report(13, "]Q1", "abcdefghijkl", 0)}, "", errReport},
		"half a report":              {[][]byte{report(3, "]Q1", "abc", 0)[:9]}, "", errReport},
		"going on with nothing":      {[][]byte{report(0, "]Q1", "", 1)}, "", errReport},
		"going on as something else": {[][]byte{report(1, "]Q1", "a", 1), report(1, "]o2", "b", 0)}, "", errMixed},
		"without end":                {slices.Repeat([][]byte{report(12, "]Q1", "abcdefghijkl", 1)}, 1000), "", errLong},
		"nothing but noise":          {slices.Repeat([][]byte{{9}}, 1000), "", errNoise},
	} {
		d := decoder{layout: twelve(t)}
		var got Scan
		var err error
		for _, r := range c.reports {
			var complete bool
			if got, complete, err = d.report(r); complete || err != nil {
				break
			}
		}
		if string(got.Data) != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v, want %q, %v", name, got.Data, err, c.want, c.err)
		}
	}
}

func TestAZoneIsTakenForOne(t *testing.T) {
	zone := "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\rL898902C36UTO7408122F1204159ZE184226B<<<<<10\r"
	for _, c := range []struct {
		scan Scan
		want bool
	}{
		{Scan{"]o2", []byte(zone)}, true},
		{Scan{"]o0", []byte("AB")}, true},
		{Scan{"", []byte(zone)}, true},
		{Scan{"]X0", []byte(zone)}, true},
		{Scan{"]L2", []byte(zone)}, false}, // a PDF417 with the text of a zone
		{Scan{"", []byte("1234567")}, false},
		{Scan{"", []byte(strings.ReplaceAll(zone, "<", "A"))}, false},
	} {
		if got := c.scan.isZone(); got != c.want {
			t.Errorf("%q: %v", c.scan, got)
		}
	}
}

func TestWhatIsNoScannerIsRefused(t *testing.T) {
	for name, descriptor := range map[string][]byte{
		"nothing":                {},
		"a badge reader":         {0x05, 0x8c, 0x09, 0x01, 0xa1, 0x01, 0x09, 0xfe, 0x75, 0x08, 0x95, 0x08, 0x81, 0x02, 0xc0},
		"a scanner without data": {0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x09, 0xfb, 0x75, 0x08, 0x95, 0x08, 0x81, 0x02, 0xc0},
		"data in bits":           {0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x09, 0xfe, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0xc0},
	} {
		d, err := hid.Parse(descriptor)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := layoutOf(d, honeywell); !errors.Is(err, devices.ErrProtocol) {
			t.Errorf("%s: %v, want ErrProtocol", name, err)
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add(report(12, "]Q1", "abcdefghijkl", 1), 18)
	f.Add(report(3, "]o2", "P<\r", 0), 18)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		size = min(max(size, 1), 64)
		d := decoder{layout: twelve(t)}
		for len(stream) > 0 {
			n := min(size, len(stream))
			scan, complete, err := d.report(stream[:n])
			stream = stream[n:]
			if err != nil && d.waiting {
				t.Fatal("an error leaves half a scan behind")
			}
			if len(scan.Data) > maxData || len(d.scan.Data) > maxData {
				t.Fatalf("%d bytes", len(scan.Data))
			}
			if complete {
				scan.isZone()
			}
		}
	})
}
