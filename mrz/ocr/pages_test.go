package ocr_test

import (
	"encoding/csv"
	"image"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/mrz/ocr"
	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// pagesFolder holds photographs and scans of real and specimen documents, which may not be copied into the project.
const pagesFolder = "../../../shared/pages"

// A page is one of them, and what its zone says.
type page struct {
	file, document string
	lines          string // parted by |; empty where there is no zone
}

// turned is what the names of pictures of one document differ in.
var turned = regexp.MustCompile(`_orient\d|_rotate_?-?90`)

func realPages(t *testing.T) []page {
	t.Helper()
	f, err := os.Open(filepath.Join(pagesFolder, "truth.tsv"))
	if err != nil {
		t.Skipf("SKIPPED, real pages are not read: %v", err)
	}
	defer f.Close()
	table := csv.NewReader(f)
	table.Comma, table.LazyQuotes = '\t', true
	rows, err := table.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var pages []page
	for _, row := range rows[1:] {
		pages = append(pages, page{row[0], turned.ReplaceAllString(row[0], ""), row[2]})
	}
	return pages
}

func open(t testing.TB, file string) image.Image {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := scan.Load(f)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return picture
}

func newReader(t testing.TB) *ocr.Reader {
	t.Helper()
	r, err := ocr.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// TestAllRealDocumentsButOneAreReadExactly counts documents, some of which stand there turned several ways.
func TestAllRealDocumentsButOneAreReadExactly(t *testing.T) {
	pages := realPages(t)
	r := newReader(t)
	missed := map[string]bool{}
	for _, p := range pages {
		picture := open(t, filepath.Join(pagesFolder, p.file))
		start := time.Now()
		reading, err := r.Read(t.Context(), picture, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		took := time.Since(start)
		if err != nil {
			t.Errorf("%s: %v", p.file, err)
			continue
		}
		got := strings.Join(reading.Lines, "|")
		right := got == p.lines
		if !right {
			missed[p.document] = true
		}
		if !right && reading.Sure {
			t.Errorf("%s: a wrong zone is presented as sure", p.file)
		}
		t.Logf("%5t sure %5t %.3f %4d ms %s %s", right, reading.Sure, reading.Confidence, took.Milliseconds(), p.file, reading.Reason)
		if !right {
			t.Logf("  want %s\n  got  %s", p.lines, got)
		}
	}
	if len(missed) > 1 {
		t.Errorf("%d documents were not read: %v", len(missed), missed)
	}
}
