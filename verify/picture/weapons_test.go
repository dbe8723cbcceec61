package picture

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/foyer-station/foyer/verify/picture/picturetest"
)

// A weapon is a file, and whom it is handed to.
type weapon struct {
	name string
	task task
	file []byte
}

// weapons are files that cost whoever decodes them as much as they can. The one that makes the largest picture is last: the kernel
// counts as a child's what its parent had at the start.
func weapons(t testing.TB) []weapon {
	t.Helper()
	jpg, jp2 := encoded(t)
	tiles := picturetest.Codestream{Width: 100, Height: 100, Tile: 1, Layers: 1, CodeBlock: 4}
	all := []weapon{
		{"portrait of 17,900 scans", portraitTask, picturetest.ManyScans(4096, 2048, 17_900)},
		{"portrait cut off", portraitTask, jpg[:len(jpg)-40]},
		{"portrait cut off, JPEG 2000", portraitTask, jp2[:len(jp2)/2]},
		{"portrait of nothing", portraitTask, nil},
		{"portrait of zeros", portraitTask, make([]byte, MaxPortraitFile)},
		{"portrait that is too long", portraitTask, make([]byte, MaxPortraitFile+1)},
		{"portrait of most layers", portraitTask, picturetest.Codestream{Width: 2000, Height: 2000, Tile: 2000, Components: 4, Levels: 5, Precinct: 0x11, Layers: 65535}.Encode()},
		{"portrait of small precincts", portraitTask, picturetest.Codestream{Width: 2800, Height: 2800, Tile: 2800, Components: 4, Levels: 0, Precinct: 0x11, Layers: 1}.Encode()},
		{"portrait of most levels", portraitTask, picturetest.Codestream{Width: 2800, Height: 2800, Tile: 2800, Components: 4, Levels: 32, Layers: 1, CodeBlock: 4}.Encode()},
		{"page of 268 megapixels", pageTask, picturetest.PNG(65535, 4096)},
		{"page of 17,900 scans", greyPageTask, picturetest.ManyScans(4096, 2048, 17_900)},
		{"page of 200 scans", greyPageTask, picturetest.ManyScans(4096, 2048, 200)},
		{"page with 1 GB in a strip", greyPageTask, picturetest.TIFF(64, 64, picturetest.TIFFDeflate, picturetest.Deflated(1<<30))},
		{"page with LZW in a strip", greyPageTask, picturetest.TIFF(64, 64, picturetest.TIFFLZW, picturetest.LZW(1<<30))},
		{"page of one strip of nothing", greyPageTask, picturetest.TIFF(8192, 8192, picturetest.TIFFDeflate, nil)},
		{"page that is a BMP", pageTask, picturetest.BMP(8192, 8192)},
		{"page that is a BMP of less", pageTask, picturetest.BMP(-8192, -1<<31)},
		{"page that is a WebP", pageTask, picturetest.WebP(8191, 8191)},
		{"page that is a large WebP", pageTask, picturetest.WebP(16384, 16384)},
	}
	for _, components := range []int{3, 83, 300, 5000} {
		tiles.Components = components
		all = append(all, weapon{fmt.Sprintf("portrait of 10,000 tiles and %d components", components), portraitTask, tiles.Encode()})
	}
	tiles.Width, tiles.Height, tiles.Components = 255, 257, 83
	return append(all,
		weapon{"portrait of 65,535 tiles", portraitTask, tiles.Encode()},
		weapon{"page of 64 megapixels", pageTask, picturetest.PNG(8192, 8192)},
	)
}

// cost is what a picture took of its child.
type cost struct {
	wall, cpu time.Duration
	memory    int64 // bytes at the most
}

