package intake_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// sendWith sends a check-in whose record was changed after it was made, as a station does that is not ours any more, or is ill.
func sendWith(t *testing.T, station *checkintest.Station, c *checkintest.CheckIn, change func(*stationv1.CheckInRecord)) {
	t.Helper()
	request, uploads, err := station.Prepare(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	change(c.Record)
	text, err := proto.Marshal(c.Record)
	if err != nil {
		t.Fatal(err)
	}
	if uploads[0], err = station.Seal(text); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(uploads[0])
	request.RecordSha256 = sum[:]
	for _, sealed := range uploads {
		if _, err := station.UploadFrom(t.Context(), c.ID, sealed, 0, len(sealed)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err = station.Submit(t.Context(), request); err != nil {
		t.Fatal(err)
	}
}

// open gives a check-in, and its record as staff see it; nil where there is none.
func open(t *testing.T, b *checkintest.BackOffice, id string) (store.CheckIn, *stationv1.CheckInRecord) {
	t.Helper()
	kept, sealed, err := b.Store.CheckIn(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if sealed == nil {
		return kept, nil
	}
	text, err := b.Vault.Open(t.Context(), id, sealed)
	if err != nil {
		t.Fatal(err)
	}
	var record stationv1.CheckInRecord
	if err := proto.Unmarshal(text, &record); err != nil {
		t.Fatal(err)
	}
	return kept, &record
}

// check gives a check of a record by its id.
func check(r *stationv1.CheckInRecord, id string) *stationv1.Check {
	for _, c := range r.Documents[0].Checks {
		if c.Id == id {
			return c
		}
	}
	return nil
}

func TestWhatARecordClaimsIsNoBetterThanItsChecks(t *testing.T) {
	b, station := start(t)
	for name, c := range map[string]struct {
		change func(*stationv1.CheckInRecord)
		want   string
	}{
		"genuine, and a mandatory check failed": {func(r *stationv1.CheckInRecord) { check(r, "chip.pa.hashes").Result = "failed" }, "doubtful"},
		"genuine, and an optional check failed": {func(r *stationv1.CheckInRecord) { check(r, "optical.uv.dullness").Result = "failed" }, "doubtful"},
		"unverified, and a mandatory check failed": {func(r *stationv1.CheckInRecord) {
			r.Documents[0].Verdict = "unverified"
			check(r, "chip.pa.hashes").Result = "failed"
		}, "doubtful"},
		"genuine, and a mandatory check was left undone": {func(r *stationv1.CheckInRecord) { check(r, "chip.pa.chain").Result = "not_performed" }, "unreadable"},
		"genuine without a check":                        {func(r *stationv1.CheckInRecord) { r.Documents[0].Checks = nil }, "unreadable"},
		"genuine by what is shown only": {func(r *stationv1.CheckInRecord) {
			for _, c := range r.Documents[0].Checks {
				c.Level = "evaluatory"
			}
		}, "unreadable"},
		"doubtful, and nothing failed": {func(r *stationv1.CheckInRecord) { r.Documents[0].Verdict = "doubtful" }, "doubtful"},
		"a second document that is worse": {func(r *stationv1.CheckInRecord) {
			r.Documents = append(r.Documents, &stationv1.Document{Verdict: "unverified", Validity: "valid"})
		}, "unverified"},
		"a second document that claims too much": {func(r *stationv1.CheckInRecord) {
			r.Documents = append(r.Documents, &stationv1.Document{Verdict: "genuine", Validity: "valid"})
		}, "unreadable"},
		"genuine, expired, and its expiry failed":    {func(r *stationv1.CheckInRecord) { check(r, "mrz.expiry").Result = "failed" }, "genuine"},
		"genuine, and the chip has nothing to prove": {func(r *stationv1.CheckInRecord) { check(r, "chip.pa.chain").Result = "not_supported" }, "genuine"},
	} {
		visitor := checkintest.Genuine(noon)
		sendWith(t, station, visitor, c.change)
		kept, record := open(t, b, visitor.ID)
		if string(kept.Verdict) != c.want || record == nil {
			t.Errorf("%s: shown as %q, not %q, with the record %v", name, kept.Verdict, c.want, record != nil)
		}
		wantRule := "examine-document"
		if c.want == "genuine" {
			wantRule = "residence-permits"
		}
		if kept.Decision.Rule != wantRule {
			t.Errorf("%s: sent by %s", name, kept.Decision.Rule)
		}
	}
}

func TestARecordThatCannotBeShownIsToldAsThatAndSentAsTheWorst(t *testing.T) {
	b, station := start(t)
	for name, change := range map[string]func(*stationv1.CheckInRecord){
		"an empty verdict":         func(r *stationv1.CheckInRecord) { r.Documents[0].Verdict = "" },
		"a verdict in capitals":    func(r *stationv1.CheckInRecord) { r.Documents[0].Verdict = "GENUINE" },
		"a verdict of ours":        func(r *stationv1.CheckInRecord) { r.Documents[0].Verdict = "unreadable" },
		"a verdict that turns":     func(r *stationv1.CheckInRecord) { r.Documents[0].Verdict = "genuine\u202e" },
		"an unknown result":        func(r *stationv1.CheckInRecord) { r.Documents[0].Checks[0].Result = "fine" },
		"a loss that nobody knows": func(r *stationv1.CheckInRecord) { r.Dropped = []*stationv1.Dropped{{Name: "checks", How: "eaten"}} },
		"endless losses":           func(r *stationv1.CheckInRecord) { r.Dropped = make([]*stationv1.Dropped, 481) },
		"endless documents":        func(r *stationv1.CheckInRecord) { r.Documents = make([]*stationv1.Document, 1<<17) },
		"endless persons":          func(r *stationv1.CheckInRecord) { r.Persons = make([]*stationv1.Person, 1<<17) },
		"endless checks": func(r *stationv1.CheckInRecord) {
			r.Documents[0].Checks = slices.Repeat(r.Documents[0].Checks[:1], 1<<17)
		},
		"an endless zone": func(r *stationv1.CheckInRecord) { r.Documents[0].Mrz = make([]string, 1<<17) },
	} {
		visitor := checkintest.Doubtful(noon)
		sendWith(t, station, visitor, change)
		wantPersonOnly(t, name, b, visitor.ID)
	}
}

func TestARecordBeyondTheLimitsKeepsItsVerdictAndWhatFailed(t *testing.T) {
	b, station := start(t)
	many := func(r *stationv1.CheckInRecord) {
		flood := slices.Repeat([]*stationv1.Check{{Id: "stranger", Result: "passed", Level: "evaluatory"}}, 30_000)
		r.Documents[0].Checks = append(flood, r.Documents[0].Checks...)
	}
	for name, change := range map[string]func(*stationv1.CheckInRecord){
		"more than a megabyte": func(r *stationv1.CheckInRecord) {
			for _, c := range r.Documents[0].Checks {
				c.Reason += strings.Repeat("1.2.840.", 150<<10/8)
			}
		},
		"one long reason":     func(r *stationv1.CheckInRecord) { check(r, "chip.pa.chain").Reason = strings.Repeat("x", 604) },
		"a reason that turns": func(r *stationv1.CheckInRecord) { check(r, "cross.dg1_mrz").Reason += "failed \u202edessap" },
		"a NUL in a name":     func(r *stationv1.CheckInRecord) { r.Persons[0].Surname += "\x00" },
		"a loss of two lines": func(r *stationv1.CheckInRecord) { r.Dropped = []*stationv1.Dropped{{Name: "a\nb", How: "left_out"}} },
		"endless evidence":    func(r *stationv1.CheckInRecord) { r.Documents[0].Checks[0].Evidence = make([]string, 50_000) },
		"a flood of checks":   many,
		"a flood of failed checks": func(r *stationv1.CheckInRecord) {
			many(r)
			for _, c := range r.Documents[0].Checks[:400] {
				c.Result = "failed"
			}
		},
	} {
		for verdict, visitor := range map[string]*checkintest.CheckIn{"doubtful": checkintest.Doubtful(noon), "unreadable": checkintest.Genuine(noon)} {
			sendWith(t, station, visitor, change)
			kept, record := open(t, b, visitor.ID)
			if string(kept.Verdict) != verdict || kept.Decision.Rule != "examine-document" || record == nil {
				t.Fatalf("%s: shown as %q, sent by %s", name, kept.Verdict, kept.Decision.Rule)
			}
			if n := proto.Size(record); n > stationv1.MaxRecord || len(record.Documents[0].Checks) > stationv1.MaxChecks {
				t.Errorf("%s: a record of %d bytes with %d checks", name, n, len(record.Documents[0].Checks))
			}
			told := slices.ContainsFunc(record.Dropped, func(d *stationv1.Dropped) bool { return d.Name == "record" && d.How == "shortened" })
			if !told || len(record.Files) != len(visitor.Record.Files) {
				t.Errorf("%s: staff are told %v of %d files", name, record.Dropped, len(record.Files))
			}
			if c := check(record, "cross.dg1_mrz"); verdict == "doubtful" && (c == nil || c.Result != "failed") {
				t.Errorf("%s: what failed is not told: %v", name, c)
			}
		}
	}
}

func TestAFileThatCannotBeReadTakesNoVerdictWithIt(t *testing.T) {
	b, station := start(t)
	for name, change := range map[string]func(*stationv1.File){
		"another hash":      func(f *stationv1.File) { f.Sha256 = make([]byte, 32) },
		"no hash":           func(f *stationv1.File) { f.Sha256 = nil },
		"more than it has":  func(f *stationv1.File) { f.Size++ },
		"a negative size":   func(f *stationv1.File) { f.Size = -1 },
		"a path for a name": func(f *stationv1.File) { f.Name = "../x" },
		"a name twice":      func(f *stationv1.File) { f.Name = "document-1-page-1-visible" },
		"a page of HTML":    func(f *stationv1.File) { f.MediaType = "text/html" },
		"no kind":           func(f *stationv1.File) { f.Kind = "" },
		"a kind of ours":    func(f *stationv1.File) { f.Kind = "hologram" },
		"a third's":         func(f *stationv1.File) { f.Person = 3 },
		"in a light":        func(f *stationv1.File) { f.Light = "infrared" },
		"another's fields": func(f *stationv1.File) {
			f.Kind, f.Person, f.Document, f.MediaType = stationv1.KindPage, 0, 1, "image/png"
			f.Page, f.Side, f.Light = 1, "front", "visible"
		},
	} {
		t.Run(name, func(t *testing.T) { loseAFile(t, b, station, change) })
	}
}

// loseAFile sends visitors the fourth of whose files is spoiled.
func loseAFile(t *testing.T, b *checkintest.BackOffice, station *checkintest.Station, change func(*stationv1.File)) {
	t.Helper()
	for verdict, c := range map[string]*checkintest.CheckIn{"doubtful": checkintest.Doubtful(noon), "unreadable": checkintest.Genuine(noon)} {
		sendWith(t, station, c, func(r *stationv1.CheckInRecord) { change(r.Files[3]) })
		kept, record := open(t, b, c.ID)
		if string(kept.Verdict) != verdict || kept.Decision.Rule != "examine-document" || record == nil {
			t.Fatalf("shown as %q, sent by %s", kept.Verdict, kept.Decision.Rule)
		}
		if n := len(record.Files); n != len(c.Record.Files)-1 || len(record.Documents[0].Checks) != len(c.Record.Documents[0].Checks) {
			t.Errorf("%d files are left, and %d checks", n, len(record.Documents[0].Checks))
		}
		if d := record.GetDropped(); len(d) != 1 || d[0].Name != c.Record.Files[3].Name || d[0].How != "unreadable" {
			t.Errorf("staff are told %v", d)
		}
		for i, f := range record.Files {
			if _, err := b.Vault.ReadFile(t.Context(), c.ID, i, f.Size, [32]byte(f.Sha256)); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	}
}

// Keys without a check-in would stay for ever where there are many of them: then a data folder is missing.
func TestASubmissionThatFailsLeavesNoKey(t *testing.T) {
	b, station := start(t)
	for range 5 {
		c := checkintest.Genuine(noon)
		request, _, err := station.UploadAll(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		last := request.FileSha256[len(request.FileSha256)-1]
		upload := filepath.Join(b.Dir, "spool", "station-1", c.ID, hex.EncodeToString(last))
		if err := errors.Join(os.Remove(upload), os.Mkdir(upload, 0o700)); err != nil {
			t.Fatal(err)
		}
		_, err = station.Submit(t.Context(), request)
		wantCode(t, "with a file that cannot be read", err, codes.Internal)
	}
	if ids, err := b.Vault.CheckIns(t.Context()); err != nil || len(ids) != 0 {
		t.Errorf("keys of %v are left, %v", ids, err)
	}
	if err := b.Service.DropAbandoned(t.Context(), noon); err != nil {
		t.Error(err)
	}
}
