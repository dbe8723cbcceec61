package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const day = "2026-03-02"

func office(t testing.TB) *age.X25519Identity {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func open(t testing.TB, path string) *Journal {
	t.Helper()
	j, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func lease(t testing.TB, j *Journal, first, count int) {
	t.Helper()
	request, err := j.LeaseRequest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := j.AddLease(t.Context(), request, Lease{Prefix: "A", First: first, Count: count, Day: day}); err != nil {
		t.Fatal(err)
	}
}

// confirm keeps two files and commits them.
func confirm(t testing.TB, j *Journal, recipient string) (id, ticket string) {
	t.Helper()
	id = uuid.Must(uuid.NewV7()).String()
	for _, name := range []string{"portrait", "signature"} {
		if err := j.Keep(t.Context(), id, recipient, name, []byte("the "+name)); err != nil {
			t.Fatal(err)
		}
	}
	ticket, err := j.Commit(t.Context(), checkIn(id, recipient))
	if err != nil {
		t.Fatal(err)
	}
	return id, ticket
}

func checkIn(id, recipient string) CheckIn {
	return CheckIn{ID: id, ConfirmedAt: noon, ServiceID: "permit", Language: "uk", Recipient: recipient,
		Record: []byte("the record"), Files: []string{"portrait", "signature"}}
}

func outbox(t testing.TB, j *Journal) []Confirmed {
	t.Helper()
	all, err := j.Outbox(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAConfirmedCheckInCanBeOpenedByTheOfficeOnly(t *testing.T) {
	key, path := office(t), filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path)
	lease(t, j, 127, 10)
	id, ticket := confirm(t, j, key.Recipient().String())
	if ticket != "A-127" {
		t.Errorf("ticket is %s, want A-127", ticket)
	}
	j.Close()
	j = open(t, path)
	all := outbox(t, j)
	if len(all) != 1 || all[0].ID != id || all[0].Ticket != ticket || all[0].Day != day || !all[0].ConfirmedAt.Equal(noon) {
		t.Fatalf("outbox after a restart is %+v", all)
	}
	var opened []string
	for _, digest := range append([][]byte{all[0].RecordSHA256}, all[0].FileSHA256...) {
		sealed, err := j.Sealed(t.Context(), id, digest)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := age.Decrypt(bytes.NewReader(sealed), key)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(plain)
		if err != nil {
			t.Fatal(err)
		}
		opened = append(opened, string(text))
	}
	if diff := cmp.Diff([]string{"the record", "the portrait", "the signature"}, opened); diff != "" {
		t.Error(diff)
	}
	for name, text := range onDisk(t, path) {
		if bytes.Contains(text, []byte("the portrait")) || bytes.Contains(text, []byte("the record")) {
			t.Errorf("%s can be read without the office's key", name)
		}
	}
}

// onDisk is everything that stands on the disk.
func onDisk(t testing.TB, path string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, file := range files {
		if all[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestWhatIsAcknowledgedDiscardedOrExpiredLeavesNoTraceOnTheDisk(t *testing.T) {
	m := &machine{boot: "one", wall: noon}
	wipes := map[string]func(*Journal, string) error{
		"acknowledged": func(j *Journal, id string) error { return j.Acknowledge(t.Context(), id) },
		"expired": func(j *Journal, _ string) error {
			m.runs(Limit)
			_, err := j.Expire(t.Context(), m.wall)
			return err
		},
		"discarded": func(j *Journal, id string) error { return j.Discard(t.Context(), id) },
	}
	for name, wiped := range wipes {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.db")
			j, recipient := m.open(t, path), office(t).Recipient().String()
			lease(t, j, 1, 10)
			id := uuid.Must(uuid.NewV7()).String()
			if err := j.Keep(t.Context(), id, recipient, "portrait", make([]byte, 100_000)); err != nil {
				t.Fatal(err)
			}
			var sealed []byte
			if err := j.db.QueryRow("SELECT sealed FROM files").Scan(&sealed); err != nil {
				t.Fatal(err)
			}
			if name != "discarded" {
				c := checkIn(id, recipient)
				c.Files = []string{"portrait"}
				if _, err := j.Commit(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
			if !traces(t, path, sealed) {
				t.Fatal("the sealed file is not on the disk: this test sees nothing")
			}
			if err := wiped(j, id); err != nil {
				t.Fatal(err)
			}
			if traces(t, path, sealed) {
				t.Error("parts of the sealed file are still on the disk")
			}
		})
	}
}

// traces looks for pieces of text on the disk, small enough to lie within a page.
func traces(t testing.TB, path string, text []byte) bool {
	for _, on := range onDisk(t, path) {
		for at := 0; at+32 <= len(text); at += 512 {
			if bytes.Contains(on, text[at:at+32]) {
				return true
			}
		}
	}
	return false
}

func TestASpoolThatNobodyConfirmedIsWipedAtTheStart(t *testing.T) {
	path, recipient := filepath.Join(t.TempDir(), "journal.db"), office(t).Recipient().String()
	j := open(t, path)
	lease(t, j, 1, 10)
	confirmed, _ := confirm(t, j, recipient)
	if err := j.Keep(t.Context(), "begun", recipient, "portrait", []byte("the portrait")); err != nil {
		t.Fatal(err)
	}
	j.Close()
	j = open(t, path)
	var begun, kept int
	if err := j.db.QueryRow("SELECT count(*) FILTER (WHERE check_in_id = 'begun'), count(*) FILTER (WHERE check_in_id = ?) FROM files", confirmed).Scan(&begun, &kept); err != nil {
		t.Fatal(err)
	}
	if begun != 0 || kept != 3 {
		t.Errorf("%d files of the unconfirmed and %d of the confirmed check-in, want 0 and 3", begun, kept)
	}
}

func TestConfirmingTwiceGivesTheSameNumberAndChangesNothing(t *testing.T) {
	j, recipient := open(t, filepath.Join(t.TempDir(), "journal.db")), office(t).Recipient().String()
	lease(t, j, 1, 10)
	id, first := confirm(t, j, recipient)
	before := outbox(t, j)
	if err := j.Keep(t.Context(), id, recipient, "portrait", []byte("another")); err != nil {
		t.Fatal(err)
	}
	second, err := j.Commit(t.Context(), checkIn(id, recipient))
	if err != nil || second != first {
		t.Errorf("second commit gives %q, %v; want %q", second, err, first)
	}
	if diff := cmp.Diff(before, outbox(t, j)); diff != "" {
		t.Error(diff)
	}
}

func TestNumbersAreUsedOnceInOrderAndOnlyOnTheirDay(t *testing.T) {
	j, recipient := open(t, filepath.Join(t.TempDir(), "journal.db")), office(t).Recipient().String()
	lease(t, j, 5, 2)
	lease(t, j, 90, 1)
	var got []string
	for range 3 {
		_, ticket := confirm(t, j, recipient)
		got = append(got, ticket)
	}
	if diff := cmp.Diff([]string{"A-5", "A-6", "A-90"}, got); diff != "" {
		t.Error(diff)
	}
	c := checkIn("fourth", recipient)
	c.Files = nil
	if _, err := j.Commit(t.Context(), c); !errors.Is(err, ErrNoNumber) {
		t.Errorf("without a number: %v, want ErrNoNumber", err)
	}
	lease(t, j, 200, 5)
	c.ConfirmedAt = noon.AddDate(0, 0, 1)
	if _, err := j.Commit(t.Context(), c); !errors.Is(err, ErrNoNumber) {
		t.Errorf("on the next day: %v, want ErrNoNumber", err)
	}
	if counts, err := j.Count(t.Context(), day); err != nil || counts.Numbers != 5 || counts.Outbox != 3 {
		t.Errorf("counts are %+v, %v", counts, err)
	}
}

func TestALeaseIsAskedForUnderOneIDUntilItIsAnswered(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal.db"))
	first, err := j.LeaseRequest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := j.LeaseRequest(t.Context()); err != nil || again != first {
		t.Errorf("asked again under %s, %v; want %s", again, err, first)
	}
	for range 2 {
		if err := j.AddLease(t.Context(), first, Lease{Prefix: "B", First: 1, Count: 3, Day: day}); err != nil {
			t.Fatal(err)
		}
	}
	if counts, err := j.Count(t.Context(), day); err != nil || counts.Numbers != 3 {
		t.Errorf("the same answer twice leaves %+v, %v", counts, err)
	}
	if next, err := j.LeaseRequest(t.Context()); err != nil || next == first {
		t.Errorf("the next range is asked for under the old id, %v", err)
	}
}

func TestOnlyWhatIsOverTheLimitExpiresAndItIsCounted(t *testing.T) {
	m := &machine{boot: "one", wall: noon}
	j, recipient := m.open(t, filepath.Join(t.TempDir(), "journal.db")), office(t).Recipient().String()
	lease(t, j, 1, 10)
	_, ticket := confirm(t, j, recipient)
	m.runs(Limit - time.Millisecond)
	if got, err := j.Expire(t.Context(), m.wall); err != nil || len(got) != 0 {
		t.Errorf("before the limit %v, %v expired", got, err)
	}
	m.runs(time.Millisecond)
	got, err := j.Expire(t.Context(), m.wall)
	if err != nil || len(got) != 1 || got[0] != ticket {
		t.Errorf("at the limit %v, %v expired", got, err)
	}
	if counts, err := j.Count(t.Context(), day); err != nil || counts.Expired != 1 || counts.Outbox != 0 {
		t.Errorf("counts are %+v, %v", counts, err)
	}
}

func TestTheOfficeIsRemembered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path)
	if _, err := j.Office(t.Context()); !errors.Is(err, ErrNotFound) {
		t.Errorf("a new journal knows an office: %v", err)
	}
	for _, text := range []string{"old", "new"} {
		if err := j.SaveOffice(t.Context(), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	j.Close()
	if got, err := open(t, path).Office(t.Context()); err != nil || string(got) != "new" {
		t.Errorf("office is %q, %v", got, err)
	}
}

func TestAFullDiskConfirmsNothingAndSaysSo(t *testing.T) {
	j, recipient := open(t, filepath.Join(t.TempDir(), "journal.db")), office(t).Recipient().String()
	lease(t, j, 1, 10)
	_, first := confirm(t, j, recipient)
	var pages int
	if err := j.db.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := j.db.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+4)); err != nil {
		t.Fatal(err)
	}
	c := checkIn("second", recipient)
	c.Files, c.Record = nil, make([]byte, 100_000)
	if _, err := j.Commit(t.Context(), c); !errors.Is(err, ErrFull) {
		t.Errorf("commit on a full disk: %v, want ErrFull", err)
	}
	if all := outbox(t, j); len(all) != 1 || all[0].Ticket != first {
		t.Errorf("outbox is %+v", all)
	}
	if counts, err := j.Count(t.Context(), day); err != nil || counts.Numbers != 9 {
		t.Errorf("a number was lost: %+v, %v", counts, err)
	}
}

func TestADamagedJournalIsNotOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, recipient := open(t, path), office(t).Recipient().String()
	lease(t, j, 1, 100)
	for range 20 {
		confirm(t, j, recipient)
	}
	j.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damages := map[string][]byte{
		"not a database": bytes.Repeat([]byte("no"), 4096),
		"cut off":        whole[:len(whole)/2],
		"overwritten":    append(append(bytes.Clone(whole[:4096]), bytes.Repeat([]byte{0xa5}, 8192)...), whole[12288:]...),
	}
	for name, text := range damages {
		t.Run(name, func(t *testing.T) {
			damaged := filepath.Join(t.TempDir(), "journal.db")
			if err := os.WriteFile(damaged, text, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(t.Context(), damaged); !errors.Is(err, ErrDamaged) {
				t.Errorf("Open: %v, want ErrDamaged", err)
			}
		})
	}
}

func TestAJournalThatIsDamagedUnderARunningStationIsNotTakenForWell(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, recipient := open(t, path), office(t).Recipient().String()
	lease(t, j, 1, 100)
	confirm(t, j, recipient)
	if err := errors.Join(j.TryWrite(t.Context()), j.cutLog(t.Context())); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt(bytes.Repeat([]byte{0xa5}, int(info.Size())), 0); err != nil {
		t.Fatal(err)
	}
	if err := j.TryWrite(t.Context()); !errors.Is(err, ErrDamaged) {
		t.Errorf("TryWrite: %v, want ErrDamaged", err)
	}
}

func TestAJournalHasOneUser(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	open(t, path)
	if _, err := Open(t.Context(), path); !errors.Is(err, ErrInUse) {
		t.Errorf("a second Open: %v, want ErrInUse", err)
	}
}

func TestAJournalOfANewerVersionIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path)
	if _, err := j.db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	j.Close()
	if _, err := Open(t.Context(), path); !errors.Is(err, ErrNewer) {
		t.Errorf("Open: %v, want ErrNewer", err)
	}
}

func TestAFileForAnUnknownRecipientIsNotWritten(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal.db"))
	if err := j.Keep(context.Background(), "x", "age1nobody", "portrait", []byte("the portrait")); err == nil {
		t.Error("kept a file that nobody can open")
	}
}
