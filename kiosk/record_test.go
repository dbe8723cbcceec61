package kiosk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/inspection"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// anyBytes draws text as a forger writes it.
func anyBytes(most int) *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, most), func(b []byte) string { return string(b) }),
		rapid.StringOfN(rapid.RuneFrom([]rune("a\u202e\u2066\x00\x1b\n<Ä字")), 0, most, -1),
		rapid.Just(strings.Repeat("<script>", most/8)),
	)
}

// anyReason draws why, with what a stranger wrote among it.
func anyReason() *rapid.Generator[verify.Reason] {
	return rapid.Custom(func(t *rapid.T) verify.Reason {
		r := verify.Because("chip.sod.signed")
		for _, name := range []string{"subject", "publisher"} {
			r = r.With(name, rapid.SliceOfN(anyBytes(2000), 0, 3).Draw(t, "values")...)
		}
		return r
	})
}

// anyCheck draws what an examination may come to.
func anyCheck(ids []string) *rapid.Generator[verify.Check] {
	all := []verify.Result{verify.Passed, verify.Failed, verify.Undetermined, verify.Aborted, verify.NotPerformed, verify.NotSupported}
	return rapid.Custom(func(t *rapid.T) verify.Check {
		return verify.Check{
			ID:       rapid.OneOf(rapid.SampledFrom(ids), anyBytes(80)).Draw(t, "id"),
			Category: verify.Category(anyBytes(80).Draw(t, "category")),
			Result:   rapid.SampledFrom(all).Draw(t, "result"),
			Reasons:  rapid.SliceOfN(anyReason(), 0, 25).Draw(t, "reasons"),
			Measure:  rapid.SampledFrom([]*verify.Measure{nil, {Value: 0.5, Threshold: 0.6, Unit: strings.Repeat("\x00", 90)}}).Draw(t, "measure"),
			Evidence: rapid.SliceOfN(anyBytes(80), 0, 30).Draw(t, "evidence"),
		}
	})
}

func TestWhateverADocumentHoldsItsRecordHasTheVerdictAndWhatFailed(t *testing.T) {
	policy, err := verify.DefaultPolicy()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range policy.Checks {
		ids = append(ids, c.ID)
	}
	s := &Station{config: Config{Policy: policy}}
	rapid.Check(t, func(t *rapid.T) {
		checks := rapid.SliceOfN(anyCheck(ids), 1, 30).Draw(t, "checks")
		checks = slices.Repeat(checks, rapid.SampledFrom([]int{1, 1, 20, 400}).Draw(t, "times"))
		text := func() string { return anyBytes(500).Draw(t, "text") }
		found := &inspection.Document{Checks: checks, Validity: verify.Valid}
		found.Evidence.MRZ = []string{text(), text(), text(), text()}
		contract := rapid.IntRange(firstContract, stationv1.Contract).Draw(t, "contract")
		d := &document{reading: &reading{found: found}}
		d.zone.Format, d.zone.Fields = mrz.TD3, mrz.Fields{Surname: text(), GivenNames: text(), DocumentNumber: text(), ExpiryDate: text()}
		record := s.record(&checkIn{contract: contract, documents: []*document{d}}, oneOfEach)
		encoded, err := proto.Marshal(record)
		if err != nil || len(encoded) > stationv1.MaxRecord {
			t.Fatalf("a record of %d bytes: %v", len(encoded), err)
		}
		judged := policy.Judge(checks, verify.Valid)
		got := record.GetDocuments()[0]
		if got.GetVerdict() != string(judged.Verdict) {
			t.Errorf("%s became %s", judged.Verdict, got.GetVerdict())
		}
		failed, kept := weighing(judged), 0
		for _, check := range got.GetChecks() {
			if n := utf8.RuneCountInString(check.GetReason()); n > stationv1.MaxText || (n > 0) != (contract == firstContract && len(check.GetReason()) > 0) {
				t.Errorf("a sentence of %d characters for an office of contract %d", n, contract)
			}
			if problem := beyondLimits(check.GetReasons()); problem != "" {
				t.Error(problem)
			}
			if check.GetResult() == "failed" && check.GetLevel() != "evaluatory" {
				kept++
			}
		}
		if kept < min(failed, stationv1.MaxChecks) || len(got.GetChecks()) > stationv1.MaxChecks {
			t.Errorf("%d of %d checks that failed are left, of %d", kept, failed, len(got.GetChecks()))
		}
		if lost := len(judged.Checks) - len(got.GetChecks()); lost > 0 && !told(record, "checks", stationv1.DroppedLeftOut, int32(lost)) {
			t.Errorf("nobody is told of %d checks: %v", lost, record.GetDropped())
		}
	})
}

