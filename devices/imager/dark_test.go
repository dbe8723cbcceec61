package imager_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/imager"
)

func TestADarkPictureLightsNothingAndIsNoneOfBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig()
		m := open(t, r, imager.Config{})
		r.ambient = 20
		if _, _, err := m.Page(t.Context(), devices.LightVisible); err != nil {
			t.Fatal(err)
		}
		lit := len(r.switches)
		picture, err := m.Dark(t.Context())
		if err != nil || picture.Pix[0] != 20 {
			t.Errorf("%v, the first pixel is %v", err, picture.Pix[:4])
		}
		if len(r.switches) != lit {
			t.Errorf("lamps were switched: %v", r.switches[lit:])
		}
	})
}

func TestOfADarkPictureThatFailsNothingIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig()
		r.ambient, r.pulled = 20, 2
		m := open(t, r, imager.Config{})
		if _, err := m.Dark(t.Context()); !errors.Is(err, devices.ErrUnplugged) {
			t.Errorf("it gave %v", err)
		}
		if last := r.frames[len(r.frames)-1]; last.Pix[0] != 0 {
			t.Error("the picture is still in memory")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := m.Dark(ctx); err == nil {
			t.Error("a picture for nobody")
		}
	})
}
