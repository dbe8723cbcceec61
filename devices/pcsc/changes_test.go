package pcsc

import (
	"context"
	"errors"
	"testing"
	"time"
)

// notified is a service whose readers come and go when a test says so. vpcd's do only when pcscd is started again.
type notified struct {
	names  chan []string // what readers gives from then on; closed when the service stops
	listed []string
}

func (n *notified) readers(context.Context) ([]string, error) { return n.listed, nil }

func (n *notified) wait(ctx context.Context) error {
	select {
	case names, open := <-n.names:
		if !open {
			return errors.New("stopped")
		}
		n.listed = names
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (*notified) close() {}

func TestEveryChangeOfReadersIsToldAndNothingElse(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	services := make(chan *notified, 2)
	open := func(ctx context.Context) (service, error) {
		select {
		case s := <-services:
			return s, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	told, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		watchReaders(ctx, open, func() { told <- struct{}{} })
	}()
	expect := func(what string) {
		t.Helper()
		select {
		case <-told:
		case <-time.After(10 * time.Second):
			t.Fatalf("nobody tells that %s", what)
		}
	}
	first := &notified{names: make(chan []string), listed: []string{"one"}}
	services <- first
	expect("it is known which readers there are")
	first.names <- []string{"one"} // it looked, and nothing has changed
	first.names <- []string{"one", "two"}
	expect("a reader came")
	first.names <- []string{"two", "one"} // the same in another order
	first.names <- []string{"two"}
	expect("a reader went")
	close(first.names)
	expect("the service went")
	services <- &notified{listed: []string{"two"}}
	expect("the service is back")
	cancel()
	<-ended
}
