// Package wordingtest words what checks say, for tests.
package wordingtest

import (
	"testing"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/wording"
)

// English is what a check says in English. The test fails where some language has no words for one of its reasons, or misses a
// parameter.
func English(t testing.TB, c verify.Check) string { return Sentence(t, c.Reasons) }

// Sentence is English for reasons alone.
func Sentence(t testing.TB, reasons []verify.Reason) (sentence string) {
	t.Helper()
	for _, language := range wording.Languages() {
		catalogue, err := wording.Load(language)
		if err != nil {
			t.Fatal(err)
		}
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
