package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// maxPending is how many check-ins of one station may be in the spool that are not submitted yet, so that a broken one cannot
// fill the disk. What one check-in may have, the contract says (stationv1.MaxCheckIn).
const maxPending = 32

var (
	errSpoolFull = errors.New("more than one check-in, or one station, may have")
	errMoved     = errors.New("the file is being uploaded already, or not as far as the offset says")
	errHash      = errors.New("the file does not have the hash that it was announced with")
)

// spool keeps uploads under DIR/STATION/CHECK-IN/SHA256, with ".part" while they are not complete. They are sealed to
// the office, and named by the hash of their sealed bytes.
type spool struct {
	dir string

	mu   sync.Mutex
	open map[string]int64 // parts that are being written, and the size each will have
}

func newSpool(dir string) *spool { return &spool{dir: dir, open: map[string]int64{}} }

func (p *spool) folder(station, checkIn string) string { return filepath.Join(p.dir, station, checkIn) }

func (p *spool) path(station, checkIn string, sum []byte) string {
	return filepath.Join(p.folder(station, checkIn), hex.EncodeToString(sum))
}

// have says how many bytes of a file are safe, and whether that is all of it.
func (p *spool) have(station, checkIn string, sum []byte) (n int64, complete bool, err error) {
	path := p.path(station, checkIn, sum)
	info, err := os.Stat(path)
	if err == nil {
		return info.Size(), true, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		info, err = os.Stat(path + ".part")
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, false, nil
	case err != nil:
		return 0, false, fmt.Errorf("look at upload: %w", err)
	}
	return info.Size(), false, nil
}

// part is an upload under way. Exactly one of finish and pause ends it.
type part struct {
	spool *spool
	file  *os.File
	path  string // when complete
}

// begin opens the part of a file for the bytes from offset on: errMoved when that is not where it ends, errSpoolFull when
// a file of this size is more than the check-in or the station may have.
func (p *spool) begin(station, checkIn string, sum []byte, offset, size int64) (*part, error) {
	path := p.path(station, checkIn, sum)
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, busy := p.open[path+".part"]; busy {
		return nil, errMoved
	}
	if err := p.room(station, checkIn, path+".part", size); err != nil {
		return nil, err
	}
	if err := durable.MkdirAll(filepath.Dir(path)); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path+".part", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open upload: %w", err)
	}
	if info, err := f.Stat(); err != nil || info.Size() != offset {
		return nil, errors.Join(errMoved, err, f.Close())
	}
	p.open[path+".part"] = size
	return &part{spool: p, file: f, path: path}, nil
}

// room is errSpoolFull when one more file of this size is too much. A file under way counts as if it were complete.
func (p *spool) room(station, checkIn, path string, size int64) error {
	folder := p.folder(station, checkIn)
	files, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		pending, err := os.ReadDir(filepath.Join(p.dir, station))
		if len(pending) >= maxPending {
			return errSpoolFull
		}
		return ignoreMissing(err)
	}
	if err != nil {
		return fmt.Errorf("read spool: %w", err)
	}
	count, total := 1, size
	for _, f := range files {
		other := filepath.Join(folder, f.Name())
		if other == path {
			continue
		}
		n, underWay := p.open[other]
		if info, err := f.Info(); err == nil && !underWay {
			n = info.Size()
		}
		count, total = count+1, total+n
	}
	if count > stationv1.MaxFiles || total > stationv1.MaxCheckIn {
		return errSpoolFull
	}
	return nil
}

// pause keeps what has come so far.
func (a *part) pause() error {
	defer a.close()
	if err := a.file.Sync(); err != nil {
		return fmt.Errorf("sync upload: %w", err)
	}
	return nil
}

// finish keeps the file if it is the one that its hash announces, and throws it away with errHash if not.
func (a *part) finish(sum []byte) error {
	defer a.close()
	if err := a.file.Sync(); err != nil {
		return fmt.Errorf("sync upload: %w", err)
	}
	got, err := hashFile(a.path + ".part")
	if err != nil {
		return err
	}
	if string(got) != string(sum) {
		return errors.Join(errHash, os.Remove(a.path+".part"))
	}
	return durable.Rename(a.path+".part", a.path)
}

func (a *part) close() {
	a.file.Close()
	a.spool.mu.Lock()
	defer a.spool.mu.Unlock()
	delete(a.spool.open, a.path+".part")
}

func hashFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open upload: %w", err)
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return nil, fmt.Errorf("read upload: %w", err)
	}
	return hash.Sum(nil), nil
}

// drop removes everything of a check-in.
func (p *spool) drop(station, checkIn string) error {
	if err := os.RemoveAll(p.folder(station, checkIn)); err != nil {
		return fmt.Errorf("remove uploads: %w", err)
	}
	return nil
}

// sweep removes the check-ins that nothing was uploaded to since before.
func (p *spool) sweep(before time.Time) error {
	folders, err := filepath.Glob(filepath.Join(p.dir, "*", "*"))
	if err != nil {
		return fmt.Errorf("read spool: %w", err)
	}
	for _, folder := range folders {
		info, err := os.Stat(folder)
		if err != nil {
			return fmt.Errorf("read spool: %w", err)
		}
		if info.ModTime().Before(before) {
			if err := os.RemoveAll(folder); err != nil {
				return fmt.Errorf("remove uploads: %w", err)
			}
		}
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
