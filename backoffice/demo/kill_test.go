package demo_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/demo"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// childVariable names the folder of the demonstration that this process is to serve, until it is killed.
const childVariable = "FOYER_DEMO_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		fmt.Fprintln(os.Stderr, "the back office ended:", serveUntilKilled(context.Background(), dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// serveUntilKilled serves a demonstration and prints where stations find it.
func serveUntilKilled(ctx context.Context, dir string) error {
	config, _, err := demo.Prepare(ctx, dir, time.Now())
	if err != nil {
		return err
	}
	config.Stations.Listen, config.Console.Listen = "127.0.0.1:0", "127.0.0.1:0"
	server, err := backoffice.New(ctx, config, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	fmt.Println(server.StationAddr())
	return errors.Join(server.Run(ctx), server.Close())
}

// start runs a back office as a process of its own. kill ends it without a warning.
func start(t *testing.T, dir string) (address string, kill func()) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+dir)
	child.Stderr = t.Output()
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		if child.ProcessState == nil {
			child.Process.Kill()
			child.Wait() // it was killed, and says so
		}
	}
	t.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal("the back office did not start: ", err)
	}
	return strings.TrimSpace(line), kill
}

// submission is what a station keeps of a check-in until it is answered.
type submission struct {
	*checkintest.CheckIn
	request *stationv1.SubmitRequest
	uploads [][]byte
}

func upload(t *testing.T, station *checkintest.Station) submission {
	t.Helper()
	c := checkintest.Genuine(time.Now())
	request, uploads, err := station.UploadAll(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return submission{c, request, uploads}
}

// again submits once more, as a station does that has had no answer: it uploads what the office says has not arrived.
func (s submission) again(ctx context.Context, station *checkintest.Station) error {
	_, err := station.Submit(ctx, s.request)
	if status.Code(err) != codes.FailedPrecondition {
		return err
	}
	for _, sealed := range s.uploads {
		sum := sha256.Sum256(sealed)
		at, err := station.GetUpload(ctx, &stationv1.GetUploadRequest{CheckInId: s.ID, Sha256: sum[:]})
		if err == nil && !at.Complete {
			_, err = station.UploadFrom(ctx, s.ID, sealed, int(at.Offset), len(sealed))
		}
		if err != nil {
			return err
		}
	}
	_, err = station.Submit(ctx, s.request)
	return err
}

func TestABackOfficeKilledAtAnyMomentOfASubmissionHasTheVisitorOnce(t *testing.T) {
	dir := t.TempDir()
	config, _ := prepare(t, dir)
	sealed := func(s submission, n int) func() bool {
		return func() bool {
			_, err := os.Stat(filepath.Join(config.Data, "files", s.ID, strconv.Itoa(n)))
			return err == nil
		}
	}
	var all []submission
	address, kill := start(t, dir)
	for name, moment := range map[string]func(s submission, answered <-chan struct{}) func() bool{
		"at once":                       func(submission, <-chan struct{}) func() bool { return func() bool { return true } },
		"when the first file is sealed": func(s submission, _ <-chan struct{}) func() bool { return sealed(s, 0) },
		"when the last file is sealed":  func(s submission, _ <-chan struct{}) func() bool { return sealed(s, len(s.Record.Files)-1) },
		"when it has answered": func(_ submission, answered <-chan struct{}) func() bool {
			return func() bool {
				select {
				case <-answered:
					return true
				default:
					return false
				}
			}
		},
	} {
		station := connect(t, dir, address)
		s := upload(t, station)
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			station.Submit(t.Context(), s.request) // whether it is answered is left to the moment
		}()
		for come := moment(s, answered); !come(); time.Sleep(100 * time.Microsecond) {
			if t.Context().Err() != nil {
				t.Fatalf("%s: the moment never came", name)
			}
		}
		kill()
		<-answered
		address, kill = start(t, dir)
		if err := s.again(t.Context(), connect(t, dir, address)); err != nil {
			t.Errorf("killed %s: submitted again: %v", name, err)
		}
		all = append(all, s)
	}
	kill()
	wantOnceAndWhole(t, config, all)
}

// wantOnceAndWhole proves that the queue holds exactly these check-ins, with every byte.
func wantOnceAndWhole(t *testing.T, config backoffice.Config, all []submission) {
	t.Helper()
	kept, err := backoffice.OpenStore(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	v, err := vault.Open(t.Context(), filepath.Join(config.Data, "files"), config.Keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if queue, err := kept.Queue(t.Context()); err != nil || len(queue) != len(all) {
		t.Errorf("%d wait, %v; want %d", len(queue), err, len(all))
	}
	for _, s := range all {
		_, sealed, err := kept.CheckIn(t.Context(), s.ID)
		if err != nil {
			t.Fatal(err)
		}
		text, err := v.Open(t.Context(), s.ID, sealed)
		if err != nil {
			t.Fatal(err)
		}
		var record stationv1.CheckInRecord
		if err := proto.Unmarshal(text, &record); err != nil || !proto.Equal(&record, s.Record) {
			t.Errorf("the record is another one: %v", err)
		}
		for n, f := range record.Files {
			if _, err := v.ReadFile(t.Context(), s.ID, n, f.Size, [32]byte(f.Sha256)); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	}
}
