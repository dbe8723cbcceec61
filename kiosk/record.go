package kiosk

import (
	"maps"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/wording"
)

// Bounds of what a record repeats of a document, in characters; a line of an MRZ has 44 at most.
const (
	maxField    = 100
	maxLine     = 60
	maxLines    = 3
	maxName     = 60 // of a check, or of a file
	maxEvidence = 12 // names that a check has
	shortReason = 80 // of a sentence, or of a parameter, where all reasons together are too long
	maxNotes    = 4  // of what fit writes down
	maxDropped  = 80 // losses, named one by one: nobody reads more, and an office of the first contract takes no more
)

// firstContract has one person and one document, files that are known by their names, and reasons as English sentences.
const firstContract = 1

// record is what the back office gets of a check-in: what the state says that there is, and nothing else that was captured
// on the way. Whatever documents hold, the record can be sent, is no longer than the contract allows, and has the verdicts
// and the checks that failed.
func (s *Station) record(c *checkIn, state flow.State) *stationv1.CheckInRecord {
	r := &stationv1.CheckInRecord{Contract: int32(c.contract), Persons: make([]*stationv1.Person, len(state.Persons))}
	unread := map[int]int32{} // by whose they are
	for i, d := range state.Documents {
		if i < len(c.documents) && c.documents[i].reading != nil && c.documents[i].zone.Format != "" {
			s.addDocument(r, c.documents[i], d.Person, checksOf(c, state, d.Person))
		} else {
			unread[d.Person]++
		}
	}
	tellUnread(r, unread)
	for i, had := range state.Persons {
		if r.Persons[i] == nil {
			r.Persons[i] = &stationv1.Person{}
		}
		if i < len(c.persons) {
			addCaptured(r, c.persons[i], had, i)
		}
		if !hasDocument(r, i) {
			r.Persons[i].Checks = s.judgedAlone(checksOf(c, state, i))
		}
	}
	r.Persons = r.Persons[:whoCame(r, state)]
	if c.contract == firstContract {
		inFirstContract(r)
	}
	fit(r)
	return r
}

// checksOf are those of a person, with whom a document is judged.
func checksOf(c *checkIn, state flow.State, person int) []verify.Check {
	if person < len(c.persons) && state.Persons[person].HavePortrait && c.persons[person].portraitFile != nil {
		return []verify.Check{c.persons[person].portraitCheck}
	}
	return nil
}

// hasDocument says whether a document of a person was read.
func hasDocument(r *stationv1.CheckInRecord, person int) bool {
	return slices.ContainsFunc(r.GetDocuments(), func(d *stationv1.Document) bool { return d.GetPerson() == int32(person+1) })
}

// judgedAlone are checks of a person without a document, each with its level.
func (s *Station) judgedAlone(checks []verify.Check) (all []*stationv1.Check) {
	for _, judged := range s.config.Policy.Judge(checks, verify.ValidityUnknown).Checks {
		if slices.ContainsFunc(checks, func(c verify.Check) bool { return c.ID == judged.ID }) {
			all = append(all, inRecord(judged, nil, nil))
		}
	}
	return all
}

// addDocument adds what was read of a document; the first one says who the person is.
func (s *Station) addDocument(r *stationv1.CheckInRecord, d *document, person int, checks []verify.Check) {
	signed := chip.SignedDataGroups(d.reading.found.Evidence, d.reading.found.Checks)
	if r.Persons[person] == nil {
		r.Persons[person] = personOf(d.zone.Fields, signed)
	}
	added := s.documentOf(d, checks, signed, s.wordsFor(int(r.GetContract())))
	added.Person, added.Chip = int32(person+1), string(d.reading.found.Evidence.Chip)
	r.Documents = append(r.Documents, added)
	number := len(r.Documents)
	for _, file := range withoutUnsigned(d.reading.files, signed) {
		file.Document = int32(number)
		r.Files = append(r.Files, file)
	}
	for _, loss := range d.reading.dropped {
		r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: d.rename(loss.GetName(), number), How: loss.GetHow(), Count: loss.GetCount()})
	}
}

