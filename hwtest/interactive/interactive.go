// Package interactive asks a person to use each device, and measures what comes of it. It is UnifiedPOS's level interactive
// (CheckHealth). Each function gives the subject of one device, for [hwtest.Run], one after the other: a person does one thing at a
// time.
//
// The person is asked by a [Person]: a terminal, or the kiosk's own screen. Nothing that a person writes, shows or says is kept, but for
// marks along the edges of a pad. What is skipped is not performed, and nobody's fault.
package interactive

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
)

// Person is whom the test asks.
type Person interface {
	// Ask says what to do, and waits until the person is about to do it, or does not want to ([ErrSkipped]). When nobody is there any
	// more the error is [ErrLeft], this time and every time after; otherwise it is ctx's. For how long the device then waits is a parameter of
	// what to do: [Seconds].
	Ask(ctx context.Context, do devices.Message) error
	// Choose asks something that has several answers, and waits until the person has chosen one: its index. The errors are Ask's.
	Choose(ctx context.Context, question devices.Message, answers []devices.Message) (int, error)
	// Tell says how a check ended.
	Tell(c hwtest.Check)
}

// What a person answers but for doing it.
var (
	ErrSkipped = errors.New("skipped")
	ErrLeft    = errors.New("nobody answers any more")
)

const (
	saysSkipped devices.Key = "test.skipped" // the person did not want to
	saysLeft    devices.Key = "test.left"    // nobody answers any more
)

// Seconds is the parameter that has how long a device waits at most for what a person is asked to do, in whole seconds.
const Seconds = "seconds"

// within is what to do, and how long the device waits for it.
func within(do devices.Message, longest time.Duration) devices.Message {
	return do.With(Seconds, strconv.Itoa(int(longest.Seconds())))
}

// Left are the checks of a subject that nobody is there for any more.
func Left(s hwtest.Subject) (all []hwtest.Check) {
	for _, name := range s.Checks {
		all = append(all, hwtest.Skipped(s.Kind, name, devices.Say(saysLeft)))
	}
	return all
}

// patience is how long a device may take with a person.
const patience = 10 * time.Minute

// putAway bounds what is done after a test whose context has ended.
const putAway = 3 * time.Second

// told tells a check to the person too.
func told(p Person, tell func(hwtest.Check)) func(hwtest.Check) {
	return func(c hwtest.Check) {
		p.Tell(c)
		tell(c)
	}
}

// asked asks, and tells whether the person does it. If not, the checks are not performed; one that is interrupted is told by nobody.
func asked(ctx context.Context, p Person, do devices.Message, kind devices.Kind, checks []string, tell func(hwtest.Check)) bool {
	err := p.Ask(ctx, do)
	if err != nil {
		declined(ctx, err, kind, checks, tell)
	}
	return err == nil
}

// declined tells the checks that a person did not want to make, or was not there for. One that is interrupted is told by nobody.
func declined(ctx context.Context, err error, kind devices.Kind, checks []string, tell func(hwtest.Check)) {
	if ctx.Err() != nil {
		return
	}
	why := devices.Say(saysLeft)
	if errors.Is(err, ErrSkipped) {
		why = devices.Say(saysSkipped)
	}
	for _, name := range checks {
		tell(hwtest.Skipped(kind, name, why))
	}
}
