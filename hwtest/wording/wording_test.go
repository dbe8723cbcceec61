package wording_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest/wording"
)

// keys are the messages that the source can give: its typed constants, with the parameters that their comments name.
func keys(t *testing.T) map[devices.Key][]string {
	t.Helper()
	given := map[devices.Key][]string{"plain": {"text"}} // of package technicianv1
	for _, room := range []string{"../../devices", "../../kiosk", "../../hwtest", "../../cmd/hwtest", "../../proto/mutual"} {
		err := filepath.WalkDir(room, func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if c, is := n.(*ast.ValueSpec); is && isKey(c.Type) && len(c.Values) == 1 {
					key, err := strconv.Unquote(c.Values[0].(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					given[devices.Key(key)] = parameters(c.Comment.Text())
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return given
}

func isKey(of ast.Expr) bool {
	if s, qualified := of.(*ast.SelectorExpr); qualified {
		of = s.Sel
	}
	name, is := of.(*ast.Ident)
	return is && name.Name == "Key"
}

// parameters are the words before a comment's semicolon, or its only ones, where all of them are names: "fault, detail; why".
func parameters(comment string) []string {
	first, _, _ := strings.Cut(strings.TrimSpace(comment), ";")
	var names []string
	for name := range strings.SplitSeq(first, ", ") {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
			return nil
		}
		names = append(names, name)
	}
	return names
}

func load(t *testing.T, language string) *wording.Catalogue {
	t.Helper()
	c, err := wording.Load(language)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryKeyOfTheSourceHasWordsInEveryLanguageAndNoOtherHas(t *testing.T) {
	given := keys(t)
	if len(given) < 20 || len(wording.Languages()) < 2 {
		t.Fatalf("%d keys, languages %v", len(given), wording.Languages())
	}
	for _, language := range wording.Languages() {
		c := load(t, language)
		for key, names := range given {
			m := devices.Say(key)
			for _, name := range names {
				m = m.With(name, "x")
			}
			if !c.Knows(m) {
				t.Errorf("%s has no words for %s, with %v alone", language, key, names)
			}
		}
		for _, key := range c.Keys() {
			if _, is := given[key]; !is {
				t.Errorf("%s has words for %s, which nothing gives", language, key)
			}
		}
	}
}

func TestAMessageIsSaidInEachLanguage(t *testing.T) {
	m := devices.HealthOf(&devices.Error{Kind: devices.KindCamera, Op: "open", Err: devices.ErrBusy})
	for language, want := range map[string][2]string{
		"en": {"another program is using the device", "stop the other program that uses it"},
		"de": {"ein anderes Programm benutzt das Gerät", "das andere Programm beenden, das es benutzt"},
	} {
		c := load(t, language)
		if got := [2]string{c.Say(m.Reason), c.Say(m.Remedy)}; got != want {
			t.Errorf("%s: %q", language, got)
		}
	}
	if got := load(t, "de").Say(devices.Message{}); got != "" {
		t.Errorf("nothing is said as %q", got)
	}
	if languages := wording.Languages(); !slices.Contains(languages, "de") {
		t.Errorf("%v", languages)
	}
}
