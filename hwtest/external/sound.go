package external

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os/exec"
	"strconv"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
)

const (
	saysNoSound      devices.Key = "sound.none"       // no sound card, or nothing to use it with
	saysNoMicrophone devices.Key = "sound.no_capture" // detail
	saysUnheard      devices.Key = "sound.unheard"    // value, min
	seeSound         devices.Key = "remedy.see_sound" // volume, cables
)

// Of the tone: between those of mains hum and of speech, and what a small loudspeaker can do.
const (
	toneHertz  = 1000
	sampleRate = 16000
	toneTime   = time.Second
	hearTime   = 2 * time.Second
	// leastTone is how much of what the microphone hears while the tone sounds is the tone, in percent of its power. Noise of a hall has
	// less than one in a band so narrow.
	leastTone = 10
	soundTime = 20 * time.Second
)

// Sound plays a tone, and listens whether the microphone hears it, with ALSA's own programs. Where these or a microphone are missing it
// is not supported: a station need not have one. What was heard is forgotten as soon as it is measured.
func Sound() hwtest.Subject {
	return hwtest.Subject{Kind: hwtest.KindSound, Checks: []string{"loopback"}, Limit: soundTime, Test: func(ctx context.Context, tell func(hwtest.Check)) {
		began := time.Now()
		heard, err := loopback(ctx)
		if ctx.Err() != nil {
			return
		}
		tell(judgeSound(heard, err).Took(time.Since(began)))
		clear(heard)
	}}
}

func judgeSound(heard []byte, err error) hwtest.Check {
	var failed *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return hwtest.Unsupported(hwtest.KindSound, "loopback", devices.Say(saysNoSound))
	case errors.As(err, &failed):
		detail, _, _ := bytes.Cut(bytes.TrimSpace(failed.Stderr), []byte("\n"))
		return hwtest.Unsupported(hwtest.KindSound, "loopback", devices.Say(saysNoMicrophone).With(devices.Detail, string(detail)))
	case err != nil:
		return hwtest.Failing(hwtest.KindSound, "loopback", err)
	}
	m := hwtest.AtLeast(100*toneIn(heard), hwtest.Percent, leastTone)
	return hwtest.Judged(hwtest.KindSound, "loopback", m, saysUnheard, seeSound)
}

// loopback records while a tone sounds: samples of 16 bits, little-endian, one channel.
func loopback(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, soundTime/2)
	defer cancel()
	format := []string{"-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", strconv.Itoa(sampleRate)}
	record := exec.CommandContext(ctx, "arecord", append(format, "-d", strconv.Itoa(int(hearTime.Seconds())))...)
	play := exec.CommandContext(ctx, "aplay", format...)
	play.Stdin = bytes.NewReader(tone())
	if record.Err != nil || play.Err != nil {
		return nil, errors.Join(record.Err, play.Err)
	}
	played := make(chan error, 1)
	go func() { _, err := play.Output(); played <- err }()
	heard, err := record.Output()
	return heard, errors.Join(err, <-played)
}

// tone is a sine at half of full scale.
func tone() []byte {
	var samples []byte
	for i := range int(sampleRate * toneTime.Seconds()) {
		v := math.MaxInt16 / 2 * math.Sin(2*math.Pi*toneHertz*float64(i)/sampleRate)
		samples = binary.LittleEndian.AppendUint16(samples, uint16(int16(v)))
	}
	return samples
}

// toneIn is how much of the power of the loudest tenth of a second is the tone's (Goertzel's algorithm), 0 to 1.
func toneIn(heard []byte) (share float64) {
	const window = sampleRate / 10
	loudest := 0.0
	for at := 0; at+2*window <= len(heard); at += 2 * window {
		var power, before, last float64
		factor := 2 * math.Cos(2*math.Pi*toneHertz/sampleRate)
		for i := range window {
			v := float64(int16(binary.LittleEndian.Uint16(heard[at+2*i:])))
			power += v * v
			before, last = last, v+factor*last-before
		}
		amount := (last*last + before*before - factor*last*before) * 2 / window
		if power > 0 && amount > loudest {
			loudest, share = amount, min(1, amount/power)
		}
	}
	return share
}
