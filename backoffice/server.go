// Package backoffice is one office's back office as one process: it takes check-ins from stations over mutual TLS, queues
// visitors for the caseworkers in charge, and shows them to staff in the browser; visitors see who is called, and their own place.
//
// The rooms below do the work: office and routing say what the office is like, intake speaks with stations, vault keeps
// what visitors handed in, store keeps the queue, staff says who signs in, console is what staff see, display what the lobby sees, ticketview what a visitor sees, metrics what a monitoring
// system is told, backup takes the office elsewhere and brings it back. What they stand on: sqlite, durable (files and folders),
// disk (room), pki.
package backoffice

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"github.com/foyer-station/foyer/backoffice/appointments"
	"github.com/foyer-station/foyer/backoffice/auditlog"
	"github.com/foyer-station/foyer/backoffice/console"
	"github.com/foyer-station/foyer/backoffice/display"
	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/metrics"
	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/ticketview"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/disk"
)

const (
	grace     = 10 * time.Second // for running calls when the server ends
	abandoned = 24 * time.Hour   // the longest that a station keeps a check-in, and so an upload without one
	ballast   = 8 << 20          // bytes that are kept for a start and for erasing on a full disk: twice a write-ahead log
)

// Server is an opened back office. Run serves; Close closes what New opened.
type Server struct {
	config   Config
	clock    Clock
	log      *slog.Logger
	lock     io.Closer
	office   *office.Office
	store    officeStore
	turns    turns // of several instances; nil where this process is the only one
	vault    *vault.Vault
	intake   *intake.Service
	console  *console.Console
	keeper   *keeper
	sealer   *auditlog.Sealer
	stations net.Listener
	staff    net.Listener
	metrics  net.Listener // nil where none are told
	lobby    lobby
	grpc     *grpc.Server
	tls      *tls.Config // of the console; nil for plain HTTP on loopback
}

// officeStore is all that an office asks of its store, by whom it asks it. What each method promises stands at [store.Store], which
// is one, and package storetest plays it.
type officeStore interface {
	console.Store
	display.Store
	ticketview.Store
	intake.Store
	appointments.Store
	keeperStore
	auditlog.Store
	Accounts
	CountVisitors(ctx context.Context) (store.VisitorCounts, error)
	Answers(ctx context.Context) error
	Close() error
}

// New opens a back office that goes by the computer's clock, as NewAt does.
func New(ctx context.Context, c Config, log *slog.Logger) (*Server, error) {
	return NewAt(ctx, c, SystemClock(), log)
}

