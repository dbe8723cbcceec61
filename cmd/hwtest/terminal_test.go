package main

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/foyer-station/foyer/hwtest/discover"
	"github.com/foyer-station/foyer/hwtest/machine"
)

// onTerminal is what hwtest writes to a terminal.
func onTerminal(t *testing.T, args ...string) string {
	t.Helper()
	master, terminal, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	written := make(chan string)
	go func() {
		text, _ := io.ReadAll(master) // it ends with an error when the terminal is closed (Linux: EIO)
		written <- string(text)
	}()
	c := cli{machine: machine.This(), places: discover.Places{}, now: time.Now, pick: func(int) int { return 0 }}
	c.run(t.Context(), args, terminal, terminal)
	terminal.Close()
	return <-written
}

func TestATerminalIsToldOfEachThatIsDoneAndThenShowsTheReportInItsPlace(t *testing.T) {
	t.Setenv("LANG", "C")
	t.Setenv("LC_ALL", "")
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	text := onTerminal(t, "--config", "", "--device", "memory", "--device", "software")
	progress, report, cleared := strings.Cut(text, "\x1b[2A\x1b[J")
	if !cleared || !strings.Contains(progress, "  memory\r\n") || !strings.Contains(progress, "  software\r\n") {
		t.Errorf("no lines while it works, or they are left: %q", text)
	}
	if !strings.Contains(report, "\x1b[32m+\x1b[0m memory ") {
		t.Errorf("no colours: %q", report)
	}
	for variable, value := range map[string]string{"NO_COLOR": "1", "TERM": "dumb"} {
		before := os.Getenv(variable)
		os.Setenv(variable, value)
		if text := onTerminal(t, "--config", "", "--device", "memory"); strings.Contains(text, "\x1b[32m") {
			t.Errorf("colours with %s=%s: %q", variable, value, text)
		}
		os.Setenv(variable, before)
	}
}
