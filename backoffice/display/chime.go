package display

import (
	"bytes"
	"encoding/binary"
	"math"
	"net/http"

	"github.com/foyer-station/foyer/backoffice/store"
)

// The chime's form: mono, 16 bits.
const (
	sampleRate = 22_050 // a second
	waveHeader = 44     // bytes of a RIFF WAVE header with a fmt chunk of PCM (IBM and Microsoft, Multimedia Programming Interface 1.0, 1991)
)

// chime is two falling notes that fade, as a WAV file of 1.4 s.
func chime() []byte {
	const length = sampleRate * 14 / 10
	notes := []struct{ from, hertz float64 }{{0, 659.26}, {0.45, 523.25}} // E5, C5
	samples := make([]int16, length)
	for i := range samples {
		at, sum := float64(i)/sampleRate, 0.0
		for _, n := range notes {
			if t := at - n.from; t >= 0 {
				rise := min(1, t/0.01)
				sum += 0.4 * rise * math.Exp(-3.2*t) * math.Sin(2*math.Pi*n.hertz*t)
			}
		}
		samples[i] = int16(sum * math.MaxInt16 * min(1, float64(length-i)/400))
	}
	var b bytes.Buffer
	b.WriteString("RIFF\x00\x00\x00\x00WAVEfmt ")
	for _, field := range []any{uint32(16), uint16(1), uint16(1), uint32(sampleRate), uint32(2 * sampleRate), uint16(2), uint16(16)} {
		binary.Write(&b, binary.LittleEndian, field)
	}
	b.WriteString("data\x00\x00\x00\x00")
	binary.Write(&b, binary.LittleEndian, samples)
	return sized(b.Bytes())
}

// sized writes into a WAV file's header how long it is, which who streams one cannot know.
func sized(wave []byte) []byte {
	binary.LittleEndian.PutUint32(wave[4:], uint32(len(wave)-8))
	binary.LittleEndian.PutUint32(wave[waveHeader-4:], uint32(len(wave)-waveHeader))
	return wave
}

func (d *Displays) serveChime(w http.ResponseWriter, _ *http.Request, _ store.Display) {
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Cache-Control", "private, max-age=86400")
	w.Write(d.chime)
}
