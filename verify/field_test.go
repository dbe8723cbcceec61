package verify_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/field.md says which test holds which peculiarity of documents, docs/threats.md which plays which attack: none of them
// may have gone, or be called otherwise.
func TestEveryTestThatTheDocumentationNamesExists(t *testing.T) {
	declared := testsOfTheModule(t)
	for page, atLeast := range map[string]int{"../docs/field.md": 60, "../docs/threats.md": 40} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		named := regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(string(text), -1)
		if len(named) < atLeast {
			t.Errorf("%s names %d tests", page, len(named))
		}
		for _, name := range named {
			if !declared[name[1]] {
				t.Errorf("%s: there is no %s", page, name[1])
			}
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
