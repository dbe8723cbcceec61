package imager_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/imager"
)

// watcher writes down what a sensor tells.
type watcher struct {
	mu    sync.Mutex
	told  []devices.Presence
	stop  context.CancelFunc
	ended chan error
}

func watch(t *testing.T, s devices.PresenceSensor) *watcher {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w := &watcher{stop: stop, ended: make(chan error, 1)}
	go func() {
		w.ended <- s.Watch(ctx, func(p devices.Presence) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.told = append(w.told, p)
		})
	}()
	return w
}

// since gives what was told since the last time.
func (w *watcher) since() []devices.Presence {
	w.mu.Lock()
	defer w.mu.Unlock()
	told := w.told
	w.told = nil
	return told
}

func (w *watcher) end(t *testing.T) {
	t.Helper()
	w.stop()
	if err := <-w.ended; err != nil {
		t.Errorf("Watch = %v", err)
	}
}

var _ devices.PresenceSensor = (*imager.Imager)(nil)

func columns(from, to int) func(int) bool { return func(x int) bool { return x >= from && x < to } }

// enough is longer than a sensor takes to be certain.
const enough = 2 * time.Second

func TestADocumentIsSeenToComeMoveAndGo(t *testing.T) {
	for _, ambient := range []int{0, 60} {
		t.Run(fmt.Sprintf("ambient light of %d", ambient), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig()
				r.ambient = ambient
				r.lay(nil)
				w := watch(t, open(t, r, imager.Config{}))
				for _, step := range []struct {
					name  string
					do    func()
					after time.Duration
					want  []devices.Presence
				}{
					{"nothing lies there", func() {}, enough, []devices.Presence{devices.Absent}},
					{"a passport is laid down", func() { r.put(paper(), columns(0, 60)) }, enough, []devices.Presence{devices.Resting}},
					{"it lies", func() {}, time.Minute, nil},
					{"it is pushed", func() { r.put(paper(), columns(4, 64)) }, enough, []devices.Presence{devices.Moving, devices.Resting}},
					{"it is exchanged for a card", func() { r.put(paper(), columns(0, 30)) }, enough, []devices.Presence{devices.Moving, devices.Resting}},
					{"it is taken away", func() { r.put(nil, nil) }, enough, []devices.Presence{devices.Moving, devices.Absent}},
					{"a hand passes over the glass", func() { r.put(paper(), columns(10, 30)); time.Sleep(300 * time.Millisecond); r.put(nil, nil) }, enough, nil},
					{"a lamp is mirrored in the glass", func() { r.put(paper(), columns(10, 11)) }, enough, nil},
				} {
					step.do()
					time.Sleep(step.after)
					if got := w.since(); !slices.Equal(got, step.want) {
						t.Errorf("%s: told %q, want %q", step.name, got, step.want)
					}
				}
				w.end(t)
				if left := r.burning(); left != nil {
					t.Errorf("there burn %v", left)
				}
			})
		})
	}
}

func TestADocumentThatIsKeptMovingIsMoving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig()
		w := watch(t, open(t, r, imager.Config{}))
		for x := range 100 {
			r.put(paper(), columns(x%8*4, x%8*4+30))
			time.Sleep(30 * time.Millisecond)
		}
		if got := w.since(); !slices.Equal(got, []devices.Presence{devices.Moving}) {
			t.Errorf("told %q", got)
		}
		w.end(t)
	})
}

// TestWatchingIsDoneInALittleInfrared, and in white where the reader has none.
func TestWatchingIsDoneInALittleInfrared(t *testing.T) {
	for _, has := range []devices.Light{devices.LightInfrared, devices.LightVisible} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig()
			r.lacks = has == devices.LightVisible
			w := watch(t, open(t, r, imager.Config{}))
			time.Sleep(10 * time.Second)
			w.end(t)
			burned := time.Duration(0)
			for i, s := range r.switches {
				if s.percent == 0 {
					continue
				}
				if s.light != has || s.percent > 25 {
					t.Errorf("%s burned at %d %%", s.light, s.percent)
				}
				burned += r.switches[i+1].at.Sub(s.at)
			}
			if burned > 5*time.Second {
				t.Errorf("of ten seconds the lamp burned %v", burned)
			}
		})
	}
}

