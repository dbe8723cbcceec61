package pcsc

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ebfe/scard"
)

// anyReader is the reader that is none: its state changes when a reader comes or goes (PC/SC part 5; pcsc-lite,
// SCardGetStatusChange).
const anyReader = `\\?PnP?\Notification`

// serviceAgain is after how long a service that is not there is looked for again.
const serviceAgain = 500 * time.Millisecond

// Changes says when a reader may have come or gone, or the service has: by the service's own notice, at once. A value means that it is
// worth looking again, and the first comes as soon as it is known what there is; several that nobody has received yet are one. The channel is closed when everything behind it has ended,
// soon after ctx; who asked receives until then.
func Changes(ctx context.Context) <-chan struct{} {
	changes := make(chan struct{}, 1)
	go func() {
		defer close(changes)
		watchReaders(ctx, openService, func() {
			select {
			case changes <- struct{}{}:
			default:
			}
		})
	}()
	return changes
}

// service is what is asked which readers there are.
type service interface {
	// readers gives their names.
	readers(ctx context.Context) ([]string, error)
	// wait returns when one may have come or gone, and from time to time.
	wait(ctx context.Context) error
	close()
}

// watchReaders tells of what there is, and of every change of it, until ctx ends: also of a service that comes or goes, with which all
// its readers do.
func watchReaders(ctx context.Context, open func(context.Context) (service, error), tell func()) {
	var before []string
	known := false
	saw := func(names []string) {
		slices.Sort(names)
		if !known || !slices.Equal(names, before) {
			tell()
		}
		before, known = names, true
	}
	for ctx.Err() == nil {
		if s, err := open(ctx); err == nil {
			for err == nil && ctx.Err() == nil {
				var names []string
				if names, err = s.readers(ctx); err == nil {
					saw(names)
					err = s.wait(ctx)
				}
			}
			s.close()
		}
		if ctx.Err() != nil {
			return
		}
		saw(nil)
		select {
		case <-time.After(serviceAgain):
		case <-ctx.Done():
		}
	}
}

// openService connects to pcscd.
func openService(ctx context.Context) (service, error) {
	r := &Reader{lines: map[*line]struct{}{}} // of no name: it owns the line, and counts it
	l, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	return listing{r, l}, nil
}

// listing is a connection that only lists.
type listing struct {
	reader *Reader
	line   *line
}

func (s listing) readers(ctx context.Context) ([]string, error) { return do(ctx, s.line, s.line.names) }

func (s listing) wait(ctx context.Context) error {
	_, err := do(ctx, s.line, func() (struct{}, error) {
		state := []scard.ReaderState{{Reader: fmt.Sprintf("%s\x00%p", anyReader, s.line)}}
		if err := s.line.context.GetStatusChange(state, watchTurn); err != nil && err != scard.ErrTimeout {
			return struct{}{}, err
		}
		return struct{}{}, nil
	})
	return err
}

func (s listing) close() { s.reader.Close() }