// NewAt opens the databases, brought to their newest schema, closes the days that ended while nobody served, and opens
// both listeners. Port 0 picks a free port. An office has one server: a second is durable.ErrLocked.
func NewAt(ctx context.Context, c Config, clock Clock, log *slog.Logger) (s *Server, err error) {
	s = &Server{config: c, clock: clock, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := s.open(ctx); err != nil {
		return s, err
	}
	if err := s.listenStations(); err != nil {
		return s, err
	}
	if err := s.listenStaff(); err != nil {
		return s, err
	}
	if err := s.listenLobby(); err != nil {
		return s, err
	}
	if c.Metrics.Listen != "" {
		s.metrics, err = metrics.Listen(c.Metrics.Listen)
	}
	return s, err
}

func (s *Server) open(ctx context.Context) (err error) {
	if s.office, err = ReadOffice(s.config); err != nil {
		return err
	}
	identities, recipient, err := readIdentities(s.config.Identity)
	if err != nil {
		return err
	}
	if s.lock, err = Lock(s.config); err != nil {
		return err
	}
	if err := durable.MkdirAll(s.config.Data); err != nil {
		return err
	}
	if err := s.ballast().Release(); err != nil {
		return err
	}
	if err := s.openStore(ctx); err != nil {
		return err
	}
	s.sealer, err = auditlog.NewSealer(ctx, s.store, s.config.AuditKey(), s.config.AuditHead(), s.clock.Now, s.log)
	if err != nil {
		return err
	}
	if err := GiveRoles(ctx, s.store, s.office); err != nil {
		return err
	}
	s.keeper = &keeper{office: s.office, retention: s.config.Retention.Duration, clock: s.clock, log: s.log, ballast: s.ballast(), store: s.store}
	if err = s.keeper.start(ctx); err != nil {
		return err
	}
	if s.vault, err = vault.Open(ctx, filepath.Join(s.config.Data, "files"), s.config.Keys, identities); err != nil {
		return err
	}
	return s.openRooms(ctx, identities, recipient)
}

// openRooms makes what stands on store and vault: the intake, the console, and what the keeper asks of them.
func (s *Server) openRooms(ctx context.Context, identities []age.Identity, recipient string) (err error) {
	booked := appointments.Kept{Store: s.store, Vault: s.vault, Day: s.office.Day}
	s.intake, err = intake.New(ctx, s.office, recipient, s.store, s.vault, filepath.Join(s.config.Data, "spool"), s.clock.Now, s.log,
		intake.Options{
			NumbersADay: s.config.Stations.NumbersADay, BytesADay: s.config.Stations.GigabytesADay << 30,
			Denied: s.config.Stations.Denied, Retention: s.config.Retention.Duration,
			TicketURL: s.config.TicketView.URL, Booked: booked,
		})
	if err != nil {
		return err
	}
	s.keeper.vault, s.keeper.intake, s.keeper.booked = s.vault, s.intake, booked
	sealer, err := staff.NewSealer(identities)
	if err != nil {
		return err
	}
	settings := console.Settings{
		Idle: s.config.Console.Idle.Duration, TrustedProxies: s.config.Console.trusted(), Sealer: sealer, SecondFactor: s.config.SignIn.SecondFactor,
		Origin: s.config.SignIn.Origin,
	}
	if s.console, err = console.New(s.office, s.store, s.vault, settings, s.clock.Now, s.log); err != nil {
		return err
	}
	s.console.Certificates, s.console.Outdated = s.Certificates, s.intake.OutdatedStations
	s.console.WalkIn = func(ctx context.Context, id, desk, service, language string) error {
		_, err := s.intake.WalkIn(ctx, intake.WalkIn{ID: id, Desk: desk, Service: service, Language: language})
		return err
	}
	return s.ballast().Take()
}

// ballast is room on the disk, for a start and for erasing when there is no other.
func (s *Server) ballast() disk.Ballast {
	return disk.Ballast{Path: filepath.Join(s.config.Data, "ballast"), Size: ballast}
}

// ReadOffice reads the office file of a configuration.
func ReadOffice(c Config) (*office.Office, error) {
	text, err := os.ReadFile(c.Office)
	if err != nil {
		return nil, fmt.Errorf("office file: %w", err)
	}
	return office.Parse(text)
}

// RestoreStage is the folder, in that of the data, in which a restored office is put together before it takes its place.
const RestoreStage = ".restore"

// ErrHalfRestored says that a restore broke off. An office that began in its place would be in its way.
var ErrHalfRestored = errors.New("a restore of this office was interrupted: run it again first")

// OpenStore opens the SQLite database of a configuration, without serving. [OpenOffice] opens whichever store it names.
func OpenStore(ctx context.Context, c Config) (*store.Store, error) {
	if err := durable.MkdirAll(c.Data); err != nil {
		return nil, err
	}
	path := filepath.Join(c.Data, "backoffice.db")
	if exists(filepath.Join(c.Data, RestoreStage)) && !exists(path) {
		return nil, ErrHalfRestored
	}
	return store.Open(ctx, path)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Lock keeps every other process from serving, or restoring, this office until it is closed; durable.ErrLocked when one
// does so already. The folder of the keys is locked, which stays where data is moved away, and the folder of the data: with
// two files of keys, each server could open only what it took itself.
func Lock(c Config) (io.Closer, error) {
	var held locks
	var before os.FileInfo
	for _, dir := range []string{filepath.Dir(c.Keys), c.Data} {
		if err := durable.MkdirAll(dir); err != nil {
			return nil, errors.Join(err, held.Close())
		}
		info, err := os.Stat(dir)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock office: %w", err), held.Close())
		}
		if before != nil && os.SameFile(before, info) {
			continue
		}
		before = info
		lock, err := durable.Lock(dir)
		if err != nil {
			return nil, errors.Join(err, held.Close())
		}
		held = append(held, lock)
	}
	return held, nil
}

// locks are folders that this process has.
type locks []io.Closer

// Close lets go of all of them.
func (l locks) Close() error {
	var errs []error
	for _, one := range l {
		errs = append(errs, one.Close())
	}
	return errors.Join(errs...)
}

// readIdentities reads the office's age identities and the recipient of the first.
func readIdentities(path string) (identities []age.Identity, recipient string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, "", fmt.Errorf("office identity: %w", err)
	}
	defer f.Close()
	identities, err = age.ParseIdentities(f)
	if err != nil {
		return nil, "", fmt.Errorf("office identity %s: not a list of age identities", path)
	}
	present, ok := identities[0].(*age.X25519Identity)
	if !ok {
		return nil, "", fmt.Errorf("office identity %s: the first is not an X25519 identity", path)
	}
	return identities, present.Recipient().String(), nil
}

