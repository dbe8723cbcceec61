package inspection

import (
	"context"
	"errors"
	"image"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/devices"
)

// booklet is an imager below a booklet whose pages are turned.
type booklet struct {
	*glass
	tells   []devices.Presence // one after the other
	fails   error              // of the watch, in the end
	during  map[int]func()     // what happens while a picture is taken, by its number
	changed chan struct{}      // something was told; nil where nobody waits for it
	taken   chan struct{}      // a page was taken, and may be turned; nil where nobody waits for that
	pages   []*image.RGBA
}

func (b *booklet) Presence(context.Context) (devices.Presence, error) { return devices.Resting, nil }

func (b *booklet) Watch(ctx context.Context, tell func(devices.Presence)) error {
	for _, p := range b.tells {
		tell(p)
		if b.changed != nil {
			b.changed <- struct{}{}
		}
		if b.taken != nil && p == resting {
			<-b.taken
		}
	}
	if b.fails != nil {
		return b.fails
	}
	<-ctx.Done()
	return nil
}

func (b *booklet) Page(ctx context.Context, light devices.Light) (*image.RGBA, int, error) {
	if do := b.during[len(b.pages)]; do != nil {
		do()
	}
	page, dpi, err := b.glass.Page(ctx, light)
	b.pages = append(b.pages, page)
	return page, dpi, err
}

const (
	absent  = devices.Absent
	moving  = devices.Moving
	resting = devices.Resting
)

func TestPagesAreTakenOneAfterTheOtherAsTheyAreTurned(t *testing.T) {
	b := &booklet{glass: &glass{}, tells: []devices.Presence{absent, moving, resting, moving, resting, moving, absent, resting, moving}, taken: make(chan struct{}, 1)}
	var taken []*image.RGBA
	err := Leaves(t.Context(), b, devices.LightVisible, func(p *image.RGBA, dpi int) bool {
		taken = append(taken, p)
		b.taken <- struct{}{}
		return dpi == 400 && len(taken) < 3
	})
	if err != nil || len(taken) != 3 || !slices.Equal(taken, b.pages) {
		t.Errorf("%v; %d pictures handed over of %d taken", err, len(taken), len(b.pages))
	}
}

// TestAPageThatMovesWhileItIsTakenIsTakenAnew, and the picture of it wiped.
func TestAPageThatMovesWhileItIsTakenIsTakenAnew(t *testing.T) {
	b := &booklet{glass: &glass{}, tells: []devices.Presence{resting, moving, resting}, changed: make(chan struct{}, 3)}
	b.during = map[int]func(){0: func() { <-b.changed; <-b.changed }} // that it rests and that it moves
	var taken []*image.RGBA
	err := Leaves(t.Context(), b, devices.LightVisible, func(p *image.RGBA, _ int) bool { taken = append(taken, p); return false })
	if err != nil || len(b.pages) != 2 || len(taken) != 1 || taken[0] != b.pages[1] || !wiped(b.pages[0]) {
		t.Errorf("%v; %d taken, %d handed over", err, len(b.pages), len(taken))
	}
}

func TestTurningPagesEndsWithWhateverEndsIt(t *testing.T) {
	more := func(*image.RGBA, int) bool { return true }
	if err := Leaves(t.Context(), &glass{}, devices.LightVisible, more); !errors.Is(err, devices.ErrNotConfigured) {
		t.Errorf("an imager that sees nothing come: %v", err)
	}
	gone := &booklet{glass: &glass{}, tells: []devices.Presence{resting}, fails: devices.ErrUnplugged}
	if err := Leaves(t.Context(), gone, devices.LightVisible, more); !errors.Is(err, devices.ErrUnplugged) {
		t.Errorf("unplugged: %v", err)
	}
	broken := &booklet{glass: &glass{faulty: []int{0}}, tells: []devices.Presence{resting}}
	if err := Leaves(t.Context(), broken, devices.LightVisible, more); !errors.Is(err, devices.ErrTimeout) {
		t.Errorf("a picture that fails: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	b := &booklet{glass: &glass{}, tells: []devices.Presence{resting}, during: map[int]func(){0: stop}}
	if err := Leaves(ctx, b, devices.LightVisible, more); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}
