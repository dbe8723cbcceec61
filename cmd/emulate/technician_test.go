package main

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emulate/camera"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/hwtest/chart"
	"github.com/foyer-station/foyer/hwtest/chart/charttest"
	"github.com/foyer-station/foyer/kiosk/pin"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// technicianPIN is the station's.
const technicianPIN = "274951"

func technicianLines(t testing.TB) string {
	t.Helper()
	made, err := pin.Make([]byte(technicianPIN))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("[technician]\npin = %q\n", made)
}

// technician is at the station's screen: comes in by the PIN, sees how everything is, has the devices act and uses them, stops a test and
// leaves. Then a visitor checks in.
func (b *built) technician(t *testing.T) {
	s := b.comes(t, 0, specimen.Genuine)
	b.World.TakeAway()
	b.comesIn(t)
	b.await(t, "bench.external")
	b.picture(t, "overview")
	b.tap(t, "language.en")
	b.await(t, "language.de")
	b.picture(t, "overview-en")

	b.layChart(t)
	b.tap(t, "bench.external")
	b.await(t, "bench.stop")
	b.picture(t, "runs")
	b.await(t, "bench.again")
	b.picture(t, "external")
	b.World.TakeAway()
	b.passed(t, "signature_pad.present", "camera.frame_rate", "ticket_printer.test_ticket", "page_imager.lamp_visible")
	b.ticket(t)
	b.tap(t, "bench.again")

	b.tap(t, "bench.interactive")
	b.await(t, "bench.stop")
	b.answers(t, s)
	b.picture(t, "interactive")
	b.passed(t, "document_reader.specimen_4", "camera.face", "signature_pad.line", "signature_pad.dead_zones")
	b.tap(t, "bench.again")

	b.tap(t, "bench.interactive")
	b.await(t, "bench.go_on")
	b.tap(t, "bench.stop")
	b.await(t, "bench.again")
	b.picture(t, "stopped")
	b.tap(t, "leave")
	b.wait(t, "the pad is the station's again", online("signature_pad"))
	b.comes(t, 0, specimen.Genuine)
	b.visit(t, plan{want: usual})
	b.ticket(t)
}

// layChart lays the printed chart on the glass.
func (b *built) layChart(t *testing.T) {
	t.Helper()
	shot := charttest.Shot{Size: image.Pt(1476, 1039), DPI: specimen.DPI, Blur: 0.4}
	m := shot.Take(chart.ForGlass())
	if err := b.World.Glass.Lay(camera.Side{devices.LightVisible: m, devices.LightInfrared: m, devices.LightUltraviolet: m}); err != nil {
		t.Fatal(err)
	}
}

// comesIn holds a finger in the corner, and types the PIN.
func (b *built) comesIn(t *testing.T) {
	t.Helper()
	letGo := b.holdDown(t, b.await(t, "technician"))
	b.await(t, "pin."+technicianPIN[:1])
	letGo()
	for i, digit := range technicianPIN {
		if i > 0 && technicianPIN[i-1] == byte(digit) {
			t.Fatal("the same key twice is a trembling hand's")
		}
		b.tap(t, "pin."+string(digit))
	}
	b.tap(t, "pin.done")
}

// answers does what the technician is asked for, until there is a result: swipes a specimen, looks into the camera, writes on the pad.
func (b *built) answers(t *testing.T, s *specimen.Specimen) {
	t.Helper()
	if err := b.World.Enter(s); err != nil { // stands before the camera
		t.Fatal(err)
	}
	defer b.World.TakeAway()
	ctx, cancel := context.WithCancel(b.ctx)
	var hands sync.WaitGroup
	defer hands.Wait()
	defer cancel()
	hands.Go(func() {
		for b.World.Reader.Ready(ctx) == nil {
			b.World.Reader.Swipe(s.MRZ...)
		}
	})
	hands.Go(func() {
		for _, strokes := range [][][]stu.Point{alongLine(), alongEdges()} {
			if b.World.Pad.Ready(ctx) != nil || b.World.Pad.Sign(ctx, strokes) != nil {
				return
			}
			b.untilQuiet(ctx)
		}
	})
	for {
		asked, id := b.question(t)
		if id == "bench.again" {
			return
		}
		b.picture(t, fmt.Sprintf("asks-%d", asked))
		time.Sleep(handTime)
		b.tap(t, id)
		b.until(t, "another question", func(s *technicianv1.WatchScreenResponse) bool { return int(s.GetAttempt()) != asked })
	}
}

