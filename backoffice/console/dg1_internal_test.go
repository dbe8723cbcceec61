package console

import (
	"slices"
	"strings"
	"testing"
)

// td3 is the zone of the specimen in ICAO Doc 9303-4, appendix B.
const td3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"

func TestDG1GivesTheLinesOfItsZone(t *testing.T) {
	file := []byte("\x61\x5B\x5F\x1F\x58" + td3)
	if lines := parseDG1(file); !slices.Equal(lines, []string{td3[:44], td3[44:]}) {
		t.Errorf("read %q", lines)
	}
	for name, bad := range map[string]string{
		"nothing": "", "no zone": "\x61\x00", "cut off": "\x61\x5B\x5F\x1F\x58" + td3[:80], "of no format": "\x61\x05\x5F\x1F\x02AB",
		"not of a zone": "\x61\x5B\x5F\x1F\x58" + strings.Replace(td3, "A", "a", 1), "without an end": "\x61\x82\xFF\xFF\x5F\x1F",
	} {
		if lines := parseDG1([]byte(bad)); lines != nil {
			t.Errorf("%s: read %q", name, lines)
		}
	}
}

func FuzzDG1(f *testing.F) {
	f.Add([]byte("\x61\x5B\x5F\x1F\x58" + td3))
	f.Add([]byte("\x61\x81\x5B\x5F\x1F\x81\x58" + td3))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, line := range parseDG1(file) {
			if len(line) != 44 && len(line) != 36 && len(line) != 30 || strings.ContainsFunc(line, func(r rune) bool { return !isMRZ(r) }) {
				t.Errorf("read %q", line)
			}
		}
	})
}
