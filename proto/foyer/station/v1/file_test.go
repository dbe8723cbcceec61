package stationv1_test

import (
	"errors"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// A family's files: of document 2, and of person 1.
var (
	page = &stationv1.File{Kind: stationv1.KindPage, MediaType: "image/png", Document: 2, Page: 1, Side: "front", Light: "infrared", Dpi: 400}
	chip = &stationv1.File{Kind: stationv1.KindChip, MediaType: "application/octet-stream", Document: 2, ChipFile: "EF.SOD"}
	face = &stationv1.File{Kind: stationv1.KindPortrait, MediaType: "image/jpeg", Person: 1}
)

func TestAFileIsNamedByItsFields(t *testing.T) {
	for _, c := range []struct {
		file             *stationv1.File
		evidence, proper string
	}{
		{page, "page-1-infrared", "document-2-page-1-infrared"},
		{chip, "EF.SOD", "document-2-chip-EF.SOD"},
		{&stationv1.File{Kind: stationv1.KindChip, Document: 1, ChipFile: "eSign/EF.CardSecurity"}, "eSign/EF.CardSecurity", "document-1-chip-eSign-EF.CardSecurity"},
		{&stationv1.File{Kind: stationv1.KindChipPortrait, Document: 3}, "chip-portrait", "document-3-chip-portrait"},
		{face, "portrait", "person-1-portrait"},
		{&stationv1.File{Kind: stationv1.KindStrokes}, "signature-samples", "signature-samples"},
	} {
		if evidence, proper := c.file.EvidenceName(), c.file.ProperName(); evidence != c.evidence || proper != c.proper {
			t.Errorf("%v is %q as evidence and %q as a file", c.file, evidence, proper)
		}
	}
}

func TestAFilesFieldsAgreeWithEachOther(t *testing.T) {
	for name, c := range map[string]struct {
		of     *stationv1.File
		change func(*stationv1.File)
		good   bool
	}{
		"a page":                           {page, func(*stationv1.File) {}, true},
		"a chip's file":                    {chip, func(*stationv1.File) {}, true},
		"a portrait":                       {face, func(*stationv1.File) {}, true},
		"a portrait of nobody known":       {face, func(f *stationv1.File) { f.Person = 0 }, true},
		"the back":                         {page, func(f *stationv1.File) { f.Page, f.Side = 2, "back" }, true},
		"no kind":                          {page, func(f *stationv1.File) { f.Kind = "" }, false},
		"an unknown kind":                  {page, func(f *stationv1.File) { f.Kind = "hologram" }, false},
		"a page of HTML":                   {page, func(f *stationv1.File) { f.MediaType = "text/html" }, false},
		"a page that is no picture":        {page, func(f *stationv1.File) { f.MediaType = "application/json" }, false},
		"a page without a document":        {page, func(f *stationv1.File) { f.Document = 0 }, false},
		"a page of a document too many":    {page, func(f *stationv1.File) { f.Document = 4 }, false},
		"a page of less than a document":   {page, func(f *stationv1.File) { f.Document = -1 }, false},
		"a page of a person":               {page, func(f *stationv1.File) { f.Person = 1 }, false},
		"page 0":                           {page, func(f *stationv1.File) { f.Page = 0 }, false},
		"page 3":                           {page, func(f *stationv1.File) { f.Page = 3 }, false},
		"a front that is the back":         {page, func(f *stationv1.File) { f.Side = "back" }, false},
		"a page in no light":               {page, func(f *stationv1.File) { f.Light = "" }, false},
		"a page with a chip's name":        {page, func(f *stationv1.File) { f.ChipFile = "DG1" }, false},
		"a chip's file without a name":     {chip, func(f *stationv1.File) { f.ChipFile = "" }, false},
		"a chip's file that climbs":        {chip, func(f *stationv1.File) { f.ChipFile = "../../etc" }, false},
		"a chip's file in a light":         {chip, func(f *stationv1.File) { f.Light = "visible" }, false},
		"a portrait of a third":            {face, func(f *stationv1.File) { f.Person = 3 }, false},
		"a portrait in a document":         {face, func(f *stationv1.File) { f.Document = 1 }, false},
		"a portrait with so many dots":     {face, func(f *stationv1.File) { f.Dpi = 300 }, false},
		"a portrait that no browser shows": {face, func(f *stationv1.File) { f.MediaType = "image/jp2" }, false},
	} {
		f := proto.CloneOf(c.of)
		c.change(f)
		if err := f.Check(2, 3); (err == nil) != c.good || err != nil && !errors.Is(err, stationv1.ErrFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
