package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/demo"
)

func TestAppointmentsAreImportedAndListedWithoutAName(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := demo.Prepare(t.Context(), dir, time.Now()); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "backoffice.toml")
	later := time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("good.csv", "Uhrzeit;Nr.;Name\n08:00;11;Anna Eriksson\n08:15;12;Lars Eriksson\n")
	odd := file("odd.csv", "Uhrzeit;Nr.;Name\n08:00;11;Anna Eriksson\nsoon;12;Lars Eriksson\n09:00;;\n")
	appointments := func(want int, says string, args ...string) {
		t.Helper()
		code, stdout, stderr := call(t, "", append(append([]string{"appointments"}, args...), "--config", config)...)
		if said := stdout + stderr; code != want || !strings.Contains(said, says) || strings.Contains(said, "Eriksson") {
			t.Errorf("%v: exit %d, said %q; want %d and %q", args, code, said, want, says)
		}
	}
	appointments(0, "kept 2, refused 0", "import", good, "--day", later)
	appointments(1, "line 3  no_time: ", "import", odd, "--day", later)
	appointments(1, `"refused":[{"line":3,"code":"no_time"},{"line":4,"code":"no_one"}]`, "import", odd, "--day", later, "--json")
	appointments(0, "over 2", "import", good, "--day", "2020-01-01")
	appointments(0, later+"     1  imported", "list")
	appointments(0, fmt.Sprintf(`{"day":"%s","count":1,`, later), "list", "--json")
	appointments(2, "no date", "import", good, "--day", "tomorrow")
	appointments(2, "no such file", "import", filepath.Join(dir, "none.csv"))
	appointments(2, "no column of times", "import", file("odd.txt", "a list of nothing"))
}
