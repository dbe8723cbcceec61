package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/backoffice/store"
)

// Restore brings a backup into a data folder that holds no office. Everything is compared with the manifest before
// anything takes its place, and what breaks off can be called again. The keys are left as they are: where they were lost,
// visitors stand in the queue and their data cannot be read. Expect is the [Summary.SHA256] of the backup that is meant; empty
// for whichever it is.
//
// ErrOther when it is another, ErrNone or ErrDamaged when the backup cannot be used, ErrLive when the folder is not free, durable.ErrLocked when a back
// office is running on it, sqlite.ErrNewer when a newer version made the backup.
func Restore(ctx context.Context, c backoffice.Config, from, expect string, now time.Time) (restored Summary, err error) {
	if err := c.Store.InPostgres(); err != nil {
		return restored, err
	}
	m, sum, err := readManifest(from)
	if err != nil {
		return restored, err
	}
	if expect != "" && expect != sum {
		return restored, ErrOther
	}
	lock, err := backoffice.Lock(c)
	if err != nil {
		return restored, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := vacant(c.Data); err != nil {
		return restored, err
	}
	stage := filepath.Join(c.Data, backoffice.RestoreStage)
	if err := m.copyTo(ctx, from, stage); err != nil {
		return restored, err
	}
	restored = Summary{MadeAt: m.MadeAt, SHA256: sum}
	if restored.CheckIns, err = settle(ctx, filepath.Join(stage, databaseName), now); err != nil {
		return restored, err
	}
	return restored, place(c.Data, stage)
}

func readManifest(dir string) (m manifest, sum string, err error) {
	f, err := os.Open(filepath.Join(dir, manifestName))
	if err != nil {
		return m, "", fmt.Errorf("%w: %w", ErrNone, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		return m, "", fmt.Errorf("%w: manifest: %w", ErrDamaged, err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, "", fmt.Errorf("%w: manifest: %w", ErrDamaged, err)
	}
	digest := sha256.Sum256(text)
	return m, hex.EncodeToString(digest[:]), m.check()
}

// check refuses what this program does not know, and names that lead elsewhere.
func (m manifest) check() error {
	if m.Format != format {
		return fmt.Errorf("%w: format %d, this program knows %d", ErrNone, m.Format, format)
	}
	database := false
	for _, f := range m.Files {
		if !known.MatchString(f.Name) {
			return fmt.Errorf("%w: %q does not belong in a backup", ErrDamaged, f.Name)
		}
		database = database || f.Name == databaseName
	}
	if !database {
		return fmt.Errorf("%w: no database in it", ErrDamaged)
	}
	return nil
}

// vacant is ErrLive unless the folder is free of an office, but for what a restore that broke off has left.
func vacant(data string) error {
	if err := durable.MkdirAll(data); err != nil {
		return err
	}
	stage := filepath.Join(data, backoffice.RestoreStage)
	_, err := os.Stat(stage)
	broken := err == nil
	for _, name := range []string{databaseName, databaseName + "-wal", filesName, "spool"} {
		_, err := os.Lstat(filepath.Join(data, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return fmt.Errorf("restore: %w", err)
		case broken && name == filesName: // came with the stage
			if err := os.RemoveAll(filepath.Join(data, name)); err != nil {
				return fmt.Errorf("restore: %w", err)
			}
		default:
			return ErrLive
		}
	}
	if err := os.RemoveAll(stage); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

func (m manifest) copyTo(ctx context.Context, from, stage string) error {
	if err := durable.MkdirAll(filepath.Join(stage, filesName)); err != nil {
		return err
	}
	for _, want := range m.Files {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		path := filepath.Join(from, filepath.FromSlash(want.Name))
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || info.Size() != want.Size {
			return fmt.Errorf("%w: %s is missing or has the wrong size", ErrDamaged, want.Name)
		}
		got, err := copyFile(path, stage, want.Name)
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%w: %s is not what was backed up", ErrDamaged, want.Name)
		}
	}
	return nil
}

// settle makes an office of a database that was backed up: ticket numbers that were leased since are not known to it.
func settle(ctx context.Context, path string, now time.Time) (checkIns int, err error) {
	s, err := store.Open(ctx, path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Check(ctx); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := s.NewEpoch(ctx, now); err != nil {
		return 0, err
	}
	return s.CountCheckIns(ctx)
}

// place moves the stage to where the office looks, the database last: without one there is no office yet.
func place(data, stage string) error {
	for _, name := range []string{filesName, databaseName} {
		if err := durable.Rename(filepath.Join(stage, name), filepath.Join(data, name)); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(stage); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}
