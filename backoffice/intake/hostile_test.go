package intake

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/proto/mutual"
	"github.com/foyer-station/foyer/verify"
)

func FuzzParseRecord(f *testing.F) {
	good, err := proto.Marshal(&stationv1.CheckInRecord{
		Documents: []*stationv1.Document{{Verdict: "genuine", Validity: "valid",
			Checks: []*stationv1.Check{{Id: "mrz.check_digits", Result: "passed", Level: "mandatory"}}}},
		Files: []*stationv1.File{{Name: "portrait", MediaType: "image/jpeg", Sha256: make([]byte, 32), Size: 1}},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, 1)
	newer, err := proto.Marshal(&stationv1.CheckInRecord{Contract: stationv1.Contract + 1, Persons: []*stationv1.Person{{Details: &stationv1.PersonalDetails{}}},
		Documents: []*stationv1.Document{{Verdict: "splendid", Person: 1, Checks: []*stationv1.Check{{Id: "a", Result: "glowing", Level: "mandatory"}}}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(newer, 0)
	f.Add([]byte{}, 0)
	f.Fuzz(func(t *testing.T, text []byte, files int) {
		r, cut, err := parseRecord(text, files)
		if err != nil {
			return
		}
		if len(r.Files) != files {
			t.Errorf("%d files were accepted for %d", len(r.Files), files)
		}
		v, _ := worst(r)
		if len(r.Documents) > 0 && alarm(v) < 0 {
			t.Errorf("the verdict %q was accepted", v)
		}
		for _, d := range r.Documents {
			if alarm(v) < alarm(verify.Verdict(d.Verdict)) || v == verify.Genuine && len(d.Checks) == 0 {
				t.Errorf("a document that is %q, with %d checks, is shown as %q", d.Verdict, len(d.Checks), v)
			}
		}
		if quoteAll(r.ProtoReflect()) {
			t.Errorf("a text was accepted that nobody can read: %q", r)
		}
		if told := len(r.Dropped) > 0 && r.Dropped[len(r.Dropped)-1].Name == "record"; cut && !told {
			t.Errorf("nobody is told that the record was cut: %q", r)
		}
	})
}

func FuzzParseSAN(f *testing.F) {
	for _, uri := range []string{"foyer://utopia/station-1", "foyer://utopia/..", "foyer://utopia/a/b", "https://utopia/x", "foyer:x"} {
		f.Add(uri)
	}
	f.Fuzz(func(t *testing.T, text string) {
		uri, err := url.Parse(text)
		if err != nil {
			return
		}
		office, station, err := mutual.StationOf([]*url.URL{uri})
		if err == nil && (!mutual.IsName(office) || !mutual.IsName(station)) {
			t.Errorf("%q became %q and %q", text, office, station)
		}
	})
}

func TestTheWorstDocumentSpeaksForTheVisitor(t *testing.T) {
	document := func(person int32, verdict, validity string) *stationv1.Document {
		passed := &stationv1.Check{Id: "a", Result: string(verify.Passed), Level: string(verify.Mandatory)}
		return &stationv1.Document{Person: person, Verdict: verdict, Validity: validity, Checks: []*stationv1.Check{passed}}
	}
	numbered := func(number string, d *stationv1.Document) *stationv1.Document {
		d.DocumentNumber = number
		return d
	}
	for name, c := range map[string]struct {
		persons   int
		documents []*stationv1.Document
		verdict   verify.Verdict
		validity  verify.Validity
	}{
		"nobody":                         {0, nil, "", ""},
		"one, in which nothing is wrong": {1, []*stationv1.Document{document(1, "genuine", "valid")}, verify.Genuine, verify.Valid},
		"a doubtful one between others": {1, []*stationv1.Document{
			document(1, "genuine", "valid"), document(1, "doubtful", "expired"), document(1, "unverified", "valid"),
		}, verify.Doubtful, verify.Expired},
		"the second has expired": {1, []*stationv1.Document{
			document(1, "genuine", "valid"), document(1, "genuine", "expired"),
		}, verify.Genuine, verify.Expired},
		"the second is not valid yet": {1, []*stationv1.Document{
			document(1, "genuine", "unknown"), document(1, "genuine", "not_yet_valid"), document(1, "genuine", "valid"),
		}, verify.Genuine, verify.NotYetValid},
		"one is doubtful, another has expired": {1, []*stationv1.Document{
			document(1, "doubtful", "valid"), document(1, "genuine", "expired"),
		}, verify.Doubtful, verify.Expired},
		"everybody has one": {2, []*stationv1.Document{
			document(2, "genuine", "valid"), document(1, "genuine", "valid"),
		}, verify.Genuine, verify.Valid},
		"somebody has none": {2, []*stationv1.Document{
			document(1, "genuine", "valid"), document(1, "genuine", "valid"),
		}, verify.Unverified, verify.Valid},
		"two have one, laid down twice": {2, []*stationv1.Document{
			numbered("L898902C3", document(1, "genuine", "valid")), numbered("L898902C3", document(2, "genuine", "valid")),
		}, verify.Unverified, verify.Valid},
		"two have one of their own": {2, []*stationv1.Document{
			numbered("L898902C3", document(1, "genuine", "valid")), numbered("L898902C3", document(1, "genuine", "valid")),
			numbered("L555500D1", document(2, "genuine", "valid")),
		}, verify.Genuine, verify.Valid},
		"somebody has none, another a doubtful one": {2, []*stationv1.Document{document(2, "doubtful", "valid")}, verify.Doubtful, verify.Valid},
	} {
		r := &stationv1.CheckInRecord{Documents: c.documents}
		for range c.persons {
			r.Persons = append(r.Persons, &stationv1.Person{})
		}
		if verdict, validity := worst(r); verdict != c.verdict || validity != c.validity {
			t.Errorf("%s: %q, %q", name, verdict, validity)
		}
	}
}

// While one record is read, no other check-in is admitted: 16 MiB of checks, the most that a station can send, took ten seconds and more.
// It is measured by what parsing a tenth of them takes, on whatever computer.
func TestARecordFullOfChecksHoldsUpTheOfficeForAMoment(t *testing.T) {
	full := func(checks int) []byte {
		failed := &stationv1.Check{Id: "a", Result: string(verify.Failed), Level: string(verify.Mandatory)}
		document := &stationv1.Document{Verdict: "doubtful", Validity: "valid", Checks: slices.Repeat([]*stationv1.Check{failed}, checks)}
		text, err := proto.Marshal(&stationv1.CheckInRecord{Documents: slices.Repeat([]*stationv1.Document{document}, 18)})
		if err != nil || len(text) > stationv1.MaxFile {
			t.Fatalf("%d bytes, %v", len(text), err)
		}
		return text
	}
	tenth := full(3_600)
	began := time.Now()
	if err := proto.Unmarshal(tenth, &stationv1.CheckInRecord{}); err != nil {
		t.Fatal(err)
	}
	parsing := time.Since(began)
	for most, text := range map[int][]byte{0: full(36_000), stationv1.MaxChecks: tenth} {
		began := time.Now()
		r, cut, err := parseRecord(text, 0)
		if took := time.Since(began); took > 30*parsing {
			t.Errorf("%d bytes took %v, where parsing a tenth takes %v", len(text), took, parsing)
		}
		if kept := most > 0; (err == nil) != kept || cut != kept || kept && len(r.Documents[0].Checks) != most {
			t.Errorf("of %d bytes: cut %v, %v", len(text), cut, err)
		}
	}
}
