package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/hwtest"
)

func TestWhoeverInterruptsTheKeepingIsToldOfNoFault(t *testing.T) {
	c := &cli{Config: filepath.Join(t.TempDir(), "station.toml"), now: time.Now}
	text := `state_dir = "."
socket = "technician.sock"
[back_office]
address = "localhost:7443"
certificate = "station.pem"
key = "station.key"
authority = "ca.pem"
`
	if err := os.WriteFile(c.Config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var said strings.Builder
	c.remember(ctx, &hwtest.Report{At: time.Now()}, &said)
	if said.Len() > 0 {
		t.Error(said.String())
	}
	if _, err := c.settings(); err != nil {
		t.Error(err)
	}
}
