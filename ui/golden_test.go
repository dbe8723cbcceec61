package ui

import (
	"bytes"
	"flag"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "write the golden pictures instead of comparing with them")

// golden is what is kept as pictures: every kind of screen in a left-to-right and a right-to-left language, and in the
// others those whose texts are longest. The overflow test covers the rest.
var golden = map[string][]string{
	"de": {
		"out_of_service", "greeting", "language", "privacy", "service", "service_many", "document", "document_unreadable", "document_no_zone", "document_cut_off",
		"document_working", "document_staff", "turn_over", "access_number", "access_number_wrong", "portrait", "portrait_done", "signature", "review",
		"review_long", "ticket_room", "ticket_lobby", "ticket_asked", "ticket_not_printed", "ticket_not_saved", "cleared", "help_document",
		"countdown",
	},
	"ar": {
		"greeting", "language", "privacy", "service", "document_unreadable", "document_no_zone", "document_cut_off", "turn_over", "access_number_typed", "portrait", "signature", "review",
		"ticket_room", "ticket_asked", "ticket_not_printed", "help_document", "countdown",
	},
	"en": {"privacy", "document", "ticket_lobby", "ticket_asked"},
	"uk": {"privacy", "access_number_wrong", "portrait", "signature", "review", "ticket_asked", "ticket_not_printed", "help_document"},
}

// Pictures are at half scale, which is what a developer's window shows.
func TestScreensLookAsTheyDid(t *testing.T) {
	s := newStation(t, 0.5)
	for _, sample := range samples {
		for _, language := range languages {
			if !slices.Contains(golden[language], sample.name) {
				continue
			}
			s.show(sample, language)
			compare(t, filepath.Join("testdata", "golden", sample.name+"."+language+".png"), s.Window().Canvas().Capture())
		}
	}
}

func TestAScreenIsDrawnTheSameEveryTime(t *testing.T) {
	first, second := newStation(t, 0.5), newStation(t, 0.5)
	for _, s := range []*station{first, second} {
		s.show(named(t, "review"), "ar")
	}
	if n := differing(first.Window().Canvas().Capture(), second.Window().Canvas().Capture()); n > 0 {
		t.Errorf("two windows show the same screen differently, in %d pixels", n)
	}
}

func compare(t *testing.T, path string, got image.Image) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, encode(t, got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	defer file.Close()
	want, err := png.Decode(file)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if n := differing(got, want); n > 0 {
		failed := filepath.Join(t.ArtifactDir(), filepath.Base(path))
		if err := os.WriteFile(failed, encode(t, got), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Errorf("%s: %d pixels differ; see %s, and run with -update if it is meant", path, n, failed)
	}
}

// differing counts the pixels in which two pictures differ.
func differing(a, b image.Image) int {
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

func encode(t *testing.T, picture image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func named(t *testing.T, name string) sample {
	t.Helper()
	for _, s := range samples {
		if s.name == name {
			return s
		}
	}
	t.Fatalf("no sample %s", name)
	return sample{}
}
