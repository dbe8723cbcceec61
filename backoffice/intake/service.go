// Package intake is the back office's side of foyer.station.v1: it tells a station about the office, leases it ticket
// numbers, takes sealed files that may break off and resume, and admits confirmed check-ins to the queue.
//
// Contract: proto/foyer/station/v1. A check-in is answered only when everything it consists of is on disk; the same
// request again gets the same answer. Everything a station sends is bounded and checked: a station is a computer in a
// public hall.
package intake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

const (
	fewOrphans = 3 // submissions that may have failed since DropAbandoned was called last
)

// ErrForeignKeys says that most keys belong to no check-in of the database.
var ErrForeignKeys = errors.New("keys without their check-ins are not erased: is the data folder the right one, and mounted?")

// Options are limits that an office may set; zero values stand for the defaults that are named.
type Options struct {
	NumbersADay int           // ticket numbers that one station may lease a day, and visitors it may hand in, so that a stolen one cannot use up all: 1000
	BytesADay   int64         // of uploads that one station may have, unfinished and taken in within a day, so that a stolen one cannot fill the disk: 20 GiB, which are 106 of the largest check-ins
	Denied      string        // file of stations that are not served, see the example configuration; empty for none
	Reserve     int64         // bytes of the disk that uploads leave free, so that what has been uploaded can be admitted: 384 MiB, at most an eighth of it
	Retention   time.Duration // after which check-ins are erased, for visitors to be told; they are not told of zero
	TicketURL   string        // under which visitors find their own view, for their tickets; empty where there is none
	Booked      Booked        // the appointments that the office keeps; nil for none
	Idle        time.Duration // without a byte of an upload, after which it ends: 20 s
}

func (o Options) orDefault() Options {
	o.NumbersADay = cmp.Or(o.NumbersADay, 1000)
	o.BytesADay = cmp.Or(o.BytesADay, 20<<30)
	o.Reserve = cmp.Or(o.Reserve, 2*stationv1.MaxCheckIn)
	o.Idle = cmp.Or(o.Idle, 20*time.Second)
	return o
}

// Service implements stationv1.StationServiceServer for one office.
type Service struct {
	stationv1.UnimplementedStationServiceServer
	office     *office.Office
	snapshot   *stationv1.GetOfficeResponse
	store      Store
	vault      Vault
	spool      *spool
	denied     *denied
	now        func() time.Time
	log        *slog.Logger
	options    Options
	stations   *stations // that connected or called
	refused    *tally    // submissions
	handshakes *refusedHandshakes
	open       *connections
	readers    sync.WaitGroup // of uploads
	sharing    sync.Mutex
	shares     map[string]*rate.Limiter // by station
	forecast   *forecast
	submitting *turns // so that of each station one submission at most waits for its admission
}

// New makes the service of an office whose stations seal to recipient (age, "age1..."). Uploads wait under dir until
// their check-in is submitted. Now is the clock. The log gets ids and reasons, never anything that a visitor handed in.
func New(ctx context.Context, o *office.Office, recipient string, s Store, v Vault, dir string, now func() time.Time, log *slog.Logger, options Options) (*Service, error) {
	options = options.orDefault()
	denied, err := openDenied(options.Denied, log)
	if err != nil {
		return nil, err
	}
	snapshot := o.Snapshot()
	snapshot.Recipient, snapshot.TicketUrl = recipient, options.TicketURL
	if options.Retention > 0 {
		snapshot.Retention = durationpb.New(options.Retention)
	}
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(snapshot)
	if err != nil {
		return nil, fmt.Errorf("office snapshot: %w", err)
	}
	sum := sha256.Sum256(text)
	snapshot.Revision, err = s.Revision(ctx, sum[:])
	if err != nil {
		return nil, err
	}
	forecast, err := newForecast(ctx, o, s, now)
	if err != nil {
		return nil, err
	}
	return &Service{office: o, forecast: forecast, snapshot: snapshot, store: s, vault: v, spool: newSpool(dir, options.Reserve), denied: denied,
		now: now, log: log, options: options, shares: map[string]*rate.Limiter{}, submitting: newTurns(1),
		stations: newStations(o.ID, log), refused: newTally(), handshakes: newRefusedHandshakes(), open: newConnections()}, nil
}

