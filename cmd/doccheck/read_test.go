package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/verify"
)

// sheetWith writes a picture with the pages of documents of Utopia one below the other, and gives its file.
func sheetWith(t *testing.T, name string, pages ...string) (file string, numbers []string) {
	t.Helper()
	maker, err := specimen.NewMaker(1, time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	sheet := image.NewRGBA(image.Rect(0, 0, 1700, 1200*len(pages)))
	for i := range pages {
		s, err := maker.Make(maker.People()[i], specimen.Genuine)
		if err != nil {
			t.Fatal(err)
		}
		page := s.Page(verify.Front, verify.Visible).Image
		draw.Draw(sheet, page.Rect.Add(image.Pt(80, 1200*i+60)), page, image.Point{}, draw.Src)
		numbers = append(numbers, s.MRZ[1][:9])
	}
	var b bytes.Buffer
	if err := png.Encode(&b, sheet); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, numbers
}

// TestTwoPassportsOnASheetUnderANameThatIsNoUTF8 are both told, in one line of JSON.
func TestTwoPassportsOnASheetUnderANameThatIsNoUTF8(t *testing.T) {
	file, numbers := sheetWith(t, "p\xe4sse.png", "one", "two")
	var out, failed bytes.Buffer
	if status := run(t.Context(), []string{"--json", "--at", "2026-03-14", "mrz", "read", file}, nil, &out, &failed); status != 0 {
		t.Fatalf("exit status %d: %s%s", status, out.String(), failed.String())
	}
	if !utf8.Valid(out.Bytes()) || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("no line of UTF-8: %q", out.String())
	}
	var a readAnswer
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Others) != 1 || !strings.Contains(a.File, "p\ufffdsse.png") {
		t.Fatalf("%s has %d other zones, want 1", a.File, len(a.Others))
	}
	both := a.Lines[1] + a.Others[0].Lines[1]
	for _, number := range numbers {
		if !strings.Contains(both, number) {
			t.Errorf("%s is not among %q", number, both)
		}
	}
}

// A pipe that nobody writes to would keep the others from being read, and the program from ending.
func TestAPipeIsNoPicture(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe.png")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readPicture(pipe); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Error(err)
	}
	if _, err := readBounded(pipe, 10); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Error(err)
	}
}
