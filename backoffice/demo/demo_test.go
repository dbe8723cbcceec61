package demo_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/demo"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

func prepare(t *testing.T, dir string) (backoffice.Config, []demo.User) {
	t.Helper()
	config, users, err := demo.Prepare(t.Context(), dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	config.Stations.Listen, config.Console.Listen = "127.0.0.1:0", "127.0.0.1:0"
	return config, users
}

// serve runs the back office until the test ends, or until the returned function is called.
func serve(t *testing.T, config backoffice.Config) (*backoffice.Server, func()) {
	t.Helper()
	server, err := backoffice.New(t.Context(), config, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(server.Run(ctx), server.Close()) }()
	end := func() {
		if ctx.Err() != nil {
			return
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the back office ended with %v", err)
		}
	}
	t.Cleanup(end)
	return server, end
}

func TestAFreshFolderServesStationsAndStaff(t *testing.T) {
	dir := t.TempDir()
	config, users := prepare(t, dir)
	server, _ := serve(t, config)
	station := connect(t, dir, server.StationAddr())
	for _, c := range []*checkintest.CheckIn{checkintest.Genuine(time.Now()), checkintest.Family(time.Now())} {
		if _, _, err := station.Send(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	form := "name=" + users[0].Name + "&password=" + users[0].Password
	response, err := client.Post(server.ConsoleURL()+"/sign-in", "application/x-www-form-urlencoded", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != "/" {
		t.Errorf("the password of %s: status %d", users[0].Name, response.StatusCode)
	}
}

func connect(t *testing.T, dir, address string) *checkintest.Station {
	t.Helper()
	return connectAs(t, dir, "station-1", address)
}

func connectAs(t *testing.T, dir, name, address string) *checkintest.Station {
	t.Helper()
	ca, err := os.ReadFile(filepath.Join(dir, "pki", "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "pki", name+".pem"), filepath.Join(dir, "pki", name+".key"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{
		RootCAs: pool, Certificates: []tls.Certificate{pair},
	})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &checkintest.Station{StationServiceClient: stationv1.NewStationServiceClient(conn)}
}

func TestASecondStartFindsEverythingAsItWas(t *testing.T) {
	dir := t.TempDir()
	config, users := prepare(t, dir)
	server, end := serve(t, config)
	c := checkintest.Genuine(time.Now())
	request, first, err := connect(t, dir, server.StationAddr()).Send(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	end()
	before := read(t, filepath.Join(dir, "pki", "ca.pem"))
	again, sameUsers := prepare(t, dir)
	if !bytes.Equal(before, read(t, filepath.Join(dir, "pki", "ca.pem"))) || users[0] != sameUsers[0] {
		t.Error("the second start made certificates or users anew")
	}
	server, _ = serve(t, again)
	answer, err := connect(t, dir, server.StationAddr()).Submit(t.Context(), request)
	if err != nil || answer.Room != first.Room {
		t.Errorf("after the restart: %v, %v", answer, err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhatIsOverItsTimeIsErasedAtTheStart(t *testing.T) {
	dir := t.TempDir()
	config, _ := prepare(t, dir)
	server, end := serve(t, config)
	old, fresh := checkintest.Genuine(time.Now().Add(-97*time.Hour)), checkintest.Genuine(time.Now())
	station := connect(t, dir, server.StationAddr())
	for _, c := range []*checkintest.CheckIn{old, fresh} {
		if _, _, err := station.Send(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	end()
	_, endAgain := serve(t, config)
	s, err := backoffice.OpenStore(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for {
		_, _, err := s.CheckIn(t.Context(), old.ID)
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil || t.Context().Err() != nil {
			t.Fatal("the old check-in is still there", err)
		}
	}
	endAgain()
	if _, err := os.Stat(filepath.Join(config.Data, "files", old.ID)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its files are still there: %v", err)
	}
	if _, _, err := s.CheckIn(t.Context(), fresh.ID); err != nil {
		t.Errorf("the fresh one is gone: %v", err)
	}
}

func TestARetentionThatErasesWaitingVisitorsIsRefused(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir)
	path := filepath.Join(dir, "backoffice.toml")
	short := bytes.Replace(read(t, path), []byte(`"96h"`), []byte(`"23h"`), 1)
	if err := os.WriteFile(path, short, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backoffice.ReadConfig(path); err == nil || !strings.Contains(err.Error(), "retention") {
		t.Errorf("it is accepted: %v", err)
	}
}

func TestAConsoleInTheOpenNeedsACertificate(t *testing.T) {
	config, _ := prepare(t, t.TempDir())
	config.Console.Listen = "0.0.0.0:0"
	if s, err := backoffice.New(t.Context(), config, slog.New(slog.DiscardHandler)); err == nil {
		s.Close()
		t.Error("it listens on every address without TLS")
	}
	config.Console.Certificate, config.Console.Key = config.Stations.Certificate, config.Stations.Key
	server, _ := serve(t, config)
	if !strings.HasPrefix(server.ConsoleURL(), "https://") {
		t.Errorf("with a certificate it is at %s", server.ConsoleURL())
	}
}
