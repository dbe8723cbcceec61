package vault_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/scrub/scrubtest"
)

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
		err := v.Reseal(t.Context(), id, 0, seal(t, office.Recipient(), clear), int64(len(clear)), sha256.Sum256(clear))
		if err != nil {
			t.Fatal(err)
		}
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
