package verify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var (
	day  = time.Date(2012, 4, 15, 23, 0, 0, 0, time.UTC)
	zone = []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}
)

func ExamplePolicy_Judge() {
	policy, err := verify.DefaultPolicy()
	if err != nil {
		fmt.Println(err)
		return
	}
	checks, validity := verify.ExamineMRZ(verify.Evidence{MRZ: zone, Day: day})
	report := policy.Judge(checks, validity)
	fmt.Println(report.Verdict, report.Validity)
	// Output: unverified valid
}

func TestADocumentIsValidThroughItsLastDay(t *testing.T) {
	for _, c := range []struct {
		zone []string
		day  time.Time
		want verify.Validity
	}{
		{zone, day, verify.Valid},
		{zone, day.AddDate(0, 0, 1), verify.Expired},
		{nil, day, verify.ValidityUnknown},
		{[]string{"short"}, day, verify.ValidityUnknown},
		{[]string{zone[0], strings.Replace(zone[1], "1204159", "<<<<<<0", 1)}, day, verify.ValidityUnknown},
		{[]string{zone[0], strings.Replace(zone[1], "1204159", "1204<<9", 1)}, day.AddDate(0, 0, 10), verify.Valid},
		{[]string{zone[0], strings.Replace(zone[1], "1204159", "1204<<9", 1)}, day.AddDate(0, 0, 16), verify.Expired},
	} {
		if _, got := verify.ExamineMRZ(verify.Evidence{MRZ: c.zone, Day: c.day}); got != c.want {
			t.Errorf("%q on %s: %s, want %s", c.zone, c.day.Format(time.DateOnly), got, c.want)
		}
	}
}

func TestAWrongCheckDigitFailsAndSaysWhich(t *testing.T) {
	altered := []string{zone[0], strings.Replace(zone[1], "L898902C3", "L898902C4", 1)}
	checks, _ := verify.ExamineMRZ(verify.Evidence{MRZ: altered, Day: day})
	if checks[0].Result != verify.Failed || !strings.Contains(wordingtest.English(t, checks[0]), "document number") {
		t.Errorf("%+v", checks[0])
	}
}

func TestACharacterThatWasNotReadIsNoFailure(t *testing.T) {
	checks, _ := verify.ExamineMRZ(verify.Evidence{MRZ: []string{zone[0], "?" + zone[1][1:]}, Day: day})
	if checks[0].Result != verify.Undetermined {
		t.Errorf("%+v", checks[0])
	}
}

func TestTheShippedPolicyNeverCallsAnUncheckedDocumentGenuine(t *testing.T) {
	policy := shipped(t)
	report := policy.Judge(nil, verify.Valid)
	if report.Verdict != verify.Unverified {
		t.Errorf("verdict %s", report.Verdict)
	}
	for _, c := range report.Checks {
		if c.Result != verify.NotPerformed || len(c.Reasons) == 0 {
			t.Errorf("%+v", c)
		}
	}
}

// The verdict's rule, stated again from the results alone, over every kind of outcome.
func TestTheVerdictFollowsItsRule(t *testing.T) {
	policy := shipped(t)
	results := []verify.Result{verify.Passed, verify.Failed, verify.Undetermined, verify.Aborted, verify.NotPerformed, verify.NotSupported}
	rapid.Check(t, func(t *rapid.T) {
		var checks []verify.Check
		doubtful, complete := false, true
		for _, line := range policy.Checks {
			r := rapid.SampledFrom(results).Draw(t, line.ID)
			checks = append(checks, verify.Check{ID: line.ID, Result: r})
			doubtful = doubtful || r == verify.Failed && line.Level != verify.Evaluatory
			excused := r == verify.NotSupported && line.WhereSupported
			complete = complete && (r == verify.Passed || excused || line.Level != verify.Mandatory)
		}
		want := verify.Unverified
		if doubtful {
			want = verify.Doubtful
		} else if complete {
			want = verify.Genuine
		}
		if got := policy.Judge(checks, verify.Valid).Verdict; got != want {
			t.Errorf("got %s, want %s: %+v", got, want, checks)
		}
	})
}

