// Package bench lets a technician test the station's devices at its own screen.
//
// What tests is hwtest, the program, as a child of the kiosk: whatever hangs in a driver hangs there, and ends with it. It borrows the
// devices over the technician's socket as it does from a terminal, and the station has them back as soon as the child is gone, however it
// goes. The two talk as package selftest says; nothing that the child tells is trusted.
//
// A [Bench] owns the child. [Bench.Do] tells it what the technician wants, and it shows a [View] whenever that has changed.
package bench

import (
	"context"
	"log/slog"
	"time"

	"github.com/foyer-station/foyer/proto/selftest"
)

// The levels of tests, as hwtest calls them.
const (
	Internal    = "internal"
	External    = "external"
	Interactive = "interactive"
)

// Command is what the technician wants.
type Command interface{ command() }

// The commands. What makes no sense in the phase that is shown is passed over.
type (
	// Enter begins: the technician has come in. It tests what can be tested without touching anything.
	Enter struct{}
	// Quit ends it: a test that runs is stopped, and nothing is kept.
	Quit struct{}
	// Test tests at a level: one device, or all where Device is empty. Language is what hwtest speaks aloud.
	Test struct{ Level, Device, Language string }
	// Answer answers the question To.
	Answer struct {
		To     int
		Reply  selftest.Reply // GoOn, Skip, Choose
		Choice string
	}
	// Stop stops the test that runs.
	Stop struct{}
)

func (Enter) command()  {}
func (Quit) command()   {}
func (Test) command()   {}
func (Answer) command() {}
func (Stop) command()   {}

// Options are what a Bench needs.
type Options struct {
	Program string        // hwtest
	Args    []string      // that it gets before all others: the configuration
	Show    func(View)    // is told what is to be shown, by one goroutine; it returns soon
	Log     *slog.Logger  // of what the child says besides
	Silence time.Duration // how long the child may say nothing until it is taken for hung; 0: 20 s, four times what it promises
	Grace   time.Duration // how long one that was told to stop may take; 0: 8 s, for it puts away what it has begun in five
	// Patience is how long the technician is waited for where the child asks something, until the test is stopped: whoever goes away in
	// the middle of it leaves no station that serves nobody. 0: ten minutes.
	Patience time.Duration
}

// Bench tests.
type Bench struct {
	options  Options
	commands chan Command

	// Owned by Run.
	inside bool
	anew   bool // the technician came in while the test of one before was ending
	tale   tale
	child  *child // nil while none runs
	silent *time.Timer
	late   *time.Timer // runs once the child was told to stop
	absent *time.Timer // runs since the technician's last command
}

// waiting is how many commands may wait: a hand is not that quick.
const waiting = 64

// New makes a Bench; nothing happens before Run.
func New(o Options) *Bench {
	if o.Silence == 0 {
		o.Silence = 20 * time.Second
	}
	if o.Grace == 0 {
		o.Grace = 8 * time.Second
	}
	if o.Patience == 0 {
		o.Patience = 10 * time.Minute
	}
	return &Bench{options: o, commands: make(chan Command, waiting), silent: stopped(), late: stopped(), absent: stopped()}
}

func stopped() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// Do tells the bench what the technician wants, from any goroutine. It never blocks; what comes faster than any hand is dropped, but for
// Quit.
func (b *Bench) Do(c Command) {
	for {
		select {
		case b.commands <- c:
			return
		default:
		}
		if _, quits := c.(Quit); !quits {
			return
		}
		select {
		case <-b.commands:
		default:
		}
	}
}

// Run tests what is asked for until ctx ends; then it ends a test that runs, and returns ctx's error once nothing of it is left.
func (b *Bench) Run(ctx context.Context) error {
	defer b.silent.Stop()
	defer b.late.Stop()
	defer b.absent.Stop()
	for {
		var told chan selftest.Event
		if b.child != nil {
			told = b.child.told
		}
		select {
		case <-ctx.Done():
			b.inside, b.anew = false, false
			b.putAway()
			return ctx.Err()
		case c := <-b.commands:
			b.absent.Reset(b.options.Patience)
			b.do(c)
		case e, open := <-told:
			b.hear(e, open)
		case <-b.silent.C:
			b.end(Hung)
		case <-b.late.C:
			b.end(Unstopped)
		case <-b.absent.C:
			b.miss()
		}
	}
}

