package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/history"
	"github.com/foyer-station/foyer/hwtest/wording"
)

// shown is how far back a report shows what was measured.
const shown = 28 * 24 * time.Hour

// remember keeps what was found in the station's history, marks what nears its limit by what was found before, and gives that. Where
// there is no station, or its folder is not this user's, nothing is kept, nor for somebody who interrupts it; that something else prevents it
// is told, and changes nothing.
func (c *cli) remember(ctx context.Context, r *hwtest.Report, stderr io.Writer) map[string][]hwtest.Point {
	settings, err := c.settings()
	if c.NoHistory || err != nil {
		return nil
	}
	past, err := kept(ctx, filepath.Join(settings.StateDir, history.Name), r, stderr)
	if err != nil && ctx.Err() == nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(stderr, "%s: %v; the test itself is whole\n", program, err)
	}
	r.Trends(past)
	return past
}

func kept(ctx context.Context, path string, r *hwtest.Report, stderr io.Writer) (map[string][]hwtest.Point, error) {
	h, err := history.Open(ctx, path, history.Usual())
	if err != nil {
		return nil, err
	}
	added := h.Add(ctx, *r)
	measured, read := h.Measured(ctx, r.At.Add(-shown), r.At)
	if h.SetAside != "" {
		fmt.Fprintf(stderr, "%s: the history was damaged: it is now %s, and a new one is begun\n", program, h.SetAside)
	}
	return hwtest.PointsOf(measured), errors.Join(added, read, h.Close())
}

// writeReport writes the page that was asked for. It takes the place of an older one once it is whole.
func (c *cli) writeReport(r hwtest.Report, past map[string][]hwtest.Point, words *wording.Catalogue) error {
	if c.Report == "" {
		return nil
	}
	return replace(c.Report, func(w io.Writer) error { return r.WriteHTML(w, words, c.language(), past) })
}

// replace writes a file (mode 0644) that is never there by halves. Its errors name the file.
func replace(path string, write func(io.Writer) error) error {
	err := writeWhole(path, write)
	var of *fs.PathError
	if errors.As(err, &of) { // of the file beside it, whose name says nothing
		err = fmt.Errorf("%s: %w", path, of.Err)
	}
	return err
}

func writeWhole(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	const everybodyReads = 0o644
	err = errors.Join(write(file), file.Chmod(everybodyReads), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
