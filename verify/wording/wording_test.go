package wording

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/verify"
)

// given are the codes that the source has as typed constants, each with the parameters that stand behind it in a comment.
type given map[verify.Code][]string

// prefixes are how the constants of packages that know no verify.Code begin as one, by their types.
var prefixes = map[string][]string{"Code": {""}, "Deviation": {"deviation.pki."}, "NoteCode": {"note.", "deviation.emrtd."}}

// rooms are where checks are made, and where what they tell comes from.
var rooms = []string{"../../verify", "../../inspection", "../../kiosk", "../../emrtd"}

func readSource(t *testing.T) given {
	t.Helper()
	codes := given{}
	for _, room := range rooms {
		err := filepath.WalkDir(room, func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			if err == nil {
				codes.addFile(t, file)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return codes
}

func (g given) addFile(t *testing.T, file *ast.File) {
	t.Helper()
	ast.Inspect(file, func(n ast.Node) bool {
		if group, is := n.(*ast.GenDecl); is && group.Tok == token.CONST {
			about := ""
			if group.Doc != nil {
				about = group.Doc.Text()
			}
			for _, s := range group.Specs {
				g.addConstant(t, s.(*ast.ValueSpec), about)
			}
		}
		return true
	})
}

var parameters = regexp.MustCompile(`^[a-z_]+(, [a-z_]+)*$`)

func (g given) addConstant(t *testing.T, c *ast.ValueSpec, about string) {
	t.Helper()
	kind, isType := c.Type.(*ast.Ident)
	if s, qualified := c.Type.(*ast.SelectorExpr); qualified {
		kind, isType = s.Sel, true
	}
	if !isType || prefixes[kind.Name] == nil {
		return
	}
	text, is := c.Values[0].(*ast.BasicLit)
	if !is {
		t.Errorf("%s: a code that is no plain text", c.Names[0])
		return
	}
	code, err := strconv.Unquote(text.Value)
	if err != nil {
		t.Fatal(err)
	}
	for _, prefix := range prefixes[kind.Name] {
		if kind.Name == "NoteCode" && strings.HasPrefix(prefix, "deviation") != strings.Contains(about, "a file has otherwise") {
			continue
		}
		full, known := verify.Code(prefix+code), []string(nil)
		switch comment := strings.TrimSpace(c.Comment.Text()); {
		case kind.Name == "Deviation":
			known = []string{"value"}
		case kind.Name == "NoteCode":
			known = []string{"file", verify.Detail}
		case parameters.MatchString(comment):
			known = strings.Split(comment, ", ")
		}
		if _, twice := g[full]; twice {
			t.Errorf("%s is the code of two reasons", full)
		}
		g[full] = known
	}
}

func load(t *testing.T, language string) *Catalogue {
	t.Helper()
	c, err := Load(language)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryCodeOfTheSourceHasWordsInEveryLanguageAndNoOtherHas(t *testing.T) {
	codes := readSource(t)
	if len(codes) < 200 || !slices.Equal(Languages(), []string{"de", "en"}) {
		t.Fatalf("%d codes in %q", len(codes), Languages())
	}
	shape := regexp.MustCompile(`^[a-z0-9_.]{1,60}$`)
	for _, language := range Languages() {
		c := load(t, language)
		for code := range codes {
			if pieces, worded := c.reasons[code]; !worded || len(pieces) == 1 && pieces[0].text == "" {
				t.Errorf("%s has no words for %s", language, code)
			}
			if !shape.MatchString(string(code)) {
				t.Errorf("%q is no code", code)
			}
		}
		for code := range c.reasons {
			if _, given := codes[code]; !given {
				t.Errorf("%s has words for %s, which nothing gives", language, code)
			}
		}
	}
}

func TestWordsNameOnlyParametersThatTheirCodeGives(t *testing.T) {
	codes := readSource(t)
	used := map[string]bool{}
	for _, language := range Languages() {
		c := load(t, language)
		for code, pieces := range c.reasons {
			for _, p := range pieces {
				if p.name != "" && !slices.Contains(codes[code], p.name) {
					t.Errorf("%s, %s: {%s} is none of %q", language, code, p.name, codes[code])
				}
				if strings.ContainsAny(p.text, "{}<>") {
					t.Errorf("%s, %s: a brace or markup in %q", language, code, p.text)
				}
				used[p.as] = true
				if _, group := c.words[p.as]; !group && !slices.Contains([]string{"", "date", "decimal"}, p.as) {
					t.Errorf("%s, %s: no words of %q", language, code, p.as)
				}
			}
		}
	}
	for group := range load(t, "en").words {
		if !used[group] {
			t.Errorf("nothing uses the words of %q", group)
		}
	}
}

// TestEveryParameterIsWordedSomewhere, in English at least: one that nobody reads is not worth sealing.
func TestEveryParameterIsWordedSomewhere(t *testing.T) {
	worded := map[string]bool{}
	for _, language := range Languages() {
		for code, pieces := range load(t, language).reasons {
			for _, p := range pieces {
				worded[fmt.Sprint(code, p.name)] = true
			}
		}
	}
	for code, names := range readSource(t) {
		if strings.HasPrefix(string(code), "deviation.pki.") || strings.HasPrefix(string(code), "note.") || strings.HasPrefix(string(code), "deviation.emrtd.") {
			continue // which of them have a value is the constants' own affair
		}
		for _, name := range names {
			if !worded[fmt.Sprint(code, name)] {
				t.Errorf("%s: no language says %q", code, name)
			}
		}
	}
}

func TestEveryLanguageHasTheSameWordsAndOnlyEnglishSaysDetails(t *testing.T) {
	english := load(t, "en")
	for _, language := range Languages() {
		c := load(t, language)
		for group, words := range english.words {
			for word := range words {
				if c.words[group][word] == "" {
					t.Errorf("%s has no word for %s of %s", language, word, group)
				}
			}
			if len(c.words[group]) != len(words) {
				t.Errorf("%s has other words of %s", language, group)
			}
		}
		for code, pieces := range c.reasons {
			details := slices.ContainsFunc(pieces, func(p piece) bool { return p.name == verify.Detail })
			if details && language != "en" {
				t.Errorf("%s, %s: details are English", language, code)
			}
		}
	}
}

func TestASentenceSaysEachReasonOnceAndWhereDeviationsBegin(t *testing.T) {
	twice := verify.Because("deviation.chip.behind").With("file", "DG2")
	reasons := []verify.Reason{verify.Because("mrz.disagree").With("fields", "birth_date", "strange"), twice, twice, verify.Because("deviation.chip.plain_format")}
	for language, want := range map[string]string{
		"en": "does not agree: birth date, strange; deviates: unsigned bytes that follow DG2 are left out; DG14 states the algorithm of certificates, not the plain ECDSA format",
		"de": "stimmt nicht: Geburtsdatum, strange; weicht ab: hinter DG2 stand etwas, das niemand signiert; es bleibt unbeachtet; DG14 nennt das Verfahren von Zertifikaten, nicht das einfache ECDSA-Format",
	} {
		if got := load(t, language).Sentence(reasons); got != want {
			t.Errorf("%s says %q", language, got)
		}
	}
}

func TestDaysAndNumbersAreWrittenAsTheLanguageDoes(t *testing.T) {
	valid := verify.Because("chip.validity.no_csca").With("from", "2020-01-31").With("until", "never")
	contrast := verify.Because("page.ir.contrast").With("value", "0.83").With("threshold", "0.60")
	for language, want := range map[string][2]string{
		"en": {"the signer is valid from 2020-01-31 to never; its CSCA is not known", "print contrast signal in infrared 0.83, at least 0.60 is required"},
		"de": {"der Signierer gilt vom 31.01.2020 bis never; seine CSCA ist nicht bekannt", "Druckkontrast im Infrarot 0,83, nötig ist mindestens 0,60"},
	} {
		c := load(t, language)
		first, _ := c.Reason(valid)
		second, _ := c.Reason(contrast)
		if got := [2]string{first, second}; got != want {
			t.Errorf("%s says %q", language, got)
		}
	}
}

func TestACodeWithoutWordsIsToldAsSuch(t *testing.T) {
	c := load(t, "en")
	if text, known := c.Reason(verify.Because("chip.not_given")); known || text != "" {
		t.Errorf("said %q of a file that is not named", text)
	}
	if text, known := c.Reason(verify.Because("of.tomorrow")); known || text != "" {
		t.Errorf("said %q", text)
	}
	if got := c.Sentence([]verify.Reason{verify.Because("of.tomorrow")}); got != "a reason that this office has no words for: of.tomorrow" {
		t.Errorf("said %q", got)
	}
}
