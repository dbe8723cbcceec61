package usb_test

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emulate/usb"
)

// TestTheDocumentPrintsTheBoardsReportDescriptor, so that whoever builds a board can copy it.
func TestTheDocumentPrintsTheBoardsReportDescriptor(t *testing.T) {
	text, err := os.ReadFile("../../docs/lamps.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "The report descriptor:\n\n```\n")
	printed, _, _ := strings.Cut(rest, "```")
	if got := strings.Join(strings.Fields(printed), ""); got != hex.EncodeToString(usb.LampReports()) {
		t.Errorf("docs/lamps.md prints\n%s, and the board has\n%x", got, usb.LampReports())
	}
}
