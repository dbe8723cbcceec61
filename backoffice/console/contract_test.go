package console_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// unpack writes a folder that was packed with tar and gzip.
func unpack(t *testing.T, from, to string) {
	t.Helper()
	packed, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	text, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(text); ; {
		f, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(to, f.Name)
		if f.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o700)
		} else {
			var content []byte
			content, err = io.ReadAll(files)
			err = errors.Join(err, os.WriteFile(path, content, 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhatAnOfficeOfTheFirstContractKeptIsShownAfterTheUpdate: testdata/office-of-contract-1.tar.gz is the data folder of an office as
// it was before, with one visitor whose document is doubtful.
func TestWhatAnOfficeOfTheFirstContractKeptIsShownAfterTheUpdate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	unpack(t, "testdata/office-of-contract-1.tar.gz", dir)
	s := openAs(t, atNoon, setup{dir: dir})
	b := s.signedIn(t, "okafor")
	if list := b.get("/").body; !strings.Contains(list, "Zweifelhaft") || strings.Contains(list, "Personen") {
		t.Errorf("the list says %s", list)
	}
	const visitor = "/visitor/019cae64-8b80-7000-8000-000000000001"
	page := b.get(visitor)
	for _, want := range []string{
		"Eriksson, Anna Maria", "L898902C3", "the printed zone and DG1 differ in the document number", "Seite 1 · Vorderseite",
		`class="infrared" id="file-document-1-page-1-infrared"`, `id="file-person-1-portrait"`, `id="file-document-1-chip-portrait"`,
		`href="#file-document-1-chip-EF.SOD">EF.SOD`, `href="#file-document-1-page-1-infrared">Seite 1, infrarot`, `id="file-person-1-signature"`,
		"Weitere Dateien (5)", "Seite 1, sichtbar</b> verkleinert", "DG13</b> aus Platzmangel",
	} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for n := range 11 {
		if r := b.get(fmt.Sprintf("%s/file/%d", visitor, n)); r.status != http.StatusOK || r.body == "" {
			t.Errorf("file %d: %d", n, r.status)
		}
	}
}

func TestTheLeadIsToldOfStationsOfAnotherContract(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	s.onlyLead(t, "brandt")
	lead, other := s.signedIn(t, "brandt"), s.signedIn(t, "reception")
	if page := lead.get("/").body; strings.Contains(page, "älteren Version") || strings.Contains(page, "neuer als dieses Back Office") {
		t.Error("the lead is told of stations before any came")
	}
	s.station.Contract = -1
	s.send(t, checkintest.Genuine(noon).AsFirst())
	newer := checkintest.Genuine(noon)
	newer.Record.Contract = 3
	newer.Record.Documents[0].Checks[0].Result = "glowing"
	id := s.send(t, newer)
	for _, want := range []string{
		"mit einer älteren Version als das Back Office: station-1. Sie werden weiter bedient",
		"Das Terminal „station-1“ ist neuer als dieses Back Office. Von 1 Anmeldungen", "Back Office aktualisieren",
	} {
		if !strings.Contains(lead.get("/").body, want) || strings.Contains(other.get("/").body, want) {
			t.Errorf("the lead alone reads %q", want)
		}
	}
	for tag, want := range map[string]string{"de": "stammen von einem neueren Terminal", "en": "comes from a newer station"} {
		other.post("/language", url.Values{"language": {tag}, "path": {"/"}})
		if page := other.get("/visitor/" + id); page.status != http.StatusOK || !strings.Contains(page.body, want) || !strings.Contains(page.body, "glowing") {
			t.Errorf("%d: the caseworker does not read %q", page.status, want)
		}
	}
}

// TestAFileOfANewerContractIsSaved, whatever it is.
func TestAFileOfANewerContractIsSaved(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	c := checkintest.Genuine(noon)
	c.Record.Contract = 3
	c.Add(&stationv1.File{Name: "document-1-hologram", Kind: "hologram", MediaType: "text/html", Document: 1}, []byte("<script>"))
	id, b := s.send(t, c), s.signedIn(t, "okafor")
	if page := b.get("/visitor/" + id).body; !strings.Contains(page, `>document-1-hologram</a>`) {
		t.Error("the page does not offer it")
	}
	r := b.get(fmt.Sprintf("/visitor/%s/file/%d", id, len(c.Record.Files)-1))
	if r.status != http.StatusOK || r.body != "<script>" || r.header.Get("Content-Type") != "application/octet-stream" ||
		!strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%d, %v, %q", r.status, r.header, r.body)
	}
}
