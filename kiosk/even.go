package kiosk

import (
	"context"
	"time"
)

// evenly waits until a whole number of steps has passed since begin, one at least, or ctx ends. What took so long does not
// show then: a forger with a watch learns nothing of how a document was judged.
func evenly(ctx context.Context, begin time.Time, step time.Duration) {
	passed := time.Since(begin)
	wait := time.NewTimer(passed.Truncate(step) + step - passed)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
}
