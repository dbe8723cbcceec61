package vault_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"filippo.io/age"

	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/scrub/scrubtest"
)

// vaultOn opens a vault on a file system of its own, with check-ins of one file each.
func vaultOn(t *testing.T, disk *scrubtest.Disk, checkIns int) *vault.Vault {
	t.Helper()
	office, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), filepath.Join(disk.Dir, "files"), filepath.Join(disk.Dir, "keys.db"), []age.Identity{office})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	clear := []byte("signature")
	for n := range checkIns {
		keep(t, v, disk.Dir, numbered(n), office.Recipient(), clear)
	}
	return v
}

func wantKeys(t *testing.T, v *vault.Vault, want int) {
	t.Helper()
	if keys, err := v.CheckIns(t.Context()); err != nil || len(keys) != want {
		t.Errorf("%d keys, %v; want %d", len(keys), err, want)
	}
}

func TestErasingNeedsNoRoomOnTheDisk(t *testing.T) {
	disk := scrubtest.Mount(t, 16)
	v := vaultOn(t, disk, 40)
	if err := v.Erase(t.Context(), numbered(0)); err != nil {
		t.Fatal(err)
	}
	disk.Fill(t)
	for n := range 40 {
		if err := v.Erase(t.Context(), numbered(n)); err != nil {
			t.Errorf("check-in %d on a full disk: %v", n, err)
		}
		disk.Fill(t)
	}
	wantKeys(t, v, 0)
}

func TestADiskThatCannotBeWrittenErasesNothingAndSaysSo(t *testing.T) {
	disk := scrubtest.Mount(t, 16)
	v := vaultOn(t, disk, 2)
	// A disk with errors turns read-only under open files, which mount does not do on request; ext4 refuses writes to an
	// immutable file in the same way.
	writable := func(flag string) {
		// Not the index beside them: it is memory that SQLite shares, and a write to memory cannot be refused.
		files := []string{filepath.Join(disk.Dir, "keys.db"), filepath.Join(disk.Dir, "keys.db-wal")}
		if out, err := exec.Command("chattr", append([]string{flag}, files...)...).CombinedOutput(); err != nil {
			t.Skipf("SKIPPED: no file can be made read-only under a program that has it open: %v: %s", err, out)
		}
	}
	writable("+i")
	for n := range 2 {
		if err := v.Erase(t.Context(), numbered(n)); err == nil {
			t.Errorf("check-in %d counts as erased on a disk that cannot be written", n)
		}
	}
	wantKeys(t, v, 2)
	writable("-i")
	for n := range 2 {
		if err := v.Erase(t.Context(), numbered(n)); err != nil {
			t.Errorf("check-in %d once it can be written: %v", n, err)
		}
	}
	wantKeys(t, v, 0)
}

func TestVaultsOfTwoProcessesEraseAndMakeKeysSideBySide(t *testing.T) {
	dir := t.TempDir()
	var vaults [2]*vault.Vault
	office, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for i := range vaults {
		if vaults[i], err = vault.Open(t.Context(), filepath.Join(dir, "files"), filepath.Join(dir, "keys.db"), []age.Identity{office}); err != nil {
			t.Fatal(err)
		}
	}
	var both sync.WaitGroup
	for i, v := range vaults {
		both.Go(func() {
			for n := range 30 {
				if _, err := v.Seal(t.Context(), numbered(100*i+n), []byte("record")); err != nil {
					t.Error(err)
				}
				if n%2 == 0 {
					if err := v.Erase(t.Context(), numbered(100*i+n)); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	both.Wait()
	for _, v := range vaults {
		wantKeys(t, v, 30)
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	}
	db, err := sql.Open("sqlite3", filepath.Join(dir, "keys.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("the key database is %s, %v", verdict, err)
	}
}

func numbered(n int) string { return fmt.Sprintf("0192f0a0-0000-7000-8000-%012d", n) }

// keyOf reads a check-in's key as a thief with the database does.
func keyOf(t *testing.T, keys, checkIn string) []byte {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+keys+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var key []byte
	if err := db.QueryRow("SELECT identity FROM checkin_key WHERE checkin = ?", checkIn).Scan(&key); err != nil {
		t.Fatal(err)
	}
	return key
}

func TestNoErasedKeyIsFoundOnTheDiskItself(t *testing.T) {
	disk := scrubtest.Mount(t, 64)
	office, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(disk.Dir, "keys.db")
	open := func() *vault.Vault {
		v, err := vault.Open(t.Context(), filepath.Join(disk.Dir, "files"), keys, []age.Identity{office})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	v := open()
	clear := bytes.Repeat([]byte("picture"), 1000)
	var erased, kept [][]byte
	var present []string
	order := rand.New(rand.NewPCG(1, 2))
	for n := range 240 {
		// Ids come in any order, so that rows move from page to page as others come and go.
		id := numbered(order.IntN(1 << 30))
		keep(t, v, disk.Dir, id, office.Recipient(), clear)
		present = append(present, id)
		for n >= 60 && len(present) > 40 {
			i := order.IntN(len(present))
			erased = append(erased, keyOf(t, keys, present[i]))
			if err := v.Erase(t.Context(), present[i]); err != nil {
				t.Fatal(err)
			}
			present = append(present[:i], present[i+1:]...)
		}
		if n%50 == 49 { // closing gives the log's blocks back
			if err := v.Close(); err != nil {
				t.Fatal(err)
			}
			v = open()
		}
	}
	for _, id := range present {
		kept = append(kept, keyOf(t, keys, id))
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if found := disk.Search(t, append(erased, kept...)...); len(found) != len(kept) {
		t.Errorf("%d keys are on the disk, want the %d that are not erased (%d are)", len(found), len(kept), len(erased))
	}
}
