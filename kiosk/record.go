package kiosk

import (
	"cmp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
)

// Bounds of what a record repeats of a document, in characters; a line of a zone has 44 at most.
const (
	maxField    = 100
	maxLine     = 60
	maxLines    = 3
	maxName     = 60 // of a check, or of a file
	maxEvidence = 12 // names that a check has
	shortReason = 80 // of a sentence, or of a parameter, where all reasons together are too long
	maxNotes    = 4  // of what fit writes down
)

// firstContract has reasons as English sentences.
const firstContract = 1

// record is what the back office gets of a check-in: what the state says that there is, and nothing else that was captured
// on the way. Whatever a document holds, the record can be sent, is no longer than the contract allows, and has the verdict
// and the checks that failed.
func (s *Station) record(c *checkIn, state flow.State) *stationv1.CheckInRecord {
	r := &stationv1.CheckInRecord{}
	var person []verify.Check
	if state.HavePortrait && c.portraitFile != nil {
		person = append(person, c.portraitCheck)
	}
	if c.document != nil && c.zone.Format != "" {
		signed := chip.SignedDataGroups(c.document.document.Evidence, c.document.document.Checks)
		r.Persons = append(r.Persons, personOf(c.zone.Fields, signed))
		r.Documents = append(r.Documents, s.documentOf(c, person, signed))
		r.Files = append(r.Files, withoutUnsigned(c.document.files, signed)...)
		r.Dropped = append(r.Dropped, c.document.dropped...)
	}
	if state.HavePortrait && c.portraitFile != nil {
		r.Files = append(r.Files, c.portraitFile)
		if c.portraitReduced {
			r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: portraitName, How: stationv1.DroppedReduced})
		}
	}
	if state.HaveSignature {
		r.Files = append(r.Files, c.signatureFiles...)
	}
	fit(r)
	return r
}

func personOf(f mrz.Fields, signed map[string][]byte) *stationv1.Person {
	return &stationv1.Person{
		Surname:     verify.Quote(f.Surname, maxField),
		GivenNames:  verify.Quote(f.GivenNames, maxField),
		BirthDate:   verify.Quote(f.BirthDate, maxField),
		Nationality: verify.Quote(f.Nationality, maxField),
		Sex:         verify.Quote(f.Sex, maxField),
		Details:     personalDetails(signed),
	}
}

// documentOf judges the document. One that was not read to the end is judged by what its zone says.
func (s *Station) documentOf(c *checkIn, person []verify.Check, signed map[string][]byte) *stationv1.Document {
	document := c.document.document
	checks, validity := document.Checks, document.Validity
	if len(checks) == 0 {
		checks, validity = verify.ExamineMRZ(document.Evidence)
	}
	report := s.config.Policy.Judge(append(checks, person...), validity)
	words := s.wordsFor(c.contract)
	f := c.zone.Fields
	lines := document.Evidence.MRZ
	d := &stationv1.Document{
		DocumentCode:   verify.Quote(f.DocumentCode, maxField),
		IssuingState:   verify.Quote(f.IssuingState, maxField),
		DocumentNumber: verify.Quote(f.DocumentNumber, maxField),
		ExpiryDate:     verify.Quote(f.ExpiryDate, maxField),
		Mrz:            quoted(lines[:min(len(lines), maxLines)], maxLine),
		Verdict:        string(verdictOf(report)),
		Validity:       string(report.Validity),
		Details:        documentDetails(signed),
	}
	for _, check := range report.Checks {
		judged := &stationv1.Check{
			Id:       verify.Quote(check.ID, maxName),
			Category: verify.Quote(string(check.Category), maxName),
			Result:   string(check.Result),
			Level:    string(check.Level),
			Evidence: quoted(check.Evidence[:min(len(check.Evidence), maxEvidence)], maxName),
			Margin:   check.Margin,
			Area:     c.document.areaOf(check.Check),
		}
		sayWhy(judged, check.Check, words)
		d.Checks = append(d.Checks, judged)
	}
	return d
}

