package interactive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/wording"
)

// What a person is asked to hear, and what is said of it.
const (
	askListen     devices.Key = "ask.listen"           // a number is about to be spoken
	askHeard      devices.Key = "ask.heard"            // which number it was
	answerNumber  devices.Key = "answer.number"        // number
	answerAgain   devices.Key = "answer.again"         // say it once more
	answerNothing devices.Key = "answer.nothing"       // nothing was heard
	spokenNumber  devices.Key = "sound.spoken"         // digits; what is said aloud
	saysNoProgram devices.Key = "sound.no_program"     // names
	saysNoPlay    devices.Key = "sound.no_playback"    // detail
	saysNotSpoken devices.Key = "sound.not_spoken"     // detail
	saysUnheard   devices.Key = "sound.not_understood" // another number was heard, or none
	seeSpeaker    devices.Key = "remedy.see_speaker"   // volume, cable
)

const (
	sentence   = "sentence"
	digits     = 3
	choices    = 4 // numbers to choose among
	speechTime = 20 * time.Second
	// speechRate is how many words a minute are spoken (espeak-ng's own is 175): a hall is not a quiet room.
	speechRate = "130"
)

// Speech is how a sentence is spoken.
type Speech struct {
	Language string             // espeak-ng's voice: "de", "en"
	Words    *wording.Catalogue // of that language
	Pick     func(n int) int    // 0 to n-1, by chance
	Now      func() time.Time   // the clock
}

// speakers are the programs that speak, and the Debian packages that have them. espeak-ng is under GPL-3: it is run, never linked.
func speakers() [][2]string { return [][2]string{{"espeak-ng", "espeak-ng"}, {"aplay", "alsa-utils"}} }

// Sound has a person hear three digits, and choose the number among four. Without the programs that speak it is not performed; without a
// loudspeaker it is not supported: a station need not have one.
func Sound(person Person, s Speech) hwtest.Subject {
	return hwtest.Subject{Kind: hwtest.KindSound, Checks: []string{sentence}, Limit: patience, Test: func(ctx context.Context, tell func(hwtest.Check)) {
		tell = told(person, tell)
		if c, missing := mute(); missing {
			tell(c)
			return
		}
		if asked(ctx, person, devices.Say(askListen), hwtest.KindSound, []string{sentence}, tell) {
			s.hear(ctx, person, tell)
		}
	}}
}

// mute is the check where a program is missing.
func mute() (hwtest.Check, bool) {
	var missing []string
	for _, program := range speakers() {
		if _, err := exec.LookPath(program[0]); err != nil {
			missing = append(missing, program[1])
		}
	}
	if missing == nil {
		return hwtest.Check{}, false
	}
	names := strings.Join(missing, " ")
	c := hwtest.Skipped(hwtest.KindSound, sentence, devices.Say(saysNoProgram).With("names", names))
	c.Remedy = devices.Say(hwtest.InstallPackages).With("names", names)
	return c, true
}

// hear speaks a number, once more as often as the person wants, and tells whether it was heard.
func (s Speech) hear(ctx context.Context, person Person, tell func(hwtest.Check)) {
	began := s.Now()
	numbers := s.numbers()
	right := s.Pick(choices)
	text := s.Words.Say(devices.Say(spokenNumber).With("digits", strings.Join(strings.Split(numbers[right], ""), ", ")))
	var answers []devices.Message
	for _, n := range numbers {
		answers = append(answers, devices.Say(answerNumber).With("number", n))
	}
	again := len(answers)
	answers = append(answers, devices.Say(answerAgain), devices.Say(answerNothing))
	chosen := again
	for chosen == again {
		if err := s.speak(ctx, text); err != nil {
			if ctx.Err() == nil {
				tell(silent(err).Took(s.Now().Sub(began)))
			}
			return
		}
		var err error
		if chosen, err = person.Choose(ctx, devices.Say(askHeard), answers); err != nil {
			declined(ctx, err, hwtest.KindSound, []string{sentence}, tell)
			return
		}
	}
	c := hwtest.Done(hwtest.KindSound, sentence)
	if chosen != right {
		c = hwtest.Faulty(hwtest.KindSound, sentence, devices.Say(saysUnheard), devices.Say(seeSpeaker))
	}
	tell(c.Took(s.Now().Sub(began)))
}

// numbers are different ones to choose among, each of three digits, zeros in front too.
func (s Speech) numbers() (all []string) {
	const most = 1000 // of three digits
	for len(all) < choices {
		n := fmt.Sprintf("%0*d", digits, s.Pick(most))
		if !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	return all
}

// errPlay says that what was spoken could not be played.
type errPlay struct{ error }

// Unwrap implements the interface of package errors.
func (e errPlay) Unwrap() error { return e.error }

// speak says a text aloud. espeak-ng makes a WAV file of it, which ALSA's own program plays.
func (s Speech) speak(ctx context.Context, text string) error {
	ctx, cancel := context.WithTimeout(ctx, speechTime)
	defer cancel()
	speak := exec.CommandContext(ctx, "espeak-ng", "-v", s.Language, "-s", speechRate, "--stdout", text)
	speak.WaitDelay = putAway
	spoken, err := speak.Output()
	if err != nil {
		return err
	}
	play := exec.CommandContext(ctx, "aplay", "-q")
	play.WaitDelay = putAway
	play.Stdin = bytes.NewReader(spoken)
	if _, err := play.Output(); err != nil {
		return errPlay{err}
	}
	return nil
}

// silent is the check where nothing could be spoken, or nothing plays it.
func silent(err error) hwtest.Check {
	detail := err.Error()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		if said := bytes.TrimSpace(failed.Stderr); len(said) > 0 { // the last line sums up what ALSA's library tells at length
			detail = string(bytes.TrimSpace(said[bytes.LastIndexByte(said, '\n')+1:]))
		}
	}
	if play, is := errors.AsType[errPlay](err); is && errors.As(play, &failed) && failed.Exited() {
		return hwtest.Unsupported(hwtest.KindSound, sentence, devices.Say(saysNoPlay).With(devices.Detail, detail))
	}
	return hwtest.Faulty(hwtest.KindSound, sentence, devices.Say(saysNotSpoken).With(devices.Detail, detail), devices.Say(seeSpeaker))
}
