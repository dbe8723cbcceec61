package kiosk

import (
	"context"
	"testing"

	"github.com/foyer-station/foyer/kiosk/flow"
)

func TestWhoMindsATechnicianIsToldWhenOneComesAndGoes(t *testing.T) {
	told := make(chan bool, 10)
	enter := withPIN(t, "")
	b := newBed(t, func(b *bed, c *Config) {
		enter(b, c)
		c.Technician = func(present bool) { told <- present }
	})
	b.shows(flow.Greeting, "")
	b.types(rightPIN)
	if !<-told {
		t.Error("told that one has gone who came")
	}
	r := b.borrows()
	r.isTold(t, true)
	b.shows(flow.Technician, flow.Working)
	b.Send(flow.Leave{})
	if <-told {
		t.Error("told that one has come who went")
	}
	b.shows(flow.Tested, "") // until the test gives the devices back
	r.gives(t, context.Canceled)
	b.shows(flow.Greeting, "")
	if len(told) > 0 {
		t.Error("told more than once")
	}
}
