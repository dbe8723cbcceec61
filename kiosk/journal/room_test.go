package journal

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/foyer-station/foyer/scrub/scrubtest"
)

func TestADiskThatCheckInsHaveFilledCanBeEmptiedAgain(t *testing.T) {
	for how, empty := range map[string]func(t *testing.T, j *Journal, ids []string){
		"by acknowledging": func(t *testing.T, j *Journal, ids []string) {
			for _, id := range ids {
				if err := j.Acknowledge(t.Context(), id); err != nil {
					t.Fatal(err)
				}
			}
		},
		"by expiring": func(t *testing.T, j *Journal, ids []string) {
			j.uptime = func() (string, time.Duration, error) { return "later", 2 * Limit, nil }
			lost, err := j.Expire(t.Context(), noon)
			if err != nil || len(lost) != len(ids) {
				t.Fatalf("%d of %d expired: %v", len(lost), len(ids), err)
			}
		},
	} {
		t.Run(how, func(t *testing.T) {
			j := open(t, filepath.Join(scrubtest.Mount(t, 64).Dir, "journal.db"))
			lease(t, j, 1, 100)
			ids := fill(t, j)
			if len(ids) < 3 {
				t.Fatalf("%d check-ins fill the disk", len(ids))
			}
			empty(t, j, ids)
			if all := outbox(t, j); len(all) > 0 {
				t.Errorf("%d check-ins are left", len(all))
			}
			confirmLarge(t, j, uuid.Must(uuid.NewV7()).String())
		})
	}
}

func TestAStationStartsOnADiskThatItsCheckInsHaveFilled(t *testing.T) {
	path := filepath.Join(scrubtest.Mount(t, 64).Dir, "journal.db")
	j := open(t, path)
	lease(t, j, 1, 100)
	ids := fill(t, j)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, path)
	if counts, err := j.Count(t.Context(), day); err != nil || counts.Outbox != len(ids) || counts.Spool != 0 {
		t.Errorf("%+v, %v after %d check-ins", counts, err, len(ids))
	}
}

// Others can take the last byte, which SQLite's own files beside the journal need, and somebody what is kept for that.
func TestAJournalOnADiskWithoutAByteLeftSaysThatItIsFull(t *testing.T) {
	dir := scrubtest.Mount(t, 8).Dir
	path := filepath.Join(dir, "journal.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "ballast")); err != nil {
		t.Fatal(err)
	}
	takeLastByte(t, dir)
	if j, err := Open(t.Context(), path); !errors.Is(err, ErrFull) {
		t.Errorf("%v, %v; want ErrFull", j, err)
	}
}

func TestAStationStartsWhenOthersHaveTakenTheLastByteAndConfirmsOnceThereIsRoom(t *testing.T) {
	dir := scrubtest.Mount(t, 64).Dir
	path := filepath.Join(dir, "journal.db")
	j := open(t, path)
	lease(t, j, 1, 100)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the room is taken again for the next time
		others := takeLastByte(t, dir)
		j = open(t, path)
		if err := j.TryWrite(t.Context()); !errors.Is(err, ErrFull) {
			t.Errorf("TryWrite = %v, want ErrFull", err)
		}
		if err := os.Remove(others); err != nil {
			t.Fatal(err)
		}
		if err := j.TryWrite(t.Context()); err != nil {
			t.Errorf("with room again: %v", err)
		}
		confirmLarge(t, j, uuid.Must(uuid.NewV7()).String())
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// takeLastByte fills the disk with a file beside the journal.
func takeLastByte(t *testing.T, dir string) (path string) {
	t.Helper()
	others, err := os.Create(filepath.Join(dir, "others"))
	if err != nil {
		t.Fatal(err)
	}
	defer others.Close()
	for size := 1 << 20; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = others.Write(make([]byte, size))
		}
	}
	return others.Name()
}

// fill confirms check-ins until the disk is full, and leaves one in the spool that there was no room for.
func fill(t *testing.T, j *Journal) (ids []string) {
	t.Helper()
	for {
		id := uuid.Must(uuid.NewV7()).String()
		err := large(t, j, id)
		if errors.Is(err, ErrFull) {
			return ids
		}
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
}

func confirmLarge(t *testing.T, j *Journal, id string) {
	t.Helper()
	if err := large(t, j, id); err != nil {
		t.Error(err)
	}
}

// large keeps and confirms a check-in of six megabytes.
func large(t *testing.T, j *Journal, id string) error {
	t.Helper()
	recipient := office(t).Recipient().String()
	picture := make([]byte, 3<<20)
	rand.Read(picture)
	for _, name := range []string{"portrait", "signature"} {
		if err := j.Keep(t.Context(), id, recipient, name, picture); err != nil {
			return err
		}
	}
	_, err := j.Commit(t.Context(), checkIn(id, recipient))
	return err
}
