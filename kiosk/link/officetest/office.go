// Package officetest is a back office in memory, for tests of what speaks with one: it keeps the contract of foyer.station.v1 as
// package linktest plays it, and fails where it is told to. It keeps nothing else that a back office does.
package officetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"filippo.io/age"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// Office is the back office. Its fields may be read and set while Mu is held, which [Office.Do] does, and before it serves.
type Office struct {
	stationv1.UnimplementedStationServiceServer

	Snapshot *stationv1.GetOfficeResponse    // what it tells of itself
	Lease    *stationv1.LeaseNumbersResponse // the next range that it leases; each new request moves it on
	Answer   *stationv1.SubmitResponse       // to each check-in
	Now      func() time.Time                // its clock, which it tells and compares days with; nil for an office that does not

	Fail   error           // of every call
	Refuse map[string]bool // ids of check-ins that are refused
	Silent string          // the id of the check-in whose submission is never answered
	Gate   chan struct{}   // lets one submission in at a time; nil lets in all

	Files    map[string][]byte                   // sealed, by their hash; those that are not complete too
	Taken    map[string]*stationv1.SubmitRequest // by id
	Order    []string                            // ids, in which check-ins were taken
	Offsets  []int64                             // from which uploads began
	Requests map[string]int                      // for numbers: calls by id
	Looks    int                                 // at the office

	Mu     sync.Mutex // guards all of these
	key    *age.X25519Identity
	leased map[string]*stationv1.LeaseNumbersResponse // by request
}

// New makes an office with an identity of its own, which leases 100 numbers at a time for a day, and does not tell the time.
func New(day time.Time) (*Office, error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	return &Office{
		Snapshot: &stationv1.GetOfficeResponse{OfficeId: "mitte", Name: "Mitte", Recipient: key.Recipient().String(), Revision: 1, Lobby: "Lobby"},
		Lease:    &stationv1.LeaseNumbersResponse{Prefix: "A", First: 1, Count: 100, Day: day.Format(time.DateOnly)},
		Answer:   &stationv1.SubmitResponse{Room: "12", Ahead: 3},
		Refuse:   map[string]bool{}, Files: map[string][]byte{}, Taken: map[string]*stationv1.SubmitRequest{}, Requests: map[string]int{},
		key: key, leased: map[string]*stationv1.LeaseNumbersResponse{},
	}, nil
}

// Recipient is to whom stations seal.
func (o *Office) Recipient() string { return o.key.Recipient().String() }

// Own has it open what was sealed to an identity, before it serves.
func (o *Office) Own(key *age.X25519Identity) {
	o.key, o.Snapshot.Recipient = key, key.Recipient().String()
}

// Do reads or sets fields while nothing else does.
func (o *Office) Do(what func(o *Office)) {
	o.Mu.Lock()
	defer o.Mu.Unlock()
	what(o)
}

// Open opens what a station sealed: of a check-in that was taken, the file with this hash.
func (o *Office) Open(sha256 []byte) ([]byte, error) {
	o.Mu.Lock()
	defer o.Mu.Unlock()
	clear, err := age.Decrypt(bytes.NewReader(o.Files[string(sha256)]), o.key)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	return io.ReadAll(clear)
}

// Connect serves the office in memory, without TLS, and connects to it. Close ends both.
func (o *Office) Connect() (conn *grpc.ClientConn, close func(), err error) {
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	stationv1.RegisterStationServiceServer(server, o)
	conn, err = grpc.NewClient("passthrough:office", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(listener) }) // it ends when the server is stopped
	return conn, func() { conn.Close(); server.Stop(); serving.Wait() }, nil
}

// GetOffice implements [stationv1.StationServiceServer].
func (o *Office) GetOffice(context.Context, *stationv1.GetOfficeRequest) (*stationv1.GetOfficeResponse, error) {
	o.Mu.Lock()
	defer o.Mu.Unlock()
	o.Looks++
	snapshot := proto.CloneOf(o.Snapshot)
	if o.Now != nil {
		snapshot.Now = timestamppb.New(o.Now())
	}
	return snapshot, o.Fail
}

