package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/wording"
)

// watchCall is how a station is watched.
type watchCall struct {
	Every      time.Duration `default:"5m" help:"How often, give or take a tenth, so that not all stations of a fleet do it at once."`
	Full       int           `default:"12" help:"Write the report every so many times also where nothing has changed." placeholder:"N"`
	Prometheus string        `help:"Write Prometheus' text there each time, for the node exporter's textfile collector." placeholder:"FILE"`
}

// restartTime is how long a kiosk that does not run may take to come back before its devices are opened in its place: systemd starts it
// again after two seconds.
const restartTime = 15 * time.Second

// watchStation tests again and again until the context ends, one test at a time, and writes a line of JSON whenever something has changed.
// What goes wrong on the way is told once, and it goes on.
func (c *cli) watchStation(ctx context.Context, stdout, stderr io.Writer, words *wording.Catalogue) error {
	settings, err := c.settings()
	if err != nil {
		return misconfigured(err)
	}
	alone, err := alone(settings.StateDir)
	if err != nil {
		return command.CannotRun(err, "end the other one first: systemctl stop foyer-hwtest")
	}
	defer alone.Close()
	told := &once{to: stderr}
	before := ""
	for n := 0; ; n++ {
		awaitKiosk(ctx, settings.Socket, c.NoKiosk)
		report, err := c.test(ctx, &audience{words: words, stderr: told, watched: &watched{}})
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			fmt.Fprintf(told, "%s: %v\n", program, err)
		} else {
			c.remember(ctx, &report, told)
			now := outcome(report)
			if now != before || n%c.Watch.Full == 0 {
				if err := report.WriteJSON(stdout, words); err != nil {
					return command.CannotRun(fmt.Errorf("write the report: %w", err), "check where the output goes: a full disk, a closed pipe")
				}
			}
			before = now
			if to := c.Watch.Prometheus; to != "" {
				if err := replace(to, report.WritePrometheus); err != nil {
					fmt.Fprintf(told, "%s: write the metrics: %v\n", program, err)
				}
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(jittered(c.Watch.Every)):
		}
	}
}

// jittered is a time, give or take a tenth.
func jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*rand.Float64()))
}

// alone makes sure that no other watches the same station, until what it gives is closed. Whoever may not read the state folder cannot
// tell.
func alone(stateDir string) (io.Closer, error) {
	folder, err := os.Open(stateDir)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
		return io.NopCloser(nil), nil
	} else if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(folder.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		folder.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = errors.New("this station is being watched already")
		}
		return nil, err
	}
	return folder, nil
}

// awaitKiosk gives a kiosk that is being started again its time, so that it finds its devices free.
func awaitKiosk(ctx context.Context, socket string, none bool) {
	const pause = 200 * time.Millisecond
	for end := time.Now().Add(restartTime); !none && errors.Is(knock(socket), errNobody) && time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// outcome is how all checks ended, without what was measured.
func outcome(r hwtest.Report) string {
	var b strings.Builder
	for _, c := range r.Checks {
		result, state, reason := c.Lasting()
		fmt.Fprintln(&b, c.ID, result, state, reason, c.Model, c.Path)
	}
	return b.String()
}

// once leaves out what it has been told last.
type once struct {
	to   io.Writer
	last []byte
}

// Write implements io.Writer.
func (o *once) Write(text []byte) (int, error) {
	if bytes.Equal(text, o.last) {
		return len(text), nil
	}
	o.last = bytes.Clone(text)
	return o.to.Write(text)
}
