package vault_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/backoffice/vault/vaulttest"
)

const checkIn = "0192f0a0-0000-7000-8000-000000000001"

type room struct {
	*vault.Vault
	dir    string
	office *age.X25519Identity
}

func open(t testing.TB) room {
	t.Helper()
	office, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	v, err := vault.Open(t.Context(), filepath.Join(dir, "files"), filepath.Join(dir, "keys.db"), []age.Identity{office})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return room{v, dir, office}
}

func seal(t testing.TB, to age.Recipient, clear []byte) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(clear)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

// incoming is a file as it has come from a station.
func incoming(t testing.TB, dir string, to age.Recipient, clear []byte) vault.Incoming {
	t.Helper()
	f, err := os.CreateTemp(dir, "upload-*")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(seal(t, to, clear).Bytes()); err != nil {
		t.Fatal(err)
	}
	return vault.Incoming{Path: f.Name(), Size: int64(len(clear)), SHA256: sha256.Sum256(clear)}
}

// keep keeps files of a check-in that have come into a folder of the same disk.
func keep(t testing.TB, v *vault.Vault, dir, checkIn string, to age.Recipient, files ...[]byte) {
	t.Helper()
	var all []vault.Incoming
	for _, clear := range files {
		all = append(all, incoming(t, dir, to, clear))
	}
	refused, err := v.Keep(t.Context(), checkIn, all)
	if err := errors.Join(append(refused, err)...); err != nil {
		t.Fatal(err)
	}
}

func (r room) keep(t *testing.T, files ...[]byte) {
	t.Helper()
	keep(t, r.Vault, r.dir, checkIn, r.office.Recipient(), files...)
}

func TestNothingOnDiskIsReadable(t *testing.T) {
	r := open(t)
	secret := []byte("ERIKSSON<<ANNA<MARIA")
	r.keep(t, secret)
	if _, err := r.Seal(t.Context(), checkIn, secret); err != nil {
		t.Fatal(err)
	}
	filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, secret) || strings.Contains(path, "ERIKSSON") {
			t.Errorf("%s can be read", path)
		}
		return err
	})
}

func TestVaultsInFilesKeepTheirPromises(t *testing.T) {
	vaulttest.Exercise(t, func(t testing.TB) (one, other vaulttest.Vault, office age.Recipient) {
		r := open(t)
		beside, err := vault.Open(t.Context(), filepath.Join(r.dir, "files"), filepath.Join(r.dir, "keys.db"), []age.Identity{r.office})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { beside.Close() })
		return r.Vault, beside, r.office.Recipient()
	})
}

func TestAnErasedKeyIsInNoFile(t *testing.T) {
	r := open(t)
	r.keep(t, []byte("signature"))
	copied, err := os.ReadFile(filepath.Join(r.dir, "files", checkIn, "0"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Erase(t.Context(), checkIn); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Unseal(bytes.NewReader(copied), 1<<20); !errors.Is(err, vault.ErrNotSealed) {
		t.Errorf("a copy opens with the office's identity: %v", err)
	}
	for _, name := range []string{"keys.db", "keys.db-wal"} {
		if b, _ := os.ReadFile(filepath.Join(r.dir, name)); bytes.Contains(b, []byte("AGE-SECRET-KEY-1")) {
			t.Errorf("%s still holds the key", name)
		}
	}
}

func TestWhatIsNotAsAnnouncedLeavesNothingBehind(t *testing.T) {
	r := open(t)
	clear := []byte("0123456789")
	f := incoming(t, r.dir, r.office.Recipient(), clear)
	f.Size = 9
	if refused, err := r.Keep(t.Context(), checkIn, []vault.Incoming{f}); err != nil || !errors.Is(refused[0], vault.ErrMismatch) {
		t.Errorf("longer: %v, %v", refused, err)
	}
	left, _ := os.ReadDir(filepath.Join(r.dir, "files", checkIn))
	if len(left) != 0 {
		t.Errorf("%d files are left behind", len(left))
	}
}

func TestAFileThatWasSwappedOnDiskIsNotShown(t *testing.T) {
	r := open(t)
	mine, other := []byte("portrait of one"), []byte("portrait of two")
	r.keep(t, mine, other)
	dir := filepath.Join(r.dir, "files", checkIn)
	if err := os.Rename(filepath.Join(dir, "1"), filepath.Join(dir, "0")); err != nil {
		t.Fatal(err)
	}
	_, err := r.ReadFile(t.Context(), checkIn, 0, int64(len(mine)), sha256.Sum256(mine))
	if !errors.Is(err, vault.ErrMismatch) {
		t.Errorf("got %v", err)
	}
}

// A header may hold more than the office's own recipient; then there is no room for another in its place.
func TestAFileThatWasSealedToSeveralIsKeptToo(t *testing.T) {
	r := open(t)
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	clear := bytes.Repeat([]byte("picture"), 20_000)
	f := incoming(t, r.dir, r.office.Recipient(), clear)
	var b bytes.Buffer
	w, err := age.Encrypt(&b, r.office.Recipient(), other.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	w.Write(clear)
	if err := errors.Join(w.Close(), os.WriteFile(f.Path, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	if refused, err := r.Keep(t.Context(), checkIn, []vault.Incoming{f}); err != nil || refused[0] != nil {
		t.Fatalf("%v, %v", refused, err)
	}
	if got, err := r.ReadFile(t.Context(), checkIn, 0, f.Size, f.SHA256); err != nil || !bytes.Equal(got, clear) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := os.Stat(f.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was sealed to the office is still there: %v", err)
	}
	kept, err := os.ReadFile(filepath.Join(r.dir, "files", checkIn, "0"))
	if err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]age.Identity{"the office": r.office, "the other": other} {
		if _, err := age.Decrypt(bytes.NewReader(kept), id); err == nil {
			t.Errorf("what is kept opens for %s", name)
		}
	}
}

func BenchmarkKeep(b *testing.B) {
	office, err := age.GenerateX25519Identity()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	v, err := vault.Open(context.Background(), filepath.Join(dir, "files"), filepath.Join(dir, "keys.db"), []age.Identity{office})
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	clear := make([]byte, 200<<10)
	b.SetBytes(int64(len(clear)))
	for b.Loop() {
		b.StopTimer()
		f := incoming(b, dir, office.Recipient(), clear)
		b.StartTimer()
		if refused, err := v.Keep(b.Context(), checkIn, []vault.Incoming{f}); err != nil || refused[0] != nil {
			b.Fatal(refused, err)
		}
	}
}
