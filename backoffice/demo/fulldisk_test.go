package demo_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/disk"
	"github.com/foyer-station/foyer/scrub/scrubtest"
)

// fillUpTo writes to a folder's disk until no more than free bytes are left.
func fillUpTo(t *testing.T, dir string, free int64) {
	t.Helper()
	for _, step := range []int64{1 << 20, 64 << 10, 4 << 10} { // large pieces first: every piece needs a little for itself
		for have := freeOn(t, dir); have-step >= free; have = freeOn(t, dir) {
			f, err := os.Create(filepath.Join(dir, "lost+found", "filler-"+uuid.NewString()))
			if err != nil {
				t.Fatal(err)
			}
			size := step
			if step == 1<<20 {
				size = (have - free) / step * step
			}
			err = unix.Fallocate(int(f.Fd()), 0, 0, size)
			f.Close()
			if err != nil {
				break
			}
		}
	}
}

func freeOn(t *testing.T, dir string) int64 {
	t.Helper()
	_, free, err := disk.Room(dir)
	if err != nil {
		t.Fatal(err)
	}
	return free
}

func TestAnOfficeWithoutRoomTakesNoMoreUploadsAndAdmitsWhatItHas(t *testing.T) {
	dir := scrubtest.Mount(t, 400).Dir
	config, _ := prepare(t, dir)
	server, stop := serve(t, config)
	defer stop()
	station := connect(t, dir, server.StationAddr())
	c := checkintest.Genuine(time.Now())
	request, _, err := station.UploadAll(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	fillUpTo(t, dir, 40<<20) // a disk of 400 MB keeps 46 MB
	_, _, err = station.Send(t.Context(), checkintest.Genuine(time.Now()))
	if status.Code(err) != codes.ResourceExhausted {
		t.Errorf("with %d bytes free: %v, want ResourceExhausted", freeOn(t, dir), err)
	}
	if _, err := station.Submit(t.Context(), request); err != nil {
		t.Errorf("what has been uploaded is not admitted: %v", err)
	}
	if _, _, err := station.Send(t.Context(), checkintest.Staff(time.Now())); err != nil {
		t.Errorf("a visitor without data: %v", err)
	}
}

func TestAnOfficeStartsAndErasesOnADiskThatIsFull(t *testing.T) {
	dir := scrubtest.Mount(t, 400).Dir
	config, _ := prepare(t, dir)
	server, stop := serve(t, config)
	station := connect(t, dir, server.StationAddr())
	if _, _, err := station.Send(t.Context(), checkintest.Genuine(time.Now())); err != nil {
		t.Fatal(err)
	}
	id := uuid.Must(uuid.NewV7()).String()
	if _, err := station.UploadFrom(t.Context(), id, make([]byte, 1<<20), 0, 1<<20); err != nil {
		t.Fatal(err)
	}
	stop()
	abandoned := filepath.Join(config.Data, "spool", "station-1", id)
	old := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(abandoned, old, old); err != nil {
		t.Fatal(err)
	}
	fillUpTo(t, dir, 0)
	free := freeOn(t, dir)
	if free > 16<<10 {
		t.Fatalf("%d bytes are still free: this test shows nothing", free)
	}
	server, stop = serve(t, config)
	defer stop()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(abandoned); os.IsNotExist(err) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("with %d bytes free nothing was erased", free)
		}
	}
	_, _, err := connect(t, dir, server.StationAddr()).Send(t.Context(), checkintest.Genuine(time.Now()))
	if status.Code(err) != codes.ResourceExhausted {
		t.Errorf("a station is answered with %v, want ResourceExhausted", err)
	}
	t.Logf("started with %d bytes free; %d now", free, freeOn(t, dir))
}
