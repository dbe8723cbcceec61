package verify_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/portrait"
)

// shippedText is the policy file that Foyer ships, for an office to start from.
func shippedText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("policy.toml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// lineOf is the line on which that text begins to stand.
func lineOf(text, part string) int {
	before, _, _ := strings.Cut(text, part)
	return strings.Count(before, "\n") + 1
}

func TestAPolicyThatCouldBeMisreadIsRefusedWithItsLine(t *testing.T) {
	shipped := shippedText(t)
	end := strings.Count(shipped, "\n")
	chain := lineOf(shipped, `id = "chip.pa.chain"`)
	replaced := func(old, new string) string { return strings.Replace(shipped, old, new, 1) }
	missing := fmt.Sprintf(`line %d: check "chip.pa.chain" is missing, and would weigh nothing; Foyer ships it as mandatory`, end)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"a misspelt id": {replaced(`"chip.pa.chain"`, `"chip.pa.chian"`),
			[]string{fmt.Sprintf(`line %d: check "chip.pa.chian" is none that Foyer makes`, chain), missing}},
		"an id in capitals": {replaced(`"chip.pa.chain"`, `"Chip.PA.Chain"`),
			[]string{fmt.Sprintf(`line %d: check "Chip.PA.Chain" is none that Foyer makes`, chain), missing}},
		"an id with a space": {replaced(`"chip.pa.chain"`, `"chip.pa.chain "`),
			[]string{fmt.Sprintf(`line %d: check "chip.pa.chain " is none that Foyer makes`, chain), missing}},
		"an id that looks the same": {replaced(`"chip.pa.chain"`, `"chip.pа.chain"`),
			[]string{fmt.Sprintf(`line %d: check "chip.pа.chain" is none that Foyer makes`, chain), missing}},
		"an id of the future":  {shipped + "\n[[check]]\nid = \"stamp.entry\"\nlevel = \"optional\"\n", []string{fmt.Sprintf(`line %d: check "stamp.entry" is none that Foyer makes`, end+3)}},
		"a check that is gone": {replaced("[[check]]\nid = \"chip.pa.chain\"\nlevel = \"mandatory\"\n", "# "), []string{strings.Replace(missing, fmt.Sprint("line ", end), fmt.Sprint("line ", end-3), 1)}},
		"a check twice": {shipped + "\n[[check]]\nid = \"chip.pa.chain\"\nlevel = \"evaluatory\"\n",
			[]string{fmt.Sprintf(`line %d: check "chip.pa.chain" stands on line %d already`, end+3, chain)}},
		"a check twice, its header in quotes": {shipped + "\n[['check']]\nid = \"chip.pa.chain\"\nlevel = \"evaluatory\"\n",
			[]string{fmt.Sprintf(`line %d: check "chip.pa.chain" stands on line %d already`, end+3, chain)}},
		"a header that is escaped": {shipped + "\n[[\"\\u0063heck\"]]\nid = \"chip.pa.chain\"\nlevel = \"evaluatory\"\n",
			[]string{"another check begins below"}},
		"an unknown level":     {replaced(`level = "mandatory"`, `level = "important"`), []string{`line 17: check "mrz.check_digits" has level "important"; there are mandatory, optional and evaluatory`}},
		"a level in capitals":  {replaced(`level = "mandatory"`, `level = "Mandatory"`), []string{`line 17: check "mrz.check_digits" has level "Mandatory"`}},
		"a level that is none": {replaced(`level = "mandatory"`, `level = 3`), []string{`line 17: `, `"check.level" is of type Integer, not String`}},
		"no level":             {replaced("level = \"mandatory\"\n", ""), []string{`line 15: check "mrz.check_digits" has level ""`}},
		"a misspelt key":       {replaced(`level = "mandatory"`, `levle = "mandatory"`), []string{`line 17: unknown key "check.levle"`}},
		"a key in capitals":    {replaced(`level = "mandatory"`, `Level = "mandatory"`), []string{`line 17: unknown key "check.Level"`}},
		"two spellings of a key": {replaced("level = \"mandatory\"\n", "level = \"mandatory\"\nLEVEL = \"evaluatory\"\n"),
			[]string{`line 18: unknown key "check.LEVEL"`}},
		"a key at the head":   {"weights = 3\n" + shipped, []string{`line 1: unknown key "weights"`}},
		"a table of its own":  {shipped + "\n[checks]\nlevel = \"optional\"\n", []string{fmt.Sprintf(`line %d: unknown key "checks"`, end+2)}},
		"a header misspelt":   {replaced("[[check]]", "[[chek]]"), []string{`line 15: unknown key "chek"`}},
		"a header in one row": {`check = [{id = "chip.access", level = "optional"}]`, []string{`line 1: unknown key "check"`}},
		"a table below":       {replaced("about = ", "[check.about]\nde = "), []string{`line 18: "check.about" is of type Hash, not String`}},
		"an empty table":      {replaced("[[check]]\n", "[[check]]\n\n[[check]]\n"), []string{`line 15: a check without an id`}},
		"where supported, not mandatory": {replaced("level = \"evaluatory\"\n", "level = \"evaluatory\"\nwhere_supported = true\n"),
			[]string{fmt.Sprintf(`line %d: check "chip.pa.validity" has where_supported and is not mandatory`, lineOf(shipped, "level = \"evaluatory\"")+1)}},
		"no checks":         {`name = "x"`, []string{"line 1: no checks"}},
		"nothing":           {"", []string{"line 1: no checks"}},
		"no TOML":           {"# x\nname = ", []string{"line 2: "}},
		"a text unclosed":   {replaced(`"mandatory"`, `"mandatory`), []string{"line 17: "}},
		"a key twice":       {replaced("level = \"mandatory\"\n", "level = \"mandatory\"\nlevel = \"optional\"\n"), []string{"line 18: "}},
		"no text":           {"\x00\xff\xfe", []string{"line 1: "}},
		"a key without end": {"name = \"x\"\na" + strings.Repeat(".a", 20000) + " = 1\n", []string{"line 2: more than 4096 bytes in a line"}},
		"another's config":  {"state_dir = \"/var/lib/foyer\"\n[verify]\npolicy = \"\"\n", []string{`line 1: unknown key "state_dir"`, `line 2: unknown key "verify"`}},
	} {
		path := filepath.Join(t.TempDir(), "office.toml")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := verify.LoadPolicy(path)
		if faults := new(verify.PolicyError); !errors.As(err, faults) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not in %v", name, want, err)
			}
		}
	}
}

