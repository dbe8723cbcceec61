// Package backup copies what an office must not lose, while it serves, and brings it back.
//
// A backup is a folder: the database as it was at one moment, the visitors' sealed files, the office file, and a manifest
// with the size and SHA-256 of each. It leaves out what must die with a check-in, or would open one for ever: the
// check-ins' keys, uploads that are sealed to the office alone, the office's identity, and who is signed in. So what is
// erased in the office can be read in no backup, however old; and a backup alone, without the keys, shows nobody's data.
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
	"regexp"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/backoffice/store"
)

// Errors that a caller can decide by.
var (
	ErrTarget  = errors.New("the backup needs a new or empty folder outside of the office's data")
	ErrNone    = errors.New("not a finished backup")
	ErrDamaged = errors.New("the backup is damaged")
	ErrOther   = errors.New("this is not the backup with that check value, or it has been changed since")
	ErrLive    = errors.New("the data folder already holds an office")
)

const (
	manifestName = "manifest.json"
	databaseName = "backoffice.db"
	officeName   = "office.toml"
	filesName    = "files"
	format       = 1
	maxManifest  = 64 << 20 // bytes; a file takes some 150
)

// manifest says what a backup holds. It is written last.
type manifest struct {
	Format int       `json:"format"`
	MadeAt time.Time `json:"made_at"`
	Files  []file    `json:"files"`
}

type file struct {
	Name   string `json:"name"` // with slashes, from the backup's folder
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// Summary is what people are told of a backup.
type Summary struct {
	CheckIns int
	MadeAt   time.Time // by the clock of the machine that made it
	// SHA256 is of the manifest, which has that of every file: kept elsewhere, it tells whether anything was changed.
	SHA256 string
}

// known is what may stand in a manifest: names become paths.
var known = regexp.MustCompile(`^(backoffice\.db|office\.toml|files/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9]{1,3})$`)

// Take backs an office up to a folder, which is made; the office may serve meanwhile. ErrTarget when the folder is not empty.
func Take(ctx context.Context, c backoffice.Config, to string, now time.Time) (Summary, error) {
	if err := c.Store.InPostgres(); err != nil {
		return Summary{}, err
	}
	if err := prepare(c, to); err != nil {
		return Summary{}, err
	}
	m := manifest{Format: format, MadeAt: now.UTC()}
	ids, err := store.Copy(ctx, filepath.Join(c.Data, databaseName), filepath.Join(to, databaseName))
	if err != nil {
		return Summary{}, err
	}
	entry, err := hash(to, databaseName)
	if err != nil {
		return Summary{}, err
	}
	m.Files = append(m.Files, entry)
	if entry, err = copyFile(c.Office, to, officeName); err != nil {
		return Summary{}, err
	}
	m.Files = append(m.Files, entry)
	for _, id := range ids {
		files, err := copyCheckIn(filepath.Join(c.Data, filesName, id), to, filesName+"/"+id)
		if err != nil {
			return Summary{}, err
		}
		m.Files = append(m.Files, files...)
		if ctx.Err() != nil {
			return Summary{}, ctx.Err()
		}
	}
	text, err := json.Marshal(m)
	if err != nil {
		return Summary{}, fmt.Errorf("backup: %w", err)
	}
	sum := sha256.Sum256(text)
	return Summary{len(ids), m.MadeAt, hex.EncodeToString(sum[:])}, durable.Write(filepath.Join(to, manifestName), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

func prepare(c backoffice.Config, to string) error {
	inside, err := filepath.Rel(c.Data, to)
	if err != nil || filepath.IsLocal(inside) {
		return ErrTarget
	}
	if err := durable.MkdirAll(to); err != nil {
		return err
	}
	there, err := os.ReadDir(to)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if len(there) > 0 {
		return ErrTarget
	}
	return nil
}

// copyCheckIn copies the sealed files of a check-in; one that is erased meanwhile has none.
func copyCheckIn(from, to, name string) (copied []file, err error) {
	entries, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !known.MatchString(name+"/"+e.Name()) {
			continue
		}
		f, err := copyFile(filepath.Join(from, e.Name()), to, name+"/"+e.Name())
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		copied = append(copied, f)
	}
	return copied, nil
}

// copyFile copies a file to its name in a folder, and says what was copied.
func copyFile(from, to, name string) (file, error) {
	source, err := os.Open(from)
	if err != nil {
		return file{}, fmt.Errorf("backup: %w", err)
	}
	defer source.Close()
	path := filepath.Join(to, filepath.FromSlash(name))
	if err := durable.MkdirAll(filepath.Dir(path)); err != nil {
		return file{}, err
	}
	sum, size := sha256.New(), int64(0)
	err = durable.Write(path, func(w io.Writer) (err error) {
		size, err = io.Copy(io.MultiWriter(w, sum), source)
		return err
	})
	return file{name, size, hex.EncodeToString(sum.Sum(nil))}, err
}

func hash(dir, name string) (file, error) {
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return file{}, fmt.Errorf("backup: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	if err != nil {
		return file{}, fmt.Errorf("backup: %w", err)
	}
	return file{name, size, hex.EncodeToString(sum.Sum(nil))}, nil
}
