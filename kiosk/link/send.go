package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/foyer-station/foyer/kiosk/journal"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// chunkSize is the most that one UploadRequest holds (station.proto).
const chunkSize = 64 << 10

// errIncomplete says that the back office took a whole file and still misses some of it; the next round resumes.
var errIncomplete = errors.New("upload is not complete")

// errSilent says that the back office fell silent over a check-in, and answers otherwise.
var errSilent = errors.New("the back office does not answer about one check-in")

// sendAll brings the outbox to the back office: first what a visitor waits for, then the oldest, and last what failed
// before. One that is refused stays, and does not hold up the others; nor does one over which the back office falls silent.
// When somebody confirms meanwhile, it ends, for the next round to begin with that one.
func (l *Link) sendAll(ctx context.Context) error {
	confirmed, err := l.journal.Outbox(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(confirmed, func(a, b journal.Confirmed) int { return l.rank(a.ID) - l.rank(b.ID) })
	var failures []error
	for _, c := range confirmed {
		err := l.send(ctx, c)
		if away(err) {
			if code(err) == codes.DeadlineExceeded {
				l.refused[c.ID] = codes.DeadlineExceeded
			}
			return err
		}
		l.tellOf(c, err)
		failures = append(failures, err)
		if l.woken() {
			break
		}
	}
	return errors.Join(failures...)
}

// tellOf logs that a check-in is not taken, once until it is or the reason changes.
func (l *Link) tellOf(c journal.Confirmed, err error) {
	if err == nil {
		delete(l.refused, c.ID)
		return
	}
	if now := code(err); l.refused[c.ID] != now {
		l.refused[c.ID] = now
		l.options.Log.Error("check-in not taken by the back office; trying again later",
			"check_in", c.ID, "ticket", c.Ticket, "code", now.String())
	}
}

func (l *Link) rank(checkInID string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, waiting := l.expected[checkInID]
	_, failed := l.refused[checkInID]
	switch {
	case failed:
		return 2
	case waiting:
		return 0
	}
	return 1
}

// send uploads and submits one check-in, and wipes it when it is answered. One that was refused before asks first, and
// uploads again only what the back office would take.
func (l *Link) send(ctx context.Context, c journal.Confirmed) error {
	switch l.refused[c.ID] {
	case codes.AlreadyExists, codes.InvalidArgument:
		if err := l.submit(ctx, c); code(err) != codes.FailedPrecondition { // files are missing
			return err
		}
	}
	for _, digest := range append([][]byte{c.RecordSHA256}, c.FileSHA256...) {
		if err := l.upload(ctx, c.ID, digest); err != nil {
			return fmt.Errorf("upload: %w", err)
		}
	}
	return l.submit(ctx, c)
}

func (l *Link) submit(ctx context.Context, c journal.Confirmed) error {
	call, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	answer, err := l.client.Submit(call, &stationv1.SubmitRequest{
		CheckInId:    c.ID,
		ConfirmedAt:  timestamppb.New(c.ConfirmedAt),
		ServiceId:    c.ServiceID,
		Language:     c.Language,
		Ticket:       c.Ticket,
		Day:          c.Day,
		RecordSha256: c.RecordSHA256,
		FileSha256:   c.FileSHA256,
	})
	if err != nil {
		return fmt.Errorf("submit: %w", err)
	}
	l.deliver(c.ID, answerOf(answer))
	return l.journal.Acknowledge(ctx, c.ID)
}

// answerOf takes from a response what it may say. A range that is none says nothing.
func answerOf(r *stationv1.SubmitResponse) Answer {
	const longest = 24 * time.Hour
	a := Answer{Room: bounded(r.GetRoom()), Ahead: max(0, int(r.GetAhead()))}
	from, until := r.GetWaitFrom().AsDuration().Truncate(time.Minute), r.GetWaitUntil().AsDuration().Truncate(time.Minute)
	if 0 <= from && from <= until && until <= longest {
		a.WaitFrom, a.WaitUntil = from, until
	}
	return a
}

// upload sends what the back office does not have yet of a file.
func (l *Link) upload(ctx context.Context, checkInID string, digest []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 4*l.options.Timeout)
	defer cancel()
	have, err := l.client.GetUpload(ctx, &stationv1.GetUploadRequest{CheckInId: checkInID, Sha256: digest})
	if err != nil || have.GetComplete() {
		return err
	}
	sealed, err := l.journal.Sealed(ctx, checkInID, digest)
	if err != nil {
		return err
	}
	offset := have.GetOffset()
	if offset < 0 || offset > int64(len(sealed)) {
		return fmt.Errorf("offset %d of %d bytes: %w", offset, len(sealed), errAnswer)
	}
	stream, err := l.client.Upload(ctx)
	if err != nil {
		return err
	}
	header := &stationv1.UploadHeader{CheckInId: checkInID, Sha256: digest, Size: int64(len(sealed)), Offset: offset}
	err = stream.Send(&stationv1.UploadRequest{Part: &stationv1.UploadRequest_Header{Header: header}})
	for rest := bytes.NewBuffer(sealed[offset:]); err == nil && rest.Len() > 0; {
		err = stream.Send(&stationv1.UploadRequest{Part: &stationv1.UploadRequest_Chunk{Chunk: rest.Next(chunkSize)}})
	}
	if err != nil && !errors.Is(err, io.EOF) { // io.EOF: the back office ended the stream, CloseAndRecv says why
		return err
	}
	taken, err := stream.CloseAndRecv()
	if code(err) == codes.OK && !taken.GetComplete() {
		return errIncomplete
	}
	return err
}