func TestAProtectionThatADocumentHasNotDoesNoHarmAndOneThatIsHiddenDoes(t *testing.T) {
	policy := shipped(t)
	bound := 0
	for _, protection := range policy.Checks {
		if !protection.WhereSupported {
			continue
		}
		bound++
		for result, want := range map[verify.Result]verify.Verdict{
			verify.Passed: verify.Genuine, verify.NotSupported: verify.Genuine, verify.Failed: verify.Doubtful,
			verify.Undetermined: verify.Unverified, verify.Aborted: verify.Unverified, verify.NotPerformed: verify.Unverified,
		} {
			var checks []verify.Check
			for _, line := range policy.Checks {
				checks = append(checks, verify.Check{ID: line.ID, Result: verify.Passed})
				if line.ID == protection.ID {
					checks[len(checks)-1].Result = result
				}
			}
			if got := policy.Judge(checks, verify.Valid).Verdict; got != want {
				t.Errorf("%s %s: %s, want %s", protection.ID, result, got, want)
			}
		}
	}
	if bound == 0 {
		t.Error("no check has where_supported")
	}
}

func TestADocumentOfWhichNothingIsSupportedIsNotGenuine(t *testing.T) {
	policy := shipped(t).Only("chip.original", "chip.ca", "chip.aa", "chip.cam")
	var checks []verify.Check
	for _, line := range policy.Checks {
		checks = append(checks, verify.Check{ID: line.ID, Result: verify.NotSupported})
	}
	if v := policy.Judge(checks, verify.Valid).Verdict; v != verify.Unverified {
		t.Errorf("verdict %s", v)
	}
}

func TestAPolicyWithoutMandatoryChecksNeverSaysGenuine(t *testing.T) {
	optical := shipped(t).Only("optical.")
	var checks []verify.Check
	for _, line := range optical.Checks {
		checks = append(checks, verify.Check{ID: line.ID, Result: verify.Passed})
	}
	if r := optical.Judge(checks, verify.Valid); len(checks) == 0 || r.Verdict != verify.Unverified {
		t.Errorf("%d checks: %s", len(checks), r.Verdict)
	}
}

func TestASecondAnswerToTheSameCheckCannotHideAFailure(t *testing.T) {
	policy := shipped(t)
	var checks []verify.Check
	for _, line := range policy.Checks {
		checks = append(checks, verify.Check{ID: line.ID, Result: verify.Passed})
	}
	if v := policy.Judge(checks, verify.Valid).Verdict; v != verify.Genuine {
		t.Fatalf("all passed: %s", v)
	}
	checks = append(checks, verify.Check{ID: "optical.ir.b900", Result: verify.Failed})
	if v := policy.Judge(checks, verify.Valid).Verdict; v != verify.Doubtful {
		t.Errorf("with a failed second answer: %s", v)
	}
}

func TestAnUnknownCheckThatFailsMakesADocumentDoubtful(t *testing.T) {
	report := shipped(t).Judge([]verify.Check{{ID: "stamp.entry", Result: verify.Failed}}, verify.Valid)
	last := report.Checks[len(report.Checks)-1]
	if last.ID != "stamp.entry" || last.Level != verify.Optional || report.Verdict != verify.Doubtful {
		t.Errorf("%s, %+v", report.Verdict, last)
	}
}

func TestEveryCheckOfTheShippedPolicySaysWhatItIsAbout(t *testing.T) {
	var bare []string
	for _, c := range shipped(t).Checks {
		if c.About == "" {
			bare = append(bare, c.ID)
		}
	}
	if d := cmp.Diff([]string(nil), bare); d != "" {
		t.Error(d)
	}
}

func shipped(t *testing.T) *verify.Policy {
	t.Helper()
	policy, err := verify.DefaultPolicy()
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

func TestWhatFailedIsGraverThanWhatDidNotAndAmongTheseWhatWeighsMore(t *testing.T) {
	rising := []struct {
		result verify.Result
		level  verify.Level
	}{
		{verify.Undetermined, ""}, {verify.Passed, verify.Evaluatory}, {verify.Aborted, verify.Optional}, {verify.Passed, verify.Mandatory},
		{verify.Failed, "unheard of"}, {verify.Failed, verify.Evaluatory}, {verify.Failed, verify.Optional}, {verify.Failed, verify.Mandatory},
	}
	for i, graver := range rising[1:] {
		if verify.Gravity(rising[i].result, rising[i].level) >= verify.Gravity(graver.result, graver.level) {
			t.Errorf("%v is no graver than %v", graver, rising[i])
		}
	}
}
