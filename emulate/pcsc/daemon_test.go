package pcsc_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/emulate/pcsc"
)

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestSeveralDaemonsRunSideBySide(t *testing.T) {
	sockets := map[string]bool{}
	for range 3 {
		daemon, err := pcsc.Start(within(t, 10*time.Second), pcsc.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer daemon.Close()
		for slot := range 2 {
			if _, err := daemon.InsertAt(within(t, 10*time.Second), slot, chip.Foreign()); err != nil {
				t.Fatal(err)
			}
		}
		_, socket, ok := strings.Cut(daemon.Env()[0], "PCSCLITE_CSOCK_NAME=")
		if !ok || sockets[socket] {
			t.Errorf("environment %v", daemon.Env())
		}
		sockets[socket] = true
	}
}

func TestClosingLeavesNothing(t *testing.T) {
	daemon, err := pcsc.Start(within(t, 10*time.Second), pcsc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	card, err := daemon.Insert(within(t, 10*time.Second), chip.Foreign())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := daemon.Close(); err != nil {
			t.Error(err)
		}
	}
	<-card.Gone()
	card.Remove() // harmless
	_, socket, _ := strings.Cut(daemon.Env()[0], "=")
	if _, err := os.Stat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("socket: %v", err)
	}
	if conn, err := net.Dial("unix", socket); err == nil {
		conn.Close()
		t.Error("somebody still answers")
	}
	if _, err := daemon.Insert(within(t, time.Second), chip.Foreign()); err == nil {
		t.Error("a card was inserted")
	}
	if err := daemon.Plug(within(t, time.Second)); err == nil {
		t.Error("a reader was plugged in")
	}
}

func TestInsertSaysWhyItCannot(t *testing.T) {
	daemon, err := pcsc.Start(within(t, 10*time.Second), pcsc.Options{Reader: "Desk"})
	if err != nil {
		t.Fatal(err)
	}
	defer daemon.Close()
	if _, err := daemon.InsertAt(within(t, time.Second), 2, chip.Foreign()); err == nil {
		t.Error("there is no third slot")
	}
	if _, err := daemon.Insert(within(t, 10*time.Second), chip.Foreign()); err != nil {
		t.Fatal(err)
	}
	if _, err := daemon.Insert(within(t, 100*time.Millisecond), chip.Foreign()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("onto another card: %v", err)
	}
	if err := daemon.Unplug(within(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := daemon.Insert(within(t, time.Second), chip.Foreign()); err == nil {
		t.Error("a card was laid on no reader")
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if daemon, err := pcsc.Start(ctx, pcsc.Options{}); err == nil {
		daemon.Close() // it was quicker than the context
	} else if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