func TestPicturesGoBeforeGlances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig()
		m := open(t, r, imager.Config{})
		w := watch(t, m)
		for i := range 60 { // at every moment of a glance
			time.Sleep(time.Second + time.Duration(i)*7*time.Millisecond)
			begin := time.Now()
			wantPure(t, r, m, lights[i%3])
			if took := time.Since(begin); took > 6*r.interval {
				t.Errorf("a picture beside glances took %v", took)
			}
		}
		if got := w.since(); !slices.Equal(got, []devices.Presence{devices.Resting}) {
			t.Errorf("told %q of a document that lay still", got)
		}
		w.end(t)
	})
}

func TestOneLookTellsWhetherSomethingLiesThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig()
		m := open(t, r, imager.Config{})
		for _, step := range []struct {
			page map[devices.Light]int
			want devices.Presence
		}{{paper(), devices.Resting}, {nil, devices.Absent}} {
			r.lay(step.page)
			if got, err := m.Presence(t.Context()); got != step.want || err != nil {
				t.Errorf("%s, %v; want %s", got, err, step.want)
			}
		}
	})
}

func TestWatchingEndsWhenTheCameraGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig()
		r.pulled = 20
		w := watch(t, open(t, r, imager.Config{}))
		var typed *devices.Error
		if err := <-w.ended; !errors.Is(err, devices.ErrUnplugged) || !errors.As(err, &typed) || typed.Kind != devices.KindPageImager {
			t.Errorf("Watch = %v", err)
		}
	})
}

// felt are lamps with a switch that a document presses.
type felt struct {
	rigLamps
	lies func() bool
}

func (f felt) DocumentLies(context.Context) (lies, fitted bool, err error) {
	return f.lies(), true, nil
}

func TestWhereASwitchFeelsNoDocumentNoLampIsLit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig()
		var mu sync.Mutex
		lies := false
		m, err := imager.New(t.Context(), r, felt{rigLamps{r}, func() bool { mu.Lock(); defer mu.Unlock(); return lies }}, imager.Config{DPI: 400})
		if err != nil {
			t.Fatal(err)
		}
		w := watch(t, m)
		time.Sleep(enough)
		if got := w.since(); !slices.Equal(got, []devices.Presence{devices.Absent}) || len(r.frames) > 0 {
			t.Errorf("told %q, and %d frames", got, len(r.frames))
		}
		mu.Lock()
		lies = true
		mu.Unlock()
		time.Sleep(enough)
		if got := w.since(); !slices.Equal(got, []devices.Presence{devices.Resting}) {
			t.Errorf("told %q", got)
		}
		w.end(t)
	})
}

// TestASwitchAndAPictureThatContradictEachOtherAreTold: a document may be dark, and a switch stuck, open or closed.
func TestASwitchAndAPictureThatContradictEachOtherAreTold(t *testing.T) {
	for _, c := range []struct {
		name    string
		pressed bool
		page    map[devices.Light]int
		want    devices.Presence
	}{
		{"closed over an empty glass", true, nil, devices.Felt},
		{"closed under a document", true, paper(), devices.Resting},
		{"open under a document", false, paper(), devices.Resting},
		{"open over an empty glass", false, nil, devices.Absent},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig()
				r.lay(c.page)
				m, err := imager.New(t.Context(), r, felt{rigLamps{r}, func() bool { return c.pressed }}, imager.Config{DPI: 400})
				if err != nil {
					t.Fatal(err)
				}
				w := watch(t, m)
				time.Sleep(time.Minute + enough)
				if got := w.since(); len(got) == 0 || got[len(got)-1] != c.want {
					t.Errorf("told %q, want %q in the end", got, c.want)
				}
				w.end(t)
				time.Sleep(time.Minute)
				if got, err := m.Presence(t.Context()); got != c.want || err != nil {
					t.Errorf("one look tells %s, %v; want %s", got, err, c.want)
				}
			})
		})
	}
}
