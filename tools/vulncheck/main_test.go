package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// scanner builds the real govulncheck, of the version that go.mod pins.
func scanner(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "govulncheck")
	if out, err := exec.Command("go", "build", "-o", program, "golang.org/x/vuln/cmd/govulncheck").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// program is a module that calls golang.org/x/mod, as this one needs it, and prints.
func program(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	needed, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Version}}", "golang.org/x/mod").Output()
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join("..", "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"go.mod":  "module example.org/program\n\ngo 1.26.0\n\nrequire " + string(needed),
		"go.sum":  string(sums),
		"main.go": "package main\n\nimport (\n\t\"fmt\"\n\n\t\"golang.org/x/mod/semver\"\n)\n\nfunc main() { fmt.Println(semver.IsValid(\"v1.0.0\")) }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// database is one with a vulnerability of a function, which nobody has mended, in every version of a module.
func database(t *testing.T, module, pkg, function string) (url string) {
	t.Helper()
	dir := t.TempDir()
	entry := `{"schema_version":"1.3.1","id":"GO-2026-9999","modified":"2026-11-30T00:00:00Z","published":"2026-11-30T00:00:00Z","summary":"it bites",
		"affected":[{"package":{"name":"` + module + `","ecosystem":"Go"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}],
		"ecosystem_specific":{"imports":[{"path":"` + pkg + `","symbols":["` + function + `"]}]}}]}`
	if err := os.WriteFile(filepath.Join(dir, "GO-2026-9999.json"), []byte(entry), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + dir
}

func TestAVulnerabilityThatIsCalledFailsOthersAreToldAndAScanThatCannotRunIsNoGoodNews(t *testing.T) {
	tool, dir := scanner(t), program(t)
	t.Chdir(dir)
	for name, c := range map[string]struct {
		module, pkg, function string
		status                int
		said                  string
	}{
		"called":               {"golang.org/x/mod", "golang.org/x/mod/semver", "IsValid", 1, "it bites; called: golang.org/x/mod/semver.IsValid; take another module"},
		"imported, not called": {"golang.org/x/mod", "golang.org/x/mod/semver", "Sort", 0, "it bites; not called"},
		"not imported":         {"golang.org/x/mod", "golang.org/x/mod/zip", "Create", 0, "0 known vulnerabilities are called"},
		"of another module":    {"example.org/other", "example.org/other", "F", 0, "0 known vulnerabilities are called, 0 of them in Go itself, and 0 are not called"},
		"of Go itself":         {"stdlib", "fmt", "Println", 0, "called: fmt.Println; raise go.mod's toolchain line to the Go that mends it, once there is one"},
	} {
		var said bytes.Buffer
		s := source{named: database(t, c.module, c.pkg, c.function)}
		if status := run(t.Context(), s, scan{tool, "", []string{"./..."}}, &said); status != c.status || !strings.Contains(said.String(), c.said) {
			t.Errorf("%s: %d, %s", name, status, &said)
		}
	}
	for name, c := range map[string]struct {
		s  source
		do scan
	}{
		"no scanner":        {source{named: database(t, "m", "m", "F")}, scan{"./nowhere", "", nil}},
		"no such packages":  {source{named: database(t, "m", "m", "F")}, scan{tool, "", []string{"./nowhere"}}},
		"a database of air": {source{named: "file:///nowhere"}, scan{tool, "", []string{"./..."}}},
	} {
		var said bytes.Buffer
		if status := run(t.Context(), c.s, c.do, &said); status != 3 {
			t.Errorf("%s: %d, %s", name, status, &said)
		}
	}
}

func TestWithoutDataItSaysLoudlyThatNothingWasChecked(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("<html>sign in to the network</html>")) }))
	defer other.Close()
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOFLAGS", "-modcacherw")
	t.Setenv("GOMODCACHE", t.TempDir())
	for _, url := range []string{"http://127.0.0.1:1", silent.URL, other.URL, "::"} {
		var said bytes.Buffer
		s := source{online: url, module: stored, patience: time.Second}
		if status := run(t.Context(), s, scan{scanner: "nowhere"}, &said); status != 0 || !strings.Contains(said.String(), "NOT CHECKED for known vulnerabilities") {
			t.Errorf("%s: %d, %s", url, status, &said)
		}
	}
}

func TestADatabaseThatAnswersIsTaken(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(`{"modified":"2026-11-29T10:00:00Z"}`)) }))
	defer server.Close()
	db, what, err := source{online: server.URL, patience: time.Minute}.find(t.Context())
	if err != nil || db != server.URL || !strings.HasSuffix(what, "of 2026-11-29") {
		t.Error(db, what, err)
	}
}
