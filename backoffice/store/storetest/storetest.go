// Package storetest holds what every store of an office promises, as behaviour: whoever keeps an office elsewhere than in SQLite
// has kept the promises when Exercise, ExerciseInstances and ExerciseWatching pass.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/auditlog"
	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

// Store is all that is asked of an office's store, by whoever. The comments at [store.Store] say what each method does. Every method
// is one transaction, may be called from several goroutines, and has survived a power cut once it has returned; that last promise
// alone is not played here.
type Store interface {
	Answers(ctx context.Context) error
	Revision(ctx context.Context, sha256 []byte) (int64, error)

	LockAdmission(ctx context.Context, id string) (unlock func(), err error)
	Admit(ctx context.Context, a store.Admission, place func([]store.Queued) store.Placement) error
	Submitted(ctx context.Context, id string) (store.Submission, error)
	Uploaded(ctx context.Context, station, id string, sha256 []byte) (size int64, err error)
	Stored(ctx context.Context, station string, after, until time.Time) (int64, error)
	CheckIn(ctx context.Context, id string) (c store.CheckIn, record []byte, err error)

	Changed() <-chan struct{}
	Queue(ctx context.Context) ([]store.CheckIn, error)
	CountVisitors(ctx context.Context) (store.VisitorCounts, error)
	Ended(ctx context.Context, caseworker string, n int) ([]store.CheckIn, error)
	CallNext(ctx context.Context, caseworker string, queues []string, at time.Time) (id string, err error)
	Call(ctx context.Context, caseworker, id string, at time.Time) error
	Finish(ctx context.Context, caseworker, id string, as store.State, at time.Time) error
	Return(ctx context.Context, caseworker, id string, at time.Time) error

	Do(ctx context.Context, c queue.Command, r queue.Rules, note []byte) (store.Answer, error)
	Office(ctx context.Context) (store.Office, error)
	ClosingNote(ctx context.Context, checkIn string) (sealed []byte, err error)
	Events(ctx context.Context, day string) ([]queue.Event, error)

	Measured(ctx context.Context, after int64, since time.Time, limit int) ([]store.Measure, error)
	AtDesks(ctx context.Context) ([]store.AtDesk, error)

	Calls(ctx context.Context, callers []string, n int) ([]store.CalledVisitor, error)
	Visit(ctx context.Context, token string) (store.Visit, error)
	StepAway(ctx context.Context, token string, at, until time.Time, most int) error
	ComeBack(ctx context.Context, token string, at time.Time) error
	AddDisplay(ctx context.Context, name string, rooms []string, codeSHA256 []byte, until time.Time) error
	PairDisplay(ctx context.Context, codeSHA256, tokenSHA256 []byte, now time.Time) (store.Display, error)
	Display(ctx context.Context, tokenSHA256 []byte) (store.Display, error)
	Displays(ctx context.Context) ([]store.Display, error)
	RemoveDisplay(ctx context.Context, name string) error

	CloseDay(ctx context.Context, from, today string, at time.Time) (left int, err error)
	Unclosed(ctx context.Context, before string) (int, error)
	MoveDay(ctx context.Context, from, to string) error
	LeftOver(ctx context.Context) ([]store.LeftOver, error)
	Dismiss(ctx context.Context, name, id string, at time.Time) error
	DismissDenied(ctx context.Context, name, station string, at time.Time) error
	Readmit(ctx context.Context, name, id, today string, at time.Time) error
	SetDenied(ctx context.Context, names []string, at time.Time) error
	SetAside(ctx context.Context, name, station string, at time.Time) error

	LeaseNumbers(ctx context.Context, r store.LeaseRequest) (store.Lease, error)
	Holder(ctx context.Context, day, prefix string, number int) (station string, err error)
	Epoch(ctx context.Context) (store.Epoch, error)
	NewEpoch(ctx context.Context, at time.Time) error
	MoveEpoch(ctx context.Context, began time.Time) error
	ObserveLease(ctx context.Context, epoch string, lease int64, at time.Time) (restored bool, err error)

	Erasing(ctx context.Context) (store.Erasing, error)
	HoldErasing(ctx context.Context, held store.Erasing) error
	ReleaseErasing(ctx context.Context) error
	ConfirmErasing(ctx context.Context, name string, clock, at time.Time) error
	EndErasing(ctx context.Context, clock time.Time, failed int) error
	Overdue(ctx context.Context, before time.Time) ([]store.Due, error)
	NotLater(ctx context.Context, now time.Time, today string) error
	CountCheckIns(ctx context.Context) (int, error)
	Forget(ctx context.Context, ids ...string) error

	AddAccount(ctx context.Context, by string, a store.Account, passwordHash string, at time.Time) error
	Account(ctx context.Context, name string) (store.Account, error)
	Accounts(ctx context.Context) ([]store.Account, error)
	SetRoles(ctx context.Context, by, id string, roles []staff.Role, at time.Time) error
	DisableAccount(ctx context.Context, by, id string, at time.Time) error
	EnableAccount(ctx context.Context, by, id string, at time.Time) error
	RemoveAccount(ctx context.Context, by, id string, at time.Time) error
	GiveRoles(ctx context.Context, of func(caseworker string) []staff.Role) error

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

	SetPassword(ctx context.Context, name, hash string) error
	PasswordHash(ctx context.Context, name string) (string, error)
	BeginSession(ctx context.Context, tokenSHA256 []byte, name, passwordHash string, now, expires time.Time) error
	Session(ctx context.Context, tokenSHA256 []byte) (store.Session, error)
	Seen(ctx context.Context, tokenSHA256 []byte, now time.Time) error
	EndSession(ctx context.Context, tokenSHA256 []byte, why store.Ending) error
	KnownBrowser(ctx context.Context, tokenSHA256 []byte, name string, now time.Time) (id []byte, err error)
	RememberBrowser(ctx context.Context, formerSHA256, tokenSHA256 []byte, name string, now, expires time.Time) error

	SetAppointments(ctx context.Context, d store.AppointmentDay, sealed []byte) error
	Appointments(ctx context.Context, day string) (sealed []byte, err error)
	AppointmentDays(ctx context.Context) ([]store.AppointmentDay, error)
	ForgetAppointments(ctx context.Context, day string) error

	Audit(ctx context.Context, e store.Entry) error
	AuditTrail(ctx context.Context, checkIn string) ([]store.Entry, error)
	auditlog.Log
	auditlog.Store
	Log(ctx context.Context, f store.LogFilter, limit int) ([]store.LogEntry, error)

	AddToFile(ctx context.Context, e store.FileEntry, last string) error
	FileEntries(ctx context.Context, checkIn string) ([]store.FileEntry, error)
	WantedHelp(ctx context.Context) ([]store.FileEntry, error)
}

