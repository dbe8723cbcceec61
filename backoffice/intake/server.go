package intake

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"path"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/foyer-station/foyer/backoffice/sqlite"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// The limits of a connection. A message is at most a chunk of 64 KiB and its frame.
const (
	maxMessage       = 80 << 10
	maxHeader        = 16 << 10
	maxStreams       = 16
	streamWindow     = 256 << 10 // bytes of a stream that may wait to be read; gRPC would let them grow to 16 MiB
	connectionWindow = 1 << 20
	handshakeTime    = 10 * time.Second
	callTime         = 30 * time.Second
	uploadTime       = 10 * time.Minute
	connectionAge    = 30 * time.Minute // so that stations spread again over servers, and renewed certificates count
	connectionGrace  = uploadTime
	connectionIdle   = 15 * time.Minute
	pingEvery        = time.Minute
	pingPatience     = 20 * time.Second
	pingNotMoreOften = 20 * time.Second
	deniedEvery      = time.Second // a call that runs is looked up in the deny list
)

// NewServer makes the gRPC server of a service. TLS must ask for and verify client certificates. The log gets one line a
// call: method, station, status, milliseconds; never anything that a visitor handed in.
func NewServer(s *Service, tls *tls.Config, log *slog.Logger) *grpc.Server {
	edge := edge{
		office: s.office.ID, denied: s.denied, turns: newTurns(maxCalls), pace: newPace(),
		stations: s.stations, refused: s.refused, now: s.now, log: log,
	}
	server := grpc.NewServer(
		grpc.Creds(handshakes{credentials.NewTLS(tls), log, time.Now, s.handshakes, s.open, s.stations}),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.StaticStreamWindowSize(streamWindow),
		grpc.StaticConnWindowSize(connectionWindow),
		grpc.MaxHeaderListSize(maxHeader),
		grpc.ConnectionTimeout(handshakeTime),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionIdle: connectionIdle, MaxConnectionAge: connectionAge, MaxConnectionAgeGrace: connectionGrace,
			Time: pingEvery, Timeout: pingPatience,
		}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: pingNotMoreOften, PermitWithoutStream: true}),
		grpc.UnaryInterceptor(edge.unary),
		grpc.StreamInterceptor(edge.stream),
	)
	stationv1.RegisterStationServiceServer(server, s)
	return server
}

// Serve answers stations until ctx ends, then lets running calls finish for at most grace. It returns nil after such an
// end, and the listener's error otherwise.
func Serve(ctx context.Context, server *grpc.Server, listener net.Listener, grace time.Duration) error {
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	late := time.AfterFunc(grace, server.Stop)
	defer late.Stop()
	server.GracefulStop()
	if err := <-served; !errors.Is(err, grpc.ErrServerStopped) { // it had not begun
		return err
	}
	return nil
}

// edge is what every call passes on its way in and out.
type edge struct {
	office string
	denied *denied
	turns  *turns
	pace   *pace
	log    *slog.Logger

	stations *stations
	refused  *tally // submissions
	now      func() time.Time
}

var (
	errDenied = status.Error(codes.PermissionDenied, "this station is on the office's list of denied stations")
	errFull   = status.Error(codes.ResourceExhausted, "the office has no room on its disk")
)

func (e edge) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	err = e.call(ctx, info.FullMethod, func(ctx context.Context) (err error) {
		resp, err = next(ctx, req)
		return err
	})
	return resp, err
}

func (e edge) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	ctx, cancel := context.WithTimeout(stream.Context(), uploadTime)
	defer cancel()
	return e.call(ctx, info.FullMethod, func(ctx context.Context) error {
		return next(srv, contextStream{stream, ctx})
	})
}

// call admits the caller, runs the handler, turns a panic into an answer and writes the log line.
func (e edge) call(ctx context.Context, method string, handle func(context.Context) error) (err error) {
	began := time.Now()
	log := e.log.With("method", path.Base(method))
	defer func() {
		if p := recover(); p != nil {
			// The value may hold what a visitor handed in, so only the fact is logged.
			log.Error("call panicked")
			err = status.Error(codes.Internal, "internal error")
		}
		if err != nil && method == stationv1.StationService_Submit_FullMethodName {
			e.refused.count(err)
		}
		log.Log(ctx, levelOf(err), "call", "code", status.Code(err).String(), "ms", time.Since(began).Milliseconds())
	}()
	caller, err := callerOf(ctx, e.office)
	if paced := e.pace.wait(ctx, caller.station); paced != nil {
		return paced
	}
	if err != nil {
		log = log.With("reason", status.Convert(err).Message())
		return err
	}
	log = log.With("station", caller.station)
	e.stations.saw(caller, e.now())
	if e.denied.has(caller) {
		return errDenied
	}
	admitted, release := e.watch(context.WithValue(ctx, callerKey{}, caller), caller)
	defer release()
	done, err := e.turns.take(admitted, caller.station)
	if err != nil {
		return e.answer(log, err)
	}
	defer done()
	return e.answer(log, handle(admitted))
}

// levelOf makes a caller who is not let in stand out from calls.
func levelOf(err error) slog.Level {
	if c := status.Code(err); c == codes.Unauthenticated || c == codes.PermissionDenied {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// watch ends the context, with errDenied for its cause, when the caller comes on the deny list. release must be called.
func (e edge) watch(ctx context.Context, c caller) (watched context.Context, release func()) {
	watched, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(deniedEvery)
		defer tick.Stop()
		for {
			select {
			case <-watched.Done():
				return
			case <-tick.C:
				if e.denied.has(c) {
					cancel(errDenied)
				}
			}
		}
	}()
	return watched, func() { cancel(nil); <-ended }
}

// answer makes an error of the office's own into one that tells the station no more than what to do.
func (e edge) answer(log *slog.Logger, err error) error {
	if _, ok := status.FromError(err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return status.FromContextError(err).Err()
	}
	if errors.Is(err, errNoRoom) || errors.Is(err, syscall.ENOSPC) || sqlite.IsFull(err) {
		log.Error("there is no room on the disk: make some on the volume of the data folder", "error", err)
		return errFull
	}
	log.Error("call failed", "error", err)
	return status.Error(codes.Internal, "internal error")
}

// contextStream is a stream whose handler sees another context.
type contextStream struct {
	grpc.ServerStream
	ctx context.Context
}

// Context is the admitted call's.
func (s contextStream) Context() context.Context { return s.ctx }
