package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-station/foyer/backoffice/store"
)

// measured finds ends of visits that were at a desk until then, and first calls of those who were told a range, came that day, and
// waited for nothing but their turn.
const measured = `WITH recent AS (SELECT seq, at, day, kind, checkin, service FROM event WHERE at >= $2 AND seq > $1)
	SELECT e.seq, e.service, e.at - e.began, 0, 0, 0 FROM (
		SELECT seq, at, service, coalesce((SELECT CASE s.kind WHEN 'called' THEN s.at END FROM event AS s WHERE s.checkin = r.checkin AND s.seq < r.seq
			AND s.kind IN ('called', 'returned', 'skipped', 'parked', 'transferred', 'no_show', 'done', 'came_back', 'undone', 'readmitted')
			ORDER BY s.seq DESC LIMIT 1), at) AS began
		FROM recent AS r WHERE kind IN ('done', 'no_show')) AS e WHERE e.at > e.began
	UNION ALL
	SELECT e.seq, e.service, 0, e.at - c.arrived_at, c.wait_from, c.wait_until FROM recent AS e JOIN checkin AS c ON c.id = e.checkin
		WHERE e.kind = 'called' AND c.wait_until > 0 AND e.at >= c.arrived_at
		AND NOT EXISTS (SELECT 1 FROM away WHERE away.checkin = c.id)
		AND NOT EXISTS (SELECT 1 FROM event AS s WHERE s.checkin = c.id AND s.seq < e.seq AND (s.kind <> 'arrived' AND s.kind <> 'neared' OR s.day <> e.day))
	ORDER BY 1 LIMIT $3`

// Measured lists, in the order of the log, what ended after an event and not before a moment, at most so many, as store.Store's does.
func (s *Store) Measured(ctx context.Context, after int64, since time.Time, limit int) ([]store.Measure, error) {
	all, err := list(ctx, s, func(row pgx.CollectableRow) (m store.Measure, err error) {
		var took, waited, from, until int64
		err = row.Scan(&m.Seq, &m.Service, &took, &waited, &from, &until)
		m.Took, m.Waited, m.Told = time.Duration(took)*time.Millisecond, time.Duration(waited)*time.Millisecond, told(from, until)
		return m, err
	}, measured, after, millis(since), limit)
	if err != nil {
		return nil, fmt.Errorf("read what was measured: %w", err)
	}
	return all, nil
}

// told is a range of milliseconds.
func told(from, until int64) store.Told {
	return store.Told{WaitFrom: time.Duration(from) * time.Millisecond, WaitUntil: time.Duration(until) * time.Millisecond}
}

// AtDesks lists who is with whom now, by caseworker.
func (s *Store) AtDesks(ctx context.Context) ([]store.AtDesk, error) {
	all, err := list(ctx, s, func(row pgx.CollectableRow) (d store.AtDesk, err error) {
		var since int64
		err = row.Scan(&d.Caseworker, &d.Service, &since)
		d.Since = moment(since)
		return d, err
	}, `SELECT called_by, service, called_at FROM checkin WHERE state = 'called' AND closed_at IS NULL
		AND called_at IS NOT NULL ORDER BY called_by, id`)
	if err != nil {
		return nil, fmt.Errorf("read who is at a desk: %w", err)
	}
	return all, nil
}
