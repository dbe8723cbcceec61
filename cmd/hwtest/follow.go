package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/interactive"
	"github.com/foyer-station/foyer/hwtest/wording"
)

// follower is who follows a test: whoever reads the report ([audience]), or a program ([teller]).
type follower interface {
	// borrowing is told how far a loan of the kiosk's devices is.
	borrowing(said devices.Key)
	// begun is told of each subject as it begins, told of each of its checks as soon as that is known, and done once it is finished; the
	// first two by many goroutines at a time.
	begun(devices.Kind)
	told(hwtest.Check)
	done(devices.Kind)
	// person is whom level interactive asks. The caller closes it.
	person() (person, error)
}

// person is whom level interactive asks.
type person interface {
	interactive.Person
	about(devices.Kind) // what the next question is about
	absent() bool       // nobody has answered anything, and nobody will
	gone() bool         // nobody will answer any more
	close()
}

// followed are subjects that tell f of themselves.
func followed(all []hwtest.Subject, f follower) []hwtest.Subject {
	for i, s := range all {
		all[i].Test = func(ctx context.Context, tell func(hwtest.Check)) {
			f.begun(s.Kind)
			s.Test(ctx, func(c hwtest.Check) {
				f.told(c)
				tell(c)
			})
		}
	}
	return all
}

// audience is whoever reads the report. What is told before goes to standard error, so that the report stands alone.
type audience struct {
	words   *wording.Catalogue
	stderr  io.Writer
	watched *watched
	answers string // the file that answers; empty for the terminal
}

var _ follower = (*audience)(nil)

func (a *audience) borrowing(said devices.Key) {
	fmt.Fprintln(a.stderr, a.words.Say(devices.Say(said)))
}
func (a *audience) begun(devices.Kind) {}
func (a *audience) told(hwtest.Check)  {}

func (a *audience) done(kind devices.Kind) { a.watched.done(kind) }

func (a *audience) person() (person, error) {
	answers := os.Stdin
	if a.answers != "" {
		file, err := os.Open(a.answers)
		if err != nil {
			return nil, command.CannotRun(err, "hwtest --answers, with a file that can be read")
		}
		answers = file
	}
	return &terminal{lines: lines{in: answers}, out: a.stderr, words: a.words}, nil
}
