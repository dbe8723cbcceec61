package main

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/devices"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

const (
	saysAwaitsVisitor devices.Key = "borrow.visitor" // the devices are lent once one has left
	saysBorrowed      devices.Key = "borrow.lent"    // the screen says that the station is tested
)

// stopKiosk is what to do where a kiosk does not lend its devices.
const stopKiosk = "systemctl stop foyer-kiosk, test, systemctl start foyer-kiosk"

// Why there is no loan, and how one can end before the test does.
var (
	errOther     = errors.New("another test has the station's devices")
	errTakenBack = errors.New("the kiosk has taken its devices back: the loan was over")
	errSilent    = errors.New("the kiosk has taken its devices back: this test did not answer when it was asked whether it still runs")
	errEnded     = errors.New("the kiosk has ended while its devices were lent")
)

// loan is of the devices of a running kiosk. They are back when this process ends, however it does.
type loan struct {
	context.Context // ends with the loan: errTakenBack, errSilent, errEnded
	giveBack        func()
}

// borrow has a running kiosk close its devices. It waits until nobody is at the station, and tells so. Where no kiosk runs they are free:
// then the loan is nil.
func borrow(ctx context.Context, socket string, tell func(devices.Key)) (*loan, error) {
	switch err := knock(socket); {
	case errors.Is(err, errNobody):
		return nil, nil
	case errors.Is(err, fs.ErrPermission):
		return nil, command.CannotRun(err, "run it as the station's user: sudo -u foyer hwtest")
	case err != nil:
		return nil, command.CannotRun(err, stopKiosk)
	}
	conn, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	call, cancel := context.WithCancelCause(context.WithoutCancel(ctx)) // whoever interrupts the test still closes the devices before they go back
	interrupted := context.AfterFunc(ctx, func() { cancel(ctx.Err()) })
	end := func() {
		cancel(context.Canceled)
		conn.Close()
	}
	stream, err := await(call, cancel, conn, tell)
	if err != nil {
		end()
		return nil, refused(ctx, err)
	}
	interrupted()
	lent, over := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			if _, err := stream.Recv(); err != nil {
				over(whyOver(err, socket))
				return
			}
		}
	})
	return &loan{Context: lent, giveBack: func() { end(); watching.Wait() }}, nil
}

// whyOver is why a loan is over, from what the kiosk said last. One that hangs up and still takes calls has not ended: it hangs up on whoever is
// silent, and says nothing then.
func whyOver(said error, socket string) error {
	switch status.Code(said) {
	case codes.DeadlineExceeded:
		return errTakenBack
	case codes.Unavailable:
		if knock(socket) == nil {
			return errSilent
		}
	}
	return errEnded
}

// await returns once the devices are lent. A kiosk that says nothing at first hangs: cancel ends the call.
func await(ctx context.Context, cancel context.CancelCauseFunc, conn *grpc.ClientConn, tell func(devices.Key)) (grpc.ServerStreamingClient[technicianv1.LendResponse], error) {
	hangs := time.AfterFunc(askTime, func() { cancel(errHangs) })
	defer hangs.Stop()
	stream, err := technicianv1.NewTechnicianServiceClient(conn).Lend(ctx, &technicianv1.LendRequest{})
	for err == nil {
		var said *technicianv1.LendResponse
		if said, err = stream.Recv(); err != nil {
			break
		}
		hangs.Stop()
		if said.GetLent() {
			tell(saysBorrowed)
			return stream, nil
		}
		tell(saysAwaitsVisitor)
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return nil, err
}

// refused is why a kiosk did not lend its devices.
func refused(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case status.Code(err) == codes.FailedPrecondition:
		return command.CannotRun(errOther, "wait until it is over, or end it")
	case status.Code(err) == codes.Unimplemented:
		return command.CannotRun(errors.New("the kiosk is running and does not lend its devices"), stopKiosk)
	}
	return command.CannotRun(err, stopKiosk)
}