// fire hands a weapon to a child.
func (w weapon) fire(ctx context.Context) (cost, error) {
	if len(w.file) > w.task.maxFile {
		_, err := w.task.run(ctx, childName, w.file)
		return cost{}, err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin := time.Now()
	child, err := w.task.start(ctx, childName)
	if err != nil {
		return cost{}, err
	}
	_, err = child.ask(w.task, w.file)
	c := cost{wall: time.Since(begin)}
	if p := child.ProcessState; p != nil {
		c.cpu = p.UserTime() + p.SystemTime()
		c.memory = p.SysUsage().(*syscall.Rusage).Maxrss << 10
	}
	return c, err
}

// BenchmarkAttack tells what each weapon costs; with FOYER_FUZZED, for so long as that says, what the costliest of the weapons and
// of honest pictures does that were changed at random, and keeps it in the folder FOYER_KEPT.
func BenchmarkAttack(b *testing.B) {
	all := weapons(b)
	var largest cost
	for _, w := range all {
		b.Run(w.name, func(b *testing.B) {
			for b.Loop() {
				c, _ := w.fire(b.Context())
				c.report(b)
				largest.raise(c)
			}
		})
	}
	b.Run("largest", func(b *testing.B) { largest.report(b) })
	duration, err := time.ParseDuration(os.Getenv("FOYER_FUZZED"))
	if err != nil {
		return
	}
	b.Run("fuzzed", func(b *testing.B) { fuzzed(b, all, duration).report(b) })
}

func (c cost) report(b *testing.B) {
	b.ReportMetric(c.wall.Seconds(), "s")
	b.ReportMetric(c.cpu.Seconds(), "cpu-s")
	b.ReportMetric(float64(c.memory>>20), "MB")
	b.ReportMetric(0, "ns/op") // of a run, not of a picture
}

// raise makes c at least another, and tells of time and memory whether it was less.
func (c *cost) raise(other cost) (slower, larger bool) {
	slower, larger = other.cpu > c.cpu, other.memory > c.memory
	c.wall, c.cpu, c.memory = max(c.wall, other.wall), max(c.cpu, other.cpu), max(c.memory, other.memory)
	return slower, larger
}

// fuzzed is what the costliest of changed pictures cost.
func fuzzed(b *testing.B, all []weapon, duration time.Duration) (largest cost) {
	jpg, jp2 := encoded(b)
	seeds := []weapon{{"JPEG", portraitTask, jpg}, {"JPEG 2000", portraitTask, jp2}}
	for _, w := range all {
		if len(w.file) < 1<<16 { // the others are known to take long
			seeds = append(seeds, w)
		}
	}
	random := rand.New(rand.NewPCG(1, 6))
	n := 0
	for end := time.Now().Add(duration); time.Now().Before(end); n++ {
		w := seeds[random.IntN(len(seeds))]
		w.file = slices.Clone(w.file)
		for range 1 + random.IntN(8) {
			if len(w.file) > 0 {
				w.file[random.IntN(len(w.file))] = byte(random.Uint32())
			}
		}
		c, err := w.fire(b.Context())
		slower, larger := largest.raise(c)
		for name, record := range map[string]bool{"slowest": slower, "largest": larger} {
			if folder := os.Getenv("FOYER_KEPT"); record && folder != "" {
				if err := os.WriteFile(filepath.Join(folder, name), w.file, 0o600); err != nil {
					b.Fatal(err)
				}
			}
		}
		if slower || larger {
			b.Logf("picture %d, a changed %s: %v, %v, %d MB: %v", n, w.name, c.wall, c.cpu, c.memory>>20, err)
		}
	}
	b.ReportMetric(float64(n), "pictures")
	return largest
}

// BenchmarkPortrait is what an honest portrait of a passport takes, from the file to the picture: in a child, and here.
func BenchmarkPortrait(b *testing.B) {
	jpg, jp2 := encoded(b)
	for name, file := range map[string][]byte{"JPEG": jpg, "JPEG 2000": jp2} {
		b.Run(name+" in a child", func(b *testing.B) {
			for b.Loop() {
				if _, err := Portrait(b.Context(), file); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+" here", func(b *testing.B) {
			for b.Loop() {
				if _, err := portrait(bytes.NewReader(file)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
