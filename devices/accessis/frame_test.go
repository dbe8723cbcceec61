package accessis

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/zone"
)

// inReports cuts bytes into reports, each with its length first.
func inReports(message string, room int) [][]byte {
	var reports [][]byte
	for len(message) > 0 {
		n := min(room, len(message))
		reports = append(reports, append([]byte{byte(n)}, message[:n]...))
		message = message[n:]
	}
	return reports
}

// decodeAll feeds reports until there is a document or an error.
func decodeAll(reports [][]byte) ([]string, error) {
	var d decoder
	for _, r := range reports {
		if lines, err := d.report(r); lines != nil || err != nil {
			return lines, err
		}
	}
	return nil, nil
}

func TestMessagesAreReadAsTheyCome(t *testing.T) {
	for name, c := range map[string]struct {
		message string
		lines   []string
		err     error
	}{
		"two lines":                     {"\x1c\x02P<UTO\rL898\r\x03\x1d", []string{"P<UTO", "L898"}, nil},
		"no carriage return at the end": {"\x1c\x02P<UTO\rL898\x03\x1d", []string{"P<UTO", "L898"}, nil},
		"three lines":                   {"\x1c\x02I<UTO\r74\rERIKSSON\r\x03\x1d", []string{"I<UTO", "74", "ERIKSSON"}, nil},
		"noise before":                  {"\xff\x02noise\x03\x1c\x1c\x02P<\r\x03\x1d", []string{"P<"}, nil},
		"a card and a barcode before":   {"\x0e\x02\x31\x10\x99\r\x03\x0f\x1e\x02abc\x03\x1f\x1c\x02P<\r\x03\x1d", []string{"P<"}, nil},
		"unreadable characters":         {"\x1c\x02P*UTo E\xe9\r\x03\x1d", []string{"P?UT??E?"}, nil},
		"noticed but not read":          {"\x1c\x02\x03\x1d", []string{""}, nil},
		"unfinished":                    {"\x1c\x02P<UTO\r", nil, nil},
		"a message within a message":    {"\x1c\x02P<UTO\x1c\x02P<UTO\r\x03\x1d", nil, errFrame},
		"wrong mark at the end":         {"\x1c\x02P<UTO\r\x03\x0f", nil, errFrame},
		"four lines":                    {"\x1c\x02A\rB\rC\rD\r\x03\x1d", nil, zone.ErrLines},
		"a long line":                   {"\x1c\x02" + strings.Repeat("<", zone.MaxLength+1) + "\r\x03\x1d", nil, zone.ErrLines},
		"a message without end":         {"\x1c\x02" + strings.Repeat("<", maxContent+1), nil, errFrame},
		"noise without end":             {strings.Repeat("\xa5", maxNoise+1), nil, errNoise},
		"marks without end":             {strings.Repeat("\x1c", maxNoise+2), nil, errNoise},
	} {
		for _, room := range []int{1, 7, 63, 127} {
			lines, err := decodeAll(inReports(c.message, room))
			if !cmp.Equal(lines, c.lines) || !errors.Is(err, c.err) {
				t.Errorf("%s, %d bytes a report: %q, %v, want %q, %v", name, room, lines, err, c.lines, c.err)
			}
			if err != nil && !errors.Is(err, devices.ErrProtocol) {
				t.Errorf("%s: %v is not ErrProtocol", name, err)
			}
		}
	}
}

func TestAReportShorterThanItSaysIsBroken(t *testing.T) {
	for _, report := range [][]byte{{}, {1}, {0x80 | 5, 'a', 'b'}} {
		if _, err := new(decoder).report(report); !errors.Is(err, errReport) {
			t.Errorf("report %x: %v, want errReport", report, err)
		}
	}
}

func TestWhatIsFramedIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.StringMatching(`[A-Z0-9<]{1,64}`), 1, zone.MaxLines).Draw(t, "lines")
		message := "\x1c\x02" + strings.Join(lines, "\r") + "\r\x03\x1d"
		got, err := decodeAll(inReports(message, rapid.IntRange(1, 127).Draw(t, "room")))
		if err != nil || !cmp.Equal(got, lines) {
			t.Fatalf("read %q, %v, want %q", got, err, lines)
		}
	})
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte("\x40\x1c\x02P<UTO\rL898\r\x03\x1d"), 64)
	f.Add([]byte("\x87\xa5\x5a\xa5"), 4)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		size = min(max(size, 2), 64)
		var d decoder
		for len(stream) > 0 {
			n := min(size, len(stream))
			lines, err := d.report(stream[:n])
			stream = stream[n:]
			if err != nil && d.waiting() {
				t.Fatal("an error leaves half a message behind")
			}
			if len(lines) > zone.MaxLines || len(d.content) > maxContent {
				t.Fatalf("%d lines, %d bytes kept", len(lines), len(d.content))
			}
			for _, line := range lines {
				if len(line) > zone.MaxLength || strings.Trim(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<?") != "" {
					t.Fatalf("line %q", line)
				}
			}
		}
	})
}
