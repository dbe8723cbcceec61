package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/foyer-station/foyer/disk"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/scrub"
)

// maxPending is how many check-ins of one station may be in the spool that are not submitted yet, so that a broken one cannot
// fill the disk. What one check-in may have, the contract says (stationv1.MaxCheckIn).
const maxPending = 32

var (
	errSpoolFull = errors.New("more than one check-in, or one station, may have")
	errMoved     = errors.New("the file has not got as far as the offset says")
	errHash      = errors.New("the file does not have the hash that it was announced with")
	errBudget    = errors.New("this station has uploaded as much as it may in a day (stations.gigabytes_a_day)")
	errNoRoom    = errors.New("the room that is left is reserved for admitting what has been uploaded")
)

// spool keeps uploads under DIR/STATION/CHECK-IN/SHA256, with ".part" while they are not complete. They are sealed to
// the office, and named by the hash of their sealed bytes.
//
// Nothing in it is synced: what a submission takes over is, before it is answered, and until then the station keeps everything. So a
// file that this process has not seen arrive is believed only when its bytes have its hash; a power cut leaves others.
type spool struct {
	dir     string
	reserve int64 // bytes of the disk that uploads leave free; an eighth of a small one

	mu   sync.Mutex
	open map[string]*part // that are being written, by the path of the part

	arrived sync.Map // paths of files that have their hash, without values
}

func newSpool(dir string, reserve int64) *spool {
	return &spool{dir: dir, reserve: reserve, open: map[string]*part{}}
}

func (p *spool) folder(station, checkIn string) string { return filepath.Join(p.dir, station, checkIn) }

func (p *spool) path(station, checkIn string, sum []byte) string {
	return filepath.Join(p.folder(station, checkIn), hex.EncodeToString(sum))
}

