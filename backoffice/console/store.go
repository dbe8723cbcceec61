package console

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

// Store is what the console asks of the office's store: the queue, what the lead sees to, and who is signed in. What each method
// promises stands at [store.Store], which is one.
type Store interface {
	Changed() <-chan struct{}
	Queue(ctx context.Context) ([]store.CheckIn, error)
	Ended(ctx context.Context, caseworker string, n int) ([]store.CheckIn, error)
	CheckIn(ctx context.Context, id string) (c store.CheckIn, record []byte, err error)
	CallNext(ctx context.Context, caseworker string, queues []string, at time.Time) (id string, err error)
	Call(ctx context.Context, caseworker, id string, at time.Time) error
	Finish(ctx context.Context, caseworker, id string, as store.State, at time.Time) error
	Return(ctx context.Context, caseworker, id string, at time.Time) error
	Audit(ctx context.Context, e store.Entry) error
	fileStore
	leadStore
	sessionStore
}

// fileStore is what staff add to visitors' files.
type fileStore interface {
	AddToFile(ctx context.Context, e store.FileEntry, last string) error
	FileEntries(ctx context.Context, checkIn string) ([]store.FileEntry, error)
	WantedHelp(ctx context.Context) ([]store.FileEntry, error)
}

// leadStore is what the lead sees to.
type leadStore interface {
	LeftOver(ctx context.Context) ([]store.LeftOver, error)
	Dismiss(ctx context.Context, name, id string, at time.Time) error
	DismissDenied(ctx context.Context, name, station string, at time.Time) error
	Readmit(ctx context.Context, name, id, today string, at time.Time) error
	SetAside(ctx context.Context, name, station string, at time.Time) error
	Erasing(ctx context.Context) (store.Erasing, error)
	ConfirmErasing(ctx context.Context, name string, clock, at time.Time) error
}

// sessionStore says who is signed in, and in which browsers.
type sessionStore interface {
	PasswordHash(ctx context.Context, name string) (string, error)
	BeginSession(ctx context.Context, tokenSHA256 []byte, name, passwordHash string, now, expires time.Time) error
	Session(ctx context.Context, tokenSHA256 []byte) (store.Session, error)
	Seen(ctx context.Context, tokenSHA256 []byte, now time.Time) error
	EndSession(ctx context.Context, tokenSHA256 []byte, why store.Ending) error
	KnownBrowser(ctx context.Context, tokenSHA256 []byte, name string, now time.Time) (id []byte, err error)
	RememberBrowser(ctx context.Context, formerSHA256, tokenSHA256 []byte, name string, now, expires time.Time) error
}

// Vault opens what visitors handed in. What each method promises stands at vault.Vault, which is one.
type Vault interface {
	CheckIns(ctx context.Context) ([]string, error)
	Open(ctx context.Context, checkIn string, sealed []byte) ([]byte, error)
	Seal(ctx context.Context, checkIn string, clear []byte) ([]byte, error)
	ReadFile(ctx context.Context, checkIn string, n int, size int64, sum [sha256.Size]byte) ([]byte, error)
}
