package stationv1_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

func TestARecordOfTheFirstContractIsBroughtToTheSecond(t *testing.T) {
	const bytes, jpeg, png = "application/octet-stream", "image/jpeg", "image/png"
	record := &stationv1.CheckInRecord{
		Persons: []*stationv1.Person{{Surname: "Eriksson"}},
		Documents: []*stationv1.Document{{Verdict: "genuine", Checks: []*stationv1.Check{
			{Id: "chip.pa.signature", Reason: "ECDSA with SHA-256", Evidence: []string{"EF.SOD", "chip-EF.SOD"}},
			{Id: "cross.portrait_dg2", Evidence: []string{"page-1-visible", "chip-portrait", "portrait", "something"}},
		}}},
		Files: []*stationv1.File{
			{Name: "page-1-visible", MediaType: png, Page: 1, Light: "visible", Side: "front", Dpi: 400},
			{Name: "page-2-ultraviolet", MediaType: png},
			{Name: "portrait", MediaType: jpeg}, {Name: "signature", MediaType: png},
			{Name: "signature-samples", MediaType: "application/json"},
			{Name: "chip-portrait", MediaType: jpeg}, {Name: "chip-DG1", MediaType: bytes}, {Name: "chip-EF.CardAccess", MediaType: bytes},
			{Name: "document-1-page-1-visible", MediaType: png},
		},
		Dropped: []*stationv1.Dropped{{Name: "page-1-visible", How: "reduced"}, {Name: "chip-DG13", How: "left_out"}, {Name: "reasons", How: "shortened"}},
	}
	want := &stationv1.CheckInRecord{
		Contract: 2,
		Persons:  []*stationv1.Person{{Surname: "Eriksson"}},
		Documents: []*stationv1.Document{{Verdict: "genuine", Person: 1, Checks: []*stationv1.Check{
			{Id: "chip.pa.signature", Reason: "ECDSA with SHA-256", Evidence: []string{"EF.SOD", "EF.SOD"}},
			{Id: "cross.portrait_dg2", Evidence: []string{"page-1-visible", "chip-portrait", "portrait", "something"}},
		}}},
		Files: []*stationv1.File{
			{Name: "document-1-page-1-visible", MediaType: png, Kind: "page", Document: 1, Page: 1, Light: "visible", Side: "front", Dpi: 400},
			{Name: "document-1-page-2-ultraviolet", MediaType: png, Kind: "page", Document: 1, Page: 2, Light: "ultraviolet", Side: "back"},
			{Name: "person-1-portrait", MediaType: jpeg, Kind: "portrait", Person: 1},
			{Name: "person-1-signature", MediaType: png, Kind: "signature", Person: 1},
			{Name: "person-1-signature-samples", MediaType: "application/json", Kind: "strokes", Person: 1},
			{Name: "document-1-chip-portrait", MediaType: jpeg, Kind: "chip_portrait", Document: 1},
			{Name: "document-1-chip-DG1", MediaType: bytes, Kind: "chip", Document: 1, ChipFile: "DG1"},
			{Name: "document-1-chip-EF.CardAccess", MediaType: bytes, Kind: "chip", Document: 1, ChipFile: "EF.CardAccess"},
			{Name: "document-1-page-1-visible", MediaType: png},
		},
		Dropped: []*stationv1.Dropped{
			{Name: "document-1-page-1-visible", How: "reduced"}, {Name: "document-1-chip-DG13", How: "left_out"}, {Name: "reasons", How: "shortened"},
		},
	}
	stationv1.Upgrade(record)
	if diff := cmp.Diff(want, record, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	for _, f := range record.GetFiles()[:8] {
		if err := f.Check(1, 1); err != nil {
			t.Errorf("%s: %v", f.GetName(), err)
		}
	}
}

func TestARecordOfTodayIsLeftAsItIs(t *testing.T) {
	record := &stationv1.CheckInRecord{Contract: stationv1.Contract, Files: []*stationv1.File{{Name: "portrait", Kind: "portrait", Person: 2}}}
	before := proto.CloneOf(record)
	stationv1.Upgrade(record)
	if !proto.Equal(before, record) {
		t.Errorf("it became %v", record)
	}
}
