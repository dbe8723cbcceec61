// Package vaulttest holds what every vault promises, as behaviour, wherever it keeps keys and files. What no erased key leaves
// behind on a disk is for each kind of vault to prove.
package vaulttest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"filippo.io/age"

	"github.com/foyer-station/foyer/backoffice/vault"
)

// Vault is all that is asked of a vault. The comments at [vault.Vault] say what each method does. Its methods may be called from
// several goroutines at once.
type Vault interface {
	Unseal(sealed io.Reader, limit int64) ([]byte, error)
	Keep(ctx context.Context, checkIn string, files []vault.Incoming) (refused []error, err error)
	Seal(ctx context.Context, checkIn string, clear []byte) ([]byte, error)
	Open(ctx context.Context, checkIn string, sealed []byte) ([]byte, error)
	ReadFile(ctx context.Context, checkIn string, n int, size int64, sum [sha256.Size]byte) ([]byte, error)
	Erase(ctx context.Context, checkIns ...string) error
	CheckIns(ctx context.Context) ([]string, error)
}

// Exercise plays every promise, each as a test of its own. Open opens two vaults over the same keys and files, of which there are
// none yet, for an office to which stations seal; both may be one. It closes them when the test ends.
func Exercise(t *testing.T, open func(t testing.TB) (one, other Vault, office age.Recipient)) {
	for name, play := range map[string]func(t *testing.T, r room){
		"a file comes back as it was sealed":                        comesBack,
		"a record comes back as it was sealed":                      recordComesBack,
		"what is not as announced is not kept":                      notAsAnnounced,
		"only as much as allowed is unsealed":                       bounded,
		"erasing the key erases the check-in":                       erased,
		"erasing one check-in leaves the others":                    othersStay,
		"many are erased at once, and leave the others":             manyErased,
		"files are kept as they were sealed, or refused one by one": keptTogether,
		"a check-in has one key, whoever asks for it first":         oneKey,
		"what is erased while it is read is shown whole or not":     erasedWhileRead,
		"what one keeps the other opens, until either erases it":    sharedByBoth,
	} {
		t.Run(name, func(t *testing.T) {
			one, other, office := open(t)
			play(t, room{one, other, office})
		})
	}
}

// room is a vault with another beside it.
type room struct {
	Vault
	other  Vault
	office age.Recipient
}

func numbered(n int) string { return fmt.Sprintf("0192f0a0-0000-7000-8000-%012d", n) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sealed is what a station makes of a file.
func sealed(t *testing.T, to age.Recipient, clear []byte) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	must(t, err)
	_, err = w.Write(clear)
	must(t, errors.Join(err, w.Close()))
	return &b
}

// incoming is a file as it has come from a station.
func incoming(t *testing.T, to age.Recipient, clear []byte) vault.Incoming {
	t.Helper()
	path := filepath.Join(t.TempDir(), "upload")
	must(t, os.WriteFile(path, sealed(t, to, clear).Bytes(), 0o600))
	return vault.Incoming{Path: path, Size: int64(len(clear)), SHA256: sha256.Sum256(clear)}
}

// keep keeps the files of a check-in.
func (r room) keep(t *testing.T, checkIn string, files ...[]byte) {
	t.Helper()
	var all []vault.Incoming
	for _, clear := range files {
		all = append(all, incoming(t, r.office, clear))
	}
	refused, err := r.Keep(t.Context(), checkIn, all)
	must(t, errors.Join(append(refused, err)...))
}

func read(t *testing.T, v Vault, checkIn string, n int, want []byte) ([]byte, error) {
	t.Helper()
	return v.ReadFile(t.Context(), checkIn, n, int64(len(want)), sha256.Sum256(want))
}

func comesBack(t *testing.T, r room) {
	pictures := [][]byte{bytes.Repeat([]byte("picture"), 50_000), {}, []byte("strokes")}
	r.keep(t, numbered(1), pictures...)
	for n, picture := range pictures {
		if got, err := read(t, r, numbered(1), n, picture); err != nil || !bytes.Equal(got, picture) {
			t.Errorf("file %d: %d bytes of %d, %v", n, len(got), len(picture), err)
		}
	}
	if _, err := read(t, r, numbered(1), 0, []byte("another")); !errors.Is(err, vault.ErrMismatch) {
		t.Errorf("read as another file: %v", err)
	}
	r.keep(t, numbered(1), []byte("again")) // a submission that failed is tried again
	if got, err := read(t, r, numbered(1), 0, []byte("again")); err != nil || string(got) != "again" {
		t.Errorf("%q, %v", got, err)
	}
}

