package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/interactive"
	"github.com/foyer-station/foyer/hwtest/wording"
	"github.com/foyer-station/foyer/proto/selftest"
)

// What a program is told of a test that could not run, or not to its end.
const (
	saysCannotRun devices.Key = "test.cannot_run"   // detail
	saysOther     devices.Key = "borrow.other"      // another test has the devices
	saysTakenBack devices.Key = "borrow.taken_back" // the loan was over
	saysSilent    devices.Key = "borrow.silent"     // the kiosk asked in vain whether this test still runs
	saysEnded     devices.Key = "borrow.ended"      // the kiosk has
	saysStopped   devices.Key = "test.interrupted"
	endOther      devices.Key = "remedy.end_other_test"
	testFewer     devices.Key = "remedy.test_fewer"
	testAgain     devices.Key = "remedy.test_again" // and do not stop it
	seeWhyItEnded devices.Key = "remedy.see_log"
)

const (
	aliveEvery     = 5 * time.Second
	answersWaiting = 64
)

// How a program ends a test.
var (
	errStopped  = errors.New("stopped")
	errNonsense = errors.New("an answer that is none")
)

// tell tests for a program, which reads events and writes answers (package selftest).
func (c *cli) tell(ctx context.Context, in *os.File, out, stderr io.Writer) error {
	t, err := newTeller(out, c.now())
	if err != nil {
		return err
	}
	t.levels = c.levels()
	testing, stop := context.WithCancelCause(ctx)
	t.testing = testing
	var beside sync.WaitGroup
	beside.Go(func() { stop(t.listen(testing, in)) })
	beside.Go(func() { t.live(testing) })
	t.say(selftest.Event{Event: selftest.Begins, Version: selftest.Version, Level: c.Level})
	report, err := c.test(testing, t)
	if err == nil {
		c.remember(ctx, &report, stderr)
	}
	interrupted := testing.Err() != nil
	stop(nil)
	beside.Wait()
	t.report(report, err, interrupted)
	switch {
	case t.unheard != nil:
		return command.CannotRun(t.unheard, "check what runs hwtest: it has to read the events, a line each")
	case errors.Is(context.Cause(testing), errNonsense):
		return command.WrongCall(errNonsense, "an answer is a line, as docs/operations.md describes it")
	case err != nil:
		return err
	case !report.Healthy():
		return command.ErrNotGood
	}
	return nil
}

// levels are those beyond the internal one, by what they test here.
func (c *cli) levels() map[devices.Kind][]string {
	settings, err := c.settings()
	if err != nil { // the test will say so
		return nil
	}
	all := map[devices.Kind][]string{}
	for _, s := range acting(settings.Devices, c.now) {
		all[s.Kind] = append(all[s.Kind], string(hwtest.External))
	}
	for _, s := range asking(settings.Devices, nil, c, nil, nil) {
		all[s.Kind] = append(all[s.Kind], string(hwtest.Interactive))
	}
	return all
}

// teller tells a program. Its methods may be called by any goroutine.
type teller struct {
	words   map[string]*wording.Catalogue // by language
	at      time.Time                     // of the report
	answers chan selftest.Answer
	testing context.Context           // ends when the test is to
	levels  map[devices.Kind][]string // beyond the internal one, that test a device

	mu      sync.Mutex
	out     io.Writer
	unheard error           // why nobody reads any more
	kind    devices.Kind    // that the next question is about
	asked   int             // questions so far
	whole   map[string]bool // the checks that were told before the test was interrupted; what comes after that is its doing
}

var (
	_ follower = (*teller)(nil)
	_ person   = (*teller)(nil)
)

// newTeller words everything in every language that there is.
func newTeller(out io.Writer, at time.Time) (*teller, error) {
	t := &teller{words: map[string]*wording.Catalogue{}, whole: map[string]bool{}, at: at, out: out, answers: make(chan selftest.Answer, answersWaiting)}
	for _, tag := range wording.Languages() {
		words, err := wording.Load(tag)
		if err != nil {
			return nil, err
		}
		t.words[tag] = words
	}
	return t, nil
}

// say tells an event. What is longer than a line may be is left out.
func (t *teller) say(e selftest.Event) {
	line, fits := selftest.Line(e)
	t.mu.Lock()
	defer t.mu.Unlock()
	if !fits || t.unheard != nil {
		return
	}
	if _, err := t.out.Write(line); err != nil {
		t.unheard = fmt.Errorf("tell an event: %w", err)
	}
}

// live tells every now and then that it is alive.
func (t *teller) live(ctx context.Context) {
	again := time.NewTicker(aliveEvery)
	defer again.Stop()
	for {
		select {
		case <-again.C:
			t.say(selftest.Event{Event: selftest.Alive})
		case <-ctx.Done():
			return
		}
	}
}

// listen takes answers, and returns why the test is to end: it was stopped, or nobody is there any more.
func (t *teller) listen(ctx context.Context, in *os.File) error {
	from := lines{in: in}
	for {
		line, err := from.next(ctx)
		if err != nil {
			return errStopped
		}
		a, err := selftest.ParseAnswer([]byte(line))
		switch {
		case err != nil:
			return errNonsense
		case a.Answer == selftest.Stop:
			return errStopped
		}
		select {
		case t.answers <- a:
		default: // whoever answers more than was asked
			return errNonsense
		}
	}
}

