package checkintest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/foyer-station/foyer/backoffice/ca"
	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// BackOffice is the example office with its intake, on loopback, until the test ends.
type BackOffice struct {
	Office  *office.Office
	Store   *store.Store
	Vault   *vault.Vault
	Service *intake.Service
	Dir     string // of everything that it keeps
	Addr    string // where stations connect
	Stop    func() // ends it before the test does, so that another can be started on what it kept
	pki     string
	now     func() time.Time
}

// Start starts a back office whose clock is now and whose log goes to log.
func Start(t testing.TB, now func() time.Time, log io.Writer) *BackOffice {
	t.Helper()
	return StartIn(t, t.TempDir(), now, log, intake.Options{})
}

// StartIn is Start in a folder, which may hold another's data, and with options.
func StartIn(t testing.TB, dir string, now func() time.Time, log io.Writer, options intake.Options) *BackOffice {
	t.Helper()
	return start(t, dir, now, log, options, func(s *store.Store) intake.Store { return s })
}

// StartOver is Start with an intake that sees the store as over gives it.
func StartOver(t testing.TB, now func() time.Time, log io.Writer, over func(*store.Store) intake.Store) *BackOffice {
	t.Helper()
	return start(t, t.TempDir(), now, log, intake.Options{}, over)
}

func start(t testing.TB, dir string, now func() time.Time, log io.Writer, options intake.Options, over func(*store.Store) intake.Store) *BackOffice {
	t.Helper()
	b := &BackOffice{Dir: dir, pki: filepath.Join(dir, "pki"), now: now}
	identity := identity(t, filepath.Join(dir, "office.key"))
	b.Office = must(office.Parse(office.Example))(t)
	b.Store = must(store.Open(t.Context(), filepath.Join(dir, "backoffice.db")))(t)
	must(b.Store.OpenLeaseLog(t.Context(), filepath.Join(dir, "keys.db.leases"), now()))(t)
	b.Vault = must(vault.Open(t.Context(), filepath.Join(dir, "files"), filepath.Join(dir, "keys.db"), []age.Identity{identity}))(t)
	lines := slog.New(slog.NewTextHandler(log, nil))
	b.Service = must(intake.New(t.Context(), b.Office, identity.Recipient().String(), over(b.Store), b.Vault, filepath.Join(dir, "spool"), now, lines, options))(t)

	authority := must(ca.OpenAuthority(b.pki, time.Now()))(t)
	if err := authority.Server("server", "localhost", "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	server := intake.NewServer(b.Service, &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{b.keyPair(t, "server")},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    b.pool(t),
	}, lines)
	listener := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	b.Addr = listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- intake.Serve(ctx, server, listener, 10*time.Second) }()
	b.Stop = sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("intake ended: %v", err)
		}
		b.Service.Wait()
		b.Vault.Close()
		b.Store.Close()
	})
	t.Cleanup(b.Stop)
	return b
}

// identity is the office's, made on the first start in a folder.
func identity(t testing.TB, path string) *age.X25519Identity {
	t.Helper()
	if text, err := os.ReadFile(path); err == nil {
		return must(age.ParseX25519Identity(string(text)))(t)
	}
	fresh := must(age.GenerateX25519Identity())(t)
	if err := os.WriteFile(path, []byte(fresh.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return fresh
}

// Station connects as a station of an office, with a certificate of the office's own authority.
func (b *BackOffice) Station(t testing.TB, of, name string) *Station {
	t.Helper()
	return &Station{StationServiceClient: stationv1.NewStationServiceClient(b.Connect(t, of, name))}
}

// Connect is Station, for who makes calls in a way of their own.
func (b *BackOffice) Connect(t testing.TB, of, name string) *grpc.ClientConn {
	t.Helper()
	authority := must(ca.OpenAuthority(b.pki, time.Now()))(t)
	if err := authority.Station(of, name); err != nil {
		t.Fatal(err)
	}
	return b.Dial(t, &tls.Config{RootCAs: b.pool(t), Certificates: []tls.Certificate{b.keyPair(t, name)}})
}

// Dial connects with any TLS configuration.
func (b *BackOffice) Dial(t testing.TB, config *tls.Config) *grpc.ClientConn {
	t.Helper()
	conn := must(grpc.NewClient(b.Addr, grpc.WithTransportCredentials(credentials.NewTLS(config))))(t)
	t.Cleanup(func() { conn.Close() })
	return conn
}

// CA is the authority's certificate, PEM.
func (b *BackOffice) CA(t testing.TB) []byte {
	t.Helper()
	return must(os.ReadFile(filepath.Join(b.pki, "ca.pem")))(t)
}

func (b *BackOffice) pool(t testing.TB) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(b.CA(t))
	return pool
}

func (b *BackOffice) keyPair(t testing.TB, name string) tls.Certificate {
	t.Helper()
	return must(tls.LoadX509KeyPair(filepath.Join(b.pki, name+".pem"), filepath.Join(b.pki, name+".key")))(t)
}

// must ends the test when making something fails.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
