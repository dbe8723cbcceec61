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

func seal(t *testing.T, to age.Recipient, clear []byte) *bytes.Buffer {
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

func (r room) keep(t *testing.T, n int, clear []byte) {
	t.Helper()
	sealed := seal(t, r.office.Recipient(), clear)
	if err := r.Reseal(t.Context(), checkIn, n, sealed, int64(len(clear)), sha256.Sum256(clear)); err != nil {
		t.Fatal(err)
	}
}

func TestNothingOnDiskIsReadable(t *testing.T) {
	r := open(t)
	secret := []byte("ERIKSSON<<ANNA<MARIA")
	r.keep(t, 0, secret)
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
	r.keep(t, 0, []byte("signature"))
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
	if err := r.Reseal(t.Context(), checkIn, 0, seal(t, r.office.Recipient(), clear), 9, sha256.Sum256(clear)); !errors.Is(err, vault.ErrMismatch) {
		t.Errorf("longer: %v", err)
	}
	left, _ := os.ReadDir(filepath.Join(r.dir, "files", checkIn))
	if len(left) != 0 {
		t.Errorf("%d files are left behind", len(left))
	}
}

func TestAFileThatWasSwappedOnDiskIsNotShown(t *testing.T) {
	r := open(t)
	mine, other := []byte("portrait of one"), []byte("portrait of two")
	r.keep(t, 0, mine)
	r.keep(t, 1, other)
	dir := filepath.Join(r.dir, "files", checkIn)
	if err := os.Rename(filepath.Join(dir, "1"), filepath.Join(dir, "0")); err != nil {
		t.Fatal(err)
	}
	_, err := r.ReadFile(t.Context(), checkIn, 0, int64(len(mine)), sha256.Sum256(mine))
	if !errors.Is(err, vault.ErrMismatch) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkReseal(b *testing.B) {
	office, err := age.GenerateX25519Identity()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	v, err := vault.Open(context.Background(), dir, filepath.Join(dir, "keys.db"), []age.Identity{office})
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	clear := make([]byte, 200<<10)
	var sealed bytes.Buffer
	w, _ := age.Encrypt(&sealed, office.Recipient())
	w.Write(clear)
	w.Close()
	b.SetBytes(int64(len(clear)))
	for b.Loop() {
		err := v.Reseal(b.Context(), checkIn, 0, bytes.NewReader(sealed.Bytes()), int64(len(clear)), sha256.Sum256(clear))
		if err != nil {
			b.Fatal(err)
		}
	}
}
