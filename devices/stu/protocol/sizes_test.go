package protocol_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/hid"
	"github.com/foyer-station/foyer/devices/stu/protocol"
)

// descriptor is a HID report descriptor of an input report 1 of 6 bytes and feature reports 3 and 0x26.
var descriptor = []byte{
	0x06, 0x00, 0xff, 0x09, 0x01, 0xa1, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08,
	0x85, 0x01, 0x95, 0x06, 0x09, 0x01, 0x81, 0x02,
	0x85, 0x03, 0x95, 0x04, 0x09, 0x01, 0xb1, 0x02,
	0x85, 0x26, 0x96, 0xff, 0x09, 0x09, 0x01, 0xb1, 0x02,
	0xc0,
}

func TestTheDescriptorSaysWhichReportsThereAreAndHowLong(t *testing.T) {
	want := protocol.Sizes{protocol.PenData: 6, protocol.Status: 4, protocol.ImageDataBlock: 0x9ff}
	parsed, err := hid.Parse(descriptor)
	if err != nil {
		t.Fatal(err)
	}
	got := protocol.FromDescriptor(parsed)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got.BlockSize() != 2559 || (protocol.Sizes{}).BlockSize() != 255 {
		t.Errorf("blocks of %d, and of %d where nothing is said", got.BlockSize(), protocol.Sizes{}.BlockSize())
	}
}

// collection is a table of lengths with ids, as along a serial line.
func collection(lengths map[protocol.Report]int) []byte {
	all := make([]byte, 511)
	for r, n := range lengths {
		binary.BigEndian.PutUint16(all[2*int(r)-1:], uint16(n))
	}
	return all
}

func TestTheCollectionOfASerialPadSaysTheSame(t *testing.T) {
	usual := map[protocol.Report]int{protocol.Status: 5, protocol.Information: 17, protocol.ImageDataBlock: 2560}
	want := protocol.Sizes{protocol.Status: 4, protocol.Information: 16, protocol.ImageDataBlock: 2559}
	got, err := protocol.FromCollection(collection(usual))
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	for name, content := range map[string][]byte{
		"short":             make([]byte, 100),
		"empty":             collection(nil),
		"an endless report": collection(map[protocol.Report]int{protocol.Status: 5, protocol.Information: 17, 0x77: 65535}),
	} {
		if _, err := protocol.FromCollection(content); !errors.Is(err, devices.ErrProtocol) {
			t.Errorf("%s: %v, want ErrProtocol", name, err)
		}
	}
}

func FuzzSizes(f *testing.F) {
	f.Add(descriptor)
	f.Add([]byte{0xfe, 0xff, 0x00})
	f.Add([]byte{0x77, 0xff, 0xff, 0xff, 0xff, 0x97, 0xff, 0xff, 0xff, 0xff, 0x85, 1, 0x81, 2})
	f.Fuzz(func(t *testing.T, content []byte) {
		parsed, _ := hid.Parse(content) // of one that makes no sense there are no reports
		for _, sizes := range []protocol.Sizes{protocol.FromDescriptor(parsed), must(protocol.FromCollection(append(content, make([]byte, 511)...)[:511]))} {
			for r, n := range sizes {
				if n < 0 || n > 4096 {
					t.Fatalf("report %#x has %d bytes", r, n)
				}
			}
			if n := sizes.BlockSize(); n < 18 || n > 4096 {
				t.Fatalf("blocks of %d bytes", n)
			}
		}
	})
}

func must(s protocol.Sizes, _ error) protocol.Sizes { return s }
