package intake_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

type uploading = grpc.ClientStreamingClient[stationv1.UploadRequest, stationv1.UploadResponse]

// send sends one chunk of a file that is announced with a size, and then nothing.
func send(t *testing.T, stream uploading, header *stationv1.UploadHeader, chunk []byte) {
	t.Helper()
	for _, r := range []*stationv1.UploadRequest{
		{Part: &stationv1.UploadRequest_Header{Header: header}}, {Part: &stationv1.UploadRequest_Chunk{Chunk: chunk}},
	} {
		if err := stream.Send(r); err != nil {
			t.Fatal(err)
		}
	}
}

// begin sends the first chunk of a file and waits until it is on the office's disk.
func begin(t *testing.T, b *checkintest.BackOffice, stream uploading, station, id string, chunk []byte, size int64) {
	t.Helper()
	sum := sha256.Sum256([]byte(id))
	send(t, stream, &stationv1.UploadHeader{CheckInId: id, Sha256: sum[:], Size: size}, chunk)
	arrived(t, b, station, id, int64(len(chunk)))
}

// arrived waits until a part has that many bytes.
func arrived(t *testing.T, b *checkintest.BackOffice, station, id string, want int64) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		parts, _ := filepath.Glob(filepath.Join(b.Dir, "spool", station, id, "*.part"))
		if len(parts) == 1 {
			if info, err := os.Stat(parts[0]); err == nil && info.Size() == want {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes never arrived", want)
		}
	}
}

