package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/history"
	"github.com/foyer-station/foyer/hwtest/wording"
)

// span is a time as people say it: 14d, or Go's 36h.
type span time.Duration

// UnmarshalText takes a number of days, or what Go calls a duration.
func (s *span) UnmarshalText(text []byte) error {
	if days, is := strings.CutSuffix(string(text), "d"); is {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return fmt.Errorf("%q is no number of days", text)
		}
		*s = span(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is no time: 14d, 36h", text)
	}
	*s = span(d)
	return nil
}

// history shows what the station's history knows.
func (c *cli) history(ctx context.Context, stdout io.Writer, words *wording.Catalogue) error {
	settings, err := c.settings()
	if err != nil {
		return misconfigured(err)
	}
	now := c.now()
	past, err := known(ctx, filepath.Join(settings.StateDir, history.Name), now.Add(-time.Duration(c.History.Since)), now)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return command.CannotRun(err, "run it as the station's user: sudo -u foyer hwtest history")
	case errors.Is(err, history.ErrFull):
		return command.CannotRun(err, "make room on the volume of "+settings.StateDir+": df -h, journalctl --vacuum-size=100M")
	case err != nil:
		return command.CannotRun(err, "move the file away; the next test begins a new one")
	}
	past.Only(c.Device...)
	if c.JSON || c.Format == "json" {
		err = past.WriteJSON(stdout, now)
	} else {
		err = past.WriteText(stdout, words, now)
	}
	if err != nil {
		return command.CannotRun(err, "check where the output goes: a full disk, a closed pipe")
	}
	if !past.Known() || len(past.Nearing(now)) > 0 {
		return command.ErrNotGood
	}
	return nil
}

// known is what a history knows; nothing where there is none, which is not begun by a look at it.
func known(ctx context.Context, path string, since, now time.Time) (hwtest.Past, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return hwtest.Past{Since: since}, nil
	}
	h, err := history.Open(ctx, path, history.Usual())
	if err != nil {
		return hwtest.Past{}, err
	}
	past, err := h.Past(ctx, since, now)
	return past, errors.Join(err, h.Close())
}
