package console

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

// Store is what the console asks of the office's store: the queue, what the lead sees to, and who is signed in. What each method
// promises stands at [store.Store], which is one.
type Store interface {
	Changed() <-chan struct{}
	Queue(ctx context.Context) ([]store.CheckIn, error)
	Ended(ctx context.Context, caseworker string, n int) ([]store.CheckIn, error)
	CheckIn(ctx context.Context, id string) (c store.CheckIn, record []byte, err error)
	Do(ctx context.Context, c queue.Command, r queue.Rules, note []byte) (store.Answer, error)
	Office(ctx context.Context) (store.Office, error)
	ClosingNote(ctx context.Context, checkIn string) (sealed []byte, err error)
	Audit(ctx context.Context, e store.Entry) error
	fileStore
	leadStore
	sessionStore
	accountStore
	factorStore
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

// accountStore says who may sign in, and what everybody did.
type accountStore interface {
	Account(ctx context.Context, name string) (store.Account, error)
	Accounts(ctx context.Context) ([]store.Account, error)
	AddAccount(ctx context.Context, by string, a store.Account, passwordHash string, at time.Time) error
	SetPassword(ctx context.Context, name, hash string) error
	SetRoles(ctx context.Context, by, id string, roles []staff.Role, at time.Time) error
	DisableAccount(ctx context.Context, by, id string, at time.Time) error
	EnableAccount(ctx context.Context, by, id string, at time.Time) error
	RemoveAccount(ctx context.Context, by, id string, at time.Time) error
	Log(ctx context.Context, f store.LogFilter, limit int) ([]store.LogEntry, error)
}

// factorStore keeps second factors.
type factorStore interface {
	Factors(ctx context.Context, id string) (store.Factors, error)
	SetSecret(ctx context.Context, by, id string, sealed []byte, step int64, recoverySHA256 [][]byte, at time.Time) error
	TakeCode(ctx context.Context, id string, step int64) error
	TakeRecovery(ctx context.Context, by, id string, sha256 []byte, at time.Time) error
	ResetFactors(ctx context.Context, by, id string, at time.Time) error
	Passkeys(ctx context.Context, account string) ([]store.Passkey, error)
	AddPasskey(ctx context.Context, by, account string, p store.Passkey, at time.Time) error
	UpdatePasskey(ctx context.Context, account string, p store.Passkey) error
	BeginCeremony(ctx context.Context, tokenSHA256, ceremony []byte) error
	TakeCeremony(ctx context.Context, tokenSHA256 []byte) (ceremony []byte, err error)
	ProveSession(ctx context.Context, formerSHA256, tokenSHA256 []byte, proof store.Proof, now time.Time) error
}

// Vault opens what visitors handed in. What each method promises stands at vault.Vault, which is one.
type Vault interface {
	CheckIns(ctx context.Context) ([]string, error)
	Open(ctx context.Context, checkIn string, sealed []byte) ([]byte, error)
	Seal(ctx context.Context, checkIn string, clear []byte) ([]byte, error)
	ReadFile(ctx context.Context, checkIn string, n int, size int64, sum [sha256.Size]byte) ([]byte, error)
}
