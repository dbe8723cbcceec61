package intake

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

var (
	fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,79}$`)
	results  = []string{
		string(verify.Passed), string(verify.Failed), string(verify.Undetermined),
		string(verify.Aborted), string(verify.NotPerformed), string(verify.NotSupported),
	}
	levels     = []string{string(verify.Mandatory), string(verify.Optional), string(verify.Evaluatory)}
	validities = []string{ // by how much staff have to know
		string(verify.Valid), string(verify.ValidityUnknown), string(verify.NotYetValid), string(verify.Expired),
	}
	verdicts = []string{string(verify.Genuine), string(verify.Unverified), string(verify.Doubtful)}
	losses   = []string{
		stationv1.DroppedLeftOut, stationv1.DroppedReduced, stationv1.DroppedShortened, stationv1.DroppedNotKept,
		stationv1.DroppedNotRead, stationv1.DroppedUnreadable, stationv1.DroppedContradicts,
	}
)

// parseRecord reads an unsealed record, brings an old one into today's form, and refuses what the console could not show rightly. Of
// one that goes beyond the contract's limits the verdicts and the checks that failed are left, and it says that it was cut. Of one of a
// newer contract everything is kept, and what cannot be shown takes a good verdict with it. Errors hold no value of it.
func parseRecord(text []byte, files int) (r *stationv1.CheckInRecord, cut bool, err error) {
	if r, cut, err = readLean(text); err != nil {
		return nil, false, err
	}
	newer := ofNewer(r)
	stationv1.Upgrade(r)
	if newer {
		leaveUnknown(r)
	}
	if err := checkRecord(r, files, newer); err != nil {
		return nil, false, err
	}
	if newer {
		r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: "record", How: stationv1.DroppedNewer})
	}
	if cut = cut || len(text) > stationv1.MaxRecord; cut {
		for part := range parts(r.ProtoReflect()) {
			part.SetUnknown(nil)
		}
		r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: "record", How: stationv1.DroppedShortened})
	}
	return r, cut, nil
}

// ofNewer says whether a record was written by a newer contract than ours: it says so, or has fields that ours does not.
func ofNewer(r *stationv1.CheckInRecord) bool {
	for part := range parts(r.ProtoReflect()) {
		if len(part.GetUnknown()) > 0 {
			return true
		}
	}
	return r.Contract > stationv1.Contract
}

// isNewer says whether staff are told that a record is of a newer contract.
func isNewer(r *stationv1.CheckInRecord) bool {
	return slices.ContainsFunc(r.GetDropped(), func(d *stationv1.Dropped) bool { return d.How == stationv1.DroppedNewer })
}

// leaveUnknown says of a newer record that nobody knows what it says in words that ours does not have.
func leaveUnknown(r *stationv1.CheckInRecord) {
	for _, d := range r.Documents {
		if !slices.Contains(verdicts, d.Verdict) {
			d.Verdict = string(store.Unreadable)
		}
		if !slices.Contains(validities, d.Validity) {
			d.Validity = string(verify.ValidityUnknown)
		}
	}
}

func checkRecord(r *stationv1.CheckInRecord, files int, newer bool) error {
	if len(r.Persons) > stationv1.MaxPersons || len(r.Documents) > stationv1.MaxDocuments || len(r.Dropped) > stationv1.MaxDropped {
		return fmt.Errorf("record has more persons, documents or losses than a check-in may have")
	}
	if len(r.Files) != files {
		return fmt.Errorf("record has %d files, the request %d", len(r.Files), files)
	}
	for i, p := range r.Persons {
		if err := checkChecks(p.Checks, newer); err != nil {
			return fmt.Errorf("person %d: %w", i, err)
		}
	}
	for i, d := range r.Documents {
		if err := checkDocument(d, len(r.Persons), newer); err != nil {
			return fmt.Errorf("document %d: %w", i, err)
		}
	}
	for i, d := range r.Dropped {
		if d.Name == "" || !newer && !slices.Contains(losses, d.How) || d.Count < 0 {
			return fmt.Errorf("loss %d: no name, or unknown", i)
		}
	}
	return nil
}

func checkDocument(d *stationv1.Document, persons int, newer bool) error {
	switch {
	case !newer && (!slices.Contains(verdicts, d.Verdict) || !slices.Contains(validities, d.Validity)):
		return fmt.Errorf("unknown verdict or validity")
	case d.Person < 0 || int(d.Person) > persons:
		return fmt.Errorf("of a person who is not there")
	}
	return checkChecks(d.Checks, newer)
}

// checkChecks are those of a document, or of a person without one.
func checkChecks(checks []*stationv1.Check, newer bool) error {
	if len(checks) > stationv1.MaxChecks {
		return fmt.Errorf("more than %d checks", stationv1.MaxChecks)
	}
	for i, c := range checks {
		if c.Id == "" || !newer && !understood(c) {
			return fmt.Errorf("check %d: no id, or unknown result or level", i)
		}
	}
	return nil
}

// understood says whether we know what a check's result and level say.
func understood(c *stationv1.Check) bool {
	return slices.Contains(results, c.Result) && slices.Contains(levels, c.Level)
}

// checkFile refuses a file that the console could not show rightly, or that is one of those before it. What a file of a newer
// contract is nobody has to know: staff may save it.
func checkFile(f *stationv1.File, r *stationv1.CheckInRecord, before []*stationv1.File, newer bool) error {
	err := f.Check(len(r.Persons), len(r.Documents))
	same := func(other *stationv1.File) bool {
		return other.Name == f.Name || err == nil && other.ProperName() == f.ProperName()
	}
	switch {
	case !fileName.MatchString(f.Name) || slices.ContainsFunc(before, same):
		return fmt.Errorf("%w: a bad name, or a repeated one", errRecord)
	case err != nil && !newer:
		return fmt.Errorf("%w: %w", errRecord, err)
	case len(f.Sha256) != sha256.Size || f.Size < 0 || f.Size > stationv1.MaxFile:
		return fmt.Errorf("%w: bad hash or size", errRecord)
	}
	return nil
}

// worst is the verdict and the validity that need a person most, each of all documents; empty without documents. That all of them are
// genuine says so of the visit only where everybody has one.
func worst(r *stationv1.CheckInRecord) (verdict verify.Verdict, validity verify.Validity) {
	for i, d := range r.Documents {
		if v := borneOut(d); i == 0 || alarm(v) > alarm(verdict) {
			verdict = v
		}
		if v := verify.Validity(d.Validity); i == 0 || slices.Index(validities, string(v)) > slices.Index(validities, string(validity)) {
			validity = v
		}
	}
	if verdict == verify.Genuine && anyWithout(r) {
		verdict = verify.Unverified
	}
	return verdict, validity
}

// anyWithout says whether one of the persons has no document, or none but one that was laid down for another person before.
func anyWithout(r *stationv1.CheckInRecord) bool {
	type identity struct{ state, code, number string }
	first, has := map[identity]int32{}, map[int32]bool{}
	for _, d := range r.Documents {
		this := identity{d.IssuingState, d.DocumentCode, d.DocumentNumber}
		if of, again := first[this]; again && of != d.Person && d.DocumentNumber != "" {
			continue
		}
		first[this], has[d.Person] = d.Person, true
	}
	for n := range r.Persons {
		if !has[int32(n+1)] {
			return true
		}
	}
	return false
}

// alarm orders what is shown of a check-in by how much it alarms: to be unreadable is worse than to be unverified.
func alarm(v verify.Verdict) int {
	return slices.Index([]verify.Verdict{verify.Genuine, verify.Unverified, store.Unreadable, verify.Doubtful}, v)
}

// borneOut is a document's verdict as far as its checks bear it out ([verify.Policy.Judge]): a check that failed and weighs
// makes it doubtful, whatever the record says, and one that is called genuine without all that takes is unreadable. A check that we do
// not understand passed nothing.
func borneOut(d *stationv1.Document) verify.Verdict {
	passed, missing := 0, 0
	for _, c := range d.Checks {
		result, level := verify.Result(c.Result), verify.Level(c.Level)
		switch {
		case level == verify.Evaluatory:
		case result == verify.Failed:
			return verify.Doubtful
		case !understood(c):
			missing++
		case level != verify.Mandatory:
		case result == verify.Passed:
			passed++
		case result != verify.NotSupported: // some checks bind only documents that have what they ask about
			missing++
		}
	}
	verdict := verify.Verdict(d.Verdict)
	if verdict == verify.Genuine && (passed == 0 || missing > 0) {
		return store.Unreadable
	}
	return verdict
}

// tellContradictions writes down for staff where a record's verdict is not what its checks bear out, and puts that in its place.
func tellContradictions(r *stationv1.CheckInRecord) {
	for _, d := range r.Documents {
		if verdict := string(borneOut(d)); verdict != d.Verdict {
			d.Verdict = verdict
			r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: "verdict", How: stationv1.DroppedContradicts})
		}
	}
}
