package lampboard

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

// TestTheExampleInTheDocumentIsWhatGoesOverTheLine, byte by byte.
func TestTheExampleInTheDocumentIsWhatGoesOverTheLine(t *testing.T) {
	text, err := os.ReadFile("../../docs/lamps.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range [][]byte{{'s', 1, SetLight, 2, 80, 0x88, 0x13}, {'a', 1, SetLight}} {
		want := strings.TrimSpace(string(appendSpaced(nil, framed(content))))
		if !bytes.Contains(text, []byte("\n"+want+"\n")) {
			t.Errorf("docs/lamps.md does not have %q", want)
		}
	}
}

func appendSpaced(to, b []byte) []byte {
	for _, v := range b {
		to = append(hex.AppendEncode(to, []byte{v}), ' ')
	}
	return to
}
