package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/foyer-station/foyer/backoffice/routing"
)

// explain keeps why a visitor was sent where. It stands apart from the decision: with two hundred candidates it has some 20 KB, which
// a list of everybody who waits would read each time.
func explain(ctx context.Context, tx *sql.Tx, checkIn string, e *routing.Explanation) error {
	if e == nil {
		return nil
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO explanation (checkin, text) VALUES (?, ?)", checkIn, string(text))
	return err
}

// explanation reads why a visitor was sent where; nil where nothing was kept.
func explanation(ctx context.Context, db *sql.DB, checkIn string) (*routing.Explanation, error) {
	var text []byte
	err := db.QueryRowContext(ctx, "SELECT text FROM explanation WHERE checkin = ?", checkIn).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var e routing.Explanation
	return &e, json.Unmarshal(text, &e)
}
