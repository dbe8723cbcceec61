package queue_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
)

var noon = time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)

// waiting is a queue in which n visitors wait for brandt.
func waiting(n int) *queue.State {
	s := queue.NewState()
	for i := range n {
		s.Apply(queue.Event{Kind: queue.KindArrived, At: noon, CheckIn: fmt.Sprint("v", i), Queue: "brandt", Place: queue.PlaceOf(int64(i + 1))})
	}
	return s
}

// carryOut decides and applies.
func carryOut(t *testing.T, s *queue.State, c queue.Command, r queue.Rules) {
	t.Helper()
	events, err := queue.Decide(s, c, r)
	if err != nil {
		t.Fatalf("%s: %v", c.Do, err)
	}
	for _, e := range events {
		s.Apply(e)
	}
}

func TestADecisionChangesNothing(t *testing.T) {
	t.Parallel()
	s := waiting(1)
	for range 2 {
		if _, err := queue.Decide(s, queue.Command{Do: queue.Next, By: "brandt", Queues: []string{"brandt"}}, queue.Rules{}); err != nil {
			t.Error(err)
		}
	}
}

func TestWhoeverIsSkippedAgainAndAgainStaysBeforeThoseWhoComeLater(t *testing.T) {
	t.Parallel()
	s := waiting(3)
	for n := range 60 { // more often than there is room between two places
		carryOut(t, s, queue.Command{Do: queue.Skip, By: "brandt", CheckIn: fmt.Sprint("v", n%3)}, queue.Rules{SkipBehind: 9})
	}
	s.Apply(queue.Event{Kind: queue.KindArrived, CheckIn: "later", Queue: "brandt", Place: queue.PlaceOf(4)})
	if got := s.Present(); got[3] != "later" {
		t.Errorf("the queue is %v", got)
	}
}

func TestAnEventOfAKindThatIsNotKnownChangesNothing(t *testing.T) {
	t.Parallel()
	s := waiting(2)
	before := s.Visitors["v0"]
	for _, kind := range []queue.Kind{"signed_in", "opened", "restored", "from_the_future"} {
		s.Apply(queue.Event{Kind: kind, CheckIn: "v0", By: "brandt"})
		s.Apply(queue.Event{Kind: kind, By: "brandt"})
	}
	if s.Visitors["v0"] != before || !slices.Equal(s.Present(), []string{"v0", "v1"}) {
		t.Errorf("%+v", s.Visitors)
	}
	carryOut(t, s, queue.Command{Do: queue.Next, By: "brandt", Queues: []string{"brandt"}}, queue.Rules{})
	s.Apply(queue.Event{Kind: "opened", CheckIn: "v0", By: "yilmaz"}) // looking at a file is nothing that a step is built on
	carryOut(t, s, queue.Command{Do: queue.Undo, By: "brandt"}, queue.Rules{})
	if s.Visitors["v0"] != before {
		t.Errorf("after undoing: %+v", s.Visitors["v0"])
	}
}

func TestWhatIsNoOperationIsRefused(t *testing.T) {
	t.Parallel()
	for _, do := range []queue.Operation{"", "dance"} {
		if _, err := queue.Decide(waiting(1), queue.Command{Do: do, By: "brandt", CheckIn: "v0"}, queue.Rules{}); !errors.Is(err, queue.ErrUnknown) {
			t.Errorf("%q: %v", do, err)
		}
	}
}
