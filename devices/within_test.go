package devices

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestALimitEndsOnTimeOnAComputerThatHasNothingElseToDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, cancel := Within(t.Context(), time.Second)
		defer cancel()
		asked, done := context.WithTimeout(ctx, time.Hour)
		defer done()
		<-asked.Done()
		if took := time.Since(began); took != time.Second || !errors.Is(asked.Err(), context.DeadlineExceeded) || !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			t.Errorf("after %s: %v, %v", took, asked.Err(), context.Cause(ctx))
		}
	})
}

func TestALimitCountsNoTimeInWhichTheProcessDidNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tick := make(chan time.Time)
		w := &within{Context: t.Context(), done: make(chan struct{})}
		go w.count(nil, tick, nil, 3)
		tick <- time.Time{}
		tick <- time.Time{}
		time.Sleep(time.Hour)
		if w.Err() != nil {
			t.Fatal("it ended after two ticks of three")
		}
		tick <- time.Time{}
		if <-w.Done(); !errors.Is(w.Err(), context.DeadlineExceeded) {
			t.Errorf("it ended with %v", w.Err())
		}
	})
}

func TestALimitEndsSomeTimeAlsoWhereTheProcessHardlyRuns(t *testing.T) {
	bound := make(chan time.Time, 1)
	bound <- time.Time{}
	w := &within{Context: t.Context(), done: make(chan struct{})}
	w.count(nil, nil, bound, 3)
	if !errors.Is(w.Err(), context.DeadlineExceeded) {
		t.Errorf("it ended with %v", w.Err())
	}
}

func TestALimitEndsWithWhoeverSetIt(t *testing.T) {
	parent, end := context.WithCancel(t.Context())
	ctx, cancel := Within(parent, time.Hour)
	end()
	if <-ctx.Done(); !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("it ended with %v", ctx.Err())
	}
	cancel()
	released, cancel := Within(t.Context(), time.Hour)
	cancel()
	if !errors.Is(released.Err(), context.Canceled) {
		t.Errorf("released, it ended with %v", released.Err())
	}
}
