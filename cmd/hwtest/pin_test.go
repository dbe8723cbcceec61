package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/kiosk/pin"
)

// asks runs hwtest pin on a terminal, and types the lines, each once the question before it is there.
func asks(t *testing.T, ctx context.Context, lines ...string) (status int, stdout, terminal string) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	before := terminalOf(t, slave)
	shown := make(chan string)
	go func() {
		all := bufio.NewReader(master)
		var said strings.Builder
		for _, line := range lines {
			question, err := all.ReadString(':')
			said.WriteString(question)
			if err != nil {
				break
			}
			master.WriteString(line)
		}
		rest, _ := io.ReadAll(all) // it ends with an error when the terminal is closed (Linux: EIO)
		shown <- said.String() + string(rest)
	}()
	stdin := os.Stdin
	os.Stdin = slave
	defer func() { os.Stdin = stdin }()
	var out strings.Builder
	c := cli{now: time.Now}
	status = c.run(ctx, []string{"pin"}, &out, slave)
	if after := terminalOf(t, slave); after != before {
		t.Error("the terminal is left as it was not")
	}
	slave.Close()
	master.WriteString("\n") // for whoever still reads there
	return status, out.String(), <-shown
}

func terminalOf(t *testing.T, f *os.File) unix.Termios {
	t.Helper()
	is, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *is
}

func TestAPINIsAskedForTwiceOnATerminalThatDoesNotShowIt(t *testing.T) {
	status, stdout, terminal := asks(t, t.Context(), "480293\n", "480293\n")
	made, whole := strings.CutPrefix(strings.TrimSuffix(stdout, "\"\n"), `pin = "`)
	if status != 0 || !whole || pin.Check(made) != nil {
		t.Errorf("it ends with %d and says %q", status, stdout)
	}
	if strings.Contains(terminal, "480293") || strings.Count(terminal, ":") < 2 {
		t.Errorf("the terminal shows %q", terminal)
	}
}

func TestTwoDifferentPINsAreNone(t *testing.T) {
	status, stdout, terminal := asks(t, t.Context(), "480293\n", "480239\n")
	if status != 2 || stdout != "" || !strings.Contains(terminal, "two different PINs") {
		t.Errorf("it ends with %d, says %q and shows %q", status, stdout, terminal)
	}
}

func TestCtrlCLeavesTheTerminalAsItWas(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if status, stdout, _ := asks(t, ctx); status != 3 || stdout != "" {
		t.Errorf("it ends with %d and says %q", status, stdout)
	}
}