// beyondLimits says in what reasons go beyond the contract; empty where they do not.
func beyondLimits(reasons []*stationv1.Reason) string {
	if len(reasons) > stationv1.MaxReasons {
		return fmt.Sprint(len(reasons), " reasons")
	}
	for _, r := range reasons {
		if len(r.GetParams()) > stationv1.MaxParams {
			return fmt.Sprint(len(r.GetParams()), " parameters")
		}
		for _, p := range r.GetParams() {
			if len(p.GetValues()) > stationv1.MaxValues || slices.ContainsFunc(p.GetValues(), func(v string) bool {
				return utf8.RuneCountInString(v) > stationv1.MaxText || v != verify.Quote(v, stationv1.MaxText)
			}) {
				return fmt.Sprintf("values %.200q", p.GetValues())
			}
		}
	}
	return ""
}

// oneOfEach is the state of a visitor with one document.
var oneOfEach = flow.State{Persons: make([]flow.PersonState, 1), Documents: make([]flow.DocumentState, 1)}

// weighing counts the checks that failed and count in the verdict.
func weighing(r verify.Report) (failed int) {
	for _, c := range r.Checks {
		if c.Result == verify.Failed && c.Level != verify.Evaluatory {
			failed++
		}
	}
	return failed
}

// told says whether staff read of a loss.
func told(r *stationv1.CheckInRecord, name, how string, count int32) bool {
	return slices.ContainsFunc(r.GetDropped(), func(d *stationv1.Dropped) bool {
		return d.GetName() == name && d.GetHow() == how && d.GetCount() == count
	})
}

func TestReasonsThatAreTooMuchGoBeforeThoseOfWhatFailed(t *testing.T) {
	r := &stationv1.CheckInRecord{Documents: []*stationv1.Document{{Verdict: "doubtful"}}}
	long := strings.Repeat("字", 600)
	for i := range stationv1.MaxChecks {
		check := &stationv1.Check{Id: fmt.Sprint("check.", i), Result: "passed", Level: "mandatory", Reason: long, Evidence: slices.Repeat([]string{long}, 2)}
		if i%50 == 0 {
			check.Result = "failed"
		}
		r.Documents[0].Checks = append(r.Documents[0].Checks, check)
	}
	fit(r)
	for _, check := range r.GetDocuments()[0].GetChecks() {
		if want := check.GetResult() == "failed"; (check.GetReason() == long) != want {
			t.Errorf("%s, which %s, says %.20q", check.GetId(), check.GetResult(), check.GetReason())
		}
	}
	if len(r.GetDocuments()[0].GetChecks()) != stationv1.MaxChecks || !told(r, "reasons", stationv1.DroppedShortened, 294) {
		t.Errorf("staff are told %v", r.GetDropped())
	}
}

// signedBy are reasons with a text of a stranger's in them.
func signedBy(text string) []verify.Reason {
	return []verify.Reason{verify.Because("chip.sod.signed").With("subject", text)}
}

// An office of the first contract has no words for codes.
func TestAnOfficeOfTheFirstContractIsGivenSentences(t *testing.T) {
	for contract, want := range map[int32]string{
		0: "reason:\"signed by CN=DS\"", 1: "reason:\"signed by CN=DS\"",
		2: `reasons:{code:"chip.sod.signed" params:{name:"subject" values:"CN=DS"}} measure:{value:0.5 threshold:0.25 unit:"mm"}`,
		9: `reasons:{code:"chip.sod.signed" params:{name:"subject" values:"CN=DS"}} measure:{value:0.5 threshold:0.25 unit:"mm"}`,
	} {
		b := newBed(t, func(b *bed, _ *Config) {
			b.office.Snapshot.Contract = contract
			b.checks = []verify.Check{{ID: "chip.pa.signature", Result: verify.Failed, Reasons: signedBy("CN=DS"),
				Measure: &verify.Measure{Value: 0.5, Threshold: 0.25, Unit: "mm"}}}
		})
		b.begin(flow.StepDocument)
		b.layDown(passport)
		b.field.answers <- wholeChip
		b.finish()
		for _, c := range b.office.received(t, 0).record.GetDocuments()[0].GetChecks() {
			if c.GetId() != "chip.pa.signature" {
				continue
			}
			said := &stationv1.Check{Reason: c.GetReason(), Reasons: c.GetReasons(), Measure: c.GetMeasure()}
			if got := strings.Join(strings.Fields(fmt.Sprint(said)), " "); got != want {
				t.Errorf("contract %d: %s", contract, got)
			}
		}
	}
}

