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
	"sync"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

const (
	maxLease   = 200
	fewOrphans = 3 // submissions that may have failed since the last sweep
)

// ErrForeignKeys says that most keys belong to no check-in of the database.
var ErrForeignKeys = errors.New("keys without their check-ins are not erased: is the data folder the right one, and mounted?")

// Service implements stationv1.StationServiceServer for one office.
type Service struct {
	stationv1.UnimplementedStationServiceServer
	office   *office.Office
	snapshot *stationv1.GetOfficeResponse
	store    *store.Store
	vault    *vault.Vault
	spool    *spool
	now      func() time.Time
	log      *slog.Logger
	// admitting is held while one check-in is opened and put into the queue. An office sees a few a minute; one at a
	// time takes some 50 ms, and two submissions of the same check-in cannot meet.
	admitting sync.Mutex
}

// New makes the service of an office whose stations seal to recipient (age, "age1..."). Uploads wait under dir until
// their check-in is submitted. Now is the clock. The log gets ids and reasons, never anything that a visitor handed in.
func New(ctx context.Context, o *office.Office, recipient string, s *store.Store, v *vault.Vault, dir string, now func() time.Time, log *slog.Logger) (*Service, error) {
	snapshot := o.Snapshot()
	snapshot.Recipient = recipient
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(snapshot)
	if err != nil {
		return nil, fmt.Errorf("office snapshot: %w", err)
	}
	sum := sha256.Sum256(text)
	snapshot.Revision, err = s.Revision(ctx, sum[:])
	if err != nil {
		return nil, err
	}
	return &Service{office: o, snapshot: snapshot, store: s, vault: v, spool: newSpool(dir), now: now, log: log}, nil
}

// GetOffice gives the office's snapshot.
func (s *Service) GetOffice(context.Context, *stationv1.GetOfficeRequest) (*stationv1.GetOfficeResponse, error) {
	return s.snapshot, nil
}

// LeaseNumbers leases numbers of the office's present day.
func (s *Service) LeaseNumbers(ctx context.Context, r *stationv1.LeaseNumbersRequest) (*stationv1.LeaseNumbersResponse, error) {
	if _, err := uuid.Parse(r.RequestId); err != nil {
		return nil, status.Error(codes.InvalidArgument, "request_id is not a UUID")
	}
	if r.Count < 1 || r.Count > maxLease {
		return nil, status.Errorf(codes.InvalidArgument, "count is not 1 to %d", maxLease)
	}
	l, err := s.store.LeaseNumbers(ctx, stationOf(ctx), r.RequestId, s.office.Day(s.now()), int(r.Count))
	if errors.Is(err, store.ErrNoNumbersLeft) {
		return nil, status.Error(codes.ResourceExhausted, store.ErrNoNumbersLeft.Error())
	}
	if err != nil {
		return nil, err
	}
	return &stationv1.LeaseNumbersResponse{
		Prefix: s.office.TicketPrefix, First: int32(l.First), Count: int32(l.Count), Day: l.Day,
	}, nil
}

// Sweep throws away what was uploaded before a moment and never submitted, and what a submission that failed has left
// in the vault. What cannot be thrown away keeps nothing else; the errors come joined.
func (s *Service) Sweep(ctx context.Context, before time.Time) error {
	s.admitting.Lock()
	defer s.admitting.Unlock()
	failed := []error{s.spool.sweep(before)}
	orphans, err := s.orphans(ctx)
	failed = append(failed, err)
	for _, id := range orphans {
		if err := s.vault.Erase(ctx, id); err != nil {
			failed = append(failed, fmt.Errorf("check-in %s: %w", id, err))
		}
	}
	return errors.Join(failed...)
}

// orphans lists the check-ins that have a key and never were admitted. ErrForeignKeys when that is most of them, and more
// than submissions fail: a data folder that is not mounted looks like that, and its keys must be there when it is.
func (s *Service) orphans(ctx context.Context) (orphans []string, err error) {
	ids, err := s.vault.CheckIns(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		_, err := s.store.Submitted(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			orphans = append(orphans, id)
		case err != nil:
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