func recordComesBack(t *testing.T, r room) {
	record, err := r.Seal(t.Context(), numbered(1), []byte("ERIKSSON"))
	must(t, err)
	if bytes.Contains(record, []byte("ERIKSSON")) {
		t.Error("a sealed record can be read")
	}
	if clear, err := r.Open(t.Context(), numbered(1), record); err != nil || string(clear) != "ERIKSSON" {
		t.Errorf("%q, %v", clear, err)
	}
	_, err = r.Seal(t.Context(), numbered(2), []byte("another"))
	must(t, err)
	if _, err := r.Open(t.Context(), numbered(2), record); err == nil {
		t.Error("a record opens with another check-in's key")
	}
	if _, err := r.Unseal(bytes.NewReader(record), 1<<20); !errors.Is(err, vault.ErrNotSealed) {
		t.Errorf("a record opens with the office's identity: %v", err)
	}
}

func notAsAnnounced(t *testing.T, r room) {
	stranger, err := age.GenerateX25519Identity()
	must(t, err)
	clear := []byte("0123456789")
	sum := sha256.Sum256(clear)
	for name, c := range map[string]struct {
		to   age.Recipient
		size int64
		sum  [sha256.Size]byte
		want error
	}{
		"longer":           {r.office, 9, sum, vault.ErrMismatch},
		"shorter":          {r.office, 11, sum, vault.ErrMismatch},
		"another hash":     {r.office, 10, [sha256.Size]byte{}, vault.ErrMismatch},
		"to somebody else": {stranger.Recipient(), 10, sum, vault.ErrNotSealed},
	} {
		f := incoming(t, c.to, clear)
		f.Size, f.SHA256 = c.size, c.sum
		if refused, err := r.Keep(t.Context(), numbered(1), []vault.Incoming{f}); err != nil || !errors.Is(refused[0], c.want) {
			t.Errorf("%s: %v, %v, want %v", name, refused, err, c.want)
		}
	}
	if _, err := read(t, r, numbered(1), 0, clear); err == nil {
		t.Error("a file was kept")
	}
}

func bounded(t *testing.T, r room) {
	if clear, err := r.Unseal(sealed(t, r.office, make([]byte, 100)), 100); err != nil || len(clear) != 100 {
		t.Errorf("%d bytes, %v", len(clear), err)
	}
	if _, err := r.Unseal(sealed(t, r.office, make([]byte, 101)), 100); !errors.Is(err, vault.ErrMismatch) {
		t.Errorf("one byte more: %v", err)
	}
	if _, err := r.Unseal(bytes.NewReader([]byte("anything")), 100); !errors.Is(err, vault.ErrNotSealed) {
		t.Errorf("anything: %v", err)
	}
}

func erased(t *testing.T, r room) {
	clear := []byte("signature")
	r.keep(t, numbered(1), clear)
	record, err := r.Seal(t.Context(), numbered(1), clear)
	must(t, err)
	must(t, errors.Join(r.Erase(t.Context(), numbered(1)), r.Erase(t.Context(), numbered(1)), r.Erase(t.Context(), numbered(9))))
	if _, err := r.Open(t.Context(), numbered(1), record); !errors.Is(err, vault.ErrErased) {
		t.Errorf("the record still opens: %v", err)
	}
	if _, err := read(t, r, numbered(1), 0, clear); !errors.Is(err, vault.ErrErased) {
		t.Errorf("the file still opens: %v", err)
	}
	r.keep(t, numbered(1), clear) // under a key of its own, which opens nothing of before
	if _, err := r.Open(t.Context(), numbered(1), record); err == nil || errors.Is(err, vault.ErrErased) {
		t.Errorf("the record of before: %v", err)
	}
}

func (r room) expectKeys(t *testing.T, v Vault, want ...string) {
	t.Helper()
	got, err := v.CheckIns(t.Context())
	must(t, err)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("keys of %v, want %v", got, want)
	}
}

func othersStay(t *testing.T, r room) {
	r.expectKeys(t, r)
	for n := range 3 {
		r.keep(t, numbered(n), []byte(numbered(n)))
	}
	r.expectKeys(t, r, numbered(0), numbered(1), numbered(2))
	must(t, r.Erase(t.Context(), numbered(1)))
	r.expectKeys(t, r, numbered(0), numbered(2))
	if got, err := read(t, r, numbered(2), 0, []byte(numbered(2))); err != nil || string(got) != numbered(2) {
		t.Errorf("%q, %v", got, err)
	}
}

