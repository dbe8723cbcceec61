package verify_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/field.md says which test holds which peculiarity of documents: none of them may have gone, or be called otherwise.
func TestEveryTestThatTheFieldNamesExists(t *testing.T) {
	text, err := os.ReadFile("../docs/field.md")
	if err != nil {
		t.Fatal(err)
	}
	declared, named := testsOfTheModule(t), regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(string(text), -1)
	if len(named) < 60 {
		t.Errorf("%d tests are named", len(named))
	}
	for _, name := range named {
		if !declared[name[1]] {
			t.Errorf("there is no %s", name[1])
		}
	}
}

func testsOfTheModule(t *testing.T) map[string]bool {
	t.Helper()
	declaration, all := regexp.MustCompile(`(?m)^func (Test\w+)\(`), map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, name := range declaration.FindAllStringSubmatch(string(source), -1) {
			all[name[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