// have says how many bytes of a file are there, and whether that is all of it.
func (p *spool) have(station, checkIn string, sum []byte) (n int64, complete bool, err error) {
	path := p.path(station, checkIn, sum)
	info, err := os.Stat(path)
	if err == nil {
		whole, err := p.whole(path, sum)
		if err != nil || whole {
			return info.Size(), whole, err
		}
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
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

// whole says whether a complete file has its hash, and throws it away if not.
func (p *spool) whole(path string, sum []byte) (bool, error) {
	if _, ok := p.arrived.Load(path); ok {
		return true, nil
	}
	got, err := hashFile(path)
	if err != nil {
		return false, err
	}
	if string(got) != string(sum) {
		return false, scrub.RemoveAll(path)
	}
	p.arrived.Store(path, nil)
	return true, nil
}

// doubt has a file looked at again before it is believed to be whole: what takes it away writes in it.
func (p *spool) doubt(path string) { p.arrived.Delete(path) }

// part is an upload under way. Exactly one of finish and close ends it; close keeps what has come.
type part struct {
	spool     *spool
	file      *os.File
	hash      hash.Hash     // of what has come
	path      string        // when complete
	size      int64         // when complete
	overtaken chan struct{} // closed when a later upload of the same file wants to go on
	ended     chan struct{} // closed when this one has let go of the file
}

// begin opens the part of a file for the bytes from offset on. An earlier upload of the same file, by the same station, is
// overtaken: it stands still, or its connection is gone. errMoved when offset is not where the part ends, errSpoolFull when
// a file of this size is more than the check-in or the station may have, errBudget when the station's uploads would come to
// more than most, errNoRoom when it is more than the disk has.
func (p *spool) begin(ctx context.Context, station, checkIn string, sum []byte, offset, size, most int64) (*part, error) {
	a, err := p.claim(ctx, station, checkIn, sum, offset, size, most)
	if err != nil || offset == 0 {
		return a, err
	}
	if err := hashInto(a.hash, a.path+".part"); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

func (p *spool) claim(ctx context.Context, station, checkIn string, sum []byte, offset, size, most int64) (*part, error) {
	path := p.path(station, checkIn, sum)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.overtake(ctx, path+".part"); err != nil {
		return nil, err
	}
	switch n, complete, err := p.have(station, checkIn, sum); {
	case err != nil:
		return nil, err
	case complete || n != offset:
		return nil, errMoved
	}
	if err := p.room(station, checkIn, path+".part", size); err != nil {
		return nil, err
	}
	if used, err := p.used(station); err != nil {
		return nil, err
	} else if used+size-offset > most {
		return nil, errBudget
	}
	if err := p.roomOnDisk(station, size-offset); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make spool: %w", err)
	}
	f, err := os.OpenFile(path+".part", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open upload: %w", err)
	}
	a := &part{spool: p, file: f, hash: sha256.New(), path: path, size: size, overtaken: make(chan struct{}), ended: make(chan struct{})}
	p.open[path+".part"] = a
	return a, nil
}

// overtake waits until nobody writes a part any more. It is called with mu held, and lets go of it while it waits.
func (p *spool) overtake(ctx context.Context, path string) error {
	for {
		earlier, busy := p.open[path]
		if !busy {
			return nil
		}
		select {
		case <-earlier.overtaken: // by another that waits too: one of them is the later
		default:
			close(earlier.overtaken)
		}
		p.mu.Unlock()
		select {
		case <-earlier.ended:
		case <-ctx.Done():
		}
		p.mu.Lock()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// room is errSpoolFull when one more file of this size is too much. A file under way counts as if it were complete. Where
// a station has as many check-ins unsubmitted as it may, the one that was longest without a new file makes room: it is
// still in the station's outbox, and comes again.
func (p *spool) room(station, checkIn, path string, size int64) error {
	folder := p.folder(station, checkIn)
	files, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return p.makeRoom(station)
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
		count++
		if a, underWay := p.open[other]; underWay {
			total += a.size
		} else if info, err := f.Info(); err == nil {
			total += info.Size()
		}
	}
	if count > stationv1.MaxFiles || total > stationv1.MaxCheckIn {
		return errSpoolFull
	}
	return nil
}

// used is how many bytes a station's uploads come to, those under way as if they were complete.
func (p *spool) used(station string) (n int64, err error) {
	files, err := p.list(station + "/*/*")
	if err != nil {
		return 0, err
	}
	for _, path := range files {
		if a, underWay := p.open[path]; underWay {
			n += a.size
		} else if info, err := os.Stat(path); err == nil {
			n += info.Size()
		}
	}
	return n, nil
}

// list gives what is in the spool and fits a pattern.
func (p *spool) list(pattern string) (paths []string, err error) {
	names, err := fs.Glob(os.DirFS(p.dir), pattern)
	if err != nil {
		return nil, fmt.Errorf("read spool: %w", err)
	}
	for _, name := range names {
		paths = append(paths, filepath.Join(p.dir, filepath.FromSlash(name)))
	}
	return paths, nil
}

// makeRoom drops unsubmitted check-ins of a station until it may begin another.
func (p *spool) makeRoom(station string) error {
	pending, err := os.ReadDir(filepath.Join(p.dir, station))
	if err := ignoreMissing(err); err != nil {
		return fmt.Errorf("read spool: %w", err)
	}
	var idle []fs.FileInfo
	for _, e := range pending {
		info, err := e.Info()
		if err != nil {
			return fmt.Errorf("read spool: %w", err)
		}
		if !p.underWay(p.folder(station, e.Name())) {
			idle = append(idle, info)
		}
	}
	slices.SortFunc(idle, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for n := len(pending); n >= maxPending; n-- {
		if len(idle) == 0 {
			return errSpoolFull
		}
		if err := p.drop(station, idle[0].Name()); err != nil {
			return err
		}
		idle = idle[1:]
	}
	return nil
}

// underWay tells whether a file in a folder is being written.
func (p *spool) underWay(folder string) bool {
	for path := range p.open {
		if filepath.Dir(path) == folder {
			return true
		}
	}
	return false
}

// roomOnDisk is errNoRoom when that many bytes more, and what uploads under way still want, would eat into the reserve.
func (p *spool) roomOnDisk(station string, size int64) error {
	if err := os.MkdirAll(filepath.Join(p.dir, station), 0o700); err != nil {
		return fmt.Errorf("make spool: %w", err)
	}
	free, reserve, err := p.free()
	if err != nil {
		return err
	}
	for _, a := range p.open {
		if info, err := a.file.Stat(); err == nil {
			free -= a.size - info.Size()
		}
	}
	if free-size < reserve {
		return fmt.Errorf("%d bytes are free for uploads: %w", max(0, free-reserve), errNoRoom)
	}
	return nil
}

// free is how many bytes the disk has, and how many of them uploads leave.
func (p *spool) free() (free, reserve int64, err error) {
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return 0, 0, fmt.Errorf("make spool: %w", err)
	}
	total, free, err := disk.Room(p.dir)
	return free, min(p.reserve, total/8), err
}

// waiting counts the check-ins of which files have come and that are not submitted, and the bytes of those files.
func (p *spool) waiting() (checkIns int, bytes int64, err error) {
	folders, err := filepath.Glob(filepath.Join(p.dir, "*", "*"))
	if err != nil {
		return 0, 0, fmt.Errorf("read spool: %w", err)
	}
	for _, folder := range folders {
		files, err := os.ReadDir(folder)
		if ignoreMissing(err) != nil {
			return 0, 0, fmt.Errorf("read spool: %w", err)
		}
		for _, f := range files {
			if info, err := f.Info(); err == nil { // else it was taken meanwhile
				bytes += info.Size()
			}
		}
	}
	return len(folders), bytes, nil
}

// Write implements io.Writer.
func (a *part) Write(chunk []byte) (int, error) {
	n, err := a.file.Write(chunk)
	a.hash.Write(chunk[:n])
	return n, err
}

// finish keeps the file if it is the one that its hash announces, and throws it away with errHash if not.
func (a *part) finish(sum []byte) error {
	defer a.close()
	if string(a.hash.Sum(nil)) != string(sum) {
		return errors.Join(errHash, scrub.RemoveAll(a.path+".part"))
	}
	if err := os.Rename(a.path+".part", a.path); err != nil {
		return fmt.Errorf("keep upload: %w", err)
	}
	a.spool.arrived.Store(a.path, nil)
	return nil
}

func (a *part) close() {
	a.file.Close()
	a.spool.mu.Lock()
	defer a.spool.mu.Unlock()
	delete(a.spool.open, a.path+".part")
	close(a.ended)
}

func hashFile(path string) ([]byte, error) {
	sum := sha256.New()
	err := hashInto(sum, path)
	return sum.Sum(nil), err
}

func hashInto(sum hash.Hash, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open upload: %w", err)
	}
	defer f.Close()
	if _, err := io.Copy(sum, f); err != nil {
		return fmt.Errorf("read upload: %w", err)
	}
	return nil
}

// drop overwrites and removes everything of a check-in: uploads are sealed to the office, whose key stays.
func (p *spool) drop(station, checkIn string) error { return p.remove(p.folder(station, checkIn)) }

func (p *spool) remove(folder string) error {
	p.arrived.Range(func(path, _ any) bool {
		if filepath.Dir(path.(string)) == folder {
			p.arrived.Delete(path)
		}
		return true
	})
	if err := scrub.RemoveAll(folder); err != nil {
		return fmt.Errorf("remove uploads: %w", err)
	}
	return nil
}

// dropAbandoned removes the check-ins that nothing was uploaded to since before, each under the lock of its admission; one from the
// future, which a clock has left that was ahead, counts from now on. One that will not go keeps no other.
func (p *spool) dropAbandoned(before, now time.Time, lock func(checkIn string) (unlock func(), err error)) error {
	folders, err := p.list("*/*")
	if err != nil {
		return err
	}
	var failed []error
	for _, folder := range folders {
		unlock, err := lock(filepath.Base(folder))
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		if err := p.dropIfAbandoned(folder, before, now); ignoreMissing(err) != nil {
			failed = append(failed, fmt.Errorf("remove uploads: %w", err))
		}
		unlock()
	}
	return errors.Join(failed...)
}

func (p *spool) dropIfAbandoned(folder string, before, now time.Time) error {
	info, err := os.Stat(folder)
	switch {
	case err != nil:
		return err
	case info.ModTime().Before(before):
		return p.remove(folder)
	case info.ModTime().After(now.Add(time.Hour)):
		return os.Chtimes(folder, now, now)
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
