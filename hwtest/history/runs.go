package history

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/foyer-station/foyer/hwtest"
)

// Add keeps a run: how each check ended where that has changed, and everything that was measured. What is older than the limits allow is
// dropped. A file that turns out to be damaged is set aside.
func (h *History) Add(ctx context.Context, r hwtest.Report) error {
	err := h.keep(ctx, r)
	if isDamage(err) {
		if err = h.anew(ctx); err == nil {
			err = h.keep(ctx, r)
		}
	}
	return failed("write", err)
}

func (h *History) keep(ctx context.Context, r hwtest.Report) error {
	err := h.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO run (at, level, source) VALUES (?, ?, ?)", r.At.Unix(), r.Level, r.Source)
		if err != nil {
			return err
		}
		for _, c := range r.Checks {
			if err := add(ctx, tx, r.At.Unix(), c); err != nil {
				return err
			}
		}
		return h.forgetDays(ctx, tx)
	})
	if err != nil {
		return err
	}
	return h.shrink(ctx)
}

func add(ctx context.Context, tx *sql.Tx, at int64, c hwtest.Check) error {
	m := hwtest.Measure{}
	if c.Measure != nil {
		m = *c.Measure
	}
	var id int64 // what was not measured this time keeps its unit and its limits
	err := tx.QueryRowContext(ctx, `INSERT INTO "check" (name, unit, minimum, maximum) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (name) DO UPDATE SET unit = iif(?5, ?2, unit), minimum = iif(?5, ?3, minimum), maximum = iif(?5, ?4, maximum) RETURNING id`,
		c.ID, m.Unit, m.Min, m.Max, c.Measure != nil).Scan(&id)
	if err != nil {
		return err
	}
	device := c.Model
	if c.Firmware != "" {
		device += " " + c.Firmware
	}
	result, state, reason := c.Lasting()
	_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO change ("check", at, result, state, reason, device) SELECT ?1, ?2, ?3, ?4, ?5, ?6
		WHERE (?3, ?4, ?5, ?6) IS NOT (SELECT result, state, reason, device FROM change WHERE "check" = ?1 AND at <= ?2 ORDER BY at DESC LIMIT 1)`,
		id, at, result, state, reason, device)
	if err != nil || c.Measure == nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO value ("check", at, value) VALUES (?, ?, ?)`, id, at, m.Value)
	return err
}

// forgetDays drops what is older than the limits allow. Only days on which something was tested count, so that a clock that is years ahead
// for a while takes no more than a day with it.
func (h *History) forgetDays(ctx context.Context, tx *sql.Tx) error {
	const day = 24 * 60 * 60 // seconds
	var last int64           // that is dropped
	err := tx.QueryRowContext(ctx, "SELECT at / ?1 AS day FROM run GROUP BY day ORDER BY day DESC LIMIT 1 OFFSET ?2",
		day, int64(h.limits.Age/(day*time.Second))).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	} else if err != nil {
		return err
	}
	return forget(ctx, tx, (last+1)*day)
}

// forget drops what was before a time, but for how each check ended last: it may hold still.
func forget(ctx context.Context, tx *sql.Tx, before int64) error {
	for _, statement := range []string{
		"DELETE FROM run WHERE at < ?",
		"DELETE FROM value WHERE at < ?",
		`DELETE FROM change WHERE at < ? AND at < (SELECT max(at) FROM change AS newer WHERE newer."check" = change."check")`,
	} {
		if _, err := tx.ExecContext(ctx, statement, before); err != nil {
			return err
		}
	}
	return nil
}

