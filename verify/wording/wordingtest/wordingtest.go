// Package wordingtest words what checks say, for tests.
package wordingtest

import (
	"errors"
	"sync"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/wording"
)

// English is what a check says in English. The test fails where some language has no words for one of its reasons, or misses a
// parameter.
func English(t Fataler, c verify.Check) string { return Sentence(t, c.Reasons) }

// catalogues are those of all languages.
var catalogues = sync.OnceValues(func() (map[string]*wording.Catalogue, error) {
	all := map[string]*wording.Catalogue{}
	var errs []error
	for _, language := range wording.Languages() {
		catalogue, err := wording.Load(language)
		all[language], errs = catalogue, append(errs, err)
	}
	return all, errors.Join(errs...)
})

// Fataler is what a test of package testing or rapid is here.
type Fataler interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

// Sentence is English for reasons alone.
func Sentence(t Fataler, reasons []verify.Reason) (sentence string) {
	t.Helper()
	all, err := catalogues()
	if err != nil {
		t.Fatal(err)
	}
	for language, catalogue := range all {
		for _, r := range reasons {
			if _, worded := catalogue.Reason(r); !worded {
				t.Errorf("%s has no words for %+v", language, r)
			}
		}
		if language == "en" {
			sentence = catalogue.Sentence(reasons)
		}
	}
	return sentence
}
