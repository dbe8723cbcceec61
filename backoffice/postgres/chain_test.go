package postgres_test

import (
	"context"
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-station/foyer/backoffice/auditlog"
	"github.com/foyer-station/foyer/backoffice/queue"
)

func TestNothingIsLinkedPastAnEntryThatIsStillBeingWritten(t *testing.T) {
	dsn := database(t)
	s := open(t, dsn)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	slow, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := slow.Exec(t.Context(), "INSERT INTO event (at, kind) VALUES (1, 'slow')"); err != nil {
		t.Fatal(err)
	}
	if err := s.AppendEvent(t.Context(), queue.Event{At: noon, Kind: "fast"}); err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	linked := make(chan int)
	go func() {
		_, n, err := s.SealLog(t.Context(), key, noon, 10)
		if err != nil {
			t.Error(err)
		}
		linked <- n
	}()
	select {
	case n := <-linked:
		t.Fatalf("%d entries were linked past one that is still being written", n)
	case <-time.After(100 * time.Millisecond): // long enough for one that does not wait
	}
	if err := slow.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := <-linked; n != 2 {
		t.Errorf("%d entries were linked; want both", n)
	}
	r, err := auditlog.Verify(t.Context(), s, [][]byte{key.Public().(ed25519.PublicKey)}, nil)
	if err != nil || !r.Whole || r.Entries != 2 || r.Unlinked != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
