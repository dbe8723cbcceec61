package verify_test

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

func TestADeviationIsToldWithWhatStandsThere(t *testing.T) {
	for want, reason := range map[string]verify.Reason{
		"deviates: the signer is not named":                   verify.Deviation(pki.DeviationNameless),
		`deviates: a certificate writes its country "ut"`:     verify.Deviation(pki.DeviationCountry + "=ut"),
		"it was opened by Basic Access Control":               verify.Note(emrtd.Note{Code: emrtd.NoteBasicAccess, Text: "it was opened by Basic Access Control"}),
		"deviates: in DG2 a face states 3 bytes, 4 are there": verify.FileDeviation("DG2", emrtd.Note{Code: emrtd.NotePictureLength, Text: "a face states 3 bytes, 4 are there"}),
	} {
		if got := wordingtest.Sentence(t, []verify.Reason{reason}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestOneReasonMoreChangesNoneThatWasTakenBefore(t *testing.T) {
	base := verify.Because("a").With("x", "1")
	first, second := base.With("y", "2"), base.With("z", "3")
	if got := fmt.Sprint(base.Params, first.Params, second.Params); got != "[{x [1]}] [{x [1]} {y [2]}] [{x [1]} {z [3]}]" {
		t.Error(got)
	}
}

func TestReasonsThatLeaveAreFewAndStayAsTheyAreASecondTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Custom(func(t *rapid.T) string {
			part := string(rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "text"))
			return strings.Repeat(part, rapid.SampledFrom([]int{1, 1, 10, 80}).Draw(t, "times"))
		})
		var reasons []verify.Reason
		for range rapid.IntRange(0, 24).Draw(t, "reasons") {
			r := verify.Because(verify.Code(text.Draw(t, "code")))
			for range rapid.IntRange(0, 10).Draw(t, "parameters") {
				r = r.With(text.Draw(t, "name"), rapid.SliceOfN(text, 0, 3).Draw(t, "values")...)
			}
			reasons = append(reasons, r)
		}
		bounded := verify.Bounded(reasons)
		said := 0
		for _, r := range bounded {
			if r.Code == "more" { // which says how many are left out
				continue
			}
			for _, p := range r.Params {
				for _, v := range p.Values {
					said += utf8.RuneCountInString(v)
					if v != verify.Quote(v, 300) {
						t.Errorf("%q cannot be read", v)
					}
				}
			}
		}
		if len(bounded) > 20 || said > 1500 || (len(bounded) == 0) != (len(reasons) == 0) {
			t.Errorf("%d reasons of %d say %d characters", len(bounded), len(reasons), said)
		}
		if again := verify.Bounded(bounded); !reflect.DeepEqual(again, bounded) {
			t.Errorf("%+v became %+v", bounded, again)
		}
	})
}

func TestWhatHasNoRoomIsCounted(t *testing.T) {
	var reasons []verify.Reason
	for range 9 {
		reasons = append(reasons, verify.Because("chip.sod.signed").With("subject", strings.Repeat("x", 1000)))
	}
	bounded := verify.Bounded(reasons)
	if last := bounded[len(bounded)-1]; last.Code != "more" || last.Values("count")[0] != fmt.Sprint(10-len(bounded)) {
		t.Errorf("%+v", last)
	}
}

// TestNoLogAndNoErrorHasMoreOfAReasonThanItsCode, however it gets there.
func TestNoLogAndNoErrorHasMoreOfAReasonThanItsCode(t *testing.T) {
	reason := verify.Because("cross.field").With("field", "surname").With("printed", "MARCHETTI").With("chip", "BENALI")
	check := verify.Check{ID: "cross.dg1_mrz", Result: verify.Failed, Reasons: []verify.Reason{reason}}
	var written strings.Builder
	for _, handler := range []slog.Handler{slog.NewTextHandler(&written, nil), slog.NewJSONHandler(&written, nil)} {
		slog.New(handler).Info("a check", "check", check, "reason", reason, "reasons", check.Reasons, "judged", verify.JudgedCheck{Check: check})
	}
	fmt.Fprintf(&written, "%v %+v %s", check, check, fmt.Errorf("not kept: %v", check.Reasons))
	if said := written.String(); strings.Contains(said, "MARCHETTI") || strings.Contains(said, "BENALI") || !strings.Contains(said, "cross.field") {
		t.Error(said)
	}
}
