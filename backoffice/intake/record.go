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
	fileName   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$`)
	mediaTypes = []string{"image/png", "image/jpeg", "image/jp2", "application/octet-stream", "application/json"}
	results    = []string{
		string(verify.Passed), string(verify.Failed), string(verify.Undetermined),
		string(verify.Aborted), string(verify.NotPerformed), string(verify.NotSupported),
	}
	levels     = []string{string(verify.Mandatory), string(verify.Optional), string(verify.Evaluatory)}
	validities = []string{string(verify.Valid), string(verify.Expired), string(verify.NotYetValid), string(verify.ValidityUnknown)}
	verdicts   = []string{string(verify.Genuine), string(verify.Unverified), string(verify.Doubtful)}
	losses     = []string{
		stationv1.DroppedLeftOut, stationv1.DroppedReduced, stationv1.DroppedShortened, stationv1.DroppedNotKept,
		stationv1.DroppedUnreadable, stationv1.DroppedContradicts,
	}
)

// parseRecord reads an unsealed record and refuses what the console could not show rightly. Of one that goes beyond the
// contract's limits the verdicts and the checks that failed are left, and it says that it was cut. Errors hold no value of it.
func parseRecord(text []byte, files int) (r *stationv1.CheckInRecord, cut bool, err error) {
	if r, cut, err = readLean(text); err != nil {
		return nil, false, err
	}
	if err := checkRecord(r, files); err != nil {
		return nil, false, err
	}
	if cut = cut || len(text) > stationv1.MaxRecord; cut {
		r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: "record", How: stationv1.DroppedShortened})
	}
	return r, cut, nil
}

func checkRecord(r *stationv1.CheckInRecord, files int) error {
	if len(r.Persons) > stationv1.MaxPersons || len(r.Documents) > stationv1.MaxDocuments || len(r.Dropped) > stationv1.MaxDropped {
		return fmt.Errorf("record has more persons, documents or losses than a check-in may have")
	}
	if len(r.Files) != files {
		return fmt.Errorf("record has %d files, the request %d", len(r.Files), files)
	}
	for i, d := range r.Documents {
		if err := checkDocument(d); err != nil {
			return fmt.Errorf("document %d: %w", i, err)
		}
	}
	for i, d := range r.Dropped {
		if d.Name == "" || !slices.Contains(losses, d.How) || d.Count < 0 {
			return fmt.Errorf("loss %d: no name, or unknown", i)
		}
	}
	return nil
}

func checkDocument(d *stationv1.Document) error {
	if !slices.Contains(verdicts, d.Verdict) || !slices.Contains(validities, d.Validity) {
		return fmt.Errorf("unknown verdict or validity")
	}
	if len(d.Checks) > stationv1.MaxChecks {
		return fmt.Errorf("more than %d checks", stationv1.MaxChecks)
	}
	for i, c := range d.Checks {
		if c.Id == "" || !slices.Contains(results, c.Result) || !slices.Contains(levels, c.Level) {
			return fmt.Errorf("check %d: no id, or unknown result or level", i)
		}
	}
	return nil
}

// checkFile refuses a file that the console could not show rightly, or that bears the name of one before it.
func checkFile(f *stationv1.File, before []*stationv1.File) error {
	same := func(other *stationv1.File) bool { return other.Name == f.Name }
	switch {
	case !fileName.MatchString(f.Name) || slices.ContainsFunc(before, same):
		return fmt.Errorf("%w: a bad name, or a repeated one", errRecord)
	case !slices.Contains(mediaTypes, f.MediaType):
		return fmt.Errorf("%w: unknown media type", errRecord)
	case len(f.Sha256) != sha256.Size || f.Size < 0 || f.Size > stationv1.MaxFile:
		return fmt.Errorf("%w: bad hash or size", errRecord)
	}
	return nil
}

// worst is the verdict and validity of the document that needs a person most; empty without documents.
func worst(documents []*stationv1.Document) (verify.Verdict, verify.Validity) {
	var verdict verify.Verdict
	var validity verify.Validity
	for i, d := range documents {
		if v := borneOut(d); i == 0 || alarm(v) > alarm(verdict) {
			verdict, validity = v, verify.Validity(d.Validity)
		}
	}
	return verdict, validity
}

// alarm orders what is shown of a check-in by how much it alarms: to be unreadable is worse than to be unverified.
func alarm(v verify.Verdict) int {
	return slices.Index([]verify.Verdict{verify.Genuine, verify.Unverified, store.Unreadable, verify.Doubtful}, v)
}

// borneOut is a document's verdict as far as its checks bear it out ([verify.Policy.Judge]): a check that failed and weighs
// makes it doubtful, whatever the record says, and one that is called genuine without all that takes is unreadable.
func borneOut(d *stationv1.Document) verify.Verdict {
	passed, missing := 0, 0
	for _, c := range d.Checks {
		result, level := verify.Result(c.Result), verify.Level(c.Level)
		switch {
		case level == verify.Evaluatory:
		case result == verify.Failed:
			return verify.Doubtful
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

// tellContradictions writes down for staff where a record's verdict is not what its checks bear out.
func tellContradictions(r *stationv1.CheckInRecord) {
	for _, d := range r.Documents {
		if borneOut(d) != verify.Verdict(d.Verdict) {
			r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: "verdict", How: stationv1.DroppedContradicts})
		}
	}
}
