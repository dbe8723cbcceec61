package store

import (
	"context"
	"fmt"
	"time"
)

// Measure is how long something took: a visit, or a wait. It names nobody.
type Measure struct {
	Seq     int64  // of the event with which it ended
	Service string // id; empty for a visitor who asked for a member of staff
	// Took is how long a visit took, from the call to its end; 0 for a wait.
	Took time.Duration
	// Waited is how long a visitor waited from the arrival to the first call, and Told the range that the visitor had been told.
	Waited time.Duration
	Told
}

// measured finds ends of visits that were at a desk until then, and first calls of those who were told a range, came that day, and
// waited for nothing but their turn.
const measured = `WITH recent AS (SELECT seq, at, day, kind, checkin, service FROM event WHERE %s >= ?2 AND seq > ?1)
	SELECT e.seq, e.service, e.at - e.began, 0, 0, 0 FROM (
		SELECT seq, at, service, coalesce((SELECT CASE s.kind WHEN 'called' THEN s.at END FROM event AS s WHERE s.checkin = event.checkin AND s.seq < event.seq
			AND s.kind IN ('called', 'returned', 'skipped', 'parked', 'transferred', 'no_show', 'done', 'came_back', 'undone', 'readmitted')
			ORDER BY s.seq DESC LIMIT 1), at) AS began
		FROM recent AS event WHERE kind IN ('done', 'no_show')) AS e WHERE e.at > e.began
	UNION ALL
	SELECT e.seq, e.service, 0, e.at - c.arrived_at, c.wait_from, c.wait_until FROM recent AS e JOIN checkin AS c ON c.id = e.checkin
		WHERE e.kind = 'called' AND c.wait_until > 0 AND e.at >= c.arrived_at
		AND NOT EXISTS (SELECT 1 FROM away WHERE away.checkin = c.id)
		AND NOT EXISTS (SELECT 1 FROM event AS s WHERE s.checkin = c.id AND s.seq < e.seq AND (s.kind <> 'arrived' AND s.kind <> 'neared' OR s.day <> e.day))
	ORDER BY 1 LIMIT ?3`

// Measured lists, in the order of the log, what ended after an event and not before a moment, at most so many: visits, and waits of
// those who were told a range. A visit counts that began with a call and ended without anything in between but another call of the
// same caseworker's; one whose end was undone later counts all the same. A wait counts of who was called for the first time, on the
// day of arrival, and was neither skipped, parked nor sent to another queue before, nor had asked for time. A check-in that is erased tells of
// its visit still, and no more of its wait.
func (s *Store) Measured(ctx context.Context, after int64, since time.Time, limit int) ([]Measure, error) {
	at := "at"
	if after > 0 { // few are behind it, and many within the time: the index of times is passed over
		at = "+at"
	}
	rows, err := s.db.QueryContext(ctx, fmt.Sprintf(measured, at), after, millis(since), limit)
	if err != nil {
		return nil, fmt.Errorf("read what was measured: %w", err)
	}
	defer rows.Close()
	var all []Measure
	for rows.Next() {
		var m Measure
		var took, waited, from, until int64
		if err := rows.Scan(&m.Seq, &m.Service, &took, &waited, &from, &until); err != nil {
			return nil, fmt.Errorf("read what was measured: %w", err)
		}
		m.Took, m.Waited, m.Told = time.Duration(took)*time.Millisecond, time.Duration(waited)*time.Millisecond, told(from, until)
		all = append(all, m)
	}
	return all, rows.Err()
}

// told is a range of milliseconds.
func told(from, until int64) Told {
	return Told{WaitFrom: time.Duration(from) * time.Millisecond, WaitUntil: time.Duration(until) * time.Millisecond}
}

// AtDesk is a caseworker with whom a visitor is.
type AtDesk struct {
	Caseworker string    // who called
	Service    string    // that the visitor came for
	Since      time.Time // the call
}

// AtDesks lists who is with whom now, by caseworker.
func (s *Store) AtDesks(ctx context.Context) ([]AtDesk, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT called_by, service, called_at FROM checkin WHERE state = 'called' AND closed_at IS NULL
		AND called_at IS NOT NULL ORDER BY called_by, id`)
	if err != nil {
		return nil, fmt.Errorf("read who is at a desk: %w", err)
	}
	defer rows.Close()
	var all []AtDesk
	for rows.Next() {
		var d AtDesk
		var since int64
		if err := rows.Scan(&d.Caseworker, &d.Service, &since); err != nil {
			return nil, fmt.Errorf("read who is at a desk: %w", err)
		}
		d.Since = moment(since)
		all = append(all, d)
	}
	return all, rows.Err()
}
