package interactive_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/interactive"
	"github.com/foyer-station/foyer/hwtest/wording"
)

// loudspeaker has ALSA play into a file, whose path it gives: the programs and the library are the real ones.
func loudspeaker(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	played, config := filepath.Join(dir, "played"), filepath.Join(dir, "asoundrc")
	text := `pcm.!default { type file file "` + played + `" format raw slave.pcm "null" }`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ALSA_CONFIG_PATH", "/usr/share/alsa/alsa.conf:"+config)
	return played
}

// scripted puts these in place of the programs that speak, and nothing else.
func scripted(t *testing.T, programs map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

// speech picks the numbers 012, 345, 678 and 901, and then the third, in a language.
func speech(t *testing.T, language string) interactive.Speech {
	t.Helper()
	words, err := wording.Load(language)
	if err != nil {
		t.Fatal(err)
	}
	picks := []int{12, 345, 345, 678, 901, 2}
	return interactive.Speech{Language: language, Words: words, Now: time.Now, Pick: func(int) int {
		n := picks[0]
		picks = picks[1:]
		return n
	}}
}

// listener is a person who chooses the number, or what says so, that comes first among the answers.
func listener(t *testing.T, choices ...string) *tester {
	person := newTester(t, func(context.Context, devices.Message) error { return nil })
	person.choose = func(answers []devices.Message) (int, error) {
		want := choices[0]
		choices = choices[1:]
		for i, a := range answers {
			if a.Is(devices.Key(want)) || len(a.Params) > 0 && a.Params[0].Value == want {
				return i, nil
			}
		}
		return 0, errors.New("nothing to choose")
	}
	return person
}

func TestANumberIsSpokenInTheLanguageAskedForAndHeard(t *testing.T) {
	spoken := map[string][]byte{}
	for _, language := range wording.Languages() {
		played := loudspeaker(t)
		person := listener(t, "678")
		want(t, run(t, interactive.Sound(person, speech(t, language))), hwtest.Passed, "sentence")
		sound, err := os.ReadFile(played)
		if err != nil || len(sound) < 22050*2 { // a second, 22,050 samples of two bytes
			t.Fatalf("%d bytes were played, %v", len(sound), err)
		}
		spoken[language] = sound
		if len(person.heard) != 1 || len(person.answers) != 6 {
			t.Errorf("told %v, answers %v", person.heard, person.answers)
		}
	}
	if string(spoken["de"]) == string(spoken["en"]) {
		t.Error("both languages sound alike")
	}
}

func TestWhoHearsAnotherNumberOrNoneIsToldToSeeToTheLoudspeaker(t *testing.T) {
	for _, choice := range []string{"012", "answer.nothing"} {
		loudspeaker(t)
		checks := run(t, interactive.Sound(listener(t, choice), speech(t, "en")))
		want(t, checks, hwtest.Failed, "sentence")
		if c := checks["sentence"]; !c.Reason.Is("sound.not_understood") || !c.Remedy.Is("remedy.see_speaker") {
			t.Errorf("%+v", c)
		}
	}
}

func TestTheNumberIsSpokenOnceMoreForWhoeverWantsThat(t *testing.T) {
	dir := t.TempDir()
	scripted(t, map[string]string{"espeak-ng": `echo "$6"`, "aplay": "while read -r l; do echo \"$l\" >>" + dir + "/said; done"})
	want(t, run(t, interactive.Sound(listener(t, "answer.again", "answer.again", "678"), speech(t, "en"))), hwtest.Passed, "sentence")
	said, err := os.ReadFile(filepath.Join(dir, "said"))
	if lines := strings.Split(strings.TrimSpace(string(said)), "\n"); err != nil || len(lines) != 3 || lines[0] != "The number is: 6, 7, 8." || lines[2] != lines[0] {
		t.Errorf("%q, %v", said, err)
	}
}

func TestWhereNothingSpeaksTheCheckIsNotPerformedAndSaysWhatToInstall(t *testing.T) {
	for names, programs := range map[string]map[string]string{
		"espeak-ng": {"aplay": "exit 0"}, "alsa-utils": {"espeak-ng": "exit 0"}, "espeak-ng alsa-utils": nil,
	} {
		scripted(t, programs)
		person := listener(t)
		checks := run(t, interactive.Sound(person, speech(t, "en")))
		want(t, checks, hwtest.NotPerformed, "sentence")
		if c := checks["sentence"]; !c.Reason.Is("sound.no_program") || c.Remedy.String() != "remedy.install; names: "+names {
			t.Errorf("%s: %v, %v", names, c.Reason, c.Remedy)
		}
		if len(person.asked) > 0 {
			t.Error("a person was asked to hear nothing")
		}
	}
}

func TestAStationWithoutALoudspeakerIsNotIllAndOneThatCannotSpeakIs(t *testing.T) {
	scripted(t, map[string]string{"espeak-ng": "exit 0", "aplay": "echo 'ALSA lib: much' >&2; echo 'aplay: audio open error: No such file or directory' >&2; exit 1"})
	checks := run(t, interactive.Sound(listener(t), speech(t, "en")))
	want(t, checks, hwtest.NotSupported, "sentence")
	if reason := checks["sentence"].Reason.String(); !strings.Contains(reason, "detail: aplay: audio open error") {
		t.Error(reason)
	}
	scripted(t, map[string]string{"espeak-ng": "echo 'no voice' >&2; exit 1", "aplay": "exit 0"})
	checks = run(t, interactive.Sound(listener(t), speech(t, "en")))
	want(t, checks, hwtest.Failed, "sentence")
	if c := checks["sentence"]; !c.Reason.Is("sound.not_spoken") || c.Remedy.IsZero() {
		t.Errorf("%+v", c)
	}
}

func TestWhoDoesNotWantToHearIsNobodysFault(t *testing.T) {
	scripted(t, map[string]string{"espeak-ng": "exit 0", "aplay": "exit 0"})
	for answer, why := range map[error]devices.Key{interactive.ErrSkipped: "test.skipped", interactive.ErrLeft: "test.left"} {
		before, after := listener(t), listener(t)
		before.answer = answer
		after.choose = func([]devices.Message) (int, error) { return 0, answer }
		for _, person := range []*tester{before, after} {
			checks := run(t, interactive.Sound(person, speech(t, "en")))
			want(t, checks, hwtest.NotPerformed, "sentence")
			if !checks["sentence"].Reason.Is(why) {
				t.Errorf("%v", checks["sentence"].Reason)
			}
		}
	}
}

func TestAnInterruptEndsWhatIsBeingSpoken(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dir := t.TempDir()
	scripted(t, map[string]string{"espeak-ng": "exit 0", "aplay": "echo >" + dir + "/plays; exec /bin/sleep 60"})
	person := newTester(t, func(ctx context.Context, _ devices.Message) error {
		for ctx.Err() == nil {
			if _, err := os.Stat(filepath.Join(dir, "plays")); err == nil {
				cancel()
				return nil
			}
			time.Sleep(time.Millisecond)
		}
		return ctx.Err()
	})
	checks := hwtest.Run(ctx, []hwtest.Subject{interactive.Sound(person, speech(t, "en"))}, time.Minute, nil)
	if c := checks[0]; c.Result != hwtest.Aborted || len(person.heard) != 0 {
		t.Errorf("%+v, told %v", c, person.heard)
	}
}
