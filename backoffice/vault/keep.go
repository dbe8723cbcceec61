package vault

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"filippo.io/age"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/scrub"
)

// Incoming is a file that a station sealed to the office, and what it opens to.
type Incoming struct {
	Path   string // of the sealed file
	Size   int64  // of what it opens to, in bytes
	SHA256 [sha256.Size]byte
}

// Limits of what one check-in has the machine do at once.
const (
	openAtOnce = 2
	syncAtOnce = 16
)

// Keep takes over what a station sealed as the files of a check-in, numbered from 0 on in their order, and keeps them under the
// check-in's own key. It returns when all of them have survived a power cut. Refused says of each file whether it is kept: nil, or
// ErrNotSealed or ErrMismatch, and then it has no number. What was sealed to the office is no more at the paths of the files that are
// kept. With an error nothing is kept that Erase does not remove, and some of the files may be gone from their paths.
//
// An age file is sealed under a key of its own, which its header has sealed to the recipient. So a file is not written again: its
// header is, in its place, for another recipient, and the old one is on the disk no more.
func (v *Vault) Keep(ctx context.Context, checkIn string, files []Incoming) (refused []error, err error) {
	key, err := v.makeKey(ctx, checkIn)
	if err != nil {
		return nil, err
	}
	opened, refused, err := v.openAll(files)
	defer closeAll(opened)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(v.dir, checkIn)
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("vault: %w", err)
	}
	var writing errgroup.Group
	writing.SetLimit(syncAtOnce)
	n := 0
	for i, o := range opened {
		if refused[i] != nil {
			continue
		}
		to := filepath.Join(dir, strconv.Itoa(n))
		writing.Go(func() error { return o.moveTo(key.Recipient(), to) })
		n++
	}
	if err := writing.Wait(); err != nil {
		return nil, err
	}
	if err := durable.SyncDirs(dir, v.dir); err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return refused, nil
}

// openAll opens files and says which of them cannot be kept. Those that it opened are the caller's to close, with an error too.
func (v *Vault) openAll(files []Incoming) (all []*opened, refused []error, err error) {
	all, refused = make([]*opened, len(files)), make([]error, len(files))
	var opening errgroup.Group
	opening.SetLimit(openAtOnce)
	for i, f := range files {
		opening.Go(func() error {
			o, err := v.open(f)
			all[i] = o
			if errors.Is(err, ErrNotSealed) || errors.Is(err, ErrMismatch) {
				refused[i], err = err, nil
			}
			return err
		})
	}
	return all, refused, opening.Wait()
}

func closeAll(all []*opened) {
	for _, o := range all {
		if o != nil {
			o.file.Close()
			clear(o.key)
		}
	}
}

// opened is a sealed file that opens to what was announced.
type opened struct {
	file   *os.File
	path   string
	key    []byte // of the file, 16 bytes
	header int    // bytes of it
}

// open opens a file and looks at every byte of it. What it gives, with an error too, is the caller's to close.
func (v *Vault) open(f Incoming) (*opened, error) {
	file, err := os.OpenFile(f.Path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open sealed file: %w", err)
	}
	o := &opened{file: file, path: f.Path}
	header, err := age.ExtractHeader(file)
	if err != nil {
		return o, refusal(err)
	}
	o.header = len(header)
	if o.key, err = age.DecryptHeader(header, v.office...); err != nil {
		return o, refusal(err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return o, fmt.Errorf("read sealed file: %w", err)
	}
	r, err := age.Decrypt(file, age.NewInjectedFileKeyIdentity(o.key))
	if err != nil {
		return o, refusal(err)
	}
	return o, announced(clearReader{r}, f)
}

// announced is ErrMismatch when what is read is not what was announced.
func announced(r io.Reader, f Incoming) error {
	sum := sha256.New()
	n, err := io.Copy(onlyHash{sum}, io.LimitReader(r, f.Size+1))
	switch {
	case err != nil:
		return err
	case n != f.Size || [sha256.Size]byte(sum.Sum(nil)) != f.SHA256:
		return ErrMismatch
	}
	return nil
}

// onlyHash keeps io.Copy to the buffer of the reader.
type onlyHash struct{ hash.Hash }

// moveTo seals the file to another recipient and moves it, synced, to its place.
func (o *opened) moveTo(to age.Recipient, path string) error {
	header, err := header(o.key, to)
	if err != nil {
		return err
	}
	if len(header) != o.header {
		return o.copyTo(header, path)
	}
	if _, err := o.file.WriteAt(header, 0); err != nil {
		return fmt.Errorf("seal file: %w", err)
	}
	if err := os.Rename(o.path, path); errors.Is(err, unix.EXDEV) {
		return o.copyTo(header, path)
	} else if err != nil {
		return fmt.Errorf("keep file: %w", err)
	}
	if err := o.file.Sync(); err != nil {
		return fmt.Errorf("sync file: %w", err)
	}
	return nil
}

// copyTo is moveTo for a file whose header does not fit in the place of the old one, or that lies on another disk.
func (o *opened) copyTo(header []byte, path string) error {
	err := durable.Write(path, func(w io.Writer) error {
		if _, err := w.Write(header); err != nil {
			return err
		}
		info, err := o.file.Stat()
		if err != nil {
			return err
		}
		_, err = io.Copy(w, io.NewSectionReader(o.file, int64(o.header), info.Size()-int64(o.header)))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep file: %w", err)
	}
	if err := scrub.RemoveAll(o.path); err != nil {
		return fmt.Errorf("keep file: %w", err)
	}
	return nil
}