func (t *teller) borrowing(said devices.Key) {
	if said == saysBorrowed {
		t.say(selftest.Event{Event: selftest.Borrowed})
		return
	}
	t.say(selftest.Event{Event: selftest.Waits, Reason: t.message(devices.Say(said))})
}

func (t *teller) begun(kind devices.Kind) {
	t.say(selftest.Event{Event: selftest.Testing, Device: string(kind), Name: t.name(kind)})
}

func (t *teller) told(c hwtest.Check) {
	if t.testing.Err() != nil {
		return
	}
	t.mu.Lock()
	t.whole[c.ID] = true
	t.mu.Unlock()
	t.say(selftest.Event{Event: selftest.Checked, Check: t.check(c)})
}

func (t *teller) done(kind devices.Kind) {
	t.say(selftest.Event{Event: selftest.Tested, Device: string(kind)})
}

func (t *teller) person() (person, error) { return t, nil }
func (t *teller) absent() bool            { return false }
func (t *teller) gone() bool              { return false } // that ends the test
func (t *teller) close()                  {}

// Tell implements [interactive.Person]: the check was told as it ended.
func (t *teller) Tell(hwtest.Check) {}

func (t *teller) about(kind devices.Kind) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kind = kind
}

func (t *teller) name(k devices.Kind) selftest.Text {
	return t.text(func(words *wording.Catalogue) string { return hwtest.NameOf(k, words) })
}

// Ask implements [interactive.Person].
func (t *teller) Ask(ctx context.Context, do devices.Message) error {
	_, err := t.ask(ctx, do, nil)
	return err
}

// Choose implements [interactive.Person]. The answers are called "1", "2" and so on.
func (t *teller) Choose(ctx context.Context, question devices.Message, answers []devices.Message) (int, error) {
	var choices []selftest.Choice
	for i, a := range answers {
		text := t.text(func(words *wording.Catalogue) string { return words.Say(a) })
		choices = append(choices, selftest.Choice{ID: strconv.Itoa(i + 1), Text: text})
	}
	for {
		chosen, err := t.ask(ctx, question, choices)
		if err != nil {
			return 0, err
		}
		if i := slices.IndexFunc(choices, func(c selftest.Choice) bool { return c.ID == chosen }); i >= 0 {
			return i, nil
		}
	}
}

// ask asks, and waits for the answer to that question.
func (t *teller) ask(ctx context.Context, do devices.Message, choices []selftest.Choice) (string, error) {
	t.mu.Lock()
	t.asked++
	id, kind := t.asked, t.kind
	t.mu.Unlock()
	t.say(selftest.Event{Event: selftest.Asks, ID: id, Device: string(kind), Name: t.name(kind), Do: t.message(do), Choices: choices})
	for {
		select {
		case a := <-t.answers:
			switch {
			case a.To != id:
			case a.Answer == selftest.Skip:
				return "", interactive.ErrSkipped
			case a.Answer == selftest.GoOn && choices == nil, a.Answer == selftest.Choose && choices != nil:
				return a.Choice, nil
			}
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// report tells the report, as far as there is one, and how it ended.
func (t *teller) report(r hwtest.Report, err error, interrupted bool) {
	if interrupted {
		t.mu.Lock()
		r.Checks = slices.DeleteFunc(r.Checks, func(c hwtest.Check) bool { return !t.whole[c.ID] })
		t.mu.Unlock()
	}
	totals := selftest.Totals{Checks: len(r.Checks), Healthy: r.Healthy()}
	for _, c := range r.Checks {
		found := t.check(c)
		found.Levels = t.levels[c.Device]
		t.say(selftest.Event{Event: selftest.Found, Check: found})
		switch c.Standing() {
		case hwtest.StandsIll:
			totals.Ill++
		case hwtest.StandsSoon:
			totals.Soon++
		case hwtest.StandsWell:
			totals.Well++
		default:
			totals.Left++
		}
	}
	if err == nil {
		t.say(selftest.Event{Event: selftest.Ends, Totals: &totals})
		return
	}
	reason, remedy := broken(err, interrupted)
	t.say(selftest.Event{Event: selftest.Fails, Reason: t.message(reason), Remedy: t.message(remedy), Totals: &totals})
}

// broken is why a test could not run, or not to its end, and what to do.
func broken(err error, interrupted bool) (reason, remedy devices.Message) {
	switch {
	case errors.Is(err, errOther):
		return devices.Say(saysOther), devices.Say(endOther)
	case errors.Is(err, errTakenBack):
		return devices.Say(saysTakenBack), devices.Say(testFewer)
	case errors.Is(err, errSilent):
		return devices.Say(saysSilent), devices.Say(testAgain)
	case errors.Is(err, errEnded):
		return devices.Say(saysEnded), devices.Say(seeWhyItEnded)
	case errors.Is(err, errHangs):
		return devices.Say(saysHangs), devices.Say(restartKiosk)
	case interrupted:
		return devices.Say(saysStopped), devices.Message{}
	}
	return devices.Say(saysCannotRun).With(devices.Detail, err.Error()), devices.Message{}
}
