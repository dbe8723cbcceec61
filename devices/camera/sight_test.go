package camera

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/foyer-station/foyer/devices"
)

// show shows a sight n frames, a tenth of a second apart.
func show(s *sight, n int, frame func() []byte, stampStands bool) error {
	for range n {
		s.note(frame(), s.now.Add(100*ms), stampStands)
	}
	return s.verdict()
}

// scene is a picture with some structure, and noise of that level.
func scene(noise int) func() []byte {
	r := rand.New(rand.NewPCG(1, 2))
	return func() []byte {
		points := make([]byte, gridX*gridY)
		for i := range points {
			points[i] = byte(60 + i%100)
			if noise > 0 {
				points[i] += byte(r.IntN(noise))
			}
		}
		return points
	}
}

func even(level byte) func() []byte {
	return func() []byte {
		points := make([]byte, gridX*gridY)
		for i := range points {
			points[i] = level
		}
		return points
	}
}

func TestAFrozenPictureIsToldFromAStillSceneByItsNoise(t *testing.T) {
	s := sight{frozenAfter: defaultFrozen}
	if err := show(&s, 100, scene(4), false); err != nil {
		t.Fatalf("a still scene: %v", err)
	}
	if err := show(&s, 20, scene(0), false); err != nil {
		t.Fatalf("the same picture for two seconds: %v", err)
	}
	if err := show(&s, 20, scene(0), false); !errors.Is(err, errFrozen) || !errors.Is(err, devices.ErrTimeout) {
		t.Fatalf("the same picture for four seconds: %v", err)
	}
	if err := show(&s, 1, scene(4), false); err != nil {
		t.Errorf("once it moves again: %v", err)
	}
}

func TestAPictureThatNeverHadNoiseCannotBeCalledFrozen(t *testing.T) {
	s := sight{frozenAfter: defaultFrozen}
	if err := show(&s, 1000, scene(0), false); err != nil {
		t.Error(err)
	}
}

func TestAStampThatStandsStillIsAFrozenPictureWhateverItShows(t *testing.T) {
	s := sight{frozenAfter: defaultFrozen}
	if err := show(&s, 50, scene(0), true); !errors.Is(err, errFrozen) {
		t.Error(err)
	}
}

func TestACoveredLensIsADoubtAndNoFrozenPicture(t *testing.T) {
	for name, test := range map[string]struct {
		frame       func() []byte
		dark, blank bool
	}{
		"black":         {even(3), true, true},
		"a finger":      {even(90), false, true},
		"a wall":        {scene(4), false, false},
		"night, a lamp": {func() []byte { p := even(3)(); clear(p[:100]); p[7], p[8] = 255, 255; return p }, true, false},
	} {
		s := sight{frozenAfter: defaultFrozen}
		show(&s, 50, scene(4), false)
		if err := show(&s, 50, test.frame, false); err != nil && name != "night, a lamp" {
			t.Errorf("%s: %v", name, err)
		}
		if s.dark() != test.dark || s.blank() != test.blank {
			t.Errorf("%s: dark %v, blank %v; mean %.1f, spread %.1f", name, s.dark(), s.blank(), s.mean, s.spread)
		}
	}
}
