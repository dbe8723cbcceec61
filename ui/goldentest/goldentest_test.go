package goldentest_test

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/foyer-station/foyer/ui/goldentest"
)

// A listener is a test that hears what is said of it.
type listener struct {
	testing.TB
	said string
}

// Helper implements testing.TB.
func (l *listener) Helper() {}

// Errorf implements testing.TB.
func (l *listener) Errorf(format string, args ...any) { l.said = fmt.Sprintf(format, args...) }

// compared is what Compare says.
func compared(t *testing.T, update bool, path string, got image.Image) string {
	t.Helper()
	l := &listener{TB: t}
	goldentest.Compare(l, update, path, got)
	return l.said
}

func TestThePictureOfAFailedTestIsWhereTheMessageSays(t *testing.T) {
	golden := filepath.Join(t.TempDir(), "a picture of goldentest.png")
	accepted := image.NewGray(image.Rect(0, 0, 7, 5))
	if said := compared(t, true, golden, accepted); said != "" {
		t.Fatal(said)
	}
	if said := compared(t, false, golden, accepted); said != "" {
		t.Errorf("of the same picture: %s", said)
	}
	altered := image.NewGray(accepted.Rect)
	altered.SetGray(3, 2, color.Gray{Y: 1})
	found := regexp.MustCompile(`: 1 pixels differ; see (/.*\.png), and run with -update`).FindStringSubmatch(compared(t, false, golden, altered))
	if found == nil {
		t.Fatalf("it says %q", compared(t, false, golden, altered))
	}
	t.Cleanup(func() { os.Remove(found[1]) })
	file, err := os.Open(found[1])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	kept, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	if goldentest.Differing(kept, altered) != 0 {
		t.Error("another picture is there")
	}
}

func TestAPictureOfAnotherSizeDiffers(t *testing.T) {
	small, large := image.NewGray(image.Rect(0, 0, 4, 5)), image.NewGray(image.Rect(0, 0, 5, 4))
	if n := goldentest.Differing(small, large); n != 20 {
		t.Errorf("%d pixels differ", n)
	}
}
