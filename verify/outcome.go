package verify

import (
	"errors"

	"github.com/foyer-station/foyer/emrtd"
)

// ChipOutcome is how the attempt to read the chip ended.
type ChipOutcome string

// The outcomes of reading a chip; all but ChipRead leave Evidence.Files empty or incomplete.
const (
	ChipRead         ChipOutcome = "read"
	ChipAbsent       ChipOutcome = "absent"        // the document has none, or it does not answer in the field
	ChipDead         ChipOutcome = "dead"          // it answers, and not as an ePassport does
	ChipRefused      ChipOutcome = "refused"       // it did not open, and not because it had tested a key
	ChipAccessDenied ChipOutcome = "access_denied" // it tested the key that the document gives, and that is wrong
	ChipTorn         ChipOutcome = "torn"          // it left the field while being read
	ChipWithoutKey   ChipOutcome = "not_asked"     // no MRZ, hence no key
	ChipSeveral      ChipOutcome = "several"       // more than one lay in the field, and none was read
	ChipUnavailable  ChipOutcome = "unavailable"   // the station's chip reader does not work
)

// OutcomeOf says how a reading ended whose link did not break, by what [emrtd.Read] gave. A chip that refuses one file has
// been read; what is missing then is for the checks to say. Of a key, only its own test is evidence: a chip that has opened
// once has accepted it, whatever it says later.
func OutcomeOf(read *emrtd.Reading, err error) ChipOutcome {
	var refusal *emrtd.StatusError
	opened := read.Access != ""
	switch {
	case err == nil:
		return ChipRead
	case errors.Is(err, emrtd.ErrKey):
		return ChipWithoutKey
	case !opened && errors.Is(err, emrtd.ErrAccessDenied):
		return ChipAccessDenied
	case !opened && errors.Is(err, emrtd.ErrRefused):
		return ChipRefused
	case opened && (errors.As(err, &refusal) || errors.Is(err, emrtd.ErrSecureMessaging)):
		return ChipRead
	}
	return ChipDead
}
