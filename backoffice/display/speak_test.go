package display_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/display"
)

func voice(t *testing.T) *display.Voice {
	t.Helper()
	v, err := display.NewVoice()
	if err != nil {
		t.Skipf("NOT SPOKEN: %v (Debian package espeak-ng)", err)
	}
	return v
}

// seconds is how long a WAV file says that it sounds.
func seconds(t *testing.T, wave []byte) float64 {
	t.Helper()
	if len(wave) < 44 || !bytes.HasPrefix(wave, []byte("RIFF")) || int(binary.LittleEndian.Uint32(wave[4:])) != len(wave)-8 ||
		int(binary.LittleEndian.Uint32(wave[40:])) != len(wave)-44 {
		t.Fatalf("%d bytes are no whole WAV file", len(wave))
	}
	return float64(len(wave)-44) / float64(binary.LittleEndian.Uint32(wave[28:]))
}

func TestACallIsSpokenInEveryLanguageThatThereAreWordsFor(t *testing.T) {
	v := voice(t)
	for voice, text := range map[string]string{
		"de": "Nummer A 127, bitte in Zimmer 204.", "en-gb": "Number A 127, please go to room 204.", "ar": "الرقم A 127، يُرجى التوجه إلى الغرفة 204.",
		"uk": "Номер A 127, будь ласка, пройдіть до кабінету 204.", "tr": "A 127 numara, lütfen 204 numaralı odaya gidiniz.",
		"fa": "شماره A 127، لطفاً به اتاق 204 بروید.", "ru": "Номер A 127, пройдите, пожалуйста, в кабинет 204.", "fr-fr": "Numéro A 127, veuillez vous rendre en salle 204.",
	} {
		sound, err := v.Say(t.Context(), voice, text)
		if err != nil {
			t.Errorf("%s: %v", voice, err)
			continue
		}
		if s := seconds(t, sound); s < 2 || s > 15 {
			t.Errorf("%s: it takes %.1f s", voice, s)
		}
		again, err := v.Say(t.Context(), voice, text)
		if err != nil || &again[0] != &sound[0] {
			t.Errorf("%s: it is spoken anew: %v", voice, err)
		}
	}
}

func TestNobodyIsSpokenToForeverOrByAStrangersOptions(t *testing.T) {
	v := voice(t)
	for voice, text := range map[string]string{"--help": "x", "de -w/tmp/x": "x", "../de": "x", "": "x", "xx": "x", "de": strings.Repeat("x", 301)} {
		if _, err := v.Say(t.Context(), voice, text); !errors.Is(err, display.ErrMute) {
			t.Errorf("voice %q with %d bytes: %v", voice, len(text), err)
		}
	}
	if sound, err := v.Say(t.Context(), "de", "-w /tmp/x --help <audio src='/etc/passwd'/>"); err != nil || seconds(t, sound) < 1 {
		t.Errorf("options in a text are text: %v", err)
	}
}

// A synthesiser that hangs, or does not stop talking, is ended.
func TestAChildThatMisbehavesIsEnded(t *testing.T) {
	for name, script := range map[string]string{
		"talks on":  "exec cat /dev/zero",
		"says none": "exit 0",
		"fails":     "exit 1",
		"lies":      "echo this is no sound at all, and more than forty-four bytes of it",
	} {
		t.Run(name, func(t *testing.T) {
			v := voiceOf(t, script)
			if _, err := v.Say(t.Context(), "de", "x"); !errors.Is(err, display.ErrMute) {
				t.Errorf("it said %v", err)
			}
		})
	}
	t.Run("hangs", func(t *testing.T) {
		v := voiceOf(t, "exec sleep 60")
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		if _, err := v.Say(ctx, "de", "x"); err == nil || time.Since(began) > 20*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

// voiceOf is a voice whose espeak-ng is a script.
func voiceOf(t *testing.T, script string) *display.Voice {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "espeak-ng"), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return voice(t)
}
