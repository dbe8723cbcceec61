package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// Admit puts a check-in into the queue. Place is called once, with everyone who waits, and decides where it goes. Nobody else comes into the
// queue meanwhile; who is called meanwhile may stand in it still, as if the call had come after. A ticket that another check-in has too is
// no reason to refuse this one. The explanation of the decision, if it has one, is kept with the check-in.
func (s *Store) Admit(ctx context.Context, a store.Admission, place func([]store.Queued) store.Placement) error {
	var placed *store.Placement
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		seq, all, err := arrive(ctx, tx)
		if err != nil {
			return err
		}
		if placed == nil {
			p := place(all)
			placed = &p
		}
		return insert(ctx, tx, a, *placed, seq)
	})
	if err == nil {
		err = s.flush(ctx, a.ID)
	}
	if err != nil {
		return fmt.Errorf("admit check-in: %w", err)
	}
	s.announce()
	return nil
}

// flush returns once all that was committed before has survived a power cut, at the replicas too that commits wait for. Those who wait at the
// same time wait for one write. What was committed after it, as a call of who was admitted, is lost with it or not at all. A server that
// was started anew meanwhile, or took over, may have lost the check-in: whether it is there is looked at in the same breath.
func (s *Store) flush(ctx context.Context, id string) error {
	// https://www.postgresql.org/docs/15/wal-async-commit.html: a synchronous commit writes the log up to itself. A transaction that wrote
	// nothing would not wait.
	there := false
	err := s.together(ctx, func() *batch {
		var b batch
		b.Queue("SELECT pg_logical_emit_message(true, 'foyer', '')")
		b.Queue("SELECT EXISTS (SELECT 1 FROM checkin WHERE id = $1)", id).QueryRow(func(row pgx.Row) error { return row.Scan(&there) })
		return &b
	})
	if err == nil && !there {
		err = errors.New("the server that admitted it has lost it")
	}
	if err != nil {
		return fmt.Errorf("%w: %w", store.ErrUnknown, err)
	}
	return nil
}

// arrive takes the next place in the order of arrival, which nobody else can until the transaction ends, and reads who waits then.
func arrive(ctx context.Context, tx transaction) (seq int64, all []store.Queued, err error) {
	var b batch
	b.Queue("SET LOCAL synchronous_commit = off") // nobody waits in line for the disk: flush does that outside of it
	b.Queue(nextArrival).QueryRow(func(row pgx.Row) error { return row.Scan(&seq) })
	b.Queue("SELECT caseworker, service FROM checkin WHERE state = 'waiting' AND closed_at IS NULL AND parked_by = ''").Query(func(rows pgx.Rows) (err error) {
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (v store.Queued, err error) {
			return v, row.Scan(&v.Caseworker, &v.Service)
		})
		return err
	})
	return seq, all, tx.send(ctx, &b)
}

const nextArrival = "UPDATE arrival SET last = last + 1 RETURNING last"

// holdQueue queues holding the whole queue until the transaction ends: no command of a desk and no arrival comes in between.
func holdQueue(b *batch) {
	b.Queue("SELECT pg_advisory_xact_lock($1)", int64(lockQueue))
	b.Queue("SELECT last FROM arrival FOR UPDATE")
}

