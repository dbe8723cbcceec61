package camera

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// sight is what can be told of a camera from its pictures alone. A still scene and a picture that is frozen are alike but for the
// sensor's noise: a camera that has shown noise and then shows none at all is showing the same picture again and again. A camera
// that never shows any (a drawing, a sequence) cannot be judged so.
type sight struct {
	frozenAfter time.Duration // how long the same picture may be shown

	last   []byte // points of the last frame, 0 to 255
	noisy  int    // pairs of frames that differed as by noise alone
	same   int    // frames in a row that were the same as the one before
	since  time.Time
	now    time.Time
	mean   float64
	spread float64 // standard deviation
}

const (
	// noiseLevel is by how much noise makes a point differ at most, and noisePart which part of the points it makes differ at
	// least.
	noiseLevel = 12
	noisePart  = 0.2
	// enoughNoise is how many pairs of frames must have shown noise before its absence says something.
	enoughNoise = 10
	// manySame is how many frames in a row must be the same, however slow the camera is.
	manySame = 10
	// A picture of one even colour has no noise where the sensor clips, and is told of otherwise.
	evenSpread = 2.0
	darkMean   = 12.0
	// defaultFrozen is how long the same picture may be shown.
	defaultFrozen = 3 * time.Second
)

// note compares a frame with the one before. With a stamp that stands still it is the same frame, whatever it shows.
func (s *sight) note(points []byte, at time.Time, stampStands bool) {
	s.now = at
	if stampStands || s.noisy >= enoughNoise && bytes.Equal(points, s.last) {
		if s.same++; s.same == 1 {
			s.since = at
		}
	} else {
		s.same = 0
	}
	if differAsByNoise(points, s.last) {
		s.noisy++
	}
	s.last = points
	s.mean, s.spread = spreadOf(points)
	if s.spread < evenSpread && !stampStands {
		s.same = 0
	}
}

// differAsByNoise tells whether many points differ, and all but a few by little.
func differAsByNoise(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	little, much := 0, 0
	for i := range a {
		switch d := int(a[i]) - int(b[i]); {
		case d > noiseLevel || d < -noiseLevel:
			much++
		case d != 0:
			little++
		}
	}
	return float64(little) > noisePart*float64(len(a)) && much < len(a)/20
}

func spreadOf(points []byte) (mean, spread float64) {
	var sum, squares float64
	for _, p := range points {
		sum += float64(p)
		squares += float64(p) * float64(p)
	}
	n := float64(len(points))
	mean = sum / n
	return mean, math.Sqrt(max(0, squares/n-mean*mean))
}

// errFrozen says that the camera shows an old picture.
var errFrozen = fmt.Errorf("%w: the same picture comes again and again", devices.ErrTimeout)

// verdict is errFrozen when the picture is.
func (s *sight) verdict() error {
	if s.same >= manySame && s.now.Sub(s.since) >= s.frozenAfter {
		return errFrozen
	}
	return nil
}

// dark and blank are doubts: something may lie over the lens, or it is night.
func (s *sight) dark() bool  { return s.mean < darkMean && s.spread < darkMean }
func (s *sight) blank() bool { return s.spread < evenSpread }