func TestAnOfficeMayWeighEveryCheckItself(t *testing.T) {
	text := strings.NewReplacer(`"optional"`, `"mandatory"`, "\n", "\r\n").Replace(shippedText(t))
	policy, err := verify.ParsePolicy([]byte(text))
	if err != nil || len(policy.Checks) != len(shipped(t).Checks) {
		t.Fatal(err)
	}
	checks := slices.DeleteFunc(policy.Checks, func(c verify.PolicyCheck) bool { return c.Level != verify.Optional })
	if len(checks) > 0 {
		t.Errorf("%+v", checks)
	}
}

func TestAPolicyFileThatIsNoneIsRefused(t *testing.T) {
	huge := filepath.Join(t.TempDir(), "huge.toml")
	if err := os.WriteFile(huge, []byte(shippedText(t)+strings.Repeat("#", 1<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{huge, t.TempDir(), "/dev/zero", filepath.Join(t.TempDir(), "nowhere.toml")} {
		if _, err := verify.LoadPolicy(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// The two that check the forgery fail, and the office's policy has their names wrong.
func TestNoCheckFailsWithoutWeight(t *testing.T) {
	var checks []verify.Check
	policy := &verify.Policy{}
	for _, c := range shipped(t).Checks {
		check := verify.Check{ID: c.ID, Result: verify.Passed}
		if c.ID == "chip.pa.hashes" || c.ID == "cross.dg1_mrz" {
			c.ID, check.Result = "x"+c.ID, verify.Failed
		} else {
			policy.Checks = append(policy.Checks, c)
		}
		checks = append(checks, check)
	}
	if r := policy.Judge(checks, verify.Valid); r.Verdict != verify.Doubtful {
		t.Errorf("%s: %+v", r.Verdict, r.Checks)
	}
}

// Both ways: what an examiner makes and the policy has not would have no word for people; what the policy has and nobody makes
// can never pass.
func TestEveryCheckThatFoyerMakesIsInThePolicyAndNoOther(t *testing.T) {
	word := regexp.MustCompile(`"((?:mrz|chip|optical|cross|person|stamp)\.[a-z0-9_.]+)"`)
	code := regexp.MustCompile(`Code += ".*"`) // of a reason
	made := map[string]bool{}
	for _, pattern := range []string{"*.go", "*/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, id := range word.FindAllStringSubmatch(code.ReplaceAllString(string(source), ""), -1) {
				made[id[1]] = true
			}
		}
	}
	var written []string
	for id := range made {
		written = append(written, id)
	}
	var named []string
	for _, c := range shipped(t).Checks {
		named = append(named, c.ID)
	}
	slices.Sort(written)
	slices.Sort(named)
	if d := cmp.Diff(named, written); d != "" {
		t.Errorf("the policy has -, the source +:\n%s", d)
	}

	checks, _ := verify.ExamineMRZ(verify.Evidence{})
	checks = append(checks, chip.Examiner{}.Examine(t.Context(), verify.Evidence{})...)
	checks = append(checks, portrait.FaceFound(nil, "portrait"))
	for _, c := range checks {
		if !slices.Contains(named, c.ID) {
			t.Errorf("%s is made, and weighed by nobody", c.ID)
		}
	}
}
