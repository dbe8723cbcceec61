package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/sqlite"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

func TestADatabaseOfTheFirstVersionKeepsItsQueueAndTheOrderInIt(t *testing.T) {
	first, err := os.ReadFile("migrations/00001_backoffice.sql")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "backoffice.db")
	db, err := sqlite.Open(t.Context(), path, fstest.MapFS{"00001_backoffice.sql": {Data: first}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		id, ticket string
		minutes    int
	}{{"c", "A-3", 3}, {"a", "A-1", 1}, {"b", "A-2", 2}, {"old", "A-9", -24 * 60}} {
		at := noon.Add(time.Duration(row.minutes) * time.Minute)
		_, err := db.Exec(`INSERT INTO checkin (id, station, request, confirmed_at, service, language, ticket, day, verdict, validity,
			decision, caseworker, room, ahead, wait, state) VALUES (?, 'station-1', x'', ?, '', 'de', ?, ?, '', '', '{}', 'brandt', '204', 0, 0, 'waiting')`,
			row.id, at.UnixMilli(), row.ticket, at.Format(time.DateOnly))
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if left, err := s.CloseDay(t.Context(), "", noon.Format(time.DateOnly), noon); err != nil || left != 1 {
		t.Errorf("%d were left of the day before, %v", left, err)
	}
	if v, err := s.Visit(t.Context(), stationv1.TicketToken("b")); err != nil || v.Ticket != "A-2" || v.Ahead != 1 {
		t.Errorf("by the ticket of before: %+v, %v", v, err)
	}
	last := arrive(t, s, -5, "brandt") // now, by a clock that is behind
	for _, want := range []string{"a", "b", "c", last} {
		id, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon)
		if err != nil || id != want {
			t.Errorf("called %s, %v; want %s", id, err, want)
		}
		if err := s.Finish(t.Context(), "brandt", id, store.Done, noon); err != nil {
			t.Fatal(err)
		}
	}
	if state, err := s.Erasing(t.Context()); err != nil || !state.Believed.Equal(noon.Add(3*time.Minute)) {
		t.Errorf("the clock was last believed at %v, %v; want the newest event", state.Believed, err)
	}
}

func TestWhoCouldSignInBeforeAccountsStillCan(t *testing.T) {
	path := filepath.Join(t.TempDir(), "backoffice.db")
	before := fstest.MapFS{}
	for _, name := range []string{"00001_backoffice.sql", "00002_epochs.sql", "00003_office_day.sql", "00004_sessions.sql", "00005_browsers.sql"} {
		text, err := os.ReadFile("migrations/" + name)
		if err != nil {
			t.Fatal(err)
		}
		before[name] = &fstest.MapFile{Data: text}
	}
	db, err := sqlite.Open(t.Context(), path, before)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"INSERT INTO staff VALUES ('brandt', 'hash'), ('yilmaz', 'other')",
		"INSERT INTO session (token_sha256, name, expires_at, seen_at) VALUES (x'01', 'brandt', 9000000000000, ?1)",
		"INSERT INTO browser (token_sha256, name, expires_at, id) VALUES (x'02', 'brandt', 9000000000000, x'03')",
	} {
		if _, err := db.Exec(strings.ReplaceAll(statement, "?1", fmt.Sprint(noon.UnixMilli()))); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.GiveRoles(t.Context(), func(caseworker string) []staff.Role {
		return map[string][]staff.Role{"brandt": {staff.Counter, staff.Leader}, "yilmaz": {staff.Counter}}[caseworker]
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.Accounts(t.Context())
	if err != nil || len(all) != 2 || all[0].Name != "brandt" || all[0].Caseworker != "brandt" || len(all[0].Roles) != 2 || len(all[1].Roles) != 1 || all[0].ID == all[1].ID {
		t.Fatalf("the accounts are %+v, %v", all, err)
	}
	if hash, err := s.PasswordHash(t.Context(), "yilmaz"); err != nil || hash != "other" {
		t.Errorf("the password: %q, %v", hash, err)
	}
	session, err := s.Session(t.Context(), []byte{1})
	if err != nil || session.Ending(noon, time.Hour) != "" || session.Account.ID != all[0].ID {
		t.Errorf("the session: %+v, %v", session, err)
	}
	if id, err := s.KnownBrowser(t.Context(), []byte{2}, "brandt", noon); err != nil || len(id) != 1 || id[0] != 3 {
		t.Errorf("the browser: %v, %v", id, err)
	}
}

func TestWhatTheAuditTrailToldBeforeIsInTheLogAndComesToTheSameQueue(t *testing.T) {
	schema := fstest.MapFS{}
	for _, name := range []string{"00001_backoffice.sql", "00002_epochs.sql", "00003_office_day.sql", "00004_sessions.sql", "00005_browsers.sql", "00006_arrivals.sql",
		"00007_families.sql"} {
		text, err := os.ReadFile(filepath.Join("migrations", name))
		if err != nil {
			t.Fatal(err)
		}
		schema[name] = &fstest.MapFile{Data: text}
	}
	path := filepath.Join(t.TempDir(), "backoffice.db")
	db, err := sqlite.Open(t.Context(), path, schema)
	if err != nil {
		t.Fatal(err)
	}
	for seq, visitor := range []string{"waiting', NULL, NULL, NULL", "called', 'brandt', 2, NULL", "done', 'yilmaz', 1, 3"} {
		_, err := db.Exec(`INSERT INTO checkin (id, station, request, confirmed_at, service, language, ticket, day, visit_day, doubt, verdict, validity, decision,
			caseworker, room, ahead, wait, seq, state, called_by, called_at, ended_at) VALUES (?1, 'station-1', x'', 0, 'permit', 'de', 'A-1', '2026-03-02', '2026-03-02', '', '', '',
			'{}', 'brandt', '204', 0, 0, ?1, '`+visitor+")", seq+1)
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = db.Exec(`INSERT INTO audit (at, name, action, checkin, file) VALUES (1, 'yilmaz', 'called', '3', ''), (2, 'brandt', 'called', '2', ''),
		(2, 'brandt', 'opened', '2', 'portrait'), (3, 'yilmaz', 'done', '3', ''), (4, 'lead', 'confirmed', '', '')`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, path)
	if trail, err := s.AuditTrail(t.Context(), "2"); err != nil || len(trail) != 2 || trail[1].File != "portrait" || trail[0].Action != store.ActionCalled {
		t.Errorf("kept: %+v, %v", trail, err)
	}
	events, err := s.Events(t.Context(), "2026-03-02")
	if err != nil {
		t.Fatal(err)
	}
	state := queue.NewState()
	for _, e := range events {
		state.Apply(e)
	}
	if got := state.Present(); !slices.Equal(got, []string{"1", "2"}) || state.Visitors["2"].By != "brandt" || state.Visitors["3"].Phase != queue.Done {
		t.Errorf("the events come to %v: %+v", got, state.Visitors)
	}
	if c, _, err := s.CheckIn(t.Context(), "2"); err != nil || c.Calls != state.Visitors["2"].Calls || c.Calls != 1 {
		t.Errorf("called %d times, %v", c.Calls, err)
	}
}
