package watchdog

import (
	"context"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// supervisor is systemd's end of sd_notify(3).
func supervisor(t *testing.T, within string) <-chan string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", within)
	said := make(chan string)
	read := make(chan struct{})
	go func() {
		defer close(read)
		for buffer := make([]byte, 256); ; {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			select {
			case said <- string(buffer[:n]):
			case <-t.Context().Done():
				return
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-read })
	return said
}

// loop answers while it may.
type loop struct{ may chan struct{} }

func (l loop) Answers(ctx context.Context) error {
	select {
	case <-l.may:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func start(t *testing.T, of ...Answerer) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, slog.New(slog.NewTextHandler(io.Discard, nil)), of...) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the watchdog ended with %v", err)
		}
	})
}

func TestAProgramIsReadyOnceItComesRoundAndAliveEachTimeAfter(t *testing.T) {
	said := supervisor(t, "60000")
	running := loop{make(chan struct{})}
	start(t, running)
	select {
	case <-said:
		t.Fatal("ready before the loop came round")
	case running.may <- struct{}{}:
	}
	if first := <-said; first != "READY=1" {
		t.Errorf("said %q first, want READY=1", first)
	}
	for range 3 {
		running.may <- struct{}{}
		if next := <-said; next != "WATCHDOG=1" {
			t.Errorf("said %q, want WATCHDOG=1", next)
		}
	}
}

func TestAProgramOfWhichOnePartHangsSaysNothingMoreUntilItComesRoundAgain(t *testing.T) {
	said := supervisor(t, "60000")
	well, hanging := loop{make(chan struct{})}, loop{make(chan struct{})}
	start(t, well, hanging)
	go func() { // a part that never hangs
		for {
			select {
			case well.may <- struct{}{}:
			case <-t.Context().Done():
				return
			}
		}
	}()
	hanging.may <- struct{}{}
	<-said
	select {
	case s := <-said:
		t.Fatalf("said %q while the loop hung", s)
	case <-time.After(300 * time.Millisecond): // five times as long as systemd would wait
	}
	hanging.may <- struct{}{}
	if s := <-said; s != "WATCHDOG=1" {
		t.Errorf("said %q, want WATCHDOG=1", s)
	}
}
