// Package goldentest holds what is drawn against a picture that somebody has accepted. It is for tests alone.
//
// The picture of a failed test stays: under out/golden of the module, by package and name, where the message says and
// where make clean removes it.
package goldentest

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Compare fails the test when got is not, pixel by pixel, the PNG file at path, which is below the test's folder. With
// update it writes the file instead: what is drawn now is accepted.
func Compare(t testing.TB, update bool, path string, got image.Image) {
	t.Helper()
	if update {
		if err := write(path, got); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := read(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	n := Differing(got, want)
	if n == 0 {
		return
	}
	failed, err := place(path)
	if err == nil {
		err = write(failed, got)
	}
	if err != nil {
		t.Fatalf("%s: %d pixels differ, and the picture could not be kept: %v", path, n, err)
	}
	t.Errorf("%s: %d pixels differ; see %s, and run with -update if it is meant", path, n, failed)
}

// Differing counts the pixels in which two pictures differ; all of the first one's when their bounds do.
func Differing(a, b image.Image) int {
	if a.Bounds() != b.Bounds() {
		return a.Bounds().Dx() * a.Bounds().Dy()
	}
	x, y := pixelsOf(a), pixelsOf(b)
	n := 0
	for i := 0; i < len(x); i += 4 {
		if !bytes.Equal(x[i:i+4], y[i:i+4]) {
			n++
		}
	}
	return n
}

func pixelsOf(picture image.Image) []uint8 {
	rgba := image.NewRGBA(picture.Bounds())
	draw.Draw(rgba, rgba.Rect, picture, picture.Bounds().Min, draw.Src)
	return rgba.Pix
}

// place is where the picture of a failed test goes.
func place(golden string) (string, error) {
	here, err := os.Getwd() // the folder of the package that is tested
	if err != nil {
		return "", err
	}
	for root := here; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			within, err := filepath.Rel(root, here)
			return filepath.Join(root, "out", "golden", within, filepath.Base(golden)), err
		}
		if root == filepath.Dir(root) {
			return "", fmt.Errorf("no go.mod above %s: %w", here, fs.ErrNotExist)
		}
	}
}

func write(path string, picture image.Image) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

func read(path string) (image.Image, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	picture, err := png.Decode(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return picture, nil
}
