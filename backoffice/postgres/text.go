package postgres

import (
	"context"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A transaction sends every text so that PostgreSQL keeps it; see keepable.
type transaction struct{ tx pgx.Tx }

// Exec is pgx.Tx's, with every text as it is kept.
func (t transaction) Exec(ctx context.Context, statement string, args ...any) (pgconn.CommandTag, error) {
	return t.tx.Exec(ctx, statement, keepable(args)...)
}

// QueryRow is pgx.Tx's, with every text as it is kept.
func (t transaction) QueryRow(ctx context.Context, query string, args ...any) pgx.Row {
	return t.tx.QueryRow(ctx, query, keepable(args)...)
}

// Query is pgx.Tx's, with every text as it is kept.
func (t transaction) Query(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	return t.tx.Query(ctx, query, keepable(args)...)
}

// send sends statements in one round trip, and waits for what they say.
func (t transaction) send(ctx context.Context, b *batch) error {
	return t.tx.SendBatch(ctx, &b.batch).Close()
}

// A batch is statements that are sent together, with every text as a transaction sends it.
type batch struct{ batch pgx.Batch }

// Queue is pgx.Batch's, with every text as it is kept.
func (b *batch) Queue(statement string, args ...any) *pgx.QueuedQuery {
	return b.batch.Queue(statement, keepable(args)...)
}

// keepable has U+FFFD stand where U+0000, or what is no UTF-8, was in a text: a visitor whose ticket is odd is not refused for it, and who asks
// for such a text finds what was kept of it. https://www.postgresql.org/docs/15/datatype-character.html: "The character with code zero
// cannot be stored".
func keepable(args []any) []any {
	kept := make([]any, len(args))
	for i, arg := range args {
		kept[i] = arg
		switch v := reflect.ValueOf(arg); {
		case v.Kind() == reflect.String:
			kept[i] = keepableText(v.String())
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String:
			texts := make([]string, v.Len())
			for n := range texts {
				texts[n] = keepableText(v.Index(n).String())
			}
			kept[i] = texts
		}
	}
	return kept
}

func keepableText(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}
