package camera_test

import (
	"context"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emulate/camera"
)

// latest is what a sensor told last.
type latest struct {
	mu   sync.Mutex
	told devices.Presence
}

func (l *latest) tell(p devices.Presence) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = p
}

func (l *latest) await(t *testing.T, want devices.Presence) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		l.mu.Lock()
		told := l.told
		l.mu.Unlock()
		if told == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("it is told %q, want %q", told, want)
		}
	}
}

// TestADocumentOnTheGlassIsSeenToComeTurnAndGo through OpenCV and lamps, while pictures of it are taken.
func TestADocumentOnTheGlassIsSeenToComeTurnAndGo(t *testing.T) {
	glass, m, _ := reader(t)
	ctx, stop := context.WithCancel(t.Context())
	var seen latest
	ended := make(chan error, 1)
	go func() { ended <- m.Watch(ctx, seen.tell) }()
	seen.await(t, devices.Absent)
	front := camera.Side{devices.LightInfrared: plain(400, 199, green), devices.LightVisible: plain(400, 199, red)}
	if err := glass.Lay(front, camera.Side{devices.LightInfrared: plain(200, 150, red)}); err != nil {
		t.Fatal(err)
	}
	seen.await(t, devices.Resting)
	if got := look(t, m, devices.LightVisible); got != red {
		t.Errorf("the page is %v", got)
	}
	glass.Turn()
	seen.await(t, devices.Moving)
	seen.await(t, devices.Resting)
	glass.Take()
	seen.await(t, devices.Absent)
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Watch = %v", err)
	}
}

// BenchmarkWatching is what a second of watching costs in processor time, beside a camera that is only open.
func BenchmarkWatching(b *testing.B) {
	_, m, _ := reader(b)
	second := func(watch bool) time.Duration {
		ctx, stop := context.WithTimeout(b.Context(), time.Second)
		defer stop()
		before := spent()
		if watch {
			m.Watch(ctx, func(devices.Presence) {})
		}
		<-ctx.Done()
		return spent() - before
	}
	var watched, open time.Duration
	for b.Loop() {
		open += second(false)
		watched += second(true)
	}
	b.ReportMetric(float64((watched-open).Microseconds())/1000/float64(b.N), "cpu-ms/s")
}

func spent() time.Duration {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkThreeLights is how long the pictures of one page take.
func BenchmarkThreeLights(b *testing.B) {
	glass, m, _ := reader(b)
	page := camera.Side{}
	for light := range camera.Lamps() {
		page[light] = plain(400, 199, green)
	}
	if err := glass.Lay(page); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for light := range page {
			if _, _, err := m.Page(b.Context(), light); err != nil {
				b.Fatal(err)
			}
		}
	}
}
