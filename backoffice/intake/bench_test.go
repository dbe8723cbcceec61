package intake_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// BenchmarkCheckIn has stations check visitors in, each with a record and four pictures of 200 KiB, over mutual TLS, with the real
// store and vault on disk: as fast as the office takes them, and then at half that rate. The peer is the raw rate at which the same
// disk takes the same bytes in the same run: as many writers append them to one file, with one fdatasync for each check-in. A check-in is timed from its first upload to the answer to its submission; the stations seal beforehand, and run on the
// same machine.
func BenchmarkCheckIn(b *testing.B) {
	for _, n := range []int{1, 10, 50} {
		b.Run(fmt.Sprintf("stations=%d", n), func(b *testing.B) {
			dir := b.TempDir()
			office := checkintest.StartIn(b, dir, time.Now, io.Discard,
				intake.Options{NumbersADay: 1 << 30, BytesADay: 1 << 50})
			var stations []*loaded
			for i := range n {
				stations = append(stations, load(b, office.Station(b, "utopia", fmt.Sprint("station-", i+1))))
			}
			before := appendRaw(b, dir, n, stations[0].bytes())
			b.ResetTimer()
			took, times := race(b, n, 0, func(i int) error { return stations[i].checkIn(b.Context()) })
			b.StopTimer()
			after := appendRaw(b, dir, n, stations[0].bytes())
			rate := float64(b.N) / took.Seconds()
			raw := (before + after) / 2
			b.ReportMetric(rate, "check-ins/s")
			b.ReportMetric(raw, "raw-writes/s")
			b.ReportMetric(rate/raw, "of-raw")
			report(b, times, "")
			_, times = race(b, n, rate/2, func(i int) error { return stations[i].checkIn(b.Context()) })
			report(b, times, "-half-load")
			b.ReportMetric(0, "ns/op")
			whole(b, office)
		})
	}
}

// race has n workers do b.N things between them, at a rate a second, or as fast as they can where it is 0, and gives how long each took.
func race(b *testing.B, n int, rate float64, do func(worker int) error) (took time.Duration, times []time.Duration) {
	b.Helper()
	times = make([]time.Duration, b.N)
	var next atomic.Int64
	var workers sync.WaitGroup
	began := time.Now()
	for w := range n {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
				due := time.Now()
				if rate > 0 { // one that begins late counts from when it was due
					due = began.Add(time.Duration(float64(i) / rate * float64(time.Second)))
					time.Sleep(time.Until(due))
				}
				if err := do(w); err != nil {
					b.Error(err)
					return
				}
				times[i] = time.Since(due)
			}
		})
	}
	workers.Wait()
	return time.Since(began), times
}

func report(b *testing.B, times []time.Duration, suffix string) {
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms"+suffix)
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms"+suffix)
}

// appendRaw is how often a second n writers can append that many bytes durably to one file.
func appendRaw(b *testing.B, dir string, n, size int) float64 {
	b.Helper()
	content := make([]byte, size)
	rand.Read(content)
	f, err := os.OpenFile(filepath.Join(dir, "raw"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	took, _ := race(b, n, 0, func(int) error {
		if _, err := f.Write(content); err != nil {
			return err
		}
		return unix.Fdatasync(int(f.Fd()))
	})
	return float64(b.N) / took.Seconds()
}

// whole proves that what the office counts as taken in is there: everybody waits, nobody's file was dropped.
func whole(b *testing.B, office *checkintest.BackOffice) {
	b.Helper()
	queue, err := office.Store.Queue(b.Context())
	if err != nil || len(queue) != 2*b.N {
		b.Errorf("%d wait, %v; want %d", len(queue), err, 2*b.N)
	}
	for _, c := range queue {
		files, err := filepath.Glob(filepath.Join(office.Dir, "files", c.ID, "*"))
		if c.Verdict != verify.Genuine || err != nil || len(files) != 4 {
			b.Fatalf("%s is %s, with %d files, %v", c.ID, c.Verdict, len(files), err)
		}
	}
}

// loaded is a station that has sealed what it will hand in again and again, each time as another check-in.
type loaded struct {
	*checkintest.Station
	request *stationv1.SubmitRequest
	uploads [][]byte
	sums    [][]byte
}

func load(b *testing.B, station *checkintest.Station) *loaded {
	b.Helper()
	c := checkintest.Genuine(time.Now())
	c.Record.Files, c.Contents = nil, nil
	for i, light := range []verify.Light{verify.Visible, verify.Infrared, verify.Ultraviolet} {
		c.Add(checkintest.Page(1, verify.Front, light), picture(i))
	}
	c.Add(checkintest.Portrait(1), picture(3))
	request, uploads, err := station.Prepare(b.Context(), c)
	if err != nil {
		b.Fatal(err)
	}
	s := &loaded{Station: station, request: request, uploads: uploads}
	for _, u := range uploads {
		sum := sha256.Sum256(u)
		s.sums = append(s.sums, sum[:])
	}
	return s
}

func picture(n int) []byte {
	content := make([]byte, 200<<10)
	rand.Read(content)
	content[0] = byte(n)
	return content
}

func (s *loaded) bytes() (n int) {
	for _, u := range s.uploads {
		n += len(u)
	}
	return n
}

func (s *loaded) checkIn(ctx context.Context) error {
	request := proto.CloneOf(s.request)
	request.CheckInId = uuid.Must(uuid.NewV7()).String()
	for i, content := range s.uploads {
		header := &stationv1.UploadHeader{CheckInId: request.CheckInId, Sha256: s.sums[i], Size: int64(len(content))}
		if _, err := s.UploadAs(ctx, header, content); err != nil {
			return err
		}
	}
	_, err := s.Submit(ctx, request)
	return err
}
