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
	"github.com/foyer-station/foyer/mrz/ocr"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/picture"
)

// sheetWith is a picture with the pages of so many documents of Utopia one below the other, and their numbers.
func sheetWith(t *testing.T, pages int) (sheet *image.RGBA, numbers []string) {
	t.Helper()
	maker, err := specimen.NewMaker(1, time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	sheet = image.NewRGBA(image.Rect(0, 0, 1700, 1200*pages))
	for i := range pages {
		s, err := maker.Make(maker.People()[i], specimen.Genuine)
		if err != nil {
			t.Fatal(err)
		}
		page := s.Page(verify.Front, verify.Visible).Image
		draw.Draw(sheet, page.Rect.Add(image.Pt(80, 1200*i+60)), page, image.Point{}, draw.Src)
		numbers = append(numbers, s.MRZ[1][:9])
	}
	return sheet, numbers
}

// saved writes a picture to a file of that name.
func saved(t *testing.T, name string, picture image.Image) (file string) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestTwoPassportsOnASheetUnderANameThatIsNoUTF8 are both told, in one line of JSON.
func TestTwoPassportsOnASheetUnderANameThatIsNoUTF8(t *testing.T) {
	sheet, numbers := sheetWith(t, 2)
	file := saved(t, "p\xe4sse.png", sheet)
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

// TestAPassportThatLiesOffTheGlassIsToldBesideTheOther in words and in JSON, and keeps the answer from being good.
func TestAPassportThatLiesOffTheGlassIsToldBesideTheOther(t *testing.T) {
	sheet, numbers := sheetWith(t, 2)
	const foot = 1200 + 970 // through the last line of the second
	file := saved(t, "two.png", sheet.SubImage(image.Rect(0, 0, 1700, foot)))
	var text, lines, failed bytes.Buffer
	call := []string{"--at", "2026-03-14", "mrz", "read", file}
	if status := run(t.Context(), call, nil, &text, &failed); status != 1 {
		t.Errorf("exit status %d: %s", status, failed.String())
	}
	if !strings.Contains(text.String(), numbers[0]) || !strings.Contains(text.String(), string("two.png: "+ocr.CutOff+"\n  at (")) {
		t.Errorf("the text says %s", text.String())
	}
	if status := run(t.Context(), append([]string{"--json"}, call...), nil, &lines, &failed); status != 1 {
		t.Errorf("exit status %d: %s", status, failed.String())
	}
	var a readAnswer
	if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Others) != 1 || a.Others[0].Found || a.Others[0].Reason != ocr.CutOff || len(a.Others[0].Quad) != 4 || a.Others[0].Lines == nil {
		t.Errorf("the others are %+v", a.Others)
	}
}

// A pipe that nobody writes to would keep the others from being read, and the program from ending.
func TestAPipeIsNoPicture(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe.png")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readPicture(t.Context(), pipe, picture.GreyPage); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Error(err)
	}
	if _, err := readBounded(pipe, 10); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Error(err)
	}
}
