package intake

import (
	"errors"
	"maps"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Why a submission was refused, as it is counted.
const (
	refusedNoRoom    = "no_room"    // on the disk
	refusedTooMany   = "too_many"   // of one station a day
	refusedDenied    = "denied"     // the station is on the deny list
	refusedStranger  = "no_station" // the certificate is for no station of this office
	refusedUnsent    = "incomplete" // a file has not arrived
	refusedTaken     = "taken"      // another check-in has the id
	refusedInvalid   = "invalid"    // the request breaks the contract
	refusedBrokenOff = "broken_off" // the caller went, or the time was up
	refusedByFault   = "fault"      // the office's own
)

var refusalByCode = map[codes.Code]string{
	codes.ResourceExhausted:  refusedTooMany,
	codes.PermissionDenied:   refusedStranger,
	codes.Unauthenticated:    refusedStranger,
	codes.FailedPrecondition: refusedUnsent,
	codes.AlreadyExists:      refusedTaken,
	codes.InvalidArgument:    refusedInvalid,
	codes.Canceled:           refusedBrokenOff,
	codes.DeadlineExceeded:   refusedBrokenOff,
}

// refusalOf is the reason for which a call was refused, as its answer says.
func refusalOf(err error) string {
	switch {
	case errors.Is(err, errFull):
		return refusedNoRoom
	case errors.Is(err, errDenied):
		return refusedDenied
	}
	if reason, known := refusalByCode[status.Code(err)]; known {
		return reason
	}
	return refusedByFault
}

// tally counts refusals by reason.
type tally struct {
	mu     sync.Mutex
	counts map[string]int64
}

// newTally begins at zero for every reason, so that the first one is seen as a step.
func newTally() *tally {
	t := &tally{counts: map[string]int64{}}
	for _, reason := range []string{refusedNoRoom, refusedTooMany, refusedDenied, refusedStranger, refusedUnsent, refusedTaken,
		refusedInvalid, refusedBrokenOff, refusedByFault} {
		t.counts[reason] = 0
	}
	return t
}

func (t *tally) count(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[refusalOf(err)]++
}

// RefusedSubmissions counts the submissions that were refused since the start, by reason.
func (s *Service) RefusedSubmissions() map[string]int64 {
	s.refused.mu.Lock()
	defer s.refused.mu.Unlock()
	return maps.Clone(s.refused.counts)
}

// RefusedConnections counts the handshakes that failed since the start for a reason that is TLS's.
func (s *Service) RefusedConnections() int64 { return s.handshakes.count.Load() }

// Spooled counts the check-ins of which files have come and that are not submitted, and the bytes of those files.
func (s *Service) Spooled() (checkIns int, bytes int64, err error) { return s.spool.waiting() }

// Room is how many bytes the disk has, and how many of them uploads leave: with less no more are taken.
func (s *Service) Room() (free, reserve int64, err error) { return s.spool.free() }
