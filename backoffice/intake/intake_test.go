package intake_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

var noon = time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)

func start(t *testing.T) (*checkintest.BackOffice, *checkintest.Station) {
	t.Helper()
	b := checkintest.Start(t, func() time.Time { return noon }, io.Discard)
	return b, b.Station(t, "utopia", "station-1")
}

func wantCode(t *testing.T, what string, err error, want codes.Code) {
	t.Helper()
	if got := status.Code(err); got != want {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// TestAStationLearnsHowLongTheOfficeKeepsACheckIn since visitors are told before they agree.
func TestAStationLearnsHowLongTheOfficeKeepsACheckIn(t *testing.T) {
	b := checkintest.StartIn(t, t.TempDir(), func() time.Time { return noon }, io.Discard, intake.Options{Retention: 96 * time.Hour})
	office, err := b.Station(t, "utopia", "station-1").GetOffice(t.Context(), &stationv1.GetOfficeRequest{})
	if err != nil || office.GetRetention().AsDuration() != 96*time.Hour {
		t.Errorf("it learns %v, %v", office.GetRetention(), err)
	}
}

func TestAStationLearnsWhatTheOfficeOffers(t *testing.T) {
	b, station := start(t)
	office, err := station.GetOffice(t.Context(), &stationv1.GetOfficeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	want := b.Office.Snapshot()
	want.Revision, want.Recipient, want.Epoch, want.Now, want.Contract = 1, office.Recipient, office.Epoch, timestamppb.New(noon), 2
	if diff := cmp.Diff(want, office, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	if !strings.HasPrefix(office.Recipient, "age1") {
		t.Errorf("recipient is %q", office.Recipient)
	}
	if office.Epoch == "" || office.TimeZone != "Europe/Berlin" {
		t.Errorf("epoch %q, time zone %q", office.Epoch, office.TimeZone)
	}
}

func TestACheckInGoesIntoTheQueueWithEveryByteItHad(t *testing.T) {
	b, station := start(t)
	c := checkintest.Genuine(noon)
	_, answer, err := station.Send(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if answer.Room != "" || answer.Ahead != 0 { // there are two rooms, and a third for documents that are examined
		t.Errorf("the visitor was told %v", answer)
	}
	kept, sealed, err := b.Store.CheckIn(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if kept.State != store.Waiting || kept.Decision.Rule != "residence-permits" || kept.Station != "station-1" || kept.Verdict != "genuine" {
		t.Errorf("kept as %+v", kept)
	}
	text, err := b.Vault.Open(t.Context(), c.ID, sealed)
	if err != nil {
		t.Fatal(err)
	}
	var record stationv1.CheckInRecord
	if err := proto.Unmarshal(text, &record); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.Record, &record, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	for i, f := range record.Files {
		content, err := b.Vault.ReadFile(t.Context(), c.ID, i, f.Size, [32]byte(f.Sha256))
		if err != nil || !bytes.Equal(content, c.Contents[f.Name]) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(b.Dir, "spool", "*", "*")); len(left) > 0 {
		t.Errorf("uploads are left in the spool: %v", left)
	}
}

func TestVisitorsAreSentToWhoIsInCharge(t *testing.T) {
	b, station := start(t)
	for name, c := range map[string]struct {
		checkIn *checkintest.CheckIn
		want    string
	}{
		"genuine":     {checkintest.Genuine(noon), "brandt"},
		"doubtful":    {checkintest.Doubtful(noon), "okafor"},
		"appointment": {checkintest.Appointment(noon), "reception"},
		"no data":     {checkintest.Staff(noon), "reception"},
	} {
		if _, _, err := station.Send(t.Context(), c.checkIn); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if kept, _, err := b.Store.CheckIn(t.Context(), c.checkIn.ID); err != nil || kept.Decision.Caseworker != c.want {
			t.Errorf("%s went to %s, %v; want %s", name, kept.Decision.Caseworker, err, c.want)
		}
	}
}

func TestTheVisitorIsToldWhoIsAhead(t *testing.T) {
	_, station := start(t)
	for i := range 3 {
		_, answer, err := station.Send(t.Context(), checkintest.Doubtful(noon.Add(time.Duration(i-10)*time.Minute)))
		if err != nil {
			t.Fatal(err)
		}
		if int(answer.Ahead) != i || answer.EstimatedWait.AsDuration() != time.Duration(i)*8*time.Minute {
			t.Errorf("visitor %d was told %v", i, answer)
		}
	}
	_, late, err := station.Send(t.Context(), checkintest.Doubtful(noon.Add(-time.Hour)))
	if err != nil || late.Ahead != 3 {
		t.Errorf("who came from a station whose clock is behind was told %v, %v", late, err)
	}
}

func TestAnUploadResumesWhereItBrokeOff(t *testing.T) {
	_, station := start(t)
	c := checkintest.Appointment(noon)
	picture := make([]byte, 300<<10)
	rand.Read(picture)
	c.Add(checkintest.Portrait(0), picture)
	request, uploads, err := station.Prepare(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	sealed, sum := uploads[1], request.FileSha256[0]
	_, err = station.UploadFrom(t.Context(), c.ID, sealed, 0, 100<<10)
	wantCode(t, "broken off", err, codes.Aborted)

	at, err := station.GetUpload(t.Context(), &stationv1.GetUploadRequest{CheckInId: c.ID, Sha256: sum})
	if err != nil || at.Offset != 100<<10 || at.Complete {
		t.Fatalf("after breaking off: %v, %v", at, err)
	}
	_, err = station.UploadFrom(t.Context(), c.ID, sealed, 0, len(sealed))
	wantCode(t, "from the wrong offset", err, codes.Aborted)
	end, err := station.UploadFrom(t.Context(), c.ID, sealed, int(at.Offset), len(sealed))
	if err != nil || !end.Complete || end.Offset != int64(len(sealed)) {
		t.Fatalf("resumed: %v, %v", end, err)
	}
	if again, err := station.UploadFrom(t.Context(), c.ID, sealed, 0, len(sealed)); err != nil || !again.Complete {
		t.Errorf("a second upload: %v, %v", again, err)
	}

	_, err = station.Submit(t.Context(), request)
	wantCode(t, "without the record", err, codes.FailedPrecondition)
	if _, err := station.UploadFrom(t.Context(), c.ID, uploads[0], 0, len(uploads[0])); err != nil {
		t.Fatal(err)
	}
	if _, err := station.Submit(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if at, err := station.GetUpload(t.Context(), &stationv1.GetUploadRequest{CheckInId: c.ID, Sha256: sum}); err != nil || !at.Complete {
		t.Errorf("after submission the file is not known: %v, %v", at, err)
	}
}

func TestTheSameSubmissionAgainGetsTheSameAnswer(t *testing.T) {
	b, station := start(t)
	if _, _, err := station.Send(t.Context(), checkintest.Doubtful(noon.Add(-time.Minute))); err != nil {
		t.Fatal(err)
	}
	c := checkintest.Doubtful(noon)
	request, first, err := station.Send(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Store.CallNext(t.Context(), "okafor", []string{"okafor"}, noon); err != nil {
		t.Fatal(err) // the queue moves on
	}
	again, err := station.Submit(t.Context(), request)
	if err != nil || !proto.Equal(first, again) {
		t.Errorf("first %v, again %v, %v", first, again, err)
	}
	queue, err := b.Store.Queue(t.Context())
	if err != nil || len(queue) != 2 {
		t.Errorf("%d in the queue, %v", len(queue), err)
	}

	other := proto.CloneOf(request)
	other.Language = "de"
	_, err = station.Submit(t.Context(), other)
	wantCode(t, "another request under the id", err, codes.AlreadyExists)
	_, err = b.Station(t, "utopia", "station-2").Submit(t.Context(), request)
	wantCode(t, "from another station", err, codes.AlreadyExists)
}

func TestOneSubmissionSentManyTimesAtOnceIsOneVisitor(t *testing.T) {
	b, station := start(t)
	c := checkintest.Genuine(noon)
	request, _, err := station.UploadAll(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if _, err := station.Submit(t.Context(), request); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if queue, err := b.Store.Queue(t.Context()); err != nil || len(queue) != 1 {
		t.Errorf("%d in the queue, %v", len(queue), err)
	}
}

func TestBytesThatAreNotAsAnnouncedAreThrownAway(t *testing.T) {
	_, station := start(t)
	request, uploads, err := station.Prepare(t.Context(), checkintest.Genuine(noon))
	if err != nil {
		t.Fatal(err)
	}
	tampered := bytes.Clone(uploads[0])
	tampered[len(tampered)/2] ^= 1
	header := &stationv1.UploadHeader{CheckInId: request.CheckInId, Sha256: request.RecordSha256, Size: int64(len(tampered))}
	_, err = station.UploadAs(t.Context(), header, tampered)
	wantCode(t, "tampered", err, codes.DataLoss)
	at, err := station.GetUpload(t.Context(), &stationv1.GetUploadRequest{CheckInId: request.CheckInId, Sha256: request.RecordSha256})
	if err != nil || at.Offset != 0 || at.Complete {
		t.Errorf("afterwards there is %v, %v", at, err)
	}
}

// wantPersonOnly proves that a visitor waits for a person although what the station sent cannot be read.
func wantPersonOnly(t *testing.T, what string, b *checkintest.BackOffice, checkIn string) {
	t.Helper()
	kept, sealed, err := b.Store.CheckIn(t.Context(), checkIn)
	if err != nil || sealed != nil || kept.State != store.Waiting || kept.Verdict != store.Unreadable || kept.Decision.Rule != "examine-document" {
		t.Errorf("%s: kept as %+v with a record of %d bytes, %v", what, kept, len(sealed), err)
	}
	if ids, err := b.Vault.CheckIns(t.Context()); err != nil || slices.Contains(ids, checkIn) {
		t.Errorf("%s: what cannot be read stays in the vault: %v, %v", what, ids, err)
	}
}

func TestAVisitorWhosePictureIsNotTheRecordsIsStillReceived(t *testing.T) {
	b, station := start(t)
	c := checkintest.Genuine(noon)
	c.Contents["person-1-portrait"] = []byte("another picture") // the record keeps the first one's hash
	if _, _, err := station.Send(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	wantWithout(t, "swapped", b, c.ID, "person-1-portrait")
}

// wantWithout proves that a visitor waits for a person with all that could be read, and that staff are told what could not.
func wantWithout(t *testing.T, what string, b *checkintest.BackOffice, checkIn, file string) {
	t.Helper()
	kept, record := open(t, b, checkIn)
	if kept.State != store.Waiting || kept.Verdict != store.Unreadable || kept.Decision.Rule != "examine-document" || record == nil {
		t.Fatalf("%s: kept as %+v", what, kept)
	}
	if d := record.GetDropped(); len(d) != 1 || d[0].GetName() != file || d[0].GetHow() != "unreadable" {
		t.Errorf("%s: staff are told %v", what, d)
	}
}

func TestAVisitorWhoseDataIsNotSealedToThisOfficeIsStillReceived(t *testing.T) {
	const garbage = "a record of garbage"
	b, station := start(t)
	for name, spoil := range map[string]func(uploads [][]byte){
		garbage:            func(u [][]byte) { u[0] = []byte("garbage") },
		"a file cut short": func(u [][]byte) { u[1] = u[1][:len(u[1])-1] },
	} {
		c := checkintest.Genuine(noon)
		request, uploads, err := station.Prepare(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		spoil(uploads)
		record, first := sha256.Sum256(uploads[0]), sha256.Sum256(uploads[1])
		request.RecordSha256, request.FileSha256[0] = record[:], first[:]
		for _, sealed := range uploads {
			if _, err := station.UploadFrom(t.Context(), c.ID, sealed, 0, len(sealed)); err != nil {
				t.Fatal(err)
			}
		}
		answer, err := station.Submit(t.Context(), request)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if name == garbage {
			wantPersonOnly(t, name, b, c.ID)
		} else {
			wantWithout(t, name, b, c.ID, "document-1-page-1-visible")
		}
		if again, err := station.Submit(t.Context(), request); err != nil || !proto.Equal(answer, again) {
			t.Errorf("%s, again: %v, %v; want %v", name, again, err, answer)
		}
	}
}

func TestAVisitorForAServiceGivenUpSinceIsStillReceived(t *testing.T) {
	b, station := start(t)
	c := checkintest.Staff(noon)
	c.Service = "divorce"
	if _, _, err := station.Send(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if kept, _, err := b.Store.CheckIn(t.Context(), c.ID); err != nil || kept.Decision.Rule != "everyone-else" || kept.Service != "divorce" {
		t.Errorf("kept as %+v, %v", kept, err)
	}
}

func TestOnlyStationsOfThisOfficeMaySpeak(t *testing.T) {
	b, _ := start(t)
	_, err := b.Station(t, "elsewhere", "station-9").GetOffice(t.Context(), &stationv1.GetOfficeRequest{})
	wantCode(t, "of another office", err, codes.PermissionDenied)
	_, err = b.Station(t, "utopia", "Station_1").GetOffice(t.Context(), &stationv1.GetOfficeRequest{})
	wantCode(t, "with a name that is none", err, codes.Unauthenticated)

	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(b.CA(t))
	for name, config := range map[string]*tls.Config{
		"without a certificate": {RootCAs: pool},
		"over TLS 1.2":          {RootCAs: pool, MaxVersion: tls.VersionTLS12},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		_, err := stationv1.NewStationServiceClient(b.Dial(t, config)).GetOffice(ctx, &stationv1.GetOfficeRequest{})
		cancel()
		wantCode(t, name, err, codes.Unavailable)
	}
}

func TestLeasesAreBoundedAndRepeatable(t *testing.T) {
	b, station := start(t)
	ask := func(s *checkintest.Station, id string, count int32) (*stationv1.LeaseNumbersResponse, error) {
		return s.LeaseNumbers(t.Context(), &stationv1.LeaseNumbersRequest{RequestId: id, Count: count})
	}
	id := uuid.NewString()
	first, err := ask(station, id, 20)
	if err != nil || first.Prefix != "A" || first.Count != 20 || first.Day != "2026-03-02" {
		t.Fatalf("%v, %v", first, err)
	}
	if again, err := ask(station, id, 20); err != nil || !proto.Equal(first, again) {
		t.Errorf("again: %v, %v", again, err)
	}
	if other, err := ask(b.Station(t, "utopia", "station-2"), id, 20); err != nil || other.First != 21 {
		t.Errorf("another station: %v, %v", other, err)
	}
	_, err = station.LeaseNumbers(t.Context(), &stationv1.LeaseNumbersRequest{RequestId: uuid.NewString(), Count: 1, Day: "2026-03-01"})
	wantCode(t, "for another day", err, codes.FailedPrecondition)
	for _, count := range []int32{0, -1, 201} {
		_, err := ask(station, uuid.NewString(), count)
		wantCode(t, fmt.Sprint(count, " numbers"), err, codes.InvalidArgument)
	}
	_, err = ask(station, "r1", 1)
	wantCode(t, "an id that is none", err, codes.InvalidArgument)
}

func TestALogHoldsNothingOfTheVisitor(t *testing.T) {
	log := &checkintest.Log{}
	b := checkintest.Start(t, func() time.Time { return noon }, log)
	station := b.Station(t, "utopia", "station-1")
	c := checkintest.Genuine(noon)
	if _, _, err := station.Send(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	bad := checkintest.Genuine(noon)
	bad.Record.Documents[0].Verdict = "splendid"
	if _, _, err := station.Send(t.Context(), bad); err != nil {
		t.Fatal(err)
	}
	text := log.String()
	if !strings.Contains(text, "cannot be read") || !strings.Contains(text, bad.ID) {
		t.Errorf("nobody is told of data that cannot be read:\n%s", text)
	}
	if !strings.Contains(text, "method=Submit") || !strings.Contains(text, "station=station-1") {
		t.Errorf("the log does not say who called what:\n%s", text)
	}
	for _, secret := range []string{"Eriksson", "ERIKSSON", "Anna", "L898902C3", "1974", "splendid", c.ID} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestWhatIsNeverSubmittedIsSweptAway(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "office [north] *") // names of folders are no patterns
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	b := checkintest.StartIn(t, dir, func() time.Time { return noon }, io.Discard, intake.Options{})
	station := b.Station(t, "utopia", "station-1")
	if _, err := station.UploadFrom(t.Context(), uuid.Must(uuid.NewV7()).String(), []byte("x"), 0, 1); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		before time.Time
		want   int
	}{{time.Now().Add(-time.Hour), 1}, {time.Now().Add(time.Hour), 0}} {
		if err := b.Service.DropAbandoned(t.Context(), c.before); err != nil {
			t.Fatal(err)
		}
		if left, _ := os.ReadDir(filepath.Join(b.Dir, "spool", "station-1")); len(left) != c.want {
			t.Errorf("%d left, want %d", len(left), c.want)
		}
	}
}

func TestWhatWasUploadedWhileTheClockWasAheadIsSweptAwayInTime(t *testing.T) {
	at := time.Now()
	b := checkintest.Start(t, func() time.Time { return at }, io.Discard)
	id := uuid.Must(uuid.NewV7()).String()
	if _, err := b.Station(t, "utopia", "station-1").UploadFrom(t.Context(), id, []byte("x"), 0, 1); err != nil {
		t.Fatal(err)
	}
	folder, ahead := filepath.Join(b.Dir, "spool", "station-1", id), at.AddDate(10, 0, 0)
	if err := os.Chtimes(folder, ahead, ahead); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, true, false} {
		if err := b.Service.DropAbandoned(t.Context(), at.Add(-24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(folder); (err == nil) != want {
			t.Errorf("at %v: %v", at, err)
		}
		at = at.Add(13 * time.Hour)
	}
}
