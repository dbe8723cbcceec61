package intake_test

import (
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// Uploads are not synced before their submission: after a power cut a file may have its size, and nothing in it.
func TestWhatAPowerCutLeftOfAnUploadIsNotBelievedAndComesAgain(t *testing.T) {
	dir, clock := t.TempDir(), func() time.Time { return noon }
	b := checkintest.StartIn(t, dir, clock, io.Discard, intake.Options{})
	c := checkintest.Genuine(noon)
	request, uploads, err := b.Station(t, "utopia", "station-1").UploadAll(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	b.Stop()
	spoiled := filepath.Join(dir, "spool", "station-1", c.ID, hex.EncodeToString(request.FileSha256[2]))
	if err := os.WriteFile(spoiled, make([]byte, len(uploads[3])), 0o600); err != nil {
		t.Fatal(err)
	}
	b = checkintest.StartIn(t, dir, clock, io.Discard, intake.Options{})
	station := b.Station(t, "utopia", "station-1")
	_, err = station.Submit(t.Context(), request)
	wantCode(t, "with a file of zeros", err, codes.FailedPrecondition)
	for i, sum := range append([][]byte{request.RecordSha256}, request.FileSha256...) {
		at, err := station.GetUpload(t.Context(), &stationv1.GetUploadRequest{CheckInId: c.ID, Sha256: sum})
		if err != nil || at.Complete == (i == 3) {
			t.Errorf("file %d: %v, %v", i, at, err)
		}
	}
	if _, err := station.UploadFrom(t.Context(), c.ID, uploads[3], 0, len(uploads[3])); err != nil {
		t.Fatal(err)
	}
	if _, err := station.Submit(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if kept, record := open(t, b, c.ID); kept.Verdict != "genuine" || len(record.Files) != len(c.Record.Files) {
		t.Errorf("admitted as %s, with %d files", kept.Verdict, len(record.Files))
	}
}
