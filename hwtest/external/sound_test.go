package external_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/external"
)

// alsa puts programs in place of ALSA's: aplay takes what it is given, arecord gives the file, or fails.
func alsa(t *testing.T, heard []byte, fails string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "heard"), heard, 0o600); err != nil {
		t.Fatal(err)
	}
	record := "#!/bin/sh\nexec /bin/cat " + filepath.Join(dir, "heard") + "\n"
	if fails != "" {
		record = "#!/bin/sh\necho '" + fails + "' >&2\nexit 1\n"
	}
	for name, script := range map[string]string{"aplay": "#!/bin/sh\nexec /bin/cat >" + filepath.Join(dir, "played") + "\n", "arecord": record} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

// hallSound is two seconds of noise, with a tone in the second half.
func hallSound(noise, tone float64) (samples []byte) {
	random := rand.New(rand.NewPCG(5, 6))
	for i := range 32000 {
		v := noise * (2*random.Float64() - 1)
		if i >= 16000 {
			v += tone * math.Sin(2*math.Pi*1000*float64(i)/16000)
		}
		samples = binary.LittleEndian.AppendUint16(samples, uint16(int16(v)))
	}
	return samples
}

func TestAToneThatTheMicrophoneHearsPasses(t *testing.T) {
	for name, c := range map[string]struct {
		noise, tone float64
		want        hwtest.Result
	}{
		"clear": {100, 3000, hwtest.Passed}, "faint in a noisy hall": {1000, 500, hwtest.Passed},
		"noise alone": {3000, 0, hwtest.Failed}, "silence": {0, 0, hwtest.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			alsa(t, hallSound(c.noise, c.tone), "")
			r := run(t, external.Sound())
			if got := find(t, r, "loopback"); got.Result != c.want || got.Measure == nil {
				t.Errorf("%s, %v, %+v", got.Result, got.Reason, got.Measure)
			}
			knows(t, find(t, r, "loopback"))
		})
	}
}

func TestAStationWithoutSoundOrMicrophoneIsNotIll(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	r := run(t, external.Sound())
	if c := find(t, r, "loopback"); c.Result != hwtest.NotSupported || !c.Reason.Is("sound.none") {
		t.Errorf("%+v", c)
	}
	alsa(t, nil, "arecord: main:831: audio open error: No such file or directory")
	r = run(t, external.Sound())
	if c := find(t, r, "loopback"); c.Result != hwtest.NotSupported || !c.Reason.Is("sound.no_capture") {
		t.Errorf("%+v", c)
	}
	knows(t, find(t, r, "loopback"))
}
