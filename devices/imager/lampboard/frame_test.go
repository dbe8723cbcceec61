package lampboard

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// TestTheChecksumIsThatOfTheStandard: the check value of CRC-16/X-25, which is the FCS of RFC 1662.
func TestTheChecksumIsThatOfTheStandard(t *testing.T) {
	fcs := uint16(0xffff)
	for _, b := range []byte("123456789") {
		fcs = checksum(fcs, b)
	}
	if ^fcs != 0x906e {
		t.Errorf("%#x", ^fcs)
	}
}

func TestWhatIsFramedIsFoundBehindAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 1, mostFrame-2).Draw(t, "content")
		noise := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "noise")
		var d decoder
		var last []byte
		for _, b := range appendFrame(noise, content) {
			if f := d.next(b); f != nil {
				last = f
			}
		}
		if !bytes.Equal(last, content) {
			t.Fatalf("%x came as %x", content, last)
		}
	})
}

func TestADamagedFrameIsPassedOver(t *testing.T) {
	good := appendFrame(nil, []byte("a\x01\x03state"))
	for i := 1; i < len(good)-1; i++ {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			var d decoder
			for _, b := range bad {
				if f := d.next(b); f != nil {
					t.Errorf("bit %d of byte %d is wrong, and %x came", bit, i, f)
				}
			}
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add(appendFrame(nil, []byte("a\x01\x03\x00\x64\x00\x01\x00\x00\x00\x00")))
	f.Add([]byte{flag, escape, flag, flag, 0, flag})
	f.Fuzz(func(t *testing.T, stream []byte) {
		var d decoder
		for _, b := range stream {
			content := d.next(b)
			if len(content) > mostFrame || len(d.content) > mostFrame {
				t.Fatalf("%d bytes kept", len(content))
			}
			parseAll(content)
		}
	})
}

func FuzzReports(f *testing.F) {
	f.Add([]byte("FOYERLMP\x01\x00\x01\x02LAMP-1"))
	f.Add([]byte{7, 3, 0, 0, 0x10, 0x27, 100, 0, 0, 0, 0x10, 0x27, 100, 0, 0, 0, 0x10, 0x27, 80, 0})
	f.Fuzz(func(t *testing.T, report []byte) { parseAll(report) })
}

func parseAll(report []byte) {
	parseIdentity(report)
	parseState(report)
	if c, err := parseCapabilities(report); err == nil {
		for i, l := range c.lamps {
			if c.lights>>i&1 == 1 && (l.power > 100 || l.hold < shortestHold) {
				panic("a lamp that burns too short or too bright")
			}
		}
	}
}