func (s *Server) listenStations() (err error) {
	c := s.config.Stations
	pair, err := tls.LoadX509KeyPair(c.Certificate, c.Key)
	if err != nil {
		return fmt.Errorf("station certificate: %w", err)
	}
	text, err := os.ReadFile(c.ClientCA)
	if err != nil {
		return fmt.Errorf("client_ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return fmt.Errorf("client_ca %s: no certificate in it", c.ClientCA)
	}
	s.grpc = intake.NewServer(s.intake, &tls.Config{
		MinVersion: tls.VersionTLS13, GetCertificate: renewing(c.Certificate, c.Key, pair), ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
	}, s.log)
	if s.stations, err = net.Listen("tcp", c.Listen); err != nil {
		return fmt.Errorf("listen for stations: %w", err)
	}
	return nil
}

func (s *Server) listenStaff() (err error) {
	c := s.config.Console
	if c.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(c.Certificate, c.Key)
		if err != nil {
			return fmt.Errorf("console certificate: %w", err)
		}
		s.tls = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: renewing(c.Certificate, c.Key, pair)}
	}
	if s.staff, err = net.Listen("tcp", c.Listen); err != nil {
		return fmt.Errorf("listen for staff: %w", err)
	}
	if at, ok := s.staff.Addr().(*net.TCPAddr); s.tls == nil && (!ok || !at.IP.IsLoopback()) {
		return fmt.Errorf("console: without a certificate it may listen on loopback only, not on %s", c.Listen)
	}
	return nil
}

// StationAddr is where stations connect.
func (s *Server) StationAddr() string { return s.stations.Addr().String() }

// MetricsURL is where a monitoring system finds the metrics; empty where none are told.
func (s *Server) MetricsURL() string {
	if s.metrics == nil {
		return ""
	}
	return "http://" + s.metrics.Addr().String() + "/metrics"
}

// ConsoleURL is where staff find the console.
func (s *Server) ConsoleURL() string {
	scheme := "http"
	if s.tls != nil {
		scheme = "https"
	}
	return scheme + "://" + s.staff.Addr().String()
}

// Answers returns nil once check-ins could be taken: a write to the store has had its turn. It is ctx's error when that ends
// before.
func (s *Server) Answers(ctx context.Context) error { return s.store.Answers(ctx) }

// Run serves until ctx ends, and returns when everything has ended; running calls get ten seconds.
func (s *Server) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer s.intake.Wait()
		return intake.Serve(ctx, s.grpc, s.stations, grace)
	})
	group.Go(func() error { return s.console.Serve(ctx, s.staff, s.tls, grace) })
	s.lobby.serve(ctx, group)
	if s.metrics != nil {
		group.Go(func() error {
			return metrics.Serve(ctx, s.metrics, metrics.Office{Look: s.figures, Ready: s.ready}, s.log, grace)
		})
	}
	group.Go(func() error { return s.watchCertificates(ctx) })
	group.Go(func() error { return s.keepInTurn(ctx) })
	group.Go(func() error { return s.sealer.Run(ctx) })
	group.Go(func() error { return s.intake.WatchDenied(ctx) })
	return group.Wait()
}

// Close closes listeners and databases. It is called after Run has returned, or instead of it.
func (s *Server) Close() error {
	errs := []error{s.lobby.close()}
	for _, l := range []net.Listener{s.stations, s.staff, s.metrics} {
		if l != nil {
			if err := l.Close(); !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	if s.vault != nil {
		errs = append(errs, s.vault.Close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
