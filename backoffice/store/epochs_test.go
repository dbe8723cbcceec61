package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/foyer-station/foyer/backoffice/store"
)

func TestAnOlderDatabaseKeepsEveryVisitorRecordAndLease(t *testing.T) {
	path := filepath.Join(t.TempDir(), "backoffice.db")
	db, err := sql.Open("sqlite3", "file:"+path+"?_foreign_keys=on")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`
		INSERT INTO checkin VALUES ('one', 'station-1', x'01', 1, 's', 'de', 'A-1', '2026-03-02', '', '', '{}', 'brandt', '204', 0, 0, 'called', 'brandt', 5, NULL);
		INSERT INTO checkin VALUES ('two', 'station-1', x'02', 2, 's', 'de', 'A-2', '2026-03-02', '', '', '{}', 'brandt', '204', 0, 0, 'waiting', NULL, NULL, NULL);
		INSERT INTO record VALUES ('one', x'0a'), ('two', x'0b');
		INSERT INTO upload VALUES ('two', x'0c', 7);
		INSERT INTO lease VALUES ('station-1', 'r', '2026-03-02', 1, 100)`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	queue, err := s.Queue(t.Context())
	if err != nil || len(queue) != 2 || queue[0].CalledBy != "brandt" || queue[1].Ticket != "A-2" {
		t.Errorf("the queue is %+v, %v", queue, err)
	}
	for id, want := range map[string]byte{"one": 0x0a, "two": 0x0b} {
		if _, record, err := s.CheckIn(t.Context(), id); err != nil || len(record) != 1 || record[0] != want {
			t.Errorf("the record of %s is %x, %v", id, record, err)
		}
	}
	if size, err := s.Uploaded(t.Context(), "station-1", "two", []byte{0x0c}); err != nil || size != 7 {
		t.Errorf("the upload is %d bytes, %v", size, err)
	}
	if holder, err := s.Holder(t.Context(), "2026-03-02", "A", 100); err != nil || holder != "station-1" {
		t.Errorf("A-100 is held by %q, %v", holder, err)
	}
	if l := lease(t, s, ask(t, s, "station-2", "r", 10)); l.First != 101 {
		t.Errorf("the next numbers are %+v", l)
	}
	if err := s.Forget(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Uploaded(t.Context(), "station-1", "two", []byte{0x0c}); err == nil {
		t.Error("what hangs on a check-in stays when it is forgotten")
	}
}
