package main

import (
	"fmt"
	"testing"

	"github.com/foyer-station/foyer/kiosk/pin"
)

// technicianPIN is the station's.
const technicianPIN = "274951"

func technicianLines(t *testing.T) string {
	t.Helper()
	made, err := pin.Make([]byte(technicianPIN))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("[technician]\npin = %q\n", made)
}
