package technician

import (
	"context"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// borrow opens the stream of a loan from a station that lends like lend, until the test ends or stop is called.
func borrow(t *testing.T, ctx context.Context, lend Lend) (stream grpc.ServerStreamingClient[technicianv1.LendResponse], stop func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "technician.sock")
	running, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(running, path, NewBoard(), nil, lend) }()
	conn, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
		ended <- nil
	}
	t.Cleanup(func() { conn.Close(); stop() })
	stream, err = technicianv1.NewTechnicianServiceClient(conn).Lend(ctx, &technicianv1.LendRequest{}, grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	return stream, stop
}

func TestALoanLastsAsLongAsItsStreamAndNoLongerThanTheStation(t *testing.T) {
	for name, end := range map[string]func(cut, stop func()){
		"the stream ends":   func(cut, _ func()) { cut() },
		"the station stops": func(_, stop func()) { stop() },
	} {
		t.Run(name, func(t *testing.T) {
			back := make(chan error, 1)
			ctx, cut := context.WithCancel(t.Context())
			defer cut()
			stream, stop := borrow(t, ctx, func(ctx context.Context, tell func(bool) error) error {
				err := tell(true)
				if err == nil {
					<-ctx.Done()
					err = ctx.Err()
				}
				back <- err
				return err
			})
			if said, err := stream.Recv(); err != nil || !said.GetLent() {
				t.Fatalf("the borrower is told %v, %v", said, err)
			}
			end(cut, stop)
			if err := <-back; err != context.Canceled {
				t.Errorf("the loan ends with %v", err)
			}
			if _, err := stream.Recv(); status.Code(err) != codes.Canceled {
				t.Errorf("the borrower is told %v", err)
			}
		})
	}
}

func TestABorrowerIsToldWhyNothingIsLent(t *testing.T) {
	for err, want := range map[error]codes.Code{ErrLent: codes.FailedPrecondition, context.DeadlineExceeded: codes.DeadlineExceeded} {
		stream, _ := borrow(t, t.Context(), func(context.Context, func(bool) error) error { return err })
		if _, got := stream.Recv(); status.Code(got) != want {
			t.Errorf("of %v the borrower is told %v", err, got)
		}
	}
}