// miss stops a test that asks a technician who is not there. One that works is left to it: it asks in a while, or ends.
func (b *Bench) miss() {
	if b.tale.Phase == Asking {
		b.stop()
		return
	}
	if b.child != nil {
		b.absent.Reset(b.options.Patience)
	}
}

// do carries a command out.
func (b *Bench) do(c Command) {
	switch c := c.(type) {
	case Enter:
		b.inside, b.anew = true, b.child != nil
		b.test(Test{Level: Internal})
	case Quit:
		b.inside, b.anew = false, false
		if b.child == nil {
			b.tale = tale{}
			return
		}
		b.stop()
	case Test:
		b.test(c)
	case Answer:
		b.answer(c)
	case Stop:
		b.stop()
	}
}

// test starts a test, unless one runs.
func (b *Bench) test(t Test) {
	if !b.inside || b.child != nil {
		return
	}
	args := append(b.options.Args[:len(b.options.Args):len(b.options.Args)], "--format", "events", "--level", t.Level)
	if t.Device != "" {
		args = append(args, "--device", t.Device)
	}
	if t.Language != "" {
		args = append(args, "--language", t.Language)
	}
	b.tale = tale{View: View{Phase: Running, Level: t.Level}}
	var err error
	if b.child, err = start(b.options.Log, b.options.Program, args...); err != nil {
		b.options.Log.Error("the self-test cannot be started", "err", err)
		b.child = nil
		b.close(Missing)
		return
	}
	b.silent.Reset(slowStart * b.options.Silence)
	b.show()
}

// slowStart is how many times as long a child may be silent before it has said anything: it loads large libraries, perhaps from a cold
// disk.
const slowStart = 3

// hear takes in what the child tells; where it is not open, nothing more comes.
func (b *Bench) hear(e selftest.Event, open bool) {
	b.silent.Reset(b.options.Silence)
	if !open {
		fault := Died
		if b.child.nonsense {
			fault = Nonsense
		}
		b.end(fault)
		return
	}
	stopping := b.tale.Phase == Ending
	ended, fits := b.tale.hear(e)
	switch {
	case !fits:
		b.end(Nonsense)
		return
	case ended:
		b.end(NoFault)
		return
	}
	if stopping { // what it asks nobody answers any more
		b.tale.Phase, b.tale.Question = Ending, nil
	}
	b.show()
}

func (b *Bench) answer(a Answer) {
	if b.tale.Phase != Asking || b.tale.Question.ID != a.To {
		return
	}
	b.tale.answered(a.Reply == selftest.GoOn)
	if b.child.say(selftest.Answer{Answer: a.Reply, To: a.To, Choice: a.Choice}) != nil {
		b.end(Hung)
		return
	}
	b.show()
}

// stop tells the child to stop, and waits no longer than it may take.
func (b *Bench) stop() {
	if b.child == nil || b.tale.Phase == Ending {
		return
	}
	b.tale.Phase, b.tale.Question, b.tale.Doing = Ending, nil, nil
	if b.child.say(selftest.Answer{Answer: selftest.Stop}) != nil {
		b.end(Unstopped)
		return
	}
	b.late.Reset(b.options.Grace)
	b.show()
}

// putAway has the child leave its devices as it found them, and ends it.
func (b *Bench) putAway() {
	if b.child == nil {
		return
	}
	end := time.After(b.options.Grace)
	for open := b.child.say(selftest.Answer{Answer: selftest.Stop}) == nil; open; {
		select {
		case _, open = <-b.child.told:
		case <-end:
			open = false
		}
	}
	b.end(NoFault)
}

// end ends the child, and says why and what has come of it.
func (b *Bench) end(fault Fault) {
	if b.child == nil {
		return
	}
	b.silent.Stop()
	b.late.Stop()
	b.child.wait()
	b.child = nil
	if fault != NoFault {
		b.options.Log.Warn("the self-test gave no whole result", "fault", string(fault))
	}
	b.close(fault)
}

// close shows what has come of a test. Of one whose technician has gone nothing is kept.
func (b *Bench) close(fault Fault) {
	b.tale.close(fault)
	switch {
	case !b.inside:
		b.tale = tale{}
	case b.anew:
		b.anew = false
		b.test(Test{Level: Internal})
	default:
		b.show()
	}
}

func (b *Bench) show() { b.options.Show(b.tale.View) }
