package verify_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/field.md says which test holds which peculiarity of documents, docs/threats.md which plays which attack, CONTRIBUTING.md
// which proves a change: none of them may have gone, or be called otherwise.
func TestEveryTestThatTheDocumentationNamesExists(t *testing.T) {
	declared := testsOfTheModule(t)
	for page, atLeast := range map[string]int{"../docs/field.md": 60, "../docs/threats.md": 40, "../CONTRIBUTING.md": 6} {
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

// What building and running makes need not be there.
func TestEveryPathThatContributingNamesExists(t *testing.T) {
	text, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	paths := regexp.MustCompile("`([A-Za-z.]+/[A-Za-z0-9_.*/-]+|[A-Z]+\\.md)`").FindAllStringSubmatch(string(text), -1)
	if len(paths) < 40 {
		t.Errorf("it names %d paths", len(paths))
	}
	for _, path := range paths {
		if found, err := filepath.Glob("../" + path[1]); (err != nil || found == nil) && !strings.HasPrefix(path[1], "out/") {
			t.Errorf("there is no %s", path[1])
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
