package link

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"

	"filippo.io/age"
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

// Leases: so many numbers are asked for when fewer than half are left. A station serves some 300 visitors a day, so a
// lease bridges about an hour of being cut off.
const (
	leaseCount = 100 // LeaseNumbers allows 200
	leaseLow   = leaseCount / 2
)

// errAnswer says that the back office sent what its contract does not allow.
var errAnswer = errors.New("back office answered wrongly")

var (
	serviceID = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	prefix    = regexp.MustCompile(`^[A-Z]{1,3}$`)
)

// refresh fetches the snapshot and keeps it if it is new.
func (l *Link) refresh(ctx context.Context) error {
	call, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	office, err := l.client.GetOffice(call, &stationv1.GetOfficeRequest{})
	if err != nil {
		return fmt.Errorf("get office: %w", err)
	}
	if err := checkOffice(office); err != nil {
		return fmt.Errorf("get office: %w", err)
	}
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

func checkOffice(o *stationv1.GetOfficeResponse) error {
	if _, err := age.ParseX25519Recipient(o.GetRecipient()); err != nil {
		return fmt.Errorf("%w: recipient: %w", errAnswer, err)
	}
	if len(o.GetServices()) > maxServices {
		return fmt.Errorf("%w: %d services", errAnswer, len(o.GetServices()))
	}
	texts := []string{o.GetName(), o.GetLobby()}
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

// topUp leases numbers ahead.
func (l *Link) topUp(ctx context.Context) error {
	today := l.options.Now().Format(time.DateOnly)
	counts, err := l.journal.Count(ctx, today)
	if err != nil || counts.Numbers >= leaseLow {
		return err
	}
	request, err := l.journal.LeaseRequest(ctx)
	if err != nil {
		return err
	}
	call, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	r, err := l.client.LeaseNumbers(call, &stationv1.LeaseNumbersRequest{RequestId: request, Count: leaseCount})
	if err != nil {
		return fmt.Errorf("lease numbers: %w", err)
	}
	if err := checkLease(r); err != nil {
		return fmt.Errorf("lease numbers: %w", err)
	}
	if r.GetDay() != today {
		l.options.Log.Warn("the station's clock and the office's disagree about the day", "station", today, "office", r.GetDay())
	}
	return l.journal.AddLease(ctx, request, journal.Lease{
		Prefix: r.GetPrefix(), First: int(r.GetFirst()), Count: int(r.GetCount()), Day: r.GetDay(),
	})
}

func checkLease(r *stationv1.LeaseNumbersResponse) error {
	if !prefix.MatchString(r.GetPrefix()) {
		return fmt.Errorf("%w: prefix %q", errAnswer, r.GetPrefix())
	}
	if r.GetFirst() < 0 || r.GetFirst() > maxNumber || r.GetCount() < 1 || r.GetCount() > 2*leaseCount {
		return fmt.Errorf("%w: %d numbers from %d", errAnswer, r.GetCount(), r.GetFirst())
	}
	if _, err := time.Parse(time.DateOnly, r.GetDay()); err != nil {
		return fmt.Errorf("%w: day %q", errAnswer, r.GetDay())
	}
	return nil
}