// handTime is how long a hand takes to come back to a control: what touches the same one sooner is taken for trembling.
const handTime = 600 * time.Millisecond

// question is the number of the question on the screen with the control that answers it, or what there is once there is a result.
func (b *built) question(t *testing.T) (number int, id string) {
	t.Helper()
	b.until(t, "a question, or a result", func(s *technicianv1.WatchScreenResponse) bool {
		number = int(s.GetAttempt())
		for _, f := range s.GetFocus() {
			if id = f.GetId(); id == "bench.go_on" || id == "bench.again" {
				return true
			}
			if strings.HasPrefix(id, "bench.choice.") {
				id = "bench.skip"
				return true
			}
		}
		return false
	})
	return number, id
}

// untilQuiet waits until the pad takes no ink any more.
func (b *built) untilQuiet(ctx context.Context) {
	for b.World.Pad.Tells() && ctx.Err() == nil {
		time.Sleep(pace)
	}
}

// alongLine is the line on the pad, with a pressure that varies.
func alongLine() [][]stu.Point {
	const samples = 300
	var stroke []stu.Point
	for i := range samples {
		part := float64(i) / (samples - 1)
		stroke = append(stroke, stu.Point{X: 0.1 + 0.8*part, Y: 0.5, Pressure: 0.4 + 0.4*part})
	}
	return [][]stu.Point{stroke}
}

// alongEdges is once around.
func alongEdges() [][]stu.Point {
	const inset, samples = 0.01, 200
	var stroke []stu.Point
	corners := [...][2]float64{{inset, inset}, {1 - inset, inset}, {1 - inset, 1 - inset}, {inset, 1 - inset}}
	for i, from := range corners {
		to := corners[(i+1)%len(corners)]
		for n := range samples {
			part := float64(n) / samples
			stroke = append(stroke, stu.Point{X: from[0] + part*(to[0]-from[0]), Y: from[1] + part*(to[1]-from[1]), Pressure: 0.5})
		}
	}
	return [][]stu.Point{stroke}
}

// await waits until a control is on the screen and can be touched.
func (b *built) await(t *testing.T, id string) *technicianv1.Focus {
	t.Helper()
	var found *technicianv1.Focus
	b.until(t, id, func(s *technicianv1.WatchScreenResponse) bool {
		i := slices.IndexFunc(s.GetFocus(), func(f *technicianv1.Focus) bool { return f.GetEnabled() && f.GetId() == id })
		if i >= 0 {
			found = s.GetFocus()[i]
		}
		return i >= 0
	})
	return found
}

// until waits for a screen.
func (b *built) until(t *testing.T, what string, holds func(*technicianv1.WatchScreenResponse) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Minute)
	defer cancel()
	stream, err := b.Station.WatchScreen(ctx, &technicianv1.WatchScreenRequest{})
	if err != nil {
		t.Fatal(err)
	}
	last := "nothing"
	for {
		s, err := stream.Recv()
		if err != nil {
			b.keepScreen(t)
			t.Fatalf("%s is not shown, but %s: %v\n%s", what, last, err, b.log)
		}
		if last = s.GetScreen(); holds(s) {
			return
		}
	}
}

// tap touches a control once it is there.
func (b *built) tap(t *testing.T, id string) {
	t.Helper()
	if err := finger(b.display)(b.await(t, id)); err != nil {
		t.Fatal(err)
	}
}

// passed tells that the history of tests says so of these checks.
func (b *built) passed(t *testing.T, ids ...string) {
	t.Helper()
	text, _ := exec.Command("../../bin/hwtest", "history", "--config", b.Settings(), "--format", "json").Output() // its status is about trends
	var history struct {
		Changes []struct{ Check, Result, Reason string }
	}
	if err := json.Unmarshal(text, &history); err != nil {
		t.Fatalf("the history: %v", err)
	}
	last := map[string]string{}
	for _, c := range history.Changes {
		last[c.Check] = c.Result
	}
	for _, id := range ids {
		if last[id] != "passed" {
			t.Errorf("%s: %q, among %v", id, last[id], last)
		}
	}
}

// picture keeps what the technician sees under out/screens, where $PICTURES is set.
func (b *built) picture(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("PICTURES")
	if dir == "" {
		return
	}
	still, err := b.display.Still()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, still); err != nil {
		t.Fatal(err)
	}
}
