package hardware_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/hardware"
)

// drives is the variable that makes this program one that drives the devices of somebody else's emulated world: an [idler] as JSON.
const drives = "FOYER_DRIVES"

// idler says what such a program does.
type idler struct {
	Wiring wiring
	Kinds  []devices.Kind // that it drives
	Glance bool           // it looks at the glass as often as an idle station does
}

// glance is between two looks of an idle station at its glass (kiosk/lying.go).
const glance = 5 * time.Second

// driveIfTold drives, where the variable says so, until its input ends. It says when all devices are there, and with every line of
// its input how much processor time it has used, in nanoseconds: all of it, and the part of the threads that are GStreamer's.
func driveIfTold() {
	told := os.Getenv(drives)
	if told == "" {
		return
	}
	var i idler
	err := json.Unmarshal([]byte(told), &i)
	if err == nil {
		err = i.drive()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (i idler) drive() error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	events := make(chan devices.Event, 100)
	slots := hardware.New(i.Wiring.devices()).Slots(events)
	var all errgroup.Group
	if len(i.Kinds) == len(everything) {
		all.Go(func() error { return hardware.Run(ctx, slots) })
	} else {
		for _, kind := range i.Kinds {
			all.Go(func() error { return runsOf(slots)[kind](ctx) })
		}
	}
	for missing := slices.Clone(i.Kinds); len(missing) > 0; {
		e := <-events
		missing = slices.DeleteFunc(missing, func(k devices.Kind) bool { return e.Present && k == e.Kind })
	}
	if i.Glance {
		all.Go(func() error { return glances(ctx, slots) })
	}
	fmt.Println("ready")
	asked := bufio.NewScanner(os.Stdin)
	for asked.Scan() {
		whole, streaming, err := spentHere()
		if err != nil {
			return err
		}
		fmt.Println(whole.Nanoseconds(), streaming.Nanoseconds())
	}
	stop()
	if err := all.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// runsOf are what keeps each place filled.
func runsOf(d kiosk.Devices) map[devices.Kind]func(context.Context) error {
	return map[devices.Kind]func(context.Context) error{
		devices.KindMRZReader: d.MRZReader.Run, devices.KindChipReader: d.ChipReader.Run, devices.KindPageImager: d.PageImager.Run,
		devices.KindCamera: d.Camera.Run, devices.KindSignaturePad: d.SignaturePad.Run, devices.KindTicketPrinter: d.TicketPrinter.Run,
	}
}

// glances looks whether something lies on the glass, until ctx ends.
func glances(ctx context.Context, d kiosk.Devices) error {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		glass, err := d.PageImager.Get()
		if err == nil {
			_, err = glass.(devices.PresenceSensor).Presence(ctx)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// spentHere is the processor time of this process, and the part of it in threads that bring pictures along a pipeline: GStreamer names
// them after its elements' pads. A thread that has ended counts as none of those.
func spentHere() (whole, streaming time.Duration, err error) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0, 0, err
	}
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return 0, 0, err
	}
	for _, thread := range threads {
		name, err := os.ReadFile("/proc/self/task/" + thread.Name() + "/comm")
		if err != nil || !strings.Contains(string(name), ":s") { // "tcpclientsrc0:s", "queue0:src"
			continue
		}
		var onProcessor int64
		text, err := os.ReadFile("/proc/self/task/" + thread.Name() + "/schedstat")
		if err == nil {
			_, err = fmt.Sscan(string(text), &onProcessor)
		}
		if err != nil {
			return 0, 0, err
		}
		streaming += time.Duration(onProcessor)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), streaming, nil
}

// BenchmarkIdle is what the drivers cost while nobody is there, each alone and all together, and all of a station that glances at its
// glass: per cent of one core, over ten seconds for each iteration, in which every place looks once. They run in a process of
// their own, as in a station, so that none of it is the emulated devices'. "drivers-%" is that process but for GStreamer's threads,
// which carry and decode the emulated cameras' pictures at fifteen and twenty-five a second, whether anybody wants them or not, and are
// "pipelines-%": at a USB port the kernel does so, and only until its four buffers are full.
func BenchmarkIdle(b *testing.B) {
	const long, settled = 10 * time.Second, 3 * time.Second
	measure := func(name string, glance bool, kinds ...devices.Kind) {
		b.Run(name, func(b *testing.B) {
			l := &lobby{b: b}
			l.enter()
			w := l.wiring()
			w.LookEvery = 2 * time.Second // as is usual: a device that is well is looked at every ten
			child := l.driver(idler{w, kinds, glance})
			time.Sleep(settled)
			whole, streaming := child.spent()
			began := time.Now()
			for b.Loop() {
				time.Sleep(long)
			}
			passed := time.Since(began).Seconds()
			wholeThen, streamingThen := child.spent()
			streamed := (streamingThen - streaming).Seconds()
			b.ReportMetric(100*((wholeThen-whole).Seconds()-streamed)/passed, "drivers-%")
			b.ReportMetric(100*streamed/passed, "pipelines-%")
			b.ReportMetric(0, "ns/op") // it is how long was waited
		})
	}
	for _, kind := range everything {
		measure(string(kind), false, kind)
	}
	measure("all", false, everything...)
	measure("all-and-the-glass", true, everything...)
}

// driver is a program that drives the devices of this world.
type driver struct {
	l       *lobby
	ask     io.Writer
	answers *bufio.Scanner
}

// driver starts one, which ends with the benchmark, and waits until it has found its devices.
func (l *lobby) driver(i idler) *driver {
	l.b.Helper()
	told, err := json.Marshal(i)
	l.must(err)
	program := exec.Command("/proc/self/exe")
	program.Env = append(append(os.Environ(), l.world.Env()...), drives+"="+string(told))
	program.Stderr = os.Stderr
	ask, err := program.StdinPipe()
	l.must(err)
	answers, err := program.StdoutPipe()
	l.must(err)
	l.must(program.Start())
	l.b.Cleanup(func() {
		ask.Close()
		l.must(program.Wait())
	})
	d := &driver{l, ask, bufio.NewScanner(answers)}
	if said := d.said(); said != "ready" {
		l.b.Fatalf("the driving program says %q", said)
	}
	return d
}

// said is the next line that it says.
func (d *driver) said() string {
	d.l.b.Helper()
	if !d.answers.Scan() {
		d.l.b.Fatal("the driving program has ended")
	}
	return d.answers.Text()
}

// spent asks it for its processor time.
func (d *driver) spent() (whole, streaming time.Duration) {
	d.l.b.Helper()
	_, err := fmt.Fprintln(d.ask)
	d.l.must(err)
	_, err = fmt.Sscan(d.said(), (*int64)(&whole), (*int64)(&streaming))
	d.l.must(err)
	return whole, streaming
}