// areaOf is where a check saw what it says in the pictures that were kept of a side; nil for all of them, or for what lies beside.
func (r *reading) areaOf(c verify.Check) *stationv1.Area {
	const whole = 10_000
	if c.Area == nil {
		return nil
	}
	for _, side := range []verify.Side{verify.Front, verify.Back} {
		kept := r.kept[side]
		shows := func(name string) bool { return strings.HasPrefix(name, verify.PictureName(side, "")) }
		area := c.Area.Intersect(kept).Sub(kept.Min)
		if area.Empty() || !slices.ContainsFunc(c.Evidence, shows) {
			continue
		}
		return &stationv1.Area{
			Left: int32(area.Min.X * whole / kept.Dx()), Top: int32(area.Min.Y * whole / kept.Dy()),
			Right: int32(area.Max.X * whole / kept.Dx()), Bottom: int32(area.Max.Y * whole / kept.Dy()),
		}
	}
	return nil
}

// verdictOf is the policy's verdict, but that no document is genuine of which a check was stopped that might have failed: who
// brings a forgery could else stop the checks in time, by asking for a person.
func verdictOf(r verify.Report) verify.Verdict {
	stopped := func(c verify.JudgedCheck) bool { return c.Result == verify.Aborted && c.Level != verify.Evaluatory }
	if r.Verdict == verify.Genuine && slices.ContainsFunc(r.Checks, stopped) {
		return verify.Unverified
	}
	return r.Verdict
}

func quoted(texts []string, most int) []string {
	all := make([]string, 0, len(texts))
	for _, text := range texts {
		all = append(all, verify.Quote(text, most))
	}
	return all
}

// fit brings a record within the contract's limits, and writes down what that took: first checks that did not fail are left
// out where there are too many, then the details of person and document, then the reasons of checks that did not fail are, then the reasons of failed checks are shortened. The verdict, and
// which checks failed, stays.
func fit(r *stationv1.CheckInRecord) {
	for _, d := range r.GetDocuments() {
		if more := len(d.GetChecks()) - stationv1.MaxChecks; more > 0 {
			d.Checks = gravest(d.GetChecks(), stationv1.MaxChecks)
			r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: "checks", How: stationv1.DroppedLeftOut, Count: int32(more)})
		}
	}
	dropDetails(r)
	if more := len(r.GetDropped()) - stationv1.MaxDropped + maxNotes; more > 0 {
		r.Dropped = append(r.Dropped[more:], &stationv1.Dropped{Name: "files", How: stationv1.DroppedLeftOut, Count: int32(more)})
	}
	for _, shorten := range []func(*stationv1.Check) bool{withoutReason, shortened} {
		if proto.Size(r) <= stationv1.MaxRecord-maxName { // with room to say so
			return
		}
		count := int32(0)
		for _, d := range r.GetDocuments() {
			for _, check := range d.GetChecks() {
				if shorten(check) {
					count++
				}
			}
		}
		r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: "reasons", How: stationv1.DroppedShortened, Count: count})
	}
}

func withoutReason(c *stationv1.Check) bool {
	if verify.Result(c.GetResult()) == verify.Failed || c.GetReason() == "" && len(c.GetReasons())+len(c.GetEvidence()) == 0 {
		return false
	}
	c.Reason, c.Reasons, c.Evidence = "", nil, nil
	return true
}

func shortened(c *stationv1.Check) bool {
	before := proto.Size(c)
	c.Reason, c.Evidence = verify.Quote(c.GetReason(), shortReason), nil
	c.Reasons = c.Reasons[:min(len(c.Reasons), 1)]
	for _, r := range c.Reasons {
		for _, p := range r.Params {
			p.Values = quoted(p.Values[:min(len(p.Values), 1)], shortReason)
		}
	}
	return proto.Size(c) < before
}

// gravest keeps the gravest checks, most of them, in the order in which they stand.
func gravest(checks []*stationv1.Check, most int) []*stationv1.Check {
	order := make([]int, len(checks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(gravity(checks[b]), gravity(checks[a])) })
	order = slices.Sorted(slices.Values(order[:most]))
	left := make([]*stationv1.Check, 0, most)
	for _, i := range order {
		left = append(left, checks[i])
	}
	return left
}

func gravity(c *stationv1.Check) int {
	return verify.Gravity(verify.Result(c.GetResult()), verify.Level(c.GetLevel()))
}