// Exercise plays every promise of a store, each as a test of its own. Open opens a store in which nothing is yet, and closes it when
// the test ends.
func Exercise(t *testing.T, open func(t testing.TB) Store) {
	for _, group := range []struct {
		name     string
		promises []promise
	}{
		{"admission", admission()},
		{"queue", queueing()},
		{"desk", desk()},
		{"chain", chain()},
		{"day", day()},
		{"numbers", numbers()},
		{"denied", denied()},
		{"erasing", erasing()},
		{"sessions", sessions()},
		{"accounts", accounts()},
		{"factors", factors()},
		{"passkeys", passkeys()},
		{"appointments", appointments()},
		{"lobby", lobby()},
		{"file entries", fileEntries()},
		{"waiting", waiting()},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, p := range group.promises {
				t.Run(p.name, func(t *testing.T) { p.play(t, open(t)) })
			}
		})
	}
}

// promise is one that a store keeps, and what plays it against a store in which nothing is yet.
type promise struct {
	name string
	play func(t *testing.T, s Store)
}

// noon is when all of this happens, on the day.
var noon = time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)

const (
	today    = "2026-03-02"
	tomorrow = "2026-03-03"
)

// nowhere places a visitor in nobody's queue.
func nowhere([]store.Queued) store.Placement { return store.Placement{} }

// with places a visitor in a caseworker's queue.
func with(caseworker string) func([]store.Queued) store.Placement {
	return func([]store.Queued) store.Placement {
		return store.Placement{Decision: routing.Decision{Rule: "r", Caseworker: caseworker}, Room: "204"}
	}
}

// numbered is the id of check-in number n. Ids sort as numbers do.
func numbered(n int) string { return fmt.Sprintf("0192f0a0-0000-7000-8000-%012d", n) }

// visitor is check-in number n of today, confirmed n minutes after noon, with a record and a file of 7 bytes.
func visitor(n int) store.Admission {
	id := numbered(n)
	return store.Admission{
		CheckIn: store.CheckIn{
			ID: id, Station: "station-1", ConfirmedAt: noon.Add(time.Duration(n) * time.Minute),
			Service: "appointment", Ticket: fmt.Sprint("A-", n), Day: today,
		},
		Today: today, At: noon, Request: []byte(id), Record: []byte("sealed"), Uploads: []store.Upload{{SHA256: []byte{1}, Size: 7}},
	}
}

// fataler is what a test and a check of rapid have in common.
type fataler interface {
	Helper()
	Fatal(...any)
}

// admit admits a check-in and gives its id.
func admit(t fataler, s Store, a store.Admission, place func([]store.Queued) store.Placement) string {
	t.Helper()
	if err := s.Admit(context.Background(), a, place); err != nil {
		t.Fatal(err)
	}
	return a.ID
}

// arrive admits check-in number n for a caseworker.
func arrive(t fataler, s Store, n int, caseworker string) string {
	t.Helper()
	return admit(t, s, visitor(n), with(caseworker))
}

// of is check-in number n with a visit on one day, admitted on another.
func of(n int, visit, today string) store.Admission {
	a := visitor(n)
	a.Day, a.Today = visit, today
	return a
}

// must ends the test with an error.
func must(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tickets are those of check-ins, in order.
func tickets(all []store.CheckIn) (found []string) {
	for _, c := range all {
		found = append(found, c.Ticket)
	}
	return found
}
