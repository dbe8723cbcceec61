package checkintest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"

	"filippo.io/age"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

const chunk = 64 << 10

// Station is a connected station.
type Station struct {
	stationv1.StationServiceClient
	Contract  int32 // that it says it speaks; 0 for today's, -1 for the first, which does not say so
	recipient age.Recipient
	lease     *stationv1.LeaseNumbersResponse
	used      int32
}

// Send does all that a station does with a confirmed check-in: it takes a number, seals, uploads and submits.
func (s *Station) Send(ctx context.Context, c *CheckIn) (*stationv1.SubmitRequest, *stationv1.SubmitResponse, error) {
	request, _, err := s.UploadAll(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	response, err := s.Submit(ctx, request)
	return request, response, err
}

// UploadAll does all that Send does but to submit.
func (s *Station) UploadAll(ctx context.Context, c *CheckIn) (request *stationv1.SubmitRequest, uploads [][]byte, err error) {
	request, uploads, err = s.Prepare(ctx, c)
	for _, sealed := range uploads {
		if err == nil {
			_, err = s.UploadFrom(ctx, c.ID, sealed, 0, len(sealed))
		}
	}
	return request, uploads, err
}

// Prepare seals a check-in and writes the request that submits it, without sending either.
func (s *Station) Prepare(ctx context.Context, c *CheckIn) (request *stationv1.SubmitRequest, uploads [][]byte, err error) {
	if err := s.begin(ctx); err != nil {
		return nil, nil, err
	}
	request = &stationv1.SubmitRequest{
		CheckInId: c.ID, ConfirmedAt: timestamppb.New(c.ConfirmedAt), ServiceId: c.Service, Language: c.Language,
		Ticket: fmt.Sprintf("%s-%d", s.lease.Prefix, s.lease.First+s.used), Day: s.lease.Day,
	}
	s.used++
	if c.Record == nil {
		return request, nil, nil
	}
	text, err := proto.Marshal(c.Record)
	if err != nil {
		return nil, nil, err
	}
	contents := [][]byte{text}
	for _, f := range c.Record.Files {
		contents = append(contents, c.Contents[f.Name])
	}
	for i, content := range contents {
		sealed, err := s.Seal(content)
		if err != nil {
			return nil, nil, err
		}
		uploads = append(uploads, sealed)
		sum := sha256.Sum256(sealed)
		if i == 0 {
			request.RecordSha256 = sum[:]
		} else {
			request.FileSha256 = append(request.FileSha256, sum[:])
		}
	}
	return request, uploads, nil
}

func (s *Station) begin(ctx context.Context) error {
	if s.recipient == nil {
		office, err := s.GetOffice(ctx, &stationv1.GetOfficeRequest{Contract: max(0, cmp.Or(s.Contract, stationv1.Contract))})
		if err != nil {
			return err
		}
		if s.recipient, err = age.ParseX25519Recipient(office.Recipient); err != nil {
			return err
		}
	}
	if s.lease == nil || s.used == s.lease.Count {
		lease, err := s.LeaseNumbers(ctx, &stationv1.LeaseNumbersRequest{RequestId: uuid.NewString(), Count: 50})
		if err != nil {
			return err
		}
		s.lease, s.used = lease, 0
	}
	return nil
}

// Seal seals bytes to the office.
func (s *Station) Seal(clear []byte) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, s.recipient)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(clear); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

// UploadFrom sends the bytes of a sealed file from offset on, and breaks off before the byte at until.
func (s *Station) UploadFrom(ctx context.Context, checkIn string, sealed []byte, offset, until int) (*stationv1.UploadResponse, error) {
	sum := sha256.Sum256(sealed)
	return s.UploadAs(ctx, &stationv1.UploadHeader{
		CheckInId: checkIn, Sha256: sum[:], Size: int64(len(sealed)), Offset: int64(offset),
	}, sealed[offset:until])
}

// UploadAs sends any bytes under any header.
func (s *Station) UploadAs(ctx context.Context, header *stationv1.UploadHeader, content []byte) (*stationv1.UploadResponse, error) {
	stream, err := s.Upload(ctx)
	if err != nil {
		return nil, err
	}
	// A send that fails is explained by CloseAndRecv.
	sent := stream.Send(&stationv1.UploadRequest{Part: &stationv1.UploadRequest_Header{Header: header}})
	for len(content) > 0 && sent == nil {
		n := min(chunk, len(content))
		sent = stream.Send(&stationv1.UploadRequest{Part: &stationv1.UploadRequest_Chunk{Chunk: content[:n]}})
		content = content[n:]
	}
	return stream.CloseAndRecv()
}
