package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/mrz/ocr/scan"
	"github.com/foyer-station/foyer/verify/picture/picturetest"
)

// A weapon is a file, and whom it is handed to.
type weapon struct {
	task task
	file []byte
}

// weapons are files that cost whoever decodes them as much as they can.
func weapons(t testing.TB) map[string]weapon {
	t.Helper()
	jpg, jp2 := encoded(t)
	tiles := picturetest.Codestream{Width: 100, Height: 100, Tile: 1, Layers: 1, CodeBlock: 4}
	w := map[string]weapon{
		"portrait of 17,900 scans":     {portraitTask, picturetest.ManyScans(4096, 2048, 17_900)},
		"portrait cut off":             {portraitTask, jpg[:len(jpg)-40]},
		"portrait cut off, JPEG 2000":  {portraitTask, jp2[:len(jp2)/2]},
		"portrait of nothing":          {portraitTask, nil},
		"portrait of zeros":            {portraitTask, make([]byte, MaxPortraitFile)},
		"portrait that is too long":    {portraitTask, make([]byte, MaxPortraitFile+1)},
		"portrait of most layers":      {portraitTask, picturetest.Codestream{Width: 2000, Height: 2000, Tile: 2000, Components: 4, Levels: 5, Precinct: 0x11, Layers: 65535}.Encode()},
		"portrait of small precincts":  {portraitTask, picturetest.Codestream{Width: 2800, Height: 2800, Tile: 2800, Components: 4, Levels: 0, Precinct: 0x11, Layers: 1}.Encode()},
		"portrait of most levels":      {portraitTask, picturetest.Codestream{Width: 2800, Height: 2800, Tile: 2800, Components: 4, Levels: 32, Layers: 1, CodeBlock: 4}.Encode()},
		"page of 64 megapixels":        {pageTask, picturetest.PNG(8192, 8192)},
		"page of 268 megapixels":       {pageTask, picturetest.PNG(65535, 4096)},
		"page of 17,900 scans":         {greyPageTask, picturetest.ManyScans(4096, 2048, 17_900)},
		"page of 200 scans":            {greyPageTask, picturetest.ManyScans(4096, 2048, 200)},
		"page with 1 GB in a strip":    {greyPageTask, picturetest.TIFF(64, 64, picturetest.TIFFDeflate, picturetest.Deflated(1<<30))},
		"page with LZW in a strip":     {greyPageTask, picturetest.TIFF(64, 64, picturetest.TIFFLZW, picturetest.LZW(1<<30))},
		"page of one strip of nothing": {greyPageTask, picturetest.TIFF(8192, 8192, picturetest.TIFFDeflate, nil)},
		"page that is a BMP":           {pageTask, picturetest.BMP(8192, 8192)},
		"page that is a BMP of less":   {pageTask, picturetest.BMP(-8192, -1<<31)},
		"page that is a WebP":          {pageTask, picturetest.WebP(8191, 8191)},
		"page that is a large WebP":    {pageTask, picturetest.WebP(16384, 16384)},
	}
	for _, components := range []int{3, 83, 300, 5000} {
		tiles.Components = components
		w[fmt.Sprintf("portrait of 10,000 tiles and %d components", components)] = weapon{portraitTask, tiles.Encode()}
	}
	tiles.Width, tiles.Height = 255, 257
	w["portrait of 65,535 tiles and 83 components"] = weapon{portraitTask, tiles.Encode()}
	return w
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
	child := w.task.child(ctx, childName, w.file)
	begin := time.Now()
	_, err := w.task.ask(child)
	c := cost{wall: time.Since(begin)}
	if p := child.ProcessState; p != nil {
		c.cpu = p.UserTime() + p.SystemTime()
		c.memory = p.SysUsage().(*syscall.Rusage).Maxrss << 10
	}
	return c, err
}

