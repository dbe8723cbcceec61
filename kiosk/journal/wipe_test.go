package journal

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/foyer-station/foyer/scrub/scrubtest"
)

func TestNothingThatWasWipedIsFoundOnTheDiskItself(t *testing.T) {
	disk := scrubtest.Mount(t, 64)
	path := filepath.Join(disk.Dir, "journal.db")
	recipient := office(t).Recipient().String()
	j, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	lease(t, j, 1, 100)
	var wiped, left [][]byte
	picture := bytes.Repeat([]byte("picture"), 20_000)
	for n := range 12 {
		id := uuid.Must(uuid.NewV7()).String()
		for _, name := range []string{"portrait", "signature"} {
			if err := j.Keep(t.Context(), id, recipient, name, picture); err != nil {
				t.Fatal(err)
			}
		}
		if n%3 == 0 { // this visitor goes away
			wiped = append(wiped, parts(t, j)...)
			if err := j.Discard(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if _, err := j.Commit(t.Context(), checkIn(id, recipient)); err != nil {
			t.Fatal(err)
		}
		if n == 11 {
			left = parts(t, j)
			break
		}
		wiped = append(wiped, parts(t, j)...)
		if err := j.Acknowledge(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if n%4 == 1 {
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			if j, err = Open(t.Context(), path); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if found := disk.Search(t, append(wiped, left...)...); len(found) != len(left) || len(left) == 0 {
		t.Errorf("%d parts of sealed files are on the disk, want the %d of the check-in that waits (%d were wiped)",
			len(found), len(left), len(wiped))
	}
}

// parts gives a few bytes from within each page that a sealed file fills.
func parts(t *testing.T, j *Journal) (parts [][]byte) {
	t.Helper()
	rows, err := j.db.Query("SELECT sealed FROM files")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var sealed []byte
		if err := rows.Scan(&sealed); err != nil {
			t.Fatal(err)
		}
		for at := 2000; at+24 < len(sealed) && len(sealed) > 100_000; at += 8192 {
			parts = append(parts, bytes.Clone(sealed[at:at+24]))
		}
	}
	return parts
}

func TestACheckInIsWipedOnADiskThatIsFull(t *testing.T) {
	disk := scrubtest.Mount(t, 16)
	recipient := office(t).Recipient().String()
	j := openWithoutCleanup(t, filepath.Join(disk.Dir, "journal.db"))
	defer j.Close()
	lease(t, j, 1, 10)
	id, _ := confirm(t, j, recipient)
	kept, _ := confirm(t, j, recipient)
	disk.Fill(t)
	if err := j.Acknowledge(t.Context(), id); err != nil {
		t.Errorf("on a full disk: %v", err)
	}
	if all := outbox(t, j); len(all) != 1 || all[0].ID != kept {
		t.Errorf("%d check-ins are left", len(all))
	}
}

func openWithoutCleanup(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestWhatAKillLeftInTheLogIsOverwrittenAtTheStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path)
	id := uuid.Must(uuid.NewV7()).String()
	if err := j.Keep(t.Context(), id, office(t).Recipient().String(), "portrait", make([]byte, 200_000)); err != nil {
		t.Fatal(err)
	}
	needles := parts(t, j)
	killed := t.TempDir()
	for _, name := range []string{"journal.db", "journal.db-wal"} {
		b, err := os.ReadFile(filepath.Join(filepath.Dir(path), name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(killed, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, filepath.Join(killed, "journal.db"))
	for name, b := range onDisk(t, filepath.Join(killed, "journal.db")) {
		for _, part := range needles {
			if bytes.Contains(b, part) {
				t.Fatalf("%s still holds what nobody confirmed", name)
			}
		}
	}
}
