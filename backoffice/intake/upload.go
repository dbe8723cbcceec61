package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

const maxChunk = 64 << 10

// GetUpload says how much of a file is there. A file that came in with a submitted check-in is complete.
func (s *Service) GetUpload(ctx context.Context, r *stationv1.GetUploadRequest) (*stationv1.GetUploadResponse, error) {
	if err := checkName(r.CheckInId, r.Sha256); err != nil {
		return nil, err
	}
	n, complete, err := s.have(ctx, r.CheckInId, r.Sha256)
	if err != nil {
		return nil, err
	}
	return &stationv1.GetUploadResponse{Offset: n, Complete: complete}, nil
}

func (s *Service) have(ctx context.Context, checkIn string, sum []byte) (n int64, complete bool, err error) {
	n, err = s.store.Uploaded(ctx, stationOf(ctx), checkIn, sum)
	if errors.Is(err, store.ErrNotFound) {
		return s.spool.have(stationOf(ctx), checkIn, sum)
	}
	return n, err == nil, err
}

// Upload appends to a file from the offset that GetUpload answered. ABORTED asks the station to call GetUpload again, and
// is also what an upload gets that stood still or that a later one of the same file has overtaken; DATA_LOSS means that the
// bytes did not have their hash and were thrown away.
func (s *Service) Upload(stream uploadStream) error {
	in := s.read(stream)
	first, err := in.next(nil)
	if err != nil {
		return err
	}
	h := first.GetHeader()
	if err := checkHeader(h); err != nil {
		return err
	}
	n, complete, err := s.have(stream.Context(), h.CheckInId, h.Sha256)
	if err != nil {
		return err
	}
	if complete {
		return stream.SendAndClose(&stationv1.UploadResponse{Offset: n, Complete: true})
	}
	if h.Offset != n {
		return status.Errorf(codes.Aborted, "offset is %d, %d bytes have arrived", h.Offset, n)
	}
	if err := s.receive(stream.Context(), in, h); err != nil {
		return err
	}
	return stream.SendAndClose(&stationv1.UploadResponse{Offset: h.Size, Complete: true})
}

type uploadStream = grpc.ClientStreamingServer[stationv1.UploadRequest, stationv1.UploadResponse]

// incoming is what a station sends, read by a goroutine of its own: gRPC's Recv returns only with a message or with the
// end of the call, and the call ends only when its handler returns.
type incoming struct {
	ctx      context.Context
	messages chan message // never closed: the reader ends with an error or with ctx
	idle     time.Duration
}

type message struct {
	request *stationv1.UploadRequest
	err     error
}

// read begins to read a stream. The reader ends when the handler has returned; Wait waits for it.
func (s *Service) read(stream uploadStream) *incoming {
	in := &incoming{ctx: stream.Context(), messages: make(chan message), idle: s.options.Idle}
	s.readers.Go(func() {
		for {
			r, err := stream.Recv()
			select {
			case in.messages <- message{r, err}:
			case <-in.ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	})
	return in
}

// next gives the next message. It is ABORTED when none comes for too long, or when overtaken is closed, and why the call
// was ended otherwise.
func (in *incoming) next(overtaken <-chan struct{}) (*stationv1.UploadRequest, error) {
	patience := time.NewTimer(in.idle)
	defer patience.Stop()
	select {
	case m := <-in.messages:
		if errors.Is(m.err, io.EOF) {
			return nil, status.Error(codes.Aborted, "the upload ended early")
		}
		return m.request, m.err
	case <-patience.C:
		return nil, status.Errorf(codes.Aborted, "nothing came for %v; what came before is kept", in.idle)
	case <-overtaken:
		return nil, status.Error(codes.Aborted, "a later upload of the same file goes on")
	case <-in.ctx.Done():
		return nil, context.Cause(in.ctx)
	}
}

func checkHeader(h *stationv1.UploadHeader) error {
	if h == nil {
		return status.Error(codes.InvalidArgument, "the first message is not a header")
	}
	if err := checkName(h.CheckInId, h.Sha256); err != nil {
		return err
	}
	if h.Size < 1 || h.Size > stationv1.MaxFile || h.Offset < 0 || h.Offset > h.Size {
		return status.Errorf(codes.InvalidArgument, "size must be 1 to %d, and the offset within it", stationv1.MaxFile)
	}
	return nil
}

// receive takes the rest of a file. Whatever ends it early, the bytes that came are kept for the next try.
func (s *Service) receive(ctx context.Context, in *incoming, h *stationv1.UploadHeader) error {
	now := s.now()
	stored, err := s.store.Stored(ctx, stationOf(ctx), now.Add(-24*time.Hour), now)
	if err != nil {
		return err
	}
	part, err := s.spool.begin(ctx, stationOf(ctx), h.CheckInId, h.Sha256, h.Offset, h.Size, s.options.BytesADay-stored)
	switch {
	case errors.Is(err, errBudget):
		s.log.Warn("a station tried to upload more than it may in a day", "station", stationOf(ctx), "most", s.options.BytesADay)
		return status.Error(codes.ResourceExhausted, err.Error())
	case errors.Is(err, errSpoolFull):
		return status.Error(codes.ResourceExhausted, err.Error())
	case errors.Is(err, errMoved):
		return status.Error(codes.Aborted, err.Error())
	case err != nil:
		return err
	}
	if err := copyChunks(part, in, h.Size-h.Offset); err != nil {
		part.close()
		return err
	}
	if err := part.finish(h.Sha256); errors.Is(err, errHash) {
		return status.Error(codes.DataLoss, errHash.Error())
	} else if err != nil {
		return err
	}
	return nil
}

func copyChunks(to *part, in *incoming, want int64) error {
	for want > 0 {
		m, err := in.next(to.overtaken)
		if err != nil {
			return err
		}
		chunk := m.GetChunk()
		if len(chunk) < 1 || len(chunk) > maxChunk || int64(len(chunk)) > want {
			return status.Errorf(codes.InvalidArgument, "a chunk is not 1 to %d bytes, or goes beyond the size", maxChunk)
		}
		if _, err := to.Write(chunk); err != nil {
			return fmt.Errorf("write upload: %w", err)
		}
		want -= int64(len(chunk))
	}
	return nil
}