// TestADoubtfulDocumentArrivesAsDoubtful plays the document whose object identifiers made its record too large.
func TestADoubtfulDocumentArrivesAsDoubtful(t *testing.T) {
	b, office := newBedAtRealOffice(t, nil)
	for range 10_000 {
		b.checks = append(b.checks, verify.Check{ID: "stranger", Result: verify.Passed, Reasons: signedBy(strings.Repeat("1.2.\u202e\xff", 100))})
	}
	b.checks = append(b.checks, verify.Check{ID: "chip.pa.hashes", Category: verify.CategoryChip, Result: verify.Failed,
		Reasons: signedBy("DG1 differs " + strings.Repeat("9.", 600<<10)), Evidence: []string{"EF.SOD", "of nobody", "\xff"}})
	b.begin(flow.StepDocument)
	b.shows(flow.Document, flow.Waiting)
	b.layDown(passport)
	b.field.answers <- chipWith("DG1")
	b.finish()
	kept := b.admitted(office)
	if kept.Verdict != verify.Doubtful || kept.Decision.Rule != "examine-document" || kept.record == nil {
		t.Fatalf("kept as %+v\n%s", kept.CheckIn, office.log)
	}
	checks := kept.record.GetDocuments()[0].GetChecks()
	if !slices.ContainsFunc(checks, func(c *stationv1.Check) bool {
		return c.GetId() == "chip.pa.hashes" && c.GetResult() == "failed" && strings.Contains(fmt.Sprint(c), "DG1 differs 9.9.")
	}) {
		t.Errorf("staff do not see what failed among %d checks", len(checks))
	}
	if len(kept.files) != 4 || len(kept.record.GetDropped()) != 1 {
		t.Errorf("%d files, losses %v", len(kept.files), kept.record.GetDropped())
	}
}

func TestWhoeverAsksForStaffWhileChecksRunTakesNoneBackThatFailed(t *testing.T) {
	slow, found := newWitness("cross.portrait_dg2"), make(chan struct{})
	b, office := newBedAtRealOffice(t, func(_ *bed, c *Config) {
		c.Inspection.Examiners[ofBoth].Examine = slow.examine // until it is stopped
		c.Inspection.Examiners[ofChip].Examine = func(context.Context, verify.Evidence) []verify.Check {
			defer close(found)
			return []verify.Check{{ID: "chip.pa.hashes", Category: verify.CategoryChip, Result: verify.Failed, Reasons: signedBy("nobody")}}
		}
	})
	b.begin(flow.StepDocument)
	b.shows(flow.Document, flow.Waiting)
	b.layDown(passport)
	b.field.answers <- chipWith("DG1")
	b.shows(flow.Review, flow.Working)
	<-found
	b.entered(slow)
	b.Send(flow.AskStaff{})
	b.shows(flow.Ticket, flow.Done)
	if kept := b.admitted(office); kept.Verdict != verify.Doubtful {
		t.Errorf("kept as %+v", kept.CheckIn)
	}
}

// TestWhoeverStopsTheChecksHasNoGenuineDocument: the one that would have failed may be optional, and the last to be made.
func TestWhoeverStopsTheChecksHasNoGenuineDocument(t *testing.T) {
	slow := newWitness("cross.portrait_dg2")
	passes := func(context.Context, verify.Evidence) []verify.Check {
		return []verify.Check{{ID: "chip.pa.hashes", Result: verify.Passed}}
	}
	b, office := newBedAtRealOffice(t, func(_ *bed, c *Config) {
		c.Inspection.Examiners = examiners(passes, nothing, slow.examine)
		c.Policy = &verify.Policy{Checks: []verify.PolicyCheck{
			{ID: "chip.pa.hashes", Level: verify.Mandatory}, {ID: "cross.portrait_dg2", Level: verify.Optional},
		}}
	})
	b.begin(flow.StepDocument)
	b.shows(flow.Document, flow.Waiting)
	b.layDown(passport)
	b.field.answers <- chipWith("DG1")
	b.shows(flow.Review, flow.Working)
	b.entered(slow)
	b.Send(flow.AskStaff{})
	b.shows(flow.Ticket, flow.Done)
	if kept := b.admitted(office); kept.Verdict != verify.Unverified {
		t.Errorf("kept as %+v", kept.CheckIn)
	}
}