func insert(ctx context.Context, tx transaction, a store.Admission, p store.Placement, seq int64) error {
	decision, err := json.Marshal(p.Decision)
	if err != nil {
		return err
	}
	explanation, err := json.Marshal(p.Decision.Explanation)
	if err != nil {
		return err
	}
	var closed *int64
	if a.Late() {
		at := millis(a.At)
		closed = &at
	}
	var b batch
	b.Queue(`INSERT INTO checkin (id, station, request, confirmed_at, service, language, ticket, day, visit_day, closed_at, doubt, verdict, validity,
		persons, documents, newer, decision, caseworker, room, ahead, wait, arrived_at, certificate, bytes, wait_from, wait_until, state, seq)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, 'waiting', $27)`,
		a.ID, a.Station, a.Request, millis(a.ConfirmedAt), a.Service, a.Language, a.Ticket, a.Day, cmp.Or(a.VisitDay, a.Day), closed,
		a.Discrepancy, a.Verdict, a.Validity, a.Persons, a.Documents, a.Newer, string(decision), p.Decision.Caseworker, p.Room, p.Ahead,
		p.Wait.Milliseconds(), millis(a.At), a.Certificate, a.Bytes(), p.WaitFrom.Milliseconds(), p.WaitUntil.Milliseconds(), seq)
	b.Queue(addToken, stationv1.TicketToken(a.ID), a.ID)
	if p.Decision.Explanation != nil {
		b.Queue("INSERT INTO explanation (checkin, text) VALUES ($1, $2)", a.ID, string(explanation))
	}
	if a.Record != nil {
		b.Queue("INSERT INTO record (checkin, sealed) VALUES ($1, $2)", a.ID, a.Record)
	}
	for _, u := range a.Uploads {
		b.Queue("INSERT INTO upload (checkin, sha256, size) VALUES ($1, $2, $3)", a.ID, u.SHA256, u.Size)
	}
	recordAll(&b, queue.KindArrived, "", a.At, "id = $1", a.ID)
	if closed != nil {
		recordAll(&b, queue.KindLeft, "", a.At, "id = $1", a.ID)
		b.Queue(leave+"id = $1 ON CONFLICT DO NOTHING", a.ID)
	}
	return tx.send(ctx, &b)
}

// Submitted finds what arrived under a check-in's id, and has survived a power cut by then; ErrNotFound when nothing did.
func (s *Store) Submitted(ctx context.Context, id string) (store.Submission, error) {
	var found store.Submission
	var wait, from, until int64
	err := s.find(ctx, "SELECT station, request, ahead, wait, wait_from, wait_until FROM checkin WHERE id = $1", []any{id},
		&found.Station, &found.Request, &found.Ahead, &wait, &from, &until)
	if errors.Is(err, pgx.ErrNoRows) {
		return store.Submission{}, store.ErrNotFound
	}
	if err == nil {
		err = s.flush(ctx, id) // who admitted it may have gone before that
	}
	if err != nil {
		return store.Submission{}, fmt.Errorf("look up check-in: %w", err)
	}
	found.Wait, found.Told = time.Duration(wait)*time.Millisecond, told(from, until)
	return found, nil
}

// Uploaded gives the size of a sealed file that came in with a submitted check-in of this station; ErrNotFound when there is none.
func (s *Store) Uploaded(ctx context.Context, station, id string, sha256 []byte) (size int64, err error) {
	err = s.find(ctx, `SELECT size FROM upload JOIN checkin ON checkin.id = upload.checkin
		WHERE station = $1 AND checkin = $2 AND sha256 = $3`, []any{station, id, sha256}, &size)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, store.ErrNotFound
	}
	if err != nil {
		return 0, fmt.Errorf("look up upload: %w", err)
	}
	return size, nil
}

// Stored is how many bytes of sealed files came in with check-ins of a station that arrived within a time, and are kept.
func (s *Store) Stored(ctx context.Context, station string, after, until time.Time) (n int64, err error) {
	err = s.find(ctx, `SELECT coalesce(sum(bytes), 0)::bigint FROM checkin
		WHERE station = $1 AND arrived_at > $2 AND arrived_at <= $3`, []any{station, millis(after), millis(until)}, &n)
	if err != nil {
		return 0, fmt.Errorf("look up uploads: %w", err)
	}
	return n, nil
}

// find reads one row; pgx.ErrNoRows when there is none.
func (s *Store) find(ctx context.Context, query string, args []any, to ...any) error {
	return s.read(ctx, func(pool *pgxpool.Pool) error { return pool.QueryRow(ctx, query, keepable(args)...).Scan(to...) })
}

// collect reads rows of a transaction, each by scan.
func collect[T any](ctx context.Context, tx transaction, scan func(pgx.CollectableRow) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

// list reads rows, each by scan.
func list[T any](ctx context.Context, s *Store, scan func(pgx.CollectableRow) (T, error), query string, args ...any) (all []T, err error) {
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		rows, err := pool.Query(ctx, query, keepable(args)...)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, scan)
		return err
	})
	return all, err
}