// TestNoPictureCostsMoreThanItsTaskAllows, and each is answered with an error of this package's, or decoded.
func TestNoPictureCostsMoreThanItsTaskAllows(t *testing.T) {
	devicestest.NothingLeftBehind(t, func() {
		for name, w := range weapons(t) {
			c, err := w.fire(t.Context())
			t.Logf("%s: %d bytes took %v, %v of the processor, %d MB: %v", name, len(w.file), c.wall, c.cpu, c.memory>>20, err)
			const program = 300 << 20 // what it has before it decodes
			if c.cpu > w.task.cpu+4*time.Second || c.memory > int64(w.task.memory)+program {
				t.Errorf("%s: took %v and %d MB", name, c.cpu, c.memory>>20)
			}
			if err != nil && !errors.Is(err, scan.ErrFile) && !errors.Is(err, scan.ErrDamaged) && !errors.Is(err, scan.ErrSize) && !errors.Is(err, ErrBroken) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	noChildren(t)
}

// TestWeaponsAtOnceDoNotKeepAnHonestPictureFromBeingDecoded, whose child has bounds of its own.
func TestWeaponsAtOnceDoNotKeepAnHonestPictureFromBeingDecoded(t *testing.T) {
	jpg, _ := encoded(t)
	slow := picturetest.ManyScans(4096, 2048, 17_900)
	ctx, cancel := context.WithCancel(t.Context())
	var weapons sync.WaitGroup
	for range 4 {
		weapons.Go(func() { Portrait(ctx, slow) })
	}
	if _, err := Portrait(t.Context(), jpg); err != nil {
		t.Error(err)
	}
	cancel()
	weapons.Wait()
	noChildren(t)
}

// TestPicturesOneAfterTheOtherLeaveNothingBehind: FOYER_PICTURES says how many; twenty where it does not.
func TestPicturesOneAfterTheOtherLeaveNothingBehind(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("FOYER_PICTURES"))
	if err != nil {
		n = 20
	}
	jpg, jp2 := encoded(t)
	devicestest.NothingLeftBehind(t, func() {
		for i := range n {
			if _, err := Portrait(t.Context(), [][]byte{jpg, jp2}[i%2]); err != nil {
				t.Fatal(err)
			}
			noChildren(t)
		}
	})
}

func TestWithoutDescriptorsNoPictureIsDecodedAndThatIsSaid(t *testing.T) {
	jpg, _ := encoded(t)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 3, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	_, err := Portrait(t.Context(), jpg)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, ErrDecoder) {
		t.Error(err)
	}
	if _, err := Portrait(t.Context(), jpg); err != nil {
		t.Errorf("and then: %v", err)
	}
}

// TestWithoutProcNoPictureIsDecodedAndThatIsSaid runs itself where there is none.
func TestWithoutProcNoPictureIsDecodedAndThatIsSaid(t *testing.T) {
	const variable = "FOYER_WITHOUT_PROC"
	if os.Getenv(variable) != "" {
		jpg, _ := encoded(t)
		_, err := Portrait(t.Context(), jpg)
		fmt.Println("said:", errors.Is(err, ErrDecoder), err)
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can hide /proc: not tested")
	}
	hidden := exec.CommandContext(t.Context(), "unshare", "--mount", "sh", "-c",
		`mount -t tmpfs none /proc && exec "$0" -test.run '^`+t.Name()+`$'`, testProgram(t))
	hidden.Env = append(os.Environ(), variable+"=1")
	out, err := hidden.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "said: true") {
		t.Errorf("%v: %s", err, out)
	}
}

func testProgram(t testing.TB) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// FuzzAnswer hands answers of a child that has become somebody else to whoever reads them.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(onePixel))
	f.Add([]byte(onePixel + "more"))
	var refused bytes.Buffer
	writeAnswer(&refused, nil, scan.ErrDamaged)
	f.Add(refused.Bytes())
	f.Fuzz(func(t *testing.T, answer []byte) {
		for _, task := range []task{portraitTask, greyPageTask} {
			task.maxPixels = 1 << 16
			picture, err := readAnswer(bytes.NewReader(answer), task)
			switch {
			case err == nil && len(answer) != headerSize+picture.Bounds().Dx()*picture.Bounds().Dy()*task.bytesOfPixel():
				t.Errorf("%v of %d bytes", picture.Bounds(), len(answer))
			case err != nil && (picture != nil || len(err.Error()) > maxText*3 || strings.ContainsAny(err.Error(), "\n\x1b")):
				t.Errorf("%v, %q", picture, err)
			}
		}
	})
}
