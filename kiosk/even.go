package kiosk

import (
	"context"
	"time"
)

// even is the first moment after what lies a whole number of steps behind begin, one at least. What is told then and no sooner
// does not show how long it took: a forger with a watch learns nothing of how a document was judged.
func even(begin, after time.Time, step time.Duration) time.Time {
	steps := max(0, after.Sub(begin)/step) + 1
	return begin.Add(steps * step)
}

// waitUntil waits for a moment, or until ctx ends.
func waitUntil(ctx context.Context, moment time.Time) {
	wait := time.NewTimer(time.Until(moment))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
}
