// Package link is the station's side of proto/foyer/station/v1: it keeps the office's snapshot and enough ticket numbers
// at hand, and brings what the journal's outbox holds to the back office.
//
// The contract. Nothing is lost by a break at any moment: an upload resumes at the offset that the back office names,
// a submission whose answer was lost is repeated under the same id and answered the same, and only an answer wipes the
// station's copy, or the limit that the journal keeps, after what waits was tried to be sent. Cut off, the link tries again
// with a growing pause; the station works from its journal meanwhile. What the back office sends is checked and bounded
// before it is used. Numbers are the back office's: so are the day that they are for and the clock that tells it (Now).
// Logs hold ids, tickets and status codes, never more.
package link

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/kiosk/journal"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/proto/mutual"
)

// Options are a link's clock, log and pace; zero durations stand for the defaults that are named.
type Options struct {
	Now      func() time.Time // nil is time.Now; the back office's clock is kept by what passes on this one
	Log      *slog.Logger     // nil is slog.Default
	Interval time.Duration    // between two looks at office and numbers: 30 s
	MinPause time.Duration    // after a first failure: 500 ms, doubled at each
	MaxPause time.Duration    // at most: 30 s
	Timeout  time.Duration    // of one call; an upload gets four times as long: 10 s
}

// Link is one station's link. Run must be running for anything to move.
type Link struct {
	client  stationv1.StationServiceClient
	journal *journal.Journal
	options Options
	wake    chan struct{} // holds one
	changed chan struct{} // holds one

	told    string                // what the log was last told of the link; Run's
	refused map[string]codes.Code // check-ins that failed last time, and how; Run's
	warned  bool                  // of a check-in that will be wiped; Run's
	strange string                // a day for which numbers came that the station does not have; Run's

	mu       sync.Mutex
	office   *stationv1.GetOfficeResponse
	clock    officeClock
	state    State
	reason   mutual.Message    // why it is cut off; nothing where that is not known
	shown    *x509.Certificate // the back office's; nil before it was seen
	expected map[string]chan Answer
}

// Answer is what the back office says of a submitted check-in.
type Answer struct {
	Room  string // empty: the lobby
	Ahead int    // visitors before this one
	// Most visitors wait from so long to so long: whole minutes, 24 hours at most. Both are 0 where nobody knows.
	WaitFrom, WaitUntil time.Duration
}

// TLS reads the station's certificate and key and the authority that signs the back office's, all PEM. TLS 1.3 only.
func TLS(certificate, key, authority string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("station's certificate: %w", err)
	}
	pem, err := os.ReadFile(authority)
	if err != nil {
		return nil, fmt.Errorf("back office's authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("back office's authority: no certificate in %s", authority)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{pair}, RootCAs: pool, MinVersion: tls.VersionTLS13,
		// Read again for each connection, so that a certificate that was renewed counts without a restart.
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if renewed, err := tls.LoadX509KeyPair(certificate, key); err == nil {
				return &renewed, nil
			}
			return &pair, nil
		},
	}, nil
}

// Files are the certificates of [TLS], for whoever tells how long they last.
func Files(certificate, key, authority string) []mutual.File {
	return []mutual.File{{Name: "station", Path: certificate, Key: key, Station: true}, {Name: "authority", Path: authority}}
}

// pings go over a connection that is quiet. The back office allows one every 20 s.
var pings = keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second, PermitWithoutStream: true}

// Dial makes a connection to the back office, lazily: it does not fail while the back office is away. The caller closes
// it after Run has returned.
func Dial(address string, config *tls.Config) (*grpc.ClientConn, error) {
	return dial(address, config, pings)
}

func dial(address string, config *tls.Config, pings keepalive.ClientParameters) (*grpc.ClientConn, error) {
	pace := backoff.DefaultConfig
	pace.BaseDelay, pace.MaxDelay = 200*time.Millisecond, 5*time.Second
	h := &handshakes{}
	return grpc.NewClient(address,
		grpc.WithTransportCredentials(watched{credentials.NewTLS(config), h}),
		grpc.WithChainUnaryInterceptor(h.explain),
		// Without pings a connection whose other end is gone without a word (a cable, a power cut) holds for a quarter of an hour.
		grpc.WithKeepaliveParams(pings),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: pace, MinConnectTimeout: 5 * time.Second}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)))
}

// New makes a link over a connection, with the office that the journal remembers.
func New(ctx context.Context, conn grpc.ClientConnInterface, j *journal.Journal, o Options) (*Link, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	defaults(&o.Interval, 30*time.Second)
	defaults(&o.MinPause, 500*time.Millisecond)
	defaults(&o.MaxPause, 30*time.Second)
	defaults(&o.Timeout, 10*time.Second)
	l := &Link{
		client: stationv1.NewStationServiceClient(conn), journal: j, options: o,
		wake: make(chan struct{}, 1), changed: make(chan struct{}, 1),
		expected: map[string]chan Answer{}, refused: map[string]codes.Code{}, state: CutOff,
	}
	saved, err := j.Office(ctx)
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return l, nil
	case err != nil:
		return nil, err
	}
	office := &stationv1.GetOfficeResponse{}
	if err := proto.Unmarshal(saved, office); err != nil {
		return nil, fmt.Errorf("saved office: %w", err)
	}
	l.office = office
	l.clock = l.clock.in(office.GetTimeZone())
	return l, nil
}

func defaults(d *time.Duration, value time.Duration) {
	if *d == 0 {
		*d = value
	}
}

// Office is the latest snapshot, from the back office or the journal; nil before there ever was one. The caller does not
// change it.
func (l *Link) Office() *stationv1.GetOfficeResponse {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.office
}

