package intake

import (
	"context"
	"io"
	"time"

	"github.com/foyer-station/foyer/backoffice/appointments"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/vault"
)

// Store is what intake asks of the office's store. What each method promises stands at [store.Store], which is one.
type Store interface {
	Revision(ctx context.Context, sha256 []byte) (int64, error)
	Epoch(ctx context.Context) (store.Epoch, error)
	ObserveLease(ctx context.Context, epoch string, lease int64, at time.Time) (restored bool, err error)
	LeaseNumbers(ctx context.Context, r store.LeaseRequest) (store.Lease, error)
	Holder(ctx context.Context, day, prefix string, number int) (station string, err error)
	LockAdmission(ctx context.Context, id string) (unlock func(), err error)
	Submitted(ctx context.Context, id string) (store.Submission, error)
	Admit(ctx context.Context, a store.Admission, place func([]store.Queued) store.Placement) error
	Measured(ctx context.Context, after int64, since time.Time, limit int) ([]store.Measure, error)
	AtDesks(ctx context.Context) ([]store.AtDesk, error)
	Office(ctx context.Context) (store.Office, error)
	Uploaded(ctx context.Context, station, id string, sha256 []byte) (size int64, err error)
	Stored(ctx context.Context, station string, after, until time.Time) (int64, error)
	SetDenied(ctx context.Context, names []string, at time.Time) error
}

// Vault opens what a station sealed, and seals it again under a key of its check-in. What each method promises stands at
// vault.Vault, which is one.
type Vault interface {
	Unseal(sealed io.Reader, limit int64) ([]byte, error)
	Keep(ctx context.Context, checkIn string, files []vault.Incoming) (refused []error, err error)
	Seal(ctx context.Context, checkIn string, clear []byte) ([]byte, error)
	Erase(ctx context.Context, checkIns ...string) error
	CheckIns(ctx context.Context) ([]string, error)
}

// Booked gives the appointments of a day, YYYY-MM-DD. What it promises stands at appointments.Kept, which is one.
type Booked interface {
	Book(ctx context.Context, day string) (appointments.Book, error)
}
