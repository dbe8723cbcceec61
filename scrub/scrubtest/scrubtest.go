// Package scrubtest gives tests a file system of their own, to be filled, and to be searched block by block once it is unmounted.
package scrubtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Disk is an ext4 file system on a loop device.
type Disk struct {
	Dir     string // where it is mounted
	image   string
	mounted bool
}

// Mount makes a file system of that many MiB and mounts it until the test ends. Where that is not allowed, the test is skipped
// and says so.
func Mount(t testing.TB, size int) *Disk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: only root may mount a file system")
	}
	dir := t.TempDir()
	d := &Disk{Dir: filepath.Join(dir, "disk"), image: filepath.Join(dir, "image")}
	if err := os.Mkdir(d.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.image, int64(size)<<20); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"mkfs.ext4", "-q", "-m", "0", d.image}, {"mount", "-o", "loop", d.image, d.Dir}} {
		if err := run(command...); err != nil {
			t.Skipf("SKIPPED: no file system can be mounted here: %v", err)
		}
	}
	d.mounted = true
	d.watch(t)
	t.Cleanup(func() { d.unmount(t) })
	return d
}

// watch starts a process that unmounts the file system when this one is killed.
func (d *Disk) watch(t testing.TB) {
	t.Helper()
	watcher := exec.Command("sh", "-c", `trap "" INT QUIT TERM; read -r never; umount -l "$0"`, d.Dir)
	living, err := watcher.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := watcher.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // there is nothing left to unmount then, and umount says so
		living.Close()
		watcher.Wait()
	})
}

// Fill takes all room, to the last byte.
func (d *Disk) Fill(t testing.TB) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(d.Dir, "ballast"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	at, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		t.Fatal(err)
	}
	for size := int64(1 << 30); size > 0; {
		switch err := syscall.Fallocate(int(f.Fd()), 0, at, size); {
		case errors.Is(err, syscall.ENOSPC):
			size /= 2
		case err != nil:
			t.Fatal(err)
		default:
			at += size
		}
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
}

// Free gives back what Fill took.
func (d *Disk) Free(t testing.TB) {
	t.Helper()
	if err := os.Remove(filepath.Join(d.Dir, "ballast")); err != nil {
		t.Fatal(err)
	}
}

func (d *Disk) unmount(t testing.TB) {
	t.Helper()
	if !d.mounted {
		return
	}
	d.mounted = false
	if err := run("umount", d.Dir); err != nil {
		t.Fatal(err)
	}
}

// Search unmounts the file system and gives those of the needles that its raw bytes hold, free blocks and the file
// system's own journal included.
func (d *Disk) Search(t testing.TB, needles ...[]byte) (found [][]byte) {
	t.Helper()
	d.unmount(t)
	raw, err := written(d.image)
	if err != nil {
		t.Fatal(err)
	}
	for _, needle := range needles {
		if bytes.Contains(raw, needle) {
			found = append(found, needle)
		}
	}
	return found
}

// written reads a file but for its long runs of zeros, each of which becomes one zero.
func written(path string) (raw []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	block, zeros := make([]byte, 1<<16), make([]byte, 1<<16)
	for {
		n, err := io.ReadFull(f, block)
		if bytes.Equal(block[:n], zeros[:n]) {
			raw = append(raw, 0)
		} else {
			raw = append(raw, block[:n]...)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return raw, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func run(command ...string) error {
	if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w: %s", command, err, out)
	}
	return nil
}
