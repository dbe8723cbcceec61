package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/foyer-station/foyer/hwtest"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

var (
	// errNobody says that no kiosk runs, so that its devices are free.
	errNobody = errors.New("no kiosk is running")
	// errHangs says that somebody holds the socket and does not answer.
	errHangs = errors.New("the kiosk holds its socket and does not answer")
)

// oddAnswer says that what it answers is nothing that a kiosk says.
type oddAnswer codes.Code

// Error implements error.
func (o oddAnswer) Error() string { return codes.Code(o).String() }

// knock says whether a kiosk runs: nil where somebody takes calls. A socket that nobody serves was left by one that was killed.
func knock(socket string) error {
	const patience = time.Second
	conn, err := net.DialTimeout("unix", socket, patience)
	switch {
	case err == nil:
		return conn.Close()
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return errNobody
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, os.ErrDeadlineExceeded): // nobody takes calls from the queue
		return errHangs
	}
	return fmt.Errorf("ask the running kiosk: %w", err)
}

// ask asks a running kiosk. The errors are errHangs, and an oddAnswer.
func ask(ctx context.Context, socket string, now func() time.Time) (hwtest.Report, error) {
	conn, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return hwtest.Report{}, err
	}
	defer conn.Close()
	report, err := hwtest.FromStation(ctx, technicianv1.NewTechnicianServiceClient(conn), now)
	switch code := status.Code(err); {
	case err == nil:
		return report, nil
	case code == codes.DeadlineExceeded, code == codes.Unavailable, code == codes.Canceled:
		return report, errHangs
	default:
		return report, oddAnswer(code)
	}
}