func TestAnUploadThatStandsStillEndsAndKeepsWhatCame(t *testing.T) {
	const limit = 300 * time.Millisecond
	b := checkintest.StartIn(t, t.TempDir(), func() time.Time { return noon }, io.Discard, intake.Options{Idle: limit})
	station := b.Station(t, "utopia", "station-1")
	stream, err := station.Upload(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	var end stationv1.UploadResponse
	wantCode(t, "without a header", stream.RecvMsg(&end), codes.Aborted)

	content := make([]byte, 100<<10)
	rand.Read(content)
	sum := sha256.Sum256(content)
	header := &stationv1.UploadHeader{CheckInId: uuid.Must(uuid.NewV7()).String(), Sha256: sum[:], Size: int64(len(content))}
	if stream, err = station.Upload(t.Context()); err != nil {
		t.Fatal(err)
	}
	still := time.Now()
	send(t, stream, header, content[:64<<10])
	wantCode(t, "after one chunk", stream.RecvMsg(&end), codes.Aborted)
	if waited := time.Since(still); waited < limit {
		t.Errorf("the office waited for the next chunk for %v only", waited)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("the office waited for %v", took)
	}
	at, err := station.GetUpload(t.Context(), &stationv1.GetUploadRequest{CheckInId: header.CheckInId, Sha256: header.Sha256})
	if err != nil || at.Offset != 64<<10 {
		t.Fatalf("kept %v, %v", at, err)
	}
	if got, err := station.UploadFrom(t.Context(), header.CheckInId, content, 64<<10, len(content)); err != nil || !got.Complete {
		t.Errorf("resumed: %v, %v", got, err)
	}
}

func TestASlowUploadThatMovesIsNotEnded(t *testing.T) {
	const limit = 2 * time.Second // for one chunk
	b := checkintest.StartIn(t, t.TempDir(), func() time.Time { return noon }, io.Discard, intake.Options{Idle: limit})
	stream, err := b.Station(t, "utopia", "station-1").Upload(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	content := make([]byte, 1<<20)
	rand.Read(content)
	sum := sha256.Sum256(content)
	header := &stationv1.UploadHeader{CheckInId: uuid.Must(uuid.NewV7()).String(), Sha256: sum[:], Size: int64(len(content))}
	began := time.Now()
	send(t, stream, header, content[:1])
	next := func(from, until int) {
		if err := stream.Send(&stationv1.UploadRequest{Part: &stationv1.UploadRequest_Chunk{Chunk: content[from:until]}}); err != nil {
			t.Fatal(err)
		}
	}
	sent := 1
	for ; time.Since(began) < limit; sent++ { // one byte, once the one before has arrived
		arrived(t, b, "station-1", header.CheckInId, int64(sent))
		next(sent, sent+1)
	}
	for part := range slices.Chunk(content[sent:], 64<<10) {
		next(sent, sent+len(part))
		sent += len(part)
	}
	if got, err := stream.CloseAndRecv(); err != nil || !got.Complete {
		t.Errorf("%v, %v", got, err)
	}
}

func TestALaterUploadOfTheSameFileWinsOverOneThatStandsStill(t *testing.T) {
	b, station := start(t) // the office waits for 20 s
	content := make([]byte, 200<<10)
	rand.Read(content)
	sum := sha256.Sum256(content)
	header := &stationv1.UploadHeader{CheckInId: uuid.Must(uuid.NewV7()).String(), Sha256: sum[:], Size: int64(len(content))}
	var stalled []uploading
	for n := range 3 { // each from where the one before has come to
		again := b.Station(t, "utopia", "station-1") // a connection of its own
		stream, err := again.Upload(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		header.Offset = int64(n) * (64 << 10)
		send(t, stream, header, content[header.Offset:][:64<<10])
		arrived(t, b, "station-1", header.CheckInId, header.Offset+64<<10)
		stalled = append(stalled, stream)
	}
	began := time.Now()
	if got, err := station.UploadFrom(t.Context(), header.CheckInId, content, 3*64<<10, len(content)); err != nil || !got.Complete {
		t.Fatalf("the last one: %v, %v", got, err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it waited for %v", took)
	}
	for n, stream := range stalled {
		var end stationv1.UploadResponse
		wantCode(t, "overtaken "+string(rune('1'+n)), stream.RecvMsg(&end), codes.Aborted)
	}
}

func TestAnotherStationDoesNotOvertake(t *testing.T) {
	b, station := start(t)
	stream, err := station.Upload(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id := uuid.Must(uuid.NewV7()).String()
	content := []byte("whole")
	sum := sha256.Sum256(content)
	header := &stationv1.UploadHeader{CheckInId: id, Sha256: sum[:], Size: int64(len(content))}
	send(t, stream, header, content[:2])
	arrived(t, b, "station-1", id, 2)
	header.Offset = 2
	_, err = b.Station(t, "utopia", "stolen").UploadAs(t.Context(), header, content[2:])
	wantCode(t, "another station at the same file", err, codes.Aborted)
	if err := stream.Send(&stationv1.UploadRequest{Part: &stationv1.UploadRequest_Chunk{Chunk: content[2:]}}); err != nil {
		t.Fatal(err)
	}
	if got, err := stream.CloseAndRecv(); err != nil || !got.Complete {
		t.Errorf("the first: %v, %v", got, err)
	}
}

func TestAnUploadWhoseStationIsCutOffCanBeResumedAtOnce(t *testing.T) {
	b, station := start(t)
	content := make([]byte, 100<<10)
	rand.Read(content)
	sum := sha256.Sum256(content)
	header := &stationv1.UploadHeader{CheckInId: uuid.Must(uuid.NewV7()).String(), Sha256: sum[:], Size: int64(len(content))}
	ctx, cut := context.WithCancel(t.Context())
	stream, err := station.Upload(ctx)
	if err != nil {
		t.Fatal(err)
	}
	send(t, stream, header, content[:64<<10])
	arrived(t, b, "station-1", header.CheckInId, 64<<10)
	cut()
	if got, err := station.UploadFrom(t.Context(), header.CheckInId, content, 64<<10, len(content)); err != nil || !got.Complete {
		t.Errorf("%v, %v", got, err)
	}
}

func TestManyUploadsOfOneFileAtOnceEndWithOneWholeFile(t *testing.T) {
	b, station := start(t)
	content := make([]byte, 600<<10)
	rand.Read(content)
	sum := sha256.Sum256(content)
	id := uuid.Must(uuid.NewV7()).String()
	var all sync.WaitGroup
	for range 6 {
		s := b.Station(t, "utopia", "station-1")
		all.Go(func() {
			for range 200 {
				at, err := s.GetUpload(t.Context(), &stationv1.GetUploadRequest{CheckInId: id, Sha256: sum[:]})
				if err != nil {
					t.Error(err)
					return
				}
				if at.Complete {
					return
				}
				_, err = s.UploadFrom(t.Context(), id, content, int(at.Offset), len(content))
				if c := status.Code(err); c != codes.OK && c != codes.Aborted {
					t.Errorf("%v", err)
					return
				}
			}
			t.Error("never complete")
		})
	}
	all.Wait()
	if at, err := station.GetUpload(t.Context(), &stationv1.GetUploadRequest{CheckInId: id, Sha256: sum[:]}); err != nil || !at.Complete || at.Offset != int64(len(content)) {
		t.Errorf("%v, %v", at, err)
	}
}