// nameByNumbers gives files the names that they have in the record, and not in the spool: documents that were not read are in the
// spool's numbers only. An office of the first contract knows its files by the names that they have.
func nameByNumbers(r *stationv1.CheckInRecord) {
	if r.GetContract() > firstContract {
		for _, file := range r.GetFiles() {
			file.Name = file.ProperName()
		}
	}
}

// tellUnread writes down what was to be laid down beside other documents of a person, and was not read: who has none at all stands in
// the record without one.
func tellUnread(r *stationv1.CheckInRecord, unread map[int]int32) {
	count := int32(0)
	for _, person := range slices.Sorted(maps.Keys(unread)) {
		theirs := func(d *stationv1.Document) bool { return int(d.GetPerson()) == person+1 }
		if slices.ContainsFunc(r.GetDocuments(), theirs) {
			count += unread[person]
		}
	}
	if count > 0 {
		r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: "document", How: stationv1.DroppedNotRead, Count: count})
	}
}

// addCaptured adds what was captured of a person.
func addCaptured(r *stationv1.CheckInRecord, p *person, had flow.PersonState, person int) {
	var files []*stationv1.File
	if had.HavePortrait && p.portraitFile != nil {
		files = append(files, p.portraitFile)
		if p.portraitReduced {
			r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: p.portraitFile.GetName(), How: stationv1.DroppedReduced})
		}
	}
	if had.HaveSignature {
		files = append(files, p.signatureFiles...)
		if p.signatureMissed > 0 { // nobody is to take it for whole
			for _, strokes := range p.signatureFiles {
				if strokes.GetKind() == stationv1.KindStrokes {
					r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: strokes.GetName(), How: stationv1.DroppedShortened, Count: int32(p.signatureMissed)})
				}
			}
		}
	}
	for _, file := range files {
		file.Person = int32(person + 1)
	}
	r.Files = append(r.Files, files...)
}

// whoCame counts the persons. One of whom nothing is known counts beside others, but not where the visitor asked for a person
// instead of going on with somebody added.
func whoCame(r *stationv1.CheckInRecord, state flow.State) int {
	n := len(r.Persons)
	if n == 0 || n > 1 && !state.Asked {
		return n
	}
	last := int32(n)
	if slices.ContainsFunc(r.Documents, func(d *stationv1.Document) bool { return d.GetPerson() == last }) ||
		slices.ContainsFunc(r.Files, func(f *stationv1.File) bool { return f.GetPerson() == last }) {
		return n
	}
	return n - 1
}

// inFirstContract brings a record of one person with one document into the form that an office knows which understands no other. Its
// files have their names of that form already.
func inFirstContract(r *stationv1.CheckInRecord) {
	r.Contract = 0
	if len(r.Documents) == 0 {
		r.Persons = nil
	}
	for _, d := range r.Documents {
		d.Person, d.Chip = 0, ""
	}
	for _, f := range r.Files {
		f.Kind, f.Document, f.Person, f.ChipFile = "", 0, 0, ""
	}
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

// documentOf judges the document. One that was not read to the end is judged by what its MRZ says.
func (s *Station) documentOf(of *document, person []verify.Check, signed map[string][]byte, words *wording.Catalogue) *stationv1.Document {
	found := of.reading.found
	checks, validity := found.Checks, found.Validity
	if len(checks) == 0 {
		checks, validity = verify.ExamineMRZ(found.Evidence)
	}
	report := s.config.Policy.Judge(append(checks, person...), validity)
	f := of.zone.Fields
	lines := found.Evidence.MRZ
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
		d.Checks = append(d.Checks, inRecord(check, of.reading.areaOf(check.Check), words))
	}
	return d
}

// inRecord is a check as the record has it, seen in an area of the pictures that were kept; words are those for an office that has none.
func inRecord(c verify.JudgedCheck, seen *stationv1.Area, words *wording.Catalogue) *stationv1.Check {
	check := &stationv1.Check{
		Id:       verify.Quote(c.ID, maxName),
		Category: verify.Quote(string(c.Category), maxName),
		Result:   string(c.Result),
		Level:    string(c.Level),
		Evidence: quoted(c.Evidence[:min(len(c.Evidence), maxEvidence)], maxName),
		Margin:   c.Margin,
		Area:     seen,
	}
	sayWhy(check, c.Check, words)
	return check
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
