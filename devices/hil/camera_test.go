package hil_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/devices/camera"
)

// vivid is the node of the kernel's test camera.
func vivid(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("/sys/class/video4linux/video*/name")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range names {
		if name, err := os.ReadFile(path); err == nil && strings.HasPrefix(string(name), "vivid") {
			return filepath.Join("/dev", filepath.Base(filepath.Dir(path)))
		}
	}
	t.Fatal("the kernel has no test camera")
	return ""
}

func TestACameraOfTheKernelsGivesPicturesOfTheSizeAskedFor(t *testing.T) {
	inMachine(t)
	c, err := camera.Open(limited(t), camera.Config{Backend: camera.V4L2, Source: vivid(t), Width: 640, Height: 360})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 {
		frame, err := c.Frame(limited(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		if size := frame.Rect.Size(); size.X != 640 || size.Y != 360 {
			t.Errorf("a picture of %v", size)
		}
	}
}
