package link

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"

	"filippo.io/age"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/kiosk/journal"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// Bounds on what a back office may send.
const (
	maxAnswer   = 1 << 20 // bytes of one message
	maxServices = 100
	maxText     = 500 // runes
	maxNumber   = 1_000_000
)

// Leases: this many numbers are asked for when fewer than half are left. A station serves some 300 visitors a day, so a
// lease bridges about an hour of being cut off.
const (
	leaseCount = 100 // LeaseNumbers allows 200
	leaseLow   = leaseCount / 2
)

// errAnswer says that the back office sent what its contract does not allow.
var errAnswer = errors.New("the back office breaks its contract")

var (
	serviceID = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	prefix    = regexp.MustCompile(`^[A-Z]{1,3}$`)
)

// refresh fetches the snapshot and keeps it if it is new.
func (l *Link) refresh(ctx context.Context) error {
	call, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	known, err := l.journal.Known(ctx)
	if err != nil {
		return err
	}
	asked := l.options.Now()
	var from peer.Peer
	request := &stationv1.GetOfficeRequest{Epoch: known.Epoch, Lease: known.Lease, Contract: stationv1.Contract}
	office, err := l.client.GetOffice(call, request, grpc.Peer(&from))
	if c := shownBy(from); c != nil {
		l.mu.Lock()
		l.shown = c
		l.mu.Unlock()
	}
	if err != nil {
		return fmt.Errorf("get office: %w", err)
	}
	if err := checkOffice(office); err != nil {
		return fmt.Errorf("get office: %w", err)
	}
	l.setClock(office, asked)
	changed, err := l.journal.HearEpoch(ctx, office.GetEpoch())
	if err != nil {
		return err
	}
	if changed && known.Epoch != "" {
		l.options.Log.Warn("the back office was restored from a backup; ticket numbers that nobody has yet are given up")
	}
	office.Epoch, office.Now = "", nil // no part of what is kept
	if proto.Equal(office, l.Office()) {
		return nil
	}
	saved, err := proto.Marshal(office)
	if err != nil {
		return fmt.Errorf("get office: %w", err)
	}
	if err := l.journal.SaveOffice(ctx, saved); err != nil {
		return err
	}
	l.mu.Lock()
	l.office = office
	l.mu.Unlock()
	l.options.Log.Info("office snapshot taken", "office", office.GetOfficeId(), "revision", office.GetRevision())
	return nil
}

// setClock takes the back office's time, as it was in the middle of the call that began when the station's clock showed
// asked.
func (l *Link) setClock(office *stationv1.GetOfficeResponse, asked time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock = l.clock.in(office.GetTimeZone())
	if office.GetNow() != nil {
		now := l.options.Now()
		l.clock.office, l.clock.station = office.GetNow().AsTime(), asked.Add(now.Sub(asked)/2)
	}
}

func checkOffice(o *stationv1.GetOfficeResponse) error {
	if _, err := age.ParseX25519Recipient(o.GetRecipient()); err != nil {
		return fmt.Errorf("%w: recipient: %w", errAnswer, err)
	}
	if len(o.GetServices()) > maxServices {
		return fmt.Errorf("%w: %d services", errAnswer, len(o.GetServices()))
	}
	if now := o.GetNow(); now != nil && now.CheckValid() != nil {
		return fmt.Errorf("%w: a time that is none", errAnswer)
	}
	if kept := o.GetRetention(); kept != nil && (kept.CheckValid() != nil || kept.AsDuration() <= 0) {
		return fmt.Errorf("%w: a retention that is none", errAnswer)
	}
	texts := []string{o.GetName(), o.GetLobby(), o.GetTimeZone(), o.GetEpoch()}
	for _, s := range o.GetServices() {
		if !serviceID.MatchString(s.GetId()) {
			return fmt.Errorf("%w: service id %q", errAnswer, s.GetId())
		}
		texts = append(texts, s.GetIcon())
		for _, m := range []map[string]string{s.GetNames(), s.GetDescriptions()} {
			for tag, text := range m {
				texts = append(texts, tag, text)
			}
		}
	}
	for _, text := range texts {
		if text != bounded(text) {
			return fmt.Errorf("%w: a text of %d bytes", errAnswer, len(text))
		}
	}
	return nil
}

// bounded cuts a text that is too long for any screen.
func bounded(text string) string {
	if utf8.RuneCountInString(text) <= maxText {
		return text
	}
	return string([]rune(text)[:maxText])
}

// topUp leases numbers ahead. Where the station and the back office disagree about the day it does not lease a second time:
// the back office refuses, and of one that does not know the station's day the first answer tells.
func (l *Link) topUp(ctx context.Context) error {
	today := l.Now().Format(time.DateOnly)
	counts, err := l.journal.Count(ctx, today)
	if err != nil || counts.Numbers >= leaseLow {
		return err
	}
	if l.strange == today {
		return errDays
	}
	request, err := l.journal.LeaseRequest(ctx)
	if err != nil {
		return err
	}
	call, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	r, err := l.client.LeaseNumbers(call, &stationv1.LeaseNumbersRequest{RequestId: request, Count: leaseCount, Day: today})
	if code(err) == codes.FailedPrecondition {
		return fmt.Errorf("lease numbers: %w: %w", errDays, err)
	}
	if err != nil {
		return fmt.Errorf("lease numbers: %w", err)
	}
	if err := checkLease(r); err != nil {
		return fmt.Errorf("lease numbers: %w", err)
	}
	l.strange = ""
	if r.GetDay() != today {
		l.strange = today
	}
	err = l.journal.AddLease(ctx, request, journal.Lease{
		Prefix: r.GetPrefix(), First: int(r.GetFirst()), Count: int(r.GetCount()), Day: r.GetDay(),
		Known: journal.Known{Epoch: r.GetEpoch(), Lease: r.GetLease()},
	})
	if err == nil && l.strange != "" {
		err = errDays
	}
	return err
}

func checkLease(r *stationv1.LeaseNumbersResponse) error {
	if !prefix.MatchString(r.GetPrefix()) {
		return fmt.Errorf("%w: prefix %q", errAnswer, r.GetPrefix())
	}
	if r.GetFirst() < 0 || r.GetFirst() > maxNumber || r.GetCount() < 1 || r.GetCount() > 2*leaseCount {
		return fmt.Errorf("%w: %d numbers from %d", errAnswer, r.GetCount(), r.GetFirst())
	}
	if r.GetEpoch() != bounded(r.GetEpoch()) || r.GetLease() < 0 {
		return fmt.Errorf("%w: epoch of %d bytes, lease %d", errAnswer, len(r.GetEpoch()), r.GetLease())
	}
	if _, err := time.Parse(time.DateOnly, r.GetDay()); err != nil {
		return fmt.Errorf("%w: day %q", errAnswer, r.GetDay())
	}
	return nil
}
