package intake_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

func TestAnUploadHasBounds(t *testing.T) {
	_, station := start(t)
	id, sum := uuid.Must(uuid.NewV7()).String(), make([]byte, 32)
	for name, c := range map[string]struct {
		header  *stationv1.UploadHeader
		content []byte
	}{
		"no header":        {nil, nil},
		"too big":          {&stationv1.UploadHeader{CheckInId: id, Sha256: sum, Size: 16<<20 + 1}, nil},
		"empty":            {&stationv1.UploadHeader{CheckInId: id, Sha256: sum}, nil},
		"negative offset":  {&stationv1.UploadHeader{CheckInId: id, Sha256: sum, Size: 5, Offset: -1}, nil},
		"short hash":       {&stationv1.UploadHeader{CheckInId: id, Sha256: sum[1:], Size: 5}, nil},
		"a path for an id": {&stationv1.UploadHeader{CheckInId: "../../etc", Sha256: sum, Size: 5}, nil},
		"not a UUIDv7":     {&stationv1.UploadHeader{CheckInId: uuid.NewString(), Sha256: sum, Size: 5}, nil},
		"beyond its size":  {&stationv1.UploadHeader{CheckInId: id, Sha256: sum, Size: 5}, make([]byte, 6)},
	} {
		_, err := station.UploadAs(t.Context(), c.header, c.content)
		wantCode(t, name, err, codes.InvalidArgument)
	}
}

func TestAMessageHasABound(t *testing.T) {
	_, station := start(t)
	request, _, err := station.Prepare(t.Context(), checkintest.Appointment(noon))
	if err != nil {
		t.Fatal(err)
	}
	request.Language = strings.Repeat("x", 100<<10)
	_, err = station.Submit(t.Context(), request)
	wantCode(t, "huge message", err, codes.ResourceExhausted)
}

func TestACheckInHasOnlySoManyFiles(t *testing.T) {
	_, station := start(t)
	id := uuid.Must(uuid.NewV7()).String()
	var last error
	for i := range stationv1.MaxFiles + 1 {
		content := fmt.Appendf(nil, "file %d", i)
		_, last = station.UploadFrom(t.Context(), id, content, 0, len(content))
		if i < stationv1.MaxFiles && last != nil {
			t.Fatalf("file %d: %v", i, last)
		}
	}
	wantCode(t, "one too many", last, codes.ResourceExhausted)
}

func TestTheOldestUnsubmittedCheckInMakesRoom(t *testing.T) {
	b, station := start(t)
	var ids []string
	for n := range 40 {
		ids = append(ids, uuid.Must(uuid.NewV7()).String())
		if _, err := station.UploadFrom(t.Context(), ids[n], []byte("x"), 0, 1); err != nil {
			t.Fatalf("check-in %d: %v", n, err)
		}
		past := time.Now().Add(time.Duration(n-1000) * time.Second)
		if err := os.Chtimes(filepath.Join(b.Dir, "spool", "station-1", ids[n]), past, past); err != nil {
			t.Fatal(err)
		}
	}
	left, err := os.ReadDir(filepath.Join(b.Dir, "spool", "station-1"))
	if err != nil || len(left) != 32 || left[0].Name() != ids[8] {
		t.Errorf("%d check-ins wait, the first is %v, %v; want the last 32", len(left), left[:1], err)
	}
	if _, _, err := station.Send(t.Context(), checkintest.Genuine(noon)); err != nil {
		t.Errorf("a whole check-in after them: %v", err)
	}
}

func TestARequestThatMakesNoSenseIsRefused(t *testing.T) {
	_, station := start(t)
	for name, change := range map[string]func(*stationv1.SubmitRequest){
		"no service's id":     func(r *stationv1.SubmitRequest) { r.ServiceId = "Divorce!" },
		"no time":             func(r *stationv1.SubmitRequest) { r.ConfirmedAt = nil },
		"markup for language": func(r *stationv1.SubmitRequest) { r.Language = "<b>" },
		"files, no record":    func(r *stationv1.SubmitRequest) { r.RecordSha256, r.FileSha256 = nil, [][]byte{make([]byte, 32)} },
	} {
		request, uploads, err := station.Prepare(t.Context(), checkintest.Appointment(noon))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := station.UploadFrom(t.Context(), request.CheckInId, uploads[0], 0, len(uploads[0])); err != nil {
			t.Fatal(err)
		}
		change(request)
		_, err = station.Submit(t.Context(), request)
		wantCode(t, name, err, codes.InvalidArgument)
	}
}

func TestARecordThatTheConsoleCouldNotShowIsNotKept(t *testing.T) {
	b, station := start(t)
	for name, change := range map[string]func(*stationv1.CheckInRecord){
		"unknown verdict": func(r *stationv1.CheckInRecord) { r.Documents[0].Verdict = "splendid" },
		"unknown result":  func(r *stationv1.CheckInRecord) { r.Documents[0].Checks[0].Result = "skipped" },
		"unknown level":   func(r *stationv1.CheckInRecord) { r.Documents[0].Checks[0].Level = "" },
		"a file left out": func(r *stationv1.CheckInRecord) { r.Files = r.Files[1:] },
		"a crowd":         func(r *stationv1.CheckInRecord) { r.Persons = make([]*stationv1.Person, 21) },
	} {
		c := checkintest.Genuine(noon)
		sendWith(t, station, c, change)
		wantPersonOnly(t, name, b, c.ID)
	}
}
