package devices

// Told is an error that has more to say to a technician than its sentinel: what is wrong, and what to do about that. HealthOf tells
// both.
type Told struct {
	Err            error // wraps a sentinel, by which the state is known
	Reason, Remedy Message
}

// Error implements error.
func (t *Told) Error() string { return t.Err.Error() }

// Unwrap gives the error itself.
func (t *Told) Unwrap() error { return t.Err }