// Expected is how long somebody waits now before whom so many come for a service, empty for one who asked for a member of staff; ok is
// false where nobody is there who could call.
func (s *Service) Expected(ctx context.Context, service string, ahead int) (from, until time.Duration, ok bool, err error) {
	desks, err := s.forecast.desks(ctx, service, s.now())
	if err != nil || len(desks) == 0 {
		return 0, 0, false, err
	}
	told := s.forecast.told(service, ahead, desks)
	return told.WaitFrom, told.WaitUntil, true, nil
}

// Wait waits for what still reads from stations, after the server has ended.
func (s *Service) Wait() { s.readers.Wait() }

// GetOffice gives the office's snapshot, with its clock, the epoch of its numbers and the contract that it understands. A station
// that speaks an older one is served like any other.
func (s *Service) GetOffice(ctx context.Context, r *stationv1.GetOfficeRequest) (*stationv1.GetOfficeResponse, error) {
	s.stations.speaks(stationOf(ctx), r.Contract)
	if err := s.observe(ctx, r); err != nil {
		return nil, err
	}
	epoch, err := s.store.Epoch(ctx)
	if err != nil {
		return nil, err
	}
	o := proto.CloneOf(s.snapshot)
	o.Epoch, o.Now, o.Contract = epoch.ID, timestamppb.New(s.now()), stationv1.Contract
	return o, nil
}

// DropAbandoned throws away what was uploaded before a moment and never submitted, and what a submission that failed has left
// in the vault. What cannot be thrown away keeps nothing else; the errors come joined.
func (s *Service) DropAbandoned(ctx context.Context, before time.Time) error {
	failed := []error{s.spool.dropAbandoned(before, s.now(), func(checkIn string) (func(), error) { return s.store.LockAdmission(ctx, checkIn) })}
	orphans, err := s.orphans(ctx)
	failed = append(failed, err)
	for _, id := range orphans {
		err := s.underLock(ctx, id, func(orphan bool) error {
			if !orphan {
				return nil
			}
			return s.vault.Erase(ctx, id)
		})
		if err != nil {
			failed = append(failed, fmt.Errorf("check-in %s: %w", id, err))
		}
	}
	return errors.Join(failed...)
}

// underLock runs do while nobody admits a check-in, and tells it whether nobody has: one that is being admitted has a key and is not in
// the store yet.
func (s *Service) underLock(ctx context.Context, id string, do func(orphan bool) error) error {
	unlock, err := s.store.LockAdmission(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	switch _, err := s.store.Submitted(ctx, id); {
	case errors.Is(err, store.ErrNotFound):
		return do(true)
	case err != nil:
		return err
	}
	return do(false)
}

// orphans lists the check-ins that have a key and never were admitted. ErrForeignKeys when that is most of them, and more
// than submissions fail: a data folder that is not mounted looks like that, and its keys must be there when it is.
func (s *Service) orphans(ctx context.Context) (orphans []string, err error) {
	ids, err := s.vault.CheckIns(ctx)
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return checkID(id) != nil }) // the keys of days of appointments
	for _, id := range ids {
		_, err := s.store.Submitted(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			err = s.underLock(ctx, id, func(orphan bool) error {
				if orphan {
					orphans = append(orphans, id)
				}
				return nil
			})
		}
		if err != nil {
			return nil, err
		}
	}
	if len(orphans) > max(fewOrphans, len(ids)/2) {
		return nil, fmt.Errorf("%w: %d of %d", ErrForeignKeys, len(orphans), len(ids))
	}
	return orphans, nil
}

// checkName refuses what does not name a file of a check-in.
func checkName(checkIn string, sum []byte) error { return cmp.Or(checkID(checkIn), checkSum(sum)) }

// checkID accepts a UUIDv7 in its one spelling only: it becomes a folder's name.
func checkID(checkIn string) error {
	u, err := uuid.Parse(checkIn)
	if err != nil || u.Version() != 7 || u.String() != checkIn {
		return status.Error(codes.InvalidArgument, "check_in_id is not a UUIDv7 in lower case")
	}
	return nil
}

func checkSum(sum []byte) error {
	if len(sum) != sha256.Size {
		return status.Error(codes.InvalidArgument, "sha256 is not 32 bytes long")
	}
	return nil
}
