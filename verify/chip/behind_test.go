package chip_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

func TestWhatProgramsPutBehindADataGroupIsLeftOutAndTold(t *testing.T) {
	p := newPassport(t)
	for name, behind := range map[string]string{"status word": "\x90\x00", "line's end": "\r\n", "block filled up": strings.Repeat("\x00", 200), "another object": "\x61\x01\x00"} {
		for _, group := range []string{"DG1", "DG2"} {
			ev := p.evidence(t)
			ev.Files[group] = append(ev.Files[group], behind...)
			handed := maps.Clone(ev.Files)
			check := examine(trusttest.New(t, p.csca), ev)["chip.pa.hashes"]
			if check.Result != verify.Passed || !strings.Contains(wordingtest.English(t, check), "unsigned bytes that follow "+group) {
				t.Errorf("%s behind %s: %+v", name, group, check)
			}
			if string(ev.Files[group]) != string(handed[group]) {
				t.Errorf("%s behind %s: the caller's files were changed", name, group)
			}
		}
	}
	for name, change := range map[string]func(file []byte) []byte{
		"changed, and something behind": func(file []byte) []byte { file[len(file)-1] ^= 1; return append(file, 0x90, 0) },
		"another in front":              func(file []byte) []byte { return append([]byte("\x61\x00"), file...) },
		"cut off":                       func(file []byte) []byte { return file[:len(file)-1] },
		"shorter by its own length":     func(file []byte) []byte { file[1]--; return file },
	} {
		ev := p.evidence(t)
		ev.Files["DG1"] = change(ev.Files["DG1"])
		if check := examine(trusttest.New(t, p.csca), ev)["chip.pa.hashes"]; check.Result != verify.Failed {
			t.Errorf("%s: %+v", name, check)
		}
	}
}
