package waiting

import "time"

// What one in how many visitors waits less than was told, and as many wait longer, so that eight in ten wait as long as they were
// told; and by how much one visit changes what is told next. I. Gibbs, E. Candès, Adaptive Conformal Inference Under Distribution
// Shift, NeurIPS 2021, is where the rule is from: on the average it is met whatever happens in the office.
const (
	tail  = 0.1
	pace  = 0.01
	least = -0.05 // of a tail: it is none then, and comes back at once when it is needed
)

// tails are the parts of all waits, as they were played, that lie below and above what is told.
type tails struct{ low, high float64 }

// learn makes a tail smaller when a wait lay in it, else a little larger.
func (t *tails) learn(told Range, wait time.Duration) {
	t.low = moved(t.low, wait < told.Low)
	t.high = moved(t.high, wait > told.High)
}

func moved(part float64, missed bool) float64 {
	if missed {
		return max(part-pace*(1-tail), least)
	}
	return min(part+pace*tail, 0.45)
}

// told rounds a range to what people say: minutes below ten, five minutes below an hour, then quarters of an hour.
func told(low, high time.Duration) Range {
	low, high = max(low, 0), max(high, 0)
	r := Range{Low: low.Truncate(step(low))}
	if unit := step(high); high.Truncate(unit) == high {
		r.High = high
	} else {
		r.High = high.Truncate(unit) + unit
	}
	return r
}

func step(d time.Duration) time.Duration {
	switch {
	case d < 10*time.Minute:
		return time.Minute
	case d < time.Hour:
		return 5 * time.Minute
	}
	return 15 * time.Minute
}

// Pinball is the loss of having foretold that a wait is below a value with a probability q, 0 to 1: what lies above costs q for
// each unit, what lies below 1 - q (R. Koenker, G. Bassett, Regression Quantiles, Econometrica 46, 1978). Less is better.
func Pinball(q float64, foretold, wait time.Duration) time.Duration {
	if d := float64(wait - foretold); d >= 0 {
		return time.Duration(q * d)
	} else {
		return time.Duration((q - 1) * d)
	}
}
