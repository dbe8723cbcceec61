package picture

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// decoders are calls that make pixels of a file's bytes.
var decoders = regexp.MustCompile(`\b(gocv\.IM(Decode|Read)|scan\.Load|(image|jpeg|png|gif|bmp|webp|x?tiff)\.Decode)\w*\(`)

// TestNobodyElseDecodesPictures but the package that is called here, what makes its own ones, and what shows the office's.
func TestNobodyElseDecodesPictures(t *testing.T) {
	rooms := []string{"verify/picture/", "mrz/ocr/scan/", "emulate/", "ui/goldentest/", "ui/padsheet/"}
	root := os.DirFS(filepath.Join("..", ".."))
	seen := 0
	err := fs.WalkDir(root, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		for _, call := range decoders.FindAll(text, -1) {
			seen++
			if !slices.ContainsFunc(rooms, func(room string) bool { return strings.HasPrefix(path, room) }) {
				t.Errorf("%s calls %s...): a stranger's picture is decoded by package picture alone", path, call)
			}
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Errorf("%d calls were seen, %v", seen, err)
	}
}
