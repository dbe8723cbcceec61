package imager_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/imager"
)

func TestADarkPictureLightsNothingAndIsNoneOfBefore(t *testing.T) {
	b := &bench{}
	m := newImager(t, b, imager.Config{DPI: 400, Discard: 2})
	b.log = nil
	if picture, err := m.Dark(t.Context()); err != nil || picture == nil {
		t.Fatal(picture, err)
	}
	if want := []string{"frame", "frame", "frame"}; !slices.Equal(b.log, want) {
		t.Errorf("%q, want %q", b.log, want)
	}
}

func TestOfADarkPictureThatFailsNothingIsLeft(t *testing.T) {
	b := &bench{pulled: 2}
	m := newImager(t, b, imager.Config{DPI: 400, Discard: 4})
	if _, err := m.Dark(t.Context()); !errors.Is(err, devices.ErrUnplugged) {
		t.Errorf("it gave %v", err)
	}
	if last := b.frames[len(b.frames)-1]; last.Pix[0] != 0 {
		t.Error("the picture is still in memory")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Dark(ctx); err == nil {
		t.Error("a picture for nobody")
	}
}
