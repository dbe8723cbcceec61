package link

import (
	"errors"

	"google.golang.org/grpc/codes"

	"github.com/foyer-station/foyer/kiosk/journal"
)

// State is how the link is: the worst of what came of its last round.
type State string

// The states of a link, the best first.
const (
	Linked State = "linked"
	Full   State = "full"    // the back office has no room on its disk, or no more numbers for this station
	Ill    State = "ill"     // it answers with errors of its own, against its contract, or has another day
	Denied State = "denied"  // it does not want this station
	CutOff State = "cut_off" // it cannot be reached
)

var worse = map[State]int{Linked: 0, Full: 1, Ill: 2, Denied: 3, CutOff: 4}

// stateOf is the state that a round's errors speak of. That one check-in is not taken is no illness of the link, nor is
// what failed on the station itself.
func stateOf(err error) State {
	switch joined := err.(type) {
	case nil:
		return Linked
	case interface{ Unwrap() []error }:
		worst := Linked
		for _, one := range joined.Unwrap() {
			if s := stateOf(one); worse[s] > worse[worst] {
				worst = s
			}
		}
		return worst
	}
	if !answered(err) {
		if errors.Is(err, errAnswer) || errors.Is(err, errIncomplete) || errors.Is(err, errDays) {
			return Ill
		}
		return Linked
	}
	switch code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.Unauthenticated:
		return CutOff
	case codes.PermissionDenied:
		return Denied
	case codes.ResourceExhausted:
		return Full
	case codes.OK, codes.Aborted, codes.AlreadyExists, codes.InvalidArgument, codes.FailedPrecondition, codes.NotFound, codes.OutOfRange:
		return Linked
	}
	return Ill
}

// Late tells whether somebody should see to the link: a quarter of the time that a check-in may wait is over.
func Late(w journal.Wait) bool { return w.CheckIns > 0 && w.Oldest >= journal.Limit/4 }

// errDays says that the back office leases numbers for another day than the station has.
var errDays = errors.New("the station's clock and the office's disagree about the day")
