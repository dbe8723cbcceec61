package intake_test

import (
	"context"
	"crypto/rand"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

func TestAStationHandsInNoMoreVisitorsThanItMayHaveNumbers(t *testing.T) {
	at := noon
	b := checkintest.StartIn(t, t.TempDir(), func() time.Time { return at }, io.Discard, intake.Options{NumbersADay: 5})
	stolen := b.Station(t, "utopia", "stolen")
	handIn := func(s *checkintest.Station, id string) error {
		_, err := s.Submit(t.Context(), &stationv1.SubmitRequest{
			CheckInId: id, ConfirmedAt: timestamppb.New(noon), Ticket: "A-1", Day: "2026-03-02",
		})
		return err
	}
	first := uuid.Must(uuid.NewV7()).String()
	wantCode(t, "the first", handIn(stolen, first), codes.OK)
	for range 4 {
		wantCode(t, "one of five", handIn(stolen, uuid.Must(uuid.NewV7()).String()), codes.OK)
	}
	waits := uuid.Must(uuid.NewV7()).String()
	wantCode(t, "the sixth", handIn(stolen, waits), codes.ResourceExhausted)
	wantCode(t, "the first again", handIn(stolen, first), codes.OK)
	wantCode(t, "another station's", handIn(b.Station(t, "utopia", "station-1"), uuid.Must(uuid.NewV7()).String()), codes.OK)
	at = at.Add(5 * time.Hour)
	wantCode(t, "the sixth, after the time in which one more may come", handIn(stolen, waits), codes.OK)
}

// Every upload of a new check-in has the office look for room and drop another, and every submission is admitted alone.
func TestAStationThatFloodsTheOfficeWaitsForItself(t *testing.T) {
	b, honest := start(t)
	if _, _, err := honest.Send(t.Context(), checkintest.Genuine(noon)); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var flood sync.WaitGroup
	var handedIn atomic.Int64 // by the flood
	for range 8 {             // of more the older are ended
		stolen := b.Station(t, "utopia", "stolen")
		for range 32 {
			flood.Go(func() {
				for ctx.Err() == nil {
					content := []byte(rand.Text())
					stolen.UploadFrom(ctx, uuid.Must(uuid.NewV7()).String(), content, 0, len(content))
					stolen.Submit(ctx, &stationv1.SubmitRequest{
						CheckInId: uuid.Must(uuid.NewV7()).String(), ConfirmedAt: timestamppb.New(noon), Ticket: "A-1", Day: "2026-03-02",
					})
					handedIn.Add(1)
				}
			})
		}
	}
	defer flood.Wait()
	defer stop()
	for range 3 {
		for stands := handedIn.Load() + 32; handedIn.Load() < stands; runtime.Gosched() {
		}
		before := handedIn.Load()
		if _, _, err := honest.Send(t.Context(), checkintest.Genuine(noon)); err != nil {
			t.Fatal(err)
		}
		if ahead := handedIn.Load() - before; ahead > 128 { // half of those who flood
			t.Errorf("%d submissions of the flood came before another station's", ahead)
		}
	}
}

// What floods the log takes the place of what others have to say, on the disk and in journald.
func TestAStationThatFloodsTheOfficeWithCallsDoesNotFloodItsLog(t *testing.T) {
	for name, deny := range map[string]bool{"a stolen key": false, "a stolen key that is denied": true} {
		t.Run(name, func(t *testing.T) {
			log := &checkintest.Log{}
			b, write := denying(t, log)
			stolen, honest := b.Station(t, "utopia", "stolen"), b.Station(t, "utopia", "station-1")
			if deny {
				write("stolen")
			}
			ctx, stop := context.WithTimeout(t.Context(), 4*time.Second)
			defer stop()
			var flood sync.WaitGroup
			for range 64 {
				flood.Go(func() {
					for ctx.Err() == nil {
						stolen.GetUpload(ctx, &stationv1.GetUploadRequest{})
					}
				})
			}
			for ctx.Err() == nil {
				began := time.Now()
				if _, err := honest.GetOffice(t.Context(), &stationv1.GetOfficeRequest{}); err != nil || time.Since(began) > 2*time.Second {
					t.Errorf("another station was answered after %v, %v", time.Since(began), err)
				}
				time.Sleep(100 * time.Millisecond)
			}
			flood.Wait()
			if lines := strings.Count(log.String(), "station=stolen"); lines == 0 || lines > 1000+5*200+64 {
				t.Errorf("%d lines in four seconds", lines)
			}
		})
	}
}
