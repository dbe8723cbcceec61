package postgres

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-station/foyer/backoffice/auditlog"
	"github.com/foyer-station/foyer/backoffice/queue"
)

// SealLog links the entries of the log that have no link yet, at most so many, in the order of their numbers, and keeps the head of
// what it linked, signed with key. One at a time links, at whichever instance; an entry is not linked while one with a lower number may
// still be written. It gives the newest head, the zero Head where there is none, and how many entries it linked.
func (s *Store) SealLog(ctx context.Context, key ed25519.PrivateKey, at time.Time, most int) (head auditlog.Head, n int, err error) {
	var waiting bool // most looks find nothing to do: they are not to cost a transaction
	err = s.find(ctx, "SELECT coalesce((SELECT max(seq) FROM event), 0) > coalesce((SELECT max(seq) FROM chain), 0)", nil, &waiting)
	var settled int64
	if err == nil && waiting {
		settled, err = s.settled(ctx)
	}
	if err == nil && waiting {
		err = s.transact(ctx, func(ctx context.Context, tx transaction) (err error) {
			head, n, err = seal(ctx, tx, key, at, settled, most)
			return err
		})
	}
	if err != nil {
		return auditlog.Head{}, 0, fmt.Errorf("seal the log: %w", err)
	}
	return head, n, nil
}

// settled is a number of the log up to which nobody will write any more. Who writes waits for a moment: linking comes after it.
func (s *Store) settled(ctx context.Context) (seq int64, err error) {
	err = s.together(ctx, func() *batch {
		var b batch
		b.Queue("SELECT pg_advisory_xact_lock($1)", int64(lockLog))
		b.Queue("SELECT coalesce(max(seq), 0) FROM event").QueryRow(func(row pgx.Row) error { return row.Scan(&seq) })
		return &b
	})
	return seq, err
}

func seal(ctx context.Context, tx transaction, key ed25519.PrivateKey, at time.Time, settled int64, most int) (head auditlog.Head, n int, err error) {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lockChain)); err != nil {
		return head, 0, err
	}
	var last int64
	var link []byte
	err = tx.QueryRow(ctx, "SELECT seq, link FROM chain ORDER BY seq DESC LIMIT 1").Scan(&last, &link)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return head, 0, err
	}
	var before auditlog.Sum
	copy(before[:], link)
	events, err := collect(ctx, tx, scanEvent, "SELECT "+eventColumns+" FROM event WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3", last, settled, most)
	if err != nil || len(events) == 0 {
		return head, 0, err
	}
	var b batch
	for _, e := range events {
		digest := auditlog.Digest(e)
		before, last = auditlog.Link(before, e.Seq, digest), e.Seq
		b.Queue("INSERT INTO chain (seq, digest, link) VALUES ($1, $2, $3)", e.Seq, digest[:], append([]byte{}, before[:]...))
	}
	head = auditlog.Sign(key, last, before, at)
	b.Queue("INSERT INTO head (seq, at, link, key, signature) VALUES ($1, $2, $3, $4, $5)", head.Seq, millis(head.At), head.Link[:], head.Key, head.Signature)
	return head, len(events), tx.send(ctx, &b)
}

// LinkAt is the link of an entry of the log; false where the entry has none.
func (s *Store) LinkAt(ctx context.Context, seq int64) (link auditlog.Sum, there bool, err error) {
	var found []byte
	err = s.find(ctx, "SELECT link FROM chain WHERE seq = $1", []any{seq}, &found)
	if errors.Is(err, pgx.ErrNoRows) {
		return link, false, nil
	}
	if err != nil {
		return link, false, fmt.Errorf("read the log's chain: %w", err)
	}
	copy(link[:], found)
	return link, true, nil
}

// Heads lists the signed heads of the log's chain in order.
func (s *Store) Heads(ctx context.Context) ([]auditlog.Head, error) {
	heads, err := list(ctx, s, func(row pgx.CollectableRow) (h auditlog.Head, err error) {
		var at int64
		var link []byte
		err = row.Scan(&h.Seq, &at, &link, &h.Key, &h.Signature)
		h.At = moment(at)
		copy(h.Link[:], link)
		return h, err
	}, "SELECT seq, at, link, key, signature FROM head ORDER BY seq")
	if err != nil {
		return nil, fmt.Errorf("read the log's heads: %w", err)
	}
	return heads, nil
}

// Entries calls each with what stands in the log and in its chain under each number, in order, as it is at one moment. It is not read
// anew where the connection is lost meanwhile: each has been told of some.
func (s *Store) Entries(ctx context.Context, each func(auditlog.Entry) error) error {
	err := s.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		if _, err := c.Exec(ctx, "SET statement_timeout = 0"); err != nil { // a log is as long as it is
			return err
		}
		defer func() {
			settling, cancel := detach(ctx)
			defer cancel()
			_, _ = c.Exec(settling, "RESET statement_timeout") // a connection on which that fails is closed
		}()
		rows, err := c.Query(ctx, `SELECT coalesce(e.seq, c.seq), e.seq IS NOT NULL, coalesce(e.at, 0), coalesce(e.day, ''), coalesce(e.kind, ''),
			coalesce(e.actor, ''), coalesce(e.desk, ''), coalesce(e.checkin, ''), coalesce(e.service, ''), coalesce(e.queue, ''), coalesce(e.room, ''),
			coalesce(e.place, 0), coalesce(e.shared, false), coalesce(e.until, 0), coalesce(e.outcome, ''), coalesce(e.file, ''), coalesce(e.command, ''),
			c.seq IS NOT NULL, c.digest, c.link
			FROM event AS e FULL JOIN chain AS c ON c.seq = e.seq ORDER BY 1`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			entry, err := scanEntry(rows)
			if err == nil {
				err = each(entry)
			}
			if err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	return nil
}

func scanEntry(row pgx.Row) (n auditlog.Entry, err error) {
	var e queue.Event
	var there bool
	var at, until int64
	var digest, link []byte
	err = row.Scan(&n.Seq, &there, &at, &e.Day, &e.Kind, &e.By, &e.Desk, &e.CheckIn, &e.Service, &e.Queue, &e.Room, &e.Place, &e.Shared, &until,
		&e.Outcome, &e.File, &e.Command, &n.Linked, &digest, &link)
	if there {
		e.Seq, e.At, e.Until = n.Seq, moment(at), orNever(until)
		n.Event = &e
	}
	copy(n.Digest[:], digest)
	copy(n.Link[:], link)
	return n, err
}
