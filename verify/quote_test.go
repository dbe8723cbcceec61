package verify_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

func TestWhatAStrangerWroteIsQuotedInOnePrintableLine(t *testing.T) {
	for written, want := range map[string]string{
		"issued by CN=CSCA Utopia":     "issued by CN=CSCA Utopia",
		"Ärzte, نعم, Київ":             "Ärzte, نعم, Київ",
		"one\ntwo":                     "one; two",
		"tab\tand\u00a0space":          "tab and space",
		"\x1b[2Jpassed":                "\ufffd[2Jpassed",
		"evil\u202egnihton\u202c":      "evil\ufffdgnihton\ufffd",
		"nul\x00, \u2066isolate\u2069": "nul\ufffd, \ufffdisolate\ufffd",
		"not UTF-8: \xff\xc3":          "not UTF-8: \ufffd\ufffd",
		"<script>":                     "<script>", // it is the page's business to escape
		strings.Repeat("x", 70):        strings.Repeat("x", 60) + "...",
	} {
		if got := verify.Quote(written, 60); got != want {
			t.Errorf("%q became %q, not %q", written, got, want)
		}
	}
}

func TestQuotingHasABoundAndChangesNothingASecondTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		written := string(rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		most := rapid.IntRange(0, 100).Draw(t, "most")
		quoted := verify.Quote(written, most)
		if n := utf8.RuneCountInString(quoted); n > most+3 || !utf8.ValidString(quoted) {
			t.Errorf("%d characters, at most %d: %q", n, most, quoted)
		}
		if i := strings.IndexFunc(quoted, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("not printable: %q", quoted)
		}
		if again := verify.Quote(quoted, most); again != quoted {
			t.Errorf("%q became %q", quoted, again)
		}
	})
}

func TestNoReasonLeavesThePolicyThatPeopleCouldNotRead(t *testing.T) {
	said := func(text string) []verify.Reason {
		return []verify.Reason{verify.Because("chip.sod.signed").With("subject", text)}
	}
	policy, err := verify.DefaultPolicy()
	if err != nil {
		t.Fatal(err)
	}
	report := policy.Judge([]verify.Check{
		{ID: "chip.pa.chain", Result: verify.Failed, Reasons: said(strings.Repeat("\u202e\xff", 1<<20))},
		{ID: "of.nobody", Result: verify.Failed, Reasons: said(strings.Repeat("x", 1<<20))},
	}, verify.Valid)
	for _, check := range report.Checks {
		if said := wordingtest.English(t, check.Check); said == "" || said != verify.Quote(said, 600) {
			t.Errorf("%s: %.80q", check.ID, said)
		}
	}
	if report.Verdict != verify.Doubtful {
		t.Errorf("the verdict is %s", report.Verdict)
	}
}
