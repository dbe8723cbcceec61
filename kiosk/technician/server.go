package technician

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/net/netutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// stopTime is how long a call in progress may take once the station stops.
const stopTime = 2 * time.Second

// Bounds of what whoever may open the socket costs the station that serves visitors.
const (
	mostConnections = 16
	mostCalls       = 16              // at once on a connection; more wait
	mostAsking      = 2               // calls that have all devices asked, and the journal written to, of all clients
	mostAsked       = 4096            // bytes of a request: none says anything
	firstWord       = 5 * time.Second // to say what a client says first
	// A client that is silent for so long is asked whether it is there, and taken for dead if it does not answer in that time: one that
	// was stopped holds a loan no longer.
	quiet, answer = 20 * time.Second, 10 * time.Second
)

// Status gives what GetStatus answers, now.
type Status func(context.Context) *technicianv1.GetStatusResponse

// ErrLent says that somebody else has borrowed the devices, or waits to.
var ErrLent = errors.New("the devices are lent to another test")

// Lend lends the devices until ctx ends, and tells how far that is, as the station's method does; a nil one lends nothing.
type Lend func(ctx context.Context, tell func(lent bool) error) error

// Serve answers on the Unix socket at path (mode 0660) until ctx ends; then it removes the socket and returns nil. A
// socket that a killed station left behind is replaced; one that still answers is an error, and so is a file that is no
// socket. Sixteen clients are served at once; more wait.
func Serve(ctx context.Context, path string, board *Board, status Status, lend Lend) error {
	listener, err := listen(path)
	if err != nil {
		return fmt.Errorf("technician's socket: %w", err)
	}
	server := grpc.NewServer(
		grpc.MaxConcurrentStreams(mostCalls), grpc.MaxRecvMsgSize(mostAsked), grpc.ConnectionTimeout(firstWord),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: quiet, Timeout: answer}),
	)
	technicianv1.RegisterTechnicianServiceServer(server, &service{
		board: board, status: status, lend: lend, stop: ctx.Done(), asking: make(chan struct{}, mostAsking),
	})
	served := make(chan error, 1)
	go func() { served <- server.Serve(netutil.LimitListener(listener, mostConnections)) }()
	select {
	case err = <-served:
		return fmt.Errorf("technician's socket: %w", err)
	case <-ctx.Done():
	}
	cut := time.AfterFunc(stopTime, server.Stop)
	defer cut.Stop()
	server.GracefulStop()
	<-served
	return nil
}

// listen binds the socket. Between binding and Chmod the umask decides, and a usual one lets nobody else write.
func listen(path string) (net.Listener, error) {
	if err := removeStale(path); err != nil {
		return nil, err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o660); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode()&os.ModeSocket == 0 {
		return fmt.Errorf("%s is not a socket: remove it, or configure another path", path)
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		return errors.Join(fmt.Errorf("%s: another station answers there", path), conn.Close())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}

type service struct {
	technicianv1.UnimplementedTechnicianServiceServer
	board  *Board
	status Status
	lend   Lend
	stop   <-chan struct{}
	asking chan struct{} // has a value for each call that asks
}

// GetStatus answers with what the station says of itself now. What devices say of themselves may be no text, and would be no answer.
func (s *service) GetStatus(ctx context.Context, _ *technicianv1.GetStatusRequest) (*technicianv1.GetStatusResponse, error) {
	select {
	case s.asking <- struct{}{}:
		defer func() { <-s.asking }()
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	said := s.status(ctx)
	legible(said.ProtoReflect())
	return said, nil
}

// WatchScreen skips screens that came and went while the watcher was slow: the latest is what counts.
func (s *service) WatchScreen(_ *technicianv1.WatchScreenRequest, stream grpc.ServerStreamingServer[technicianv1.WatchScreenResponse]) error {
	for {
		screen, revision, changed := s.board.Latest()
		if revision > 0 {
			if err := stream.Send(message(screen, revision)); err != nil {
				return err
			}
		}
		select {
		case <-changed:
		case <-s.stop:
			return nil
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}

// Lend lends the devices for as long as the stream lasts, and no longer than the station runs.
func (s *service) Lend(_ *technicianv1.LendRequest, stream grpc.ServerStreamingServer[technicianv1.LendResponse]) error {
	if s.lend == nil {
		return s.UnimplementedTechnicianServiceServer.Lend(nil, stream)
	}
	ctx, cancel := context.WithCancel(stream.Context())
	var stopping sync.WaitGroup
	defer stopping.Wait()
	defer cancel()
	stopping.Go(func() {
		select {
		case <-s.stop:
			cancel()
		case <-ctx.Done():
		}
	})
	err := s.lend(ctx, func(lent bool) error { return stream.Send(&technicianv1.LendResponse{Lent: lent}) })
	if errors.Is(err, ErrLent) {
		return status.Error(codes.FailedPrecondition, err.Error())
	}
	return status.FromContextError(err).Err()
}

func message(screen Screen, revision int64) *technicianv1.WatchScreenResponse {
	m := &technicianv1.WatchScreenResponse{
		Revision: revision,
		Screen:   screen.Name,
		Language: screen.Language,
		Attempt:  int32(screen.Attempt),
		Problem:  screen.Problem,
	}
	for _, f := range screen.Focus {
		m.Focus = append(m.Focus, &technicianv1.Focus{
			Id:      f.ID,
			Role:    f.Role,
			Enabled: f.Enabled,
			X:       int32(f.Area.Min.X),
			Y:       int32(f.Area.Min.Y),
			Width:   int32(f.Area.Dx()),
			Height:  int32(f.Area.Dy()),
		})
	}
	return m
}