func manyErased(t *testing.T, r room) {
	var ids []string
	for n := range 7 {
		r.keep(t, numbered(n), []byte(numbered(n)))
		ids = append(ids, numbered(n))
	}
	must(t, r.Erase(t.Context()))
	must(t, r.Erase(t.Context(), append(ids[:5], numbered(99))...)) // one was never there
	r.expectKeys(t, r, numbered(5), numbered(6))
	for n := range 7 {
		_, err := read(t, r, numbered(n), 0, []byte(numbered(n)))
		if gone := n < 5; gone != errors.Is(err, vault.ErrErased) || !gone && err != nil {
			t.Errorf("check-in %d: %v", n, err)
		}
	}
}

func keptTogether(t *testing.T, r room) {
	stranger, err := age.GenerateX25519Identity()
	must(t, err)
	good := [][]byte{bytes.Repeat([]byte("page"), 70_000), []byte("portrait"), []byte("strokes")}
	short := incoming(t, r.office, []byte("cut off"))
	must(t, os.Truncate(short.Path, 190)) // in its header
	cut := incoming(t, r.office, bytes.Repeat([]byte("cut off"), 30_000))
	must(t, os.Truncate(cut.Path, 100_000))
	files := []vault.Incoming{
		incoming(t, stranger.Recipient(), []byte("somebody else's")), incoming(t, r.office, good[0]), short,
		incoming(t, r.office, good[1]), cut, incoming(t, r.office, good[2]),
	}
	originals := map[string][]byte{}
	for _, f := range files {
		originals[f.Path], err = os.ReadFile(f.Path)
		must(t, err)
	}
	refused, err := r.Keep(t.Context(), numbered(1), files)
	must(t, err)
	for i, err := range refused {
		if bad := i%2 == 0; bad != errors.Is(err, vault.ErrNotSealed) || !bad && err != nil {
			t.Errorf("file %d: %v", i, err)
		}
	}
	for n, clear := range good {
		if got, err := read(t, r, numbered(1), n, clear); err != nil || !bytes.Equal(got, clear) {
			t.Errorf("file %d: %d bytes of %d, %v", n, len(got), len(clear), err)
		}
	}
	for i, f := range files {
		if now, _ := os.ReadFile(f.Path); i%2 == 1 && bytes.HasPrefix(now, originals[f.Path][:200]) {
			t.Errorf("file %d still opens with the office's identity", i)
		}
	}
	if _, err := r.Keep(t.Context(), numbered(2), []vault.Incoming{{Path: files[1].Path + "-never-came"}}); err == nil {
		t.Error("a file that is not there was kept")
	}
}

func oneKey(t *testing.T, r room) {
	const records = 8
	var sealed [records][]byte
	var all sync.WaitGroup
	for n := range records {
		all.Go(func() {
			v := r.Vault
			if n%2 == 1 {
				v = r.other
			}
			record, err := v.Seal(t.Context(), numbered(1), []byte(numbered(n)))
			if err != nil {
				t.Error(err)
			}
			sealed[n] = record
		})
	}
	all.Wait()
	for n, record := range sealed {
		if got, err := r.Open(t.Context(), numbered(1), record); err != nil || string(got) != numbered(n) {
			t.Errorf("record %d: %q, %v", n, got, err)
		}
	}
}

func erasedWhileRead(t *testing.T, r room) {
	picture := bytes.Repeat([]byte("picture"), 1<<17)
	r.keep(t, numbered(1), picture)
	var reading sync.WaitGroup
	for range 4 {
		reading.Go(func() {
			for {
				got, err := read(t, r, numbered(1), 0, picture)
				if err != nil {
					if !errors.Is(err, vault.ErrErased) && !errors.Is(err, fs.ErrNotExist) {
						t.Errorf("while it was erased: %v", err)
					}
					return
				}
				if !bytes.Equal(got, picture) {
					t.Error("half a file was shown")
				}
			}
		})
	}
	if err := r.Erase(t.Context(), numbered(1)); err != nil {
		t.Error(err)
	}
	reading.Wait()
}

func sharedByBoth(t *testing.T, r room) {
	clear := []byte("portrait")
	r.keep(t, numbered(1), clear)
	record, err := r.Seal(t.Context(), numbered(1), clear)
	must(t, err)
	if got, err := read(t, r.other, numbered(1), 0, clear); err != nil || !bytes.Equal(got, clear) {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := r.other.Open(t.Context(), numbered(1), record); err != nil || !bytes.Equal(got, clear) {
		t.Errorf("%q, %v", got, err)
	}
	r.expectKeys(t, r.other, numbered(1))
	must(t, r.other.Erase(t.Context(), numbered(1)))
	if _, err := r.Open(t.Context(), numbered(1), record); !errors.Is(err, vault.ErrErased) {
		t.Errorf("erased by the other: %v", err)
	}
}
