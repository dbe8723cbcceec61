package store

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/backoffice/auditlog"
	"github.com/foyer-station/foyer/backoffice/queue"
)

// AppendEvent appends an event to the log. It changes nothing of the queue: it is for what happened to the log itself.
func (s *Store) AppendEvent(ctx context.Context, e queue.Event) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		_, err := record(ctx, tx, e)
		return err
	})
}

// SealLog links the entries of the log that have no link yet, at most so many, in the order of their numbers, and keeps the head of
// what it linked, signed with key. One at a time links, whoever asks; an entry is not linked while one with a lower number may still
// be written. It gives the newest head, the zero Head where there is none, and how many entries it linked.
func (s *Store) SealLog(ctx context.Context, key ed25519.PrivateKey, at time.Time, most int) (head auditlog.Head, n int, err error) {
	var waiting bool // most looks find nothing to do: they are not to cost a transaction
	err = s.db.QueryRowContext(ctx, "SELECT coalesce((SELECT max(seq) FROM event), 0) > coalesce((SELECT max(seq) FROM chain), 0)").Scan(&waiting)
	if err == nil && waiting {
		err = s.transact(ctx, func(tx *sql.Tx) error {
			head, n, err = seal(ctx, tx, key, at, most)
			return err
		})
	}
	if err != nil {
		return auditlog.Head{}, 0, fmt.Errorf("seal the log: %w", err)
	}
	return head, n, nil
}

func seal(ctx context.Context, tx *sql.Tx, key ed25519.PrivateKey, at time.Time, most int) (head auditlog.Head, n int, err error) {
	var last int64
	var link []byte
	err = tx.QueryRowContext(ctx, "SELECT seq, link FROM chain ORDER BY seq DESC LIMIT 1").Scan(&last, &link)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return head, 0, err
	}
	var before auditlog.Sum
	copy(before[:], link)
	events, err := listEvents(ctx, tx, "WHERE seq > ? ORDER BY seq LIMIT ?", last, most)
	if err != nil || len(events) == 0 {
		return head, 0, err
	}
	insert, err := tx.PrepareContext(ctx, "INSERT INTO chain (seq, digest, link) VALUES (?, ?, ?)")
	if err != nil {
		return head, 0, err
	}
	defer insert.Close()
	for _, e := range events {
		digest := auditlog.Digest(e)
		before, last = auditlog.Link(before, e.Seq, digest), e.Seq
		if _, err := insert.ExecContext(ctx, e.Seq, digest[:], before[:]); err != nil {
			return head, 0, err
		}
	}
	head = auditlog.Sign(key, last, before, at)
	_, err = tx.ExecContext(ctx, "INSERT INTO head (seq, at, link, key, signature) VALUES (?, ?, ?, ?, ?)", head.Seq, millis(head.At), head.Link[:], head.Key, head.Signature)
	return head, len(events), err
}

// LinkAt is the link of an entry of the log; false where the entry has none.
func (s *Store) LinkAt(ctx context.Context, seq int64) (link auditlog.Sum, there bool, err error) {
	var found []byte
	err = s.db.QueryRowContext(ctx, "SELECT link FROM chain WHERE seq = ?", seq).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
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
	rows, err := s.db.QueryContext(ctx, "SELECT seq, at, link, key, signature FROM head ORDER BY seq")
	if err != nil {
		return nil, fmt.Errorf("read the log's heads: %w", err)
	}
	defer rows.Close()
	var heads []auditlog.Head
	for rows.Next() {
		var h auditlog.Head
		var at int64
		var link []byte
		if err := rows.Scan(&h.Seq, &at, &link, &h.Key, &h.Signature); err != nil {
			return nil, fmt.Errorf("read the log's heads: %w", err)
		}
		h.At = moment(at)
		copy(h.Link[:], link)
		heads = append(heads, h)
	}
	return heads, rows.Err()
}

// Entries calls each with what stands in the log and in its chain under each number, in order, as it is at one moment.
func (s *Store) Entries(ctx context.Context, each func(auditlog.Entry) error) error {
	rows, err := s.db.QueryContext(ctx, `SELECT n.seq, e.seq IS NOT NULL, coalesce(e.at, 0), coalesce(e.day, ''), coalesce(e.kind, ''),
		coalesce(e.actor, ''), coalesce(e.desk, ''), coalesce(e.checkin, ''), coalesce(e.service, ''), coalesce(e.queue, ''), coalesce(e.room, ''),
		coalesce(e.place, 0), coalesce(e.shared, 0), coalesce(e.until, 0), coalesce(e.outcome, ''), coalesce(e.file, ''), coalesce(e.command, ''),
		c.seq IS NOT NULL, c.digest, c.link
		FROM (SELECT seq FROM event UNION SELECT seq FROM chain) AS n LEFT JOIN event AS e ON e.seq = n.seq LEFT JOIN chain AS c ON c.seq = n.seq
		ORDER BY n.seq`)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n auditlog.Entry
		var e queue.Event
		var there bool
		var at, until int64
		var digest, link []byte
		err := rows.Scan(&n.Seq, &there, &at, &e.Day, &e.Kind, &e.By, &e.Desk, &e.CheckIn, &e.Service, &e.Queue, &e.Room, &e.Place, &e.Shared, &until,
			&e.Outcome, &e.File, &e.Command, &n.Linked, &digest, &link)
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		if there {
			e.Seq, e.At, e.Until = n.Seq, moment(at), orNever(until)
			n.Event = &e
		}
		copy(n.Digest[:], digest)
		copy(n.Link[:], link)
		if err := each(n); err != nil {
			return err
		}
	}
	return rows.Err()
}
