package display

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/foyer-station/foyer/backoffice/store"
)

// ErrMute says that a text cannot be spoken here.
var ErrMute = errors.New("cannot speak")

// Mute is a speaker that says nothing, where there is no voice.
type Mute struct{}

// Say is ErrMute.
func (Mute) Say(context.Context, string, string) ([]byte, error) { return nil, ErrMute }

// What one text may cost.
const (
	speakTime    = 20 * time.Second // on a busy computer; of its processor it gets three seconds. A display waits 30 s
	longestSay   = 300              // bytes of text
	mostSound    = 1 << 20          // bytes of sound: 23 s
	kept         = 48               // texts, some 200 KB each
	wordsAMinute = "135"            // words a minute: slower than espeak-ng's 175, since it echoes in a hall
)

var voiceName = regexp.MustCompile(`^[a-z]{2,3}(-[a-z0-9]{2,8})?$`)

// Voice speaks through espeak-ng, one text at a time, each in a child process with limits, and remembers the last ones.
type Voice struct {
	program string // espeak-ng
	limiter string // prlimit
	turn    chan struct{}
	said    *lru.Cache[[2]string, []byte] // by voice and text
}

// NewVoice looks for espeak-ng, and for prlimit of util-linux, which bounds what it may use. ErrMute when one is missing.
func NewVoice() (*Voice, error) {
	v := &Voice{turn: make(chan struct{}, 1)}
	var err error
	for to, name := range map[*string]string{&v.program: "espeak-ng", &v.limiter: "prlimit"} {
		if *to, err = exec.LookPath(name); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMute, err)
		}
	}
	v.said, err = lru.New[[2]string, []byte](kept)
	return v, err
}

// Say gives a text, of at most 300 bytes, in a voice of espeak-ng as a WAV file. ErrMute when there is no such voice, or it takes too
// long; ctx's error when that ends before.
func (v *Voice) Say(ctx context.Context, voice, text string) ([]byte, error) {
	if !voiceName.MatchString(voice) || len(text) > longestSay {
		return nil, fmt.Errorf("%w: voice %q, %d bytes of text", ErrMute, voice, len(text))
	}
	select {
	case v.turn <- struct{}{}:
		defer func() { <-v.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	key := [2]string{voice, text}
	if sound, ok := v.said.Get(key); ok {
		return sound, nil
	}
	sound, err := v.speak(ctx, voice, text)
	if err != nil {
		return nil, err
	}
	v.said.Add(key, sound)
	return sound, nil
}

// speak runs espeak-ng once. It writes no file, but its library for sound cards, which it does not need here, makes one in memory of
// 64 MiB when it is loaded.
func (v *Voice) speak(ctx context.Context, voice, text string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, speakTime)
	defer cancel()
	command := exec.CommandContext(ctx, v.limiter, "--cpu=3", "--as=536870912", "--fsize=67108864", "--core=0", "--nofile=32", "--",
		v.program, "-v", voice, "-s", wordsAMinute, "--stdin", "--stdout")
	command.Env = []string{"LC_ALL=C.UTF-8"}
	command.Stdin = strings.NewReader(text)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	command.WaitDelay = time.Second
	var sound bytes.Buffer
	command.Stdout = &bounded{to: &sound, left: mostSound}
	if err := command.Run(); err != nil {
		if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: espeak-ng in voice %s: %w", ErrMute, voice, err)
	}
	wave := sound.Bytes()
	if len(wave) <= waveHeader || !bytes.HasPrefix(wave, []byte("RIFF")) || !bytes.Equal(wave[8:16], []byte("WAVEfmt ")) {
		return nil, fmt.Errorf("%w: espeak-ng gave %d bytes, which are no sound", ErrMute, len(wave))
	}
	return sized(wave), nil
}

// bounded refuses to take more than so many bytes.
type bounded struct {
	to   io.Writer
	left int
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errors.New("too much sound")
	}
	return b.to.Write(p)
}

// serveSpeech says a call that stands on the display's board now: a display has nothing else said.
func (d *Displays) serveSpeech(w http.ResponseWriter, r *http.Request, which store.Display) {
	calls, err := d.calls(r.Context(), which)
	if err != nil {
		d.fail(w, err)
		return
	}
	for _, c := range calls {
		if c.Key != r.PathValue("call") {
			continue
		}
		sound, err := d.speaker.Say(r.Context(), c.voice, c.words)
		if err != nil {
			if _, silent := d.speaker.(Mute); !silent && r.Context().Err() == nil {
				d.log.Warn("a call was not spoken", "voice", c.voice, "error", err)
			}
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "audio/wav")
		w.Write(sound)
		return
	}
	http.NotFound(w, r)
}
