package protocol_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/devices/stu/protocol"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The vectors are those that le2ni/stusign (tests/serial-protocol.test.ts) took from Wacom's own converter.
func TestFramesAreThoseOfWacomsConverter(t *testing.T) {
	for report, frame := range map[string]string{
		"80 08":    "c0 05 40 02 0c 00 30",
		"80 0c":    "c0 05 40 03 0c 1c 28",
		"0c 01 00": "c0 06 06 00 20 0c 0c 4c",
		"04 01":    "c0 05 02 00 38 30 00",
	} {
		if got := protocol.Frame(unhex(t, report)); !bytes.Equal(got, unhex(t, frame)) {
			t.Errorf("Frame(%s) = % x, want %s", report, got, frame)
		}
		var d protocol.Deframer
		if got, lost := d.Take(unhex(t, frame)); len(got) != 1 || !bytes.Equal(got[0], unhex(t, report)) || lost != 0 {
			t.Errorf("Take(%s) = % x, %d lost", frame, got, lost)
		}
	}
	var d protocol.Deframer
	if got, _ := d.Take(unhex(t, "80 03 40 40 00")); !cmp.Equal(got, [][]byte{{0x81, 0}}) {
		t.Errorf("an answer without a CRC: % x", got)
	}
}

func TestABrokenFrameIsThrownAwayAndTheNextOneIsRead(t *testing.T) {
	for name, c := range map[string]struct {
		bytes string
		lost  int
	}{
		"noise between frames":       {"01 02 03", 0},
		"no length":                  {"c0 00", 1},
		"no room for a CRC":          {"c0 02 00 00", 1},
		"a wrong CRC":                {"c0 05 40 02 0d 00 30", 1},
		"filling that is not zero":   {"c0 05 40 02 0c 00 31", 1},
		"seven bits of filling":      {"80 09 00 00 00 00 00 00 00 00 00", 1},
		"cut short by the next one":  {"c0 05 40", 1},
		"cut short behind its first": {"c0", 1},
		"two of them":                {"c0 00 c0 05 40", 2},
	} {
		var d protocol.Deframer
		got, lost := d.Take(append(unhex(t, c.bytes), unhex(t, "80 03 40 40 00")...))
		if !cmp.Equal(got, [][]byte{{0x81, 0}}) || lost != c.lost {
			t.Errorf("%s: % x, %d lost, want %d", name, got, lost, c.lost)
		}
	}
}

func TestReportsComeWholeHoweverTheirFramesAreCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sent, got [][]byte
		var stream []byte
		for range rapid.IntRange(1, 5).Draw(t, "reports") {
			report := rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "report")
			sent, stream = append(sent, report), append(stream, protocol.Frame(report)...)
		}
		var d protocol.Deframer
		for len(stream) > 0 {
			n := rapid.IntRange(1, len(stream)).Draw(t, "piece")
			reports, lost := d.Take(stream[:n])
			if lost > 0 {
				t.Fatal("a whole frame was thrown away")
			}
			got, stream = append(got, reports...), stream[n:]
		}
		if !cmp.Equal(sent, got) {
			t.Fatalf("got % x, want % x", got, sent)
		}
	})
}

func TestTheLongestReportFitsAFrame(t *testing.T) {
	report := bytes.Repeat([]byte{0xa5}, protocol.MaxFramed)
	var d protocol.Deframer
	if got, lost := d.Take(protocol.Frame(report)); len(got) != 1 || !bytes.Equal(got[0], report) || lost != 0 {
		t.Errorf("%d reports, %d lost", len(got), lost)
	}
}

func FuzzDeframer(f *testing.F) {
	f.Add([]byte("\xc0\x05\x40\x02\x0c\x00\x30"), 3)
	f.Add([]byte("\x80\x03\x40\x40\x00"), 1)
	f.Add([]byte("\xff\x7f\x00\x00"), 2)
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		var whole, pieces protocol.Deframer
		want, wantLost := whole.Take(stream)
		cut = min(max(cut, 0), len(stream))
		got, lost := pieces.Take(stream[:cut])
		more, moreLost := pieces.Take(stream[cut:])
		if got = append(got, more...); !cmp.Equal(want, got) || wantLost != lost+moreLost {
			t.Fatalf("in pieces % x and %d lost, as a whole % x and %d", got, lost+moreLost, want, wantLost)
		}
		for _, report := range got {
			if len(report) == 0 || len(report) > protocol.MaxFramed+2 {
				t.Fatalf("a report of %d bytes", len(report))
			}
		}
	})
}
