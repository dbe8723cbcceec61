package page_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emulate/specimen/page"
)

func TestAMissingTypefaceNamesThePackageToInstall(t *testing.T) {
	_, err := page.NewPress(filepath.Join(t.TempDir(), "OCRB.otf"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "fonts-ocr-b") {
		t.Errorf("%v", err)
	}
}