// State is how the link is.
func (l *Link) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// CutOffBy tells why the back office cannot be reached, for a technician; nothing where it can, or nobody knows.
func (l *Link) CutOffBy() mutual.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reason
}

// OfficeCertificate is what the back office showed last, also where it was refused for it; nil before it showed any.
func (l *Link) OfficeCertificate() *x509.Certificate {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shown
}

// Linked tells whether the back office answered last time, and not with an error of its own.
func (l *Link) Linked() bool { return l.State() == Linked }

// Changed receives when Linked, Office or the numbers may have changed. It has one receiver.
func (l *Link) Changed() <-chan struct{} { return l.changed }

// Wake makes Run look at the outbox now.
func (l *Link) Wake() { signal(l.wake) }

// woken tells whether Run is to look at the outbox again, which it then does as soon as the round has ended.
func (l *Link) woken() bool { return len(l.wake) > 0 }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Expect asks for the answer to a check-in before it is committed, so that an answer that comes at once is not missed.
// forget must be called.
func (l *Link) Expect(checkInID string) (answer <-chan Answer, forget func()) {
	c := make(chan Answer, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expected[checkInID] = c
	return c, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.expected, checkInID)
	}
}

func (l *Link) deliver(checkInID string, a Answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c, ok := l.expected[checkInID]; ok {
		delete(l.expected, checkInID)
		c <- a
	}
}

// Run keeps the link until ctx ends; it returns ctx's error.
func (l *Link) Run(ctx context.Context) error {
	pause := l.options.MinPause
	for {
		wait := l.options.Interval
		err := l.round(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		l.note(err)
		if err == nil {
			pause = l.options.MinPause
		} else {
			if stateOf(err) == Full {
				pause = l.options.MaxPause // to ask sooner would only take from the others
			}
			wait = pause/2 + rand.N(pause/2+1) // jitter: stations cut off together do not come back together
			pause = min(2*pause, l.options.MaxPause)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-l.wake:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// round does once what is to be done. What visitors wait for goes first. A part that fails does not keep the others from
// being tried, unless the back office is away; one over which it falls silent may be the only one. What waits too long is
// wiped last: it has just been tried to be sent.
func (l *Link) round(ctx context.Context) error {
	err := l.talk(ctx)
	if ctx.Err() != nil {
		return err
	}
	return errors.Join(err, l.expire(ctx), l.warn(ctx))
}

func (l *Link) talk(ctx context.Context) error {
	sent := l.sendAll(ctx)
	if away(sent) && !silent(sent) {
		return sent
	}
	looked := l.refresh(ctx)
	if away(looked) {
		return errors.Join(sent, looked)
	}
	if silent(sent) {
		sent = fmt.Errorf("%w: %v", errSilent, sent) // no call that failed any more: the back office is there
	}
	return errors.Join(sent, looked, l.topUp(ctx))
}

// silent tells that the back office did not answer in time.
func silent(err error) bool { return away(err) && code(err) == codes.DeadlineExceeded }

// away tells that the back office cannot be reached now.
func away(err error) bool { return stateOf(err) == CutOff }

// refusal is the error of a call that failed.
type refusal interface{ GRPCStatus() *status.Status }

// answered tells that a call failed, and not something on the station.
func answered(err error) bool {
	var r refusal
	return errors.As(err, &r)
}

// code is the status code of the innermost call that failed; OK for none.
func code(err error) codes.Code {
	var r refusal
	if errors.As(err, &r) {
		return r.GRPCStatus().Code()
	}
	if err != nil {
		return codes.Unknown
	}
	return codes.OK
}

func (l *Link) note(err error) {
	state := stateOf(err)
	reason := reasonOf(err)
	var u *unreachable
	l.mu.Lock()
	l.state, l.reason = state, reason
	if errors.As(err, &u) && u.shown != nil {
		l.shown = u.shown
	}
	l.mu.Unlock()
	l.tell(state, err, reason.String())
	signal(l.changed)
}

// tell logs how the link is whenever that changes, also when it never was well: a wrong address or certificate shows
// nowhere else. Of what the back office says, only the code is logged.
func (l *Link) tell(state State, err error, reason string) {
	now := fmt.Sprint(state, code(err), errors.Is(err, errAnswer), reason)
	if now == l.told {
		return
	}
	l.told = now
	switch {
	case state == CutOff:
		l.options.Log.Warn("cut off from the back office", "code", code(err).String(), "reason", reason)
	case err == nil:
		l.options.Log.Info("linked to the back office")
	case errors.Is(err, errAnswer):
		l.options.Log.Error("the back office gave an answer that its contract does not allow; trying again later")
	case state == Full:
		l.options.Log.Error("the back office has no room, or no numbers for this station; trying again more slowly", "code", code(err).String())
	case answered(err):
		l.options.Log.Error("the back office refused a call; trying again later", "code", code(err).String())
	default:
		l.options.Log.Error("the link failed; trying again later", "err", err)
	}
}

// expire wipes what waited too long and tells of it.
func (l *Link) expire(ctx context.Context) error {
	tickets, err := l.journal.Expire(ctx, l.Now())
	for _, ticket := range tickets {
		l.options.Log.Error("check-in wiped: the back office did not take it within the limit", "ticket", ticket)
	}
	return err
}

// warn tells once that check-ins will be wiped if nobody sees to the link.
func (l *Link) warn(ctx context.Context) error {
	wait, err := l.journal.Wait(ctx, l.Now())
	if err != nil {
		return err
	}
	late := Late(wait)
	if late && !l.warned {
		l.options.Log.Error("check-ins are waiting for the back office and will be wiped if it does not take them: check the link",
			"check_ins", wait.CheckIns, "oldest", wait.Oldest.Round(time.Minute).String(), "left", wait.Left.Round(time.Minute).String())
	}
	l.warned = late
	return nil
}
