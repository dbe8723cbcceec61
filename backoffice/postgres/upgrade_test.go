package postgres_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// What an office of the first schema has: a visitor who was called and put back, one of whom nobody has heard since, and a caseworker
// who is signed in.
const firstOffice = `
	INSERT INTO checkin (id, seq, station, certificate, request, confirmed_at, arrived_at, service, language, ticket, day, visit_day, doubt, verdict,
		validity, persons, documents, newer, decision, caseworker, room, ahead, wait, state)
		SELECT '0192f0a0-0000-7000-8000-00000000000' || n, n, 'station-1', '', '', 1, 1, 'appointment', 'de', 'A-' || n, '2026-03-02', '2026-03-02', '', '', '',
			1, 1, false, '{}', 'brandt', '204', 0, 0, 'waiting' FROM generate_series(1, 2) AS n;
	INSERT INTO upload VALUES ('0192f0a0-0000-7000-8000-000000000001', '\x01', 7);
	INSERT INTO audit (at, name, action, checkin) VALUES (2, 'brandt', 'called', '0192f0a0-0000-7000-8000-000000000001'),
		(3, 'brandt', 'returned', '0192f0a0-0000-7000-8000-000000000001');
	INSERT INTO staff VALUES ('brandt', 'hash');
	INSERT INTO session VALUES ('token', 'brandt', 1, 9999999999999);
	INSERT INTO browser VALUES ('browser', 'brandt', 9999999999999, 'id');`

func TestAnOfficeOfTheFirstSchemaIsCarriedOver(t *testing.T) {
	database(t) // or the test is skipped
	if err := cluster.Exec(t.Context(), "CREATE DATABASE first_schema"); err != nil {
		t.Fatal(err)
	}
	dsn := cluster.DSN("first_schema")
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), firstOffice); err != nil {
		t.Fatal(err)
	}
	s := open(t, dsn)
	queue, err := s.Queue(t.Context())
	if err != nil || len(queue) != 2 || queue[0].Ticket != "A-1" || queue[0].Calls != 1 || queue[1].Calls != 0 {
		t.Errorf("the queue: %+v, %v", queue, err)
	}
	if events, err := s.Events(t.Context(), today); err != nil || len(events) != 4 {
		t.Errorf("events: %+v, %v", events, err)
	}
	if trail, err := s.AuditTrail(t.Context(), numbered(1)); err != nil || len(trail) != 2 || trail[0].Action != store.ActionCalled {
		t.Errorf("the trail: %+v, %v", trail, err)
	}
	if v, err := s.Visit(t.Context(), stationv1.TicketToken(numbered(2))); err != nil || v.Ticket != "A-2" {
		t.Errorf("the visitor's view: %+v, %v", v, err)
	}
	if n, err := s.Stored(t.Context(), "station-1", noon.AddDate(-60, 0, 0), noon); err != nil || n != 7 {
		t.Errorf("%d bytes are stored, %v", n, err)
	}
	a, err := s.Account(t.Context(), "brandt")
	if err != nil || a.Caseworker != "brandt" || len(a.Roles) != 0 {
		t.Errorf("the account: %+v, %v", a, err)
	}
	if session, err := s.Session(t.Context(), []byte("token")); err != nil || session.Account.ID != a.ID {
		t.Errorf("the session: %+v, %v", session, err)
	}
	if id, err := s.KnownBrowser(t.Context(), []byte("browser"), "brandt", noon); err != nil || string(id) != "id" {
		t.Errorf("the browser: %q, %v", id, err)
	}
}