// shrink drops the oldest tenth of the runs where the file has grown over its limit, and gives the disk back what is free.
func (h *History) shrink(ctx context.Context) error {
	var pages, free, size int64
	for pragma, to := range map[string]*int64{"page_count": &pages, "freelist_count": &free, "page_size": &size} {
		if err := h.db.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(to); err != nil {
			return err
		}
	}
	if pages*size > h.limits.Bytes {
		err := h.transact(ctx, func(tx *sql.Tx) error {
			var before sql.NullInt64
			err := tx.QueryRowContext(ctx, "SELECT at FROM run ORDER BY at LIMIT 1 OFFSET (SELECT count(*) / 10 + 1 FROM run)").Scan(&before)
			if err != nil {
				return err
			}
			return forget(ctx, tx, before.Int64)
		})
		if err != nil {
			return err
		}
	} else if free*size < h.limits.Bytes/10 {
		return nil
	}
	rows, err := h.db.QueryContext(ctx, "PRAGMA incremental_vacuum") // a step a page
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// Measured is everything that was measured from since to now, by check in the order of their ids. What bears a later time was found while
// the clock was ahead. Nothing is known of a file that turns out to be damaged, and is set aside.
func (h *History) Measured(ctx context.Context, since, now time.Time) ([]hwtest.Series, error) {
	all, err := h.measured(ctx, since, now)
	if isDamage(err) {
		return nil, h.anew(ctx)
	}
	return all, failed("read", err)
}

func (h *History) measured(ctx context.Context, since, now time.Time) ([]hwtest.Series, error) {
	rows, err := h.db.QueryContext(ctx, `SELECT name, unit, minimum, maximum, at, value FROM value JOIN "check" ON id = "check"
		WHERE at BETWEEN ? AND ? ORDER BY name, at`, since.Unix(), now.Unix())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []hwtest.Series
	for rows.Next() {
		var s hwtest.Series
		var at int64
		var p hwtest.Point
		if err := rows.Scan(&s.Check, &s.Limits.Unit, &s.Limits.Min, &s.Limits.Max, &at, &p.Value); err != nil {
			return nil, err
		}
		p.At = time.Unix(at, 0)
		if last := len(all) - 1; last < 0 || all[last].Check != s.Check {
			all = append(all, s)
		}
		all[len(all)-1].Points = append(all[len(all)-1].Points, p)
	}
	return all, rows.Err()
}

// Changes are those from since to now, the oldest first.
func (h *History) Changes(ctx context.Context, since, now time.Time) ([]hwtest.Change, error) {
	rows, err := h.db.QueryContext(ctx, `SELECT at, name, result, state, reason, device,
		NOT EXISTS (SELECT 1 FROM change AS older WHERE older."check" = change."check" AND older.at < change.at)
		FROM change JOIN "check" ON id = "check" WHERE at BETWEEN ? AND ? ORDER BY at, id`, since.Unix(), now.Unix())
	if err != nil {
		return nil, failed("read", err)
	}
	defer rows.Close()
	var all []hwtest.Change
	for rows.Next() {
		var c hwtest.Change
		var at int64
		if err := rows.Scan(&at, &c.Check, &c.Result, &c.State, &c.Reason, &c.Device, &c.First); err != nil {
			return nil, failed("read", err)
		}
		c.At = time.Unix(at, 0)
		all = append(all, c)
	}
	return all, failed("read", rows.Err())
}

// Past is what is known from since to now.
func (h *History) Past(ctx context.Context, since, now time.Time) (p hwtest.Past, err error) {
	p.Since = since
	if p.Runs, p.First, p.Last, err = h.Runs(ctx, since, now); err != nil {
		return p, err
	}
	if p.Changes, err = h.Changes(ctx, since, now); err != nil {
		return p, err
	}
	p.Measured, err = h.Measured(ctx, since, now)
	return p, err
}

// Runs tells how many runs there were from since to now, and when the first and the last of them was.
func (h *History) Runs(ctx context.Context, since, now time.Time) (count int, first, last time.Time, err error) {
	var from, to sql.NullInt64
	err = h.db.QueryRowContext(ctx, "SELECT count(*), min(at), max(at) FROM run WHERE at BETWEEN ? AND ?", since.Unix(), now.Unix()).Scan(&count, &from, &to)
	return count, time.Unix(from.Int64, 0), time.Unix(to.Int64, 0), failed("read", err)
}
