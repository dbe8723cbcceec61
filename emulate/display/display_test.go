package display_test

import (
	"image"
	"testing"

	"github.com/foyer-station/foyer/emulate/display"
)

func TestADisplayStartsShowsItselfAndEnds(t *testing.T) {
	d, err := display.Start(320, 200)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := d.Screenshot(image.Rect(0, 0, 320, 200))
	if err != nil || picture.Bounds().Dx() != 320 {
		t.Errorf("%v, %v", picture, err)
	}
	if err := d.Tap(10, 10); err != nil {
		t.Error(err)
	}
	if _, ok := d.Window("nothing"); ok {
		t.Error("a window that nobody opened was found")
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

func TestTwoDisplaysDoNotDisturbEachOther(t *testing.T) {
	a, err := display.Start(64, 64)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := display.Start(64, 64)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if a.Name == b.Name {
		t.Errorf("both are %s", a.Name)
	}
}
