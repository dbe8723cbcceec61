package kiosk

import (
	"context"
	"errors"
	"testing"

	"github.com/foyer-station/foyer/kiosk/flow"
)

func TestAStationAnswersWhileItServesVisitorsAndNotAfter(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	if err := b.Answers(t.Context()); err != nil {
		t.Errorf("with a visitor: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := New(Config{}).Answers(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("a station that nobody runs: %v", err)
	}
}
