package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/backoffice/office"
)

func officeFile(t *testing.T, was, is string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "office.toml")
	if err := os.WriteFile(path, []byte(strings.Replace(string(office.Example), was, is, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRulesExplainSaysToWhomAndWhy(t *testing.T) {
	code, stdout, stderr := call(t, "", "rules", "explain", officeFile(t, "", ""), "--service", "residence-permit", "--verdict", "genuine", "--waiting", "brandt=2", "--at", "2026-12-01T09:30")
	want := `no   asked-for-staff: service is residence-permit
no   examine-document: verdict is genuine
yes  residence-permits: sent to yilmaz
       brandt (2 waiting, 40 min): -2, load -2
       yilmaz (0 waiting, 0 min): +0
room on the ticket: none, since not everyone for the service is sent to the same
`
	if code != 0 || !strings.HasPrefix(stdout, want) {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

func TestRulesExplainAnswersInJSONAndSaysWhenNobodyIsThere(t *testing.T) {
	path := officeFile(t, `name = "Empfang"
room = "reception"`, `name = "Empfang"
room = "reception"
absent = ["2026-12-01"]`)
	code, stdout, _ := call(t, "", "rules", "explain", path, "--at", "2026-12-01T09:30", "--json")
	var answer explained
	if err := json.Unmarshal([]byte(stdout), &answer); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	if code != 1 || answer.Queue != "reception" || answer.Resort != "absent" || len(answer.Explanation.Rules) != 64 {
		t.Errorf("exit %d: %+v", code, answer)
	}
}

func TestRulesExplainRefusesWhatItCannotRead(t *testing.T) {
	good := officeFile(t, "", "")
	for _, c := range []struct {
		says string
		args []string
	}{
		{"line 31: ", []string{officeFile(t, `steps = ["document", "signature"]`, `steps = ["iris"]`)}},
		{"no service", []string{good, "--service", "divorce"}},
		{"--at", []string{good, "--at", "noon"}},
		{"--waiting", []string{good, "--waiting", "nobody=1"}},
		{"--verdict", []string{good, "--verdict", "dubious"}},
	} {
		if code, _, stderr := call(t, "", append([]string{"rules", "explain"}, c.args...)...); code != 2 || !strings.Contains(stderr, c.says) {
			t.Errorf("%v: exit %d, %s; want %q", c.args[1:], code, stderr, c.says)
		}
	}
}