// LeaseNumbers implements [stationv1.StationServiceServer].
func (o *Office) LeaseNumbers(_ context.Context, r *stationv1.LeaseNumbersRequest) (*stationv1.LeaseNumbersResponse, error) {
	o.Mu.Lock()
	defer o.Mu.Unlock()
	o.Requests[r.GetRequestId()]++
	switch {
	case o.Fail != nil:
		return nil, o.Fail
	case o.Now != nil && r.GetDay() != "" && r.GetDay() != o.Lease.GetDay():
		return nil, status.Error(codes.FailedPrecondition, "another day")
	case o.leased[r.GetRequestId()] == nil:
		o.leased[r.GetRequestId()] = proto.CloneOf(o.Lease)
		o.Lease.First, o.Lease.Lease = o.Lease.First+o.Lease.Count, o.Lease.Lease+1
	}
	return o.leased[r.GetRequestId()], nil
}

// GetUpload implements [stationv1.StationServiceServer].
func (o *Office) GetUpload(_ context.Context, r *stationv1.GetUploadRequest) (*stationv1.GetUploadResponse, error) {
	o.Mu.Lock()
	defer o.Mu.Unlock()
	have := o.Files[string(r.GetSha256())]
	return &stationv1.GetUploadResponse{Offset: int64(len(have)), Complete: o.complete(r.GetSha256())}, o.Fail
}

// complete says whether a file is here whole. It is called with Mu held.
func (o *Office) complete(sum []byte) bool {
	got := sha256.Sum256(o.Files[string(sum)])
	return bytes.Equal(got[:], sum)
}

// Upload implements [stationv1.StationServiceServer].
func (o *Office) Upload(stream grpc.ClientStreamingServer[stationv1.UploadRequest, stationv1.UploadResponse]) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	header := first.GetHeader()
	if err := o.begin(header); err != nil {
		return err
	}
	for {
		next, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := o.keep(header, next.GetChunk()); err != nil {
			return err
		}
	}
	o.Mu.Lock()
	defer o.Mu.Unlock()
	have := o.Files[string(header.GetSha256())]
	return stream.SendAndClose(&stationv1.UploadResponse{Offset: int64(len(have)), Complete: int64(len(have)) == header.GetSize()})
}

// begin goes on with a file where the station does, which knows from GetUpload how far it came.
func (o *Office) begin(header *stationv1.UploadHeader) error {
	o.Mu.Lock()
	defer o.Mu.Unlock()
	o.Offsets = append(o.Offsets, header.GetOffset())
	if header.GetOffset() != int64(len(o.Files[string(header.GetSha256())])) {
		return status.Error(codes.Aborted, "the offset is not where it broke")
	}
	return nil
}

// maxChunk is the most that one UploadRequest holds (station.proto).
const maxChunk = 64 << 10

func (o *Office) keep(header *stationv1.UploadHeader, chunk []byte) error {
	o.Mu.Lock()
	defer o.Mu.Unlock()
	key := string(header.GetSha256())
	if len(chunk) > maxChunk {
		return status.Error(codes.InvalidArgument, "chunk too large")
	}
	o.Files[key] = append(o.Files[key], chunk...)
	return o.Fail
}

// Submit implements [stationv1.StationServiceServer].
func (o *Office) Submit(ctx context.Context, r *stationv1.SubmitRequest) (*stationv1.SubmitResponse, error) {
	if err := o.hold(ctx, r.GetCheckInId()); err != nil {
		return nil, err
	}
	o.Mu.Lock()
	defer o.Mu.Unlock()
	before, again := o.Taken[r.GetCheckInId()]
	switch {
	case o.Fail != nil:
		return nil, o.Fail
	case o.Refuse[r.GetCheckInId()] || again && !proto.Equal(before, r):
		return nil, status.Error(codes.AlreadyExists, "another under this id")
	}
	if !again {
		if err := o.take(r); err != nil {
			return nil, err
		}
	}
	return o.Answer, nil
}

// hold waits as long as the office is told to keep a submission waiting.
func (o *Office) hold(ctx context.Context, checkIn string) error {
	o.Mu.Lock()
	silent, gate := o.Silent == checkIn, o.Gate
	o.Mu.Unlock()
	switch {
	case silent:
		<-ctx.Done()
		return ctx.Err()
	case gate != nil:
		<-gate
	}
	return nil
}

// take takes a check-in of which every file is here. It is called with Mu held.
func (o *Office) take(r *stationv1.SubmitRequest) error {
	sums := r.GetFileSha256()
	if len(r.GetRecordSha256()) > 0 { // a visitor may give no data
		sums = append([][]byte{r.GetRecordSha256()}, sums...)
	}
	for _, sum := range sums {
		if !o.complete(sum) {
			return status.Error(codes.FailedPrecondition, "a file is missing")
		}
	}
	o.Taken[r.GetCheckInId()] = r
	o.Order = append(o.Order, r.GetCheckInId())
	return nil
}
