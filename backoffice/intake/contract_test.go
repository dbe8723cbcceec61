package intake_test

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// unknown is a text in a field that no message of ours has.
func unknown(text string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, 900, protowire.BytesType), text)
}

func told(r *stationv1.CheckInRecord, how string) bool {
	return slices.ContainsFunc(r.GetDropped(), func(d *stationv1.Dropped) bool { return d.GetName() == "record" && d.GetHow() == how })
}

func TestAStationOfTheFirstContractIsServedAndTheOfficeSaysSo(t *testing.T) {
	now := noon
	log := &checkintest.Log{}
	b := checkintest.Start(t, func() time.Time { return now }, log)
	old, today := b.Station(t, "utopia", "old"), b.Station(t, "utopia", "today")
	old.Contract = -1
	c := checkintest.Doubtful(noon).AsFirst()
	for _, step := range []struct {
		station *checkintest.Station
		checkIn *checkintest.CheckIn
	}{{old, c}, {today, checkintest.Family(noon)}} {
		if _, _, err := step.station.Send(t.Context(), step.checkIn); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.Service.OutdatedStations(); !slices.Equal(got, []string{"old"}) {
		t.Errorf("outdated are %v", got)
	}
	for range 3 {
		if _, err := old.GetOffice(t.Context(), &stationv1.GetOfficeRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	if lines := log.String(); strings.Count(lines, "older contract") != 1 || !strings.Contains(lines, "station=old contract=1 newest=2") {
		t.Errorf("the log says %s", lines)
	}
	kept, record := open(t, b, c.ID)
	if kept.Verdict != "doubtful" || kept.Persons != 1 || kept.Documents != 1 || kept.Newer || len(record.Dropped) != 0 {
		t.Errorf("kept as %+v, %v", kept, record.GetDropped())
	}
	want := map[string]string{"document-1-page-1-infrared": "page", "person-1-portrait": "portrait", "document-1-chip-EF.SOD": "chip", "person-1-signature-samples": "strokes"}
	for _, f := range record.Files {
		if err := f.Check(1, 1); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if kind := want[f.Name]; kind != "" && kind != f.Kind {
			t.Errorf("%s is a %s", f.Name, f.Kind)
		}
		delete(want, f.Name)
	}
	if len(want) > 0 {
		t.Errorf("%v are missing", want)
	}
	now = now.Add(25 * time.Hour)
	if got := b.Service.OutdatedStations(); len(got) > 0 {
		t.Errorf("a day after it called last, %v is outdated still", got)
	}
}

func TestAFamilyIsKeptAsOneVisitWithEveryFile(t *testing.T) {
	b, station := start(t)
	c := checkintest.Family(noon)
	request, _, err := station.Send(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	kept, record := open(t, b, c.ID)
	if kept.Persons != 2 || kept.Documents != 3 || kept.Verdict != "genuine" || kept.Ticket != request.Ticket {
		t.Errorf("kept as %+v", kept)
	}
	if !proto.Equal(record, c.Record) {
		t.Errorf("the record became %v", record)
	}
	for i, f := range record.Files {
		content, err := b.Vault.ReadFile(t.Context(), c.ID, i, f.Size, [32]byte(f.Sha256))
		if err != nil || string(content) != string(c.Contents[f.Name]) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

func TestARecordOfANewerContractIsKeptWholeAndIsNoBetterThanWhatIsKnown(t *testing.T) {
	log := &checkintest.Log{}
	b := checkintest.Start(t, func() time.Time { return noon }, log)
	station := b.Station(t, "utopia", "station-1")
	const secret = "a text that no message of ours has"
	for name, c := range map[string]struct {
		change  func(*stationv1.CheckInRecord)
		verdict string
	}{
		"by its number alone":   {func(r *stationv1.CheckInRecord) { r.Contract = 3 }, "genuine"},
		"a field of the record": {func(r *stationv1.CheckInRecord) { r.ProtoReflect().SetUnknown(unknown(secret)) }, "genuine"},
		"a field of a person":   {func(r *stationv1.CheckInRecord) { r.Persons[0].ProtoReflect().SetUnknown(unknown(secret)) }, "genuine"},
		"a field of a check":    {func(r *stationv1.CheckInRecord) { r.Documents[0].Checks[2].ProtoReflect().SetUnknown(unknown(secret)) }, "genuine"},
		"an optional check that ended otherwise": {func(r *stationv1.CheckInRecord) {
			r.Contract = 3
			check(r, "optical.uv.dullness").Result = "glowing"
		}, "unreadable"},
		"a mandatory check that ended otherwise": {func(r *stationv1.CheckInRecord) {
			r.Contract = 3
			check(r, "chip.pa.chain").Result = "half_passed"
		}, "unreadable"},
		"a check of a level of its own that failed": {func(r *stationv1.CheckInRecord) {
			r.Contract = 3
			r.Documents[0].Checks = append(r.Documents[0].Checks, &stationv1.Check{Id: "optical.hologram", Result: "failed", Level: "decisive"})
		}, "doubtful"},
		"a verdict of its own": {func(r *stationv1.CheckInRecord) { r.Contract, r.Documents[0].Verdict = 3, "splendid" }, "unreadable"},
		"a verdict of its own where a check failed": {func(r *stationv1.CheckInRecord) {
			r.Contract, r.Documents[0].Verdict = 3, "splendid"
			check(r, "chip.pa.chain").Result = "failed"
		}, "doubtful"},
		"a kind of its own": {func(r *stationv1.CheckInRecord) { r.Contract, r.Files[0].Kind = 3, "hologram" }, "genuine"},
		"a loss of its own": {func(r *stationv1.CheckInRecord) {
			r.Contract, r.Dropped = 3, []*stationv1.Dropped{{Name: "hologram", How: "faded"}}
		}, "genuine"},
	} {
		visitor := checkintest.Genuine(noon)
		sendWith(t, station, visitor, c.change)
		kept, record := open(t, b, visitor.ID)
		if record == nil || !told(record, "newer") || !kept.Newer {
			t.Fatalf("%s: nobody is told: %v, %+v", name, record.GetDropped(), kept)
		}
		if string(kept.Verdict) != c.verdict || len(record.Files) != len(visitor.Record.Files) {
			t.Errorf("%s: shown as %q, with %d files", name, kept.Verdict, len(record.Files))
		}
		sent, err := proto.Marshal(visitor.Record)
		if err != nil {
			t.Fatal(err)
		}
		if left, err := proto.Marshal(record); err != nil || strings.Contains(string(sent), secret) != strings.Contains(string(left), secret) {
			t.Errorf("%s: what nobody knows is lost, %v", name, err)
		}
	}
	if lines := log.String(); strings.Count(lines, "newer contract") != 1 || strings.Contains(lines, secret) || strings.Contains(lines, "Eriksson") {
		t.Errorf("the log says %s", lines)
	}
}

// TestOnlyTheOfficeSaysThatAStationIsNewer, and no station of today's contract.
func TestOnlyTheOfficeSaysThatAStationIsNewer(t *testing.T) {
	b, station := start(t)
	c := checkintest.Genuine(noon)
	sendWith(t, station, c, func(r *stationv1.CheckInRecord) { r.Dropped = []*stationv1.Dropped{{Name: "record", How: "newer"}} })
	wantPersonOnly(t, "a station that says so", b, c.ID)
}

// TestWhatDetailsHoldIsBounded: a chip may hold what it likes, and a station that is not ours any more too.
func TestWhatDetailsHoldIsBounded(t *testing.T) {
	b := checkintest.Start(t, func() time.Time { return noon }, io.Discard)
	station := b.Station(t, "utopia", "station-1")
	for name, change := range map[string]func(*stationv1.CheckInRecord){
		"a name that turns": func(r *stationv1.CheckInRecord) {
			r.Persons[0].Details = &stationv1.PersonalDetails{FullName: "Anna \u202eokirE"}
		},
		"a line break in a note of a person to notify": func(r *stationv1.CheckInRecord) {
			r.Persons[0].Details = &stationv1.PersonalDetails{PersonsToNotify: []*stationv1.PersonToNotify{{Name: "A\nB"}}}
		},
		"an endless authority": func(r *stationv1.CheckInRecord) {
			r.Documents[0].Details = &stationv1.DocumentDetails{Authority: strings.Repeat("x", 604)}
		},
		"a measure in two lines": func(r *stationv1.CheckInRecord) { r.Documents[0].Checks[0].Measure = &stationv1.Measure{Unit: "m\nm"} },
		"a reason of a person in two lines": func(r *stationv1.CheckInRecord) {
			alone := proto.CloneOf(r.Documents[0].Checks[0])
			alone.Reasons = []*stationv1.Reason{{Code: "portrait.found", Params: []*stationv1.Param{{Name: "a", Values: []string{"b\nc"}}}}}
			r.Persons[0].Checks = []*stationv1.Check{alone}
		},
		"a code of a person that is none": func(r *stationv1.CheckInRecord) {
			alone := proto.CloneOf(r.Documents[0].Checks[0])
			alone.Reasons = []*stationv1.Reason{{Code: "<b>"}}
			r.Persons[0].Checks = []*stationv1.Check{alone}
		},
		"a crowd of names": func(r *stationv1.CheckInRecord) {
			r.Persons[0].Details = &stationv1.PersonalDetails{OtherNames: make([]string, 21)}
		},
		"a crowd to notify": func(r *stationv1.CheckInRecord) {
			r.Persons[0].Details = &stationv1.PersonalDetails{PersonsToNotify: slices.Repeat([]*stationv1.PersonToNotify{{}}, 30_000)}
		},
		"a crowd on the document": func(r *stationv1.CheckInRecord) {
			r.Documents[0].Details = &stationv1.DocumentDetails{OtherPersons: make([]string, 30_000)}
		},
	} {
		for verdict, c := range map[string]*checkintest.CheckIn{"doubtful": checkintest.Doubtful(noon), "unreadable": checkintest.Genuine(noon)} {
			sendWith(t, station, c, change)
			kept, record := open(t, b, c.ID)
			if string(kept.Verdict) != verdict || record == nil || !told(record, "shortened") {
				t.Fatalf("%s: shown as %q, and staff are told %v", name, kept.Verdict, record.GetDropped())
			}
			person, document := record.Persons[0].GetDetails(), record.Documents[0].GetDetails()
			if n := len(person.GetOtherNames()) + len(person.GetPersonsToNotify()) + len(document.GetOtherPersons()); n > 20 {
				t.Errorf("%s: %d are kept", name, n)
			}
			for _, text := range []string{person.GetFullName(), document.GetAuthority(), record.Documents[0].Checks[0].GetMeasure().GetUnit()} {
				if strings.ContainsAny(text, "\n\u202e") || len(text) > stationv1.MaxText {
					t.Errorf("%s: kept as %q", name, text)
				}
			}
		}
	}
	for name, change := range map[string]func(*stationv1.CheckInRecord){
		"a flood to notify": func(r *stationv1.CheckInRecord) {
			r.Persons[0].Details = &stationv1.PersonalDetails{PersonsToNotify: slices.Repeat([]*stationv1.PersonToNotify{{}}, 70_000)}
		},
		"a flood of reasons": func(r *stationv1.CheckInRecord) {
			r.Documents[0].Checks[0].Reasons = slices.Repeat([]*stationv1.Reason{{}}, 1<<20)
		},
		"a document of a person who is not there": func(r *stationv1.CheckInRecord) { r.Documents[0].Person = 2 },
	} {
		c := checkintest.Doubtful(noon)
		sendWith(t, station, c, change)
		wantPersonOnly(t, name, b, c.ID)
	}
}
