package intake

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// The limits of a record. The largest honest one, a family of ten with every check, has about 200 KiB.
const (
	maxRecord    = 1 << 20
	maxPersons   = 20
	maxDocuments = 20
	maxChecks    = 300 // of one document
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
	verdicts   = []string{string(verify.Genuine), string(verify.Unverified), string(verify.Doubtful)} // the worst comes last
)

// parseRecord reads an unsealed record and refuses what the console could not show rightly. Errors hold no value of it.
func parseRecord(text []byte, files int) (*stationv1.CheckInRecord, error) {
	var r stationv1.CheckInRecord
	if err := proto.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("record is not a CheckInRecord")
	}
	if len(r.Persons) > maxPersons || len(r.Documents) > maxDocuments {
		return nil, fmt.Errorf("record has more than %d persons or %d documents", maxPersons, maxDocuments)
	}
	if len(r.Files) != files {
		return nil, fmt.Errorf("record has %d files, the request %d", len(r.Files), files)
	}
	for i, d := range r.Documents {
		if err := checkDocument(d); err != nil {
			return nil, fmt.Errorf("document %d: %w", i, err)
		}
	}
	return &r, checkFiles(r.Files)
}

func checkDocument(d *stationv1.Document) error {
	if !slices.Contains(verdicts, d.Verdict) || !slices.Contains(validities, d.Validity) {
		return fmt.Errorf("unknown verdict or validity")
	}
	if len(d.Checks) > maxChecks {
		return fmt.Errorf("more than %d checks", maxChecks)
	}
	for i, c := range d.Checks {
		if c.Id == "" || !slices.Contains(results, c.Result) || !slices.Contains(levels, c.Level) {
			return fmt.Errorf("check %d: no id, or unknown result or level", i)
		}
	}
	return nil
}

func checkFiles(files []*stationv1.File) error {
	seen := map[string]bool{}
	for i, f := range files {
		switch {
		case !fileName.MatchString(f.Name) || seen[f.Name]:
			return fmt.Errorf("file %d: a bad name, or one that stands twice", i)
		case !slices.Contains(mediaTypes, f.MediaType):
			return fmt.Errorf("file %d: unknown media type", i)
		case len(f.Sha256) != sha256.Size || f.Size < 0 || f.Size > maxFile:
			return fmt.Errorf("file %d: bad hash or size", i)
		}
		seen[f.Name] = true
	}
	return nil
}

// worst is the verdict and validity of the document that needs a person most; empty without documents.
func worst(documents []*stationv1.Document) (verify.Verdict, verify.Validity) {
	if len(documents) == 0 {
		return "", ""
	}
	d := slices.MaxFunc(documents, func(a, b *stationv1.Document) int {
		return slices.Index(verdicts, a.Verdict) - slices.Index(verdicts, b.Verdict)
	})
	return verify.Verdict(d.Verdict), verify.Validity(d.Validity)
}
