package kiosk

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/backoffice/ca"
	"github.com/foyer-station/foyer/backoffice/intake"
	backoffice "github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/kiosk/link"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// realOffice is the back office's own intake, over TLS, with its databases and its vault.
type realOffice struct {
	store *store.Store
	vault *vault.Vault
	log   *notes
}

// newBedAtRealOffice makes a bed whose link ends at the back office's own code.
func newBedAtRealOffice(t *testing.T, change func(*bed, *Config)) (*bed, *realOffice) {
	t.Helper()
	o := &realOffice{log: &notes{}}
	return newBedBefore(t, func(t *testing.T, _ *bed) (*grpc.ClientConn, func()) { return o.open(t) }, change), o
}

func (o *realOffice) open(t *testing.T) (*grpc.ClientConn, func()) {
	t.Helper()
	dir := t.TempDir()
	identity, err := age.GenerateX25519Identity()
	fatal(t, err)
	parsed, err := backoffice.Parse(backoffice.Example)
	fatal(t, err)
	o.store, err = store.Open(t.Context(), filepath.Join(dir, "backoffice.db"))
	fatal(t, err)
	o.vault, err = vault.Open(t.Context(), filepath.Join(dir, "files"), filepath.Join(dir, "keys.db"), []age.Identity{identity})
	fatal(t, err)
	lines := slog.New(slog.NewTextHandler(o.log, nil))
	now := func() time.Time { return today }
	service, err := intake.New(t.Context(), parsed, identity.Recipient().String(), o.store, o.vault, filepath.Join(dir, "spool"), now, lines, intake.Options{})
	fatal(t, err)
	authority, err := ca.OpenAuthority(dir, time.Now())
	fatal(t, err)
	fatal(t, authority.Server("server", "localhost", "127.0.0.1"))
	fatal(t, authority.Station("utopia", "station-1"))
	ca, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	fatal(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key"))
	fatal(t, err)
	server := intake.NewServer(service, &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
	}, lines)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fatal(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- intake.Serve(ctx, server, listener, 10*time.Second) }()
	config, err := link.TLS(filepath.Join(dir, "station-1.pem"), filepath.Join(dir, "station-1.key"), filepath.Join(dir, "ca.pem"))
	fatal(t, err)
	conn, err := link.Dial(listener.Addr().String(), config)
	fatal(t, err)
	return conn, func() {
		stop()
		<-ended
		o.store.Close()
		o.vault.Close()
	}
}

// kept is a check-in as the back office has it after opening it.
type kept struct {
	store.CheckIn
	record *stationv1.CheckInRecord // nil where there is none
	files  map[string][]byte
}

// admitted waits until the office has everyone whom the station has given a number, and opens the last of them.
func (b *bed) admitted(o *realOffice) kept {
	b.t.Helper()
	b.until("the outbox is empty", func() bool {
		counts, err := b.journal.Count(b.t.Context(), today.Format(time.DateOnly))
		return err == nil && counts.Outbox == 0
	})
	queue, err := o.store.Queue(b.t.Context())
	if err != nil || len(queue) == 0 {
		b.t.Fatalf("nobody waits: %v\n%s", err, o.log)
	}
	k := kept{CheckIn: queue[len(queue)-1], files: map[string][]byte{}}
	_, sealed, err := o.store.CheckIn(b.t.Context(), k.ID)
	fatal(b.t, err)
	if sealed == nil {
		return k
	}
	text, err := o.vault.Open(b.t.Context(), k.ID, sealed)
	fatal(b.t, err)
	k.record = &stationv1.CheckInRecord{}
	fatal(b.t, proto.Unmarshal(text, k.record))
	for i, f := range k.record.GetFiles() {
		k.files[f.GetName()], err = o.vault.ReadFile(b.t.Context(), k.ID, i, f.GetSize(), [32]byte(f.GetSha256()))
		fatal(b.t, err)
	}
	return k
}

func fatal(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
