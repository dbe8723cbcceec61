package devices

import (
	"context"
	"errors"
)

// HealthOfProbe is the health of an open device that was asked how it is, from how that ended. No error is a healthy device; so is a
// probe that its caller gave up, for not asked is not ill.
func HealthOfProbe(err error) Health {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Health{State: StateOnline}
	}
	h := HealthOf(err)
	if h.State == StateNoDevice && !errors.Is(err, ErrUnplugged) && !errors.Is(err, ErrClosed) {
		h.State = StateHWError // it is there, and ill in a way that has no name
	}
	return h
}
