package camera

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/camera/v4l2"
	"gocv.io/x/gocv"
	"golang.org/x/sys/unix"
)

// decoded are the formats that OpenCV makes pictures of, with the bits that a pixel takes; 0 is one that is compressed.
var decoded = map[string]int{
	"MJPG": 0, "JPEG": 0, "YUYV": 16, "UYVY": 16, "NV12": 12, "NV21": 12, "YU12": 12, "YV12": 12, "BGR3": 24, "RGB3": 24, "GREY": 8,
}

const (
	// rawBudget is how many bytes a second may go uncompressed: half of what USB 2.0 carries of a camera's pictures (high speed:
	// three packets of 1,024 bytes, 8,000 times a second), so that two cameras can share a port.
	rawBudget = 12_000_000
	// fewFrames is the rate that is enough where none is asked for.
	fewFrames = 10
)

// choose is the mode that fits what is asked for best: at least the size, at the rate, the smallest such picture, and that
// uncompressed if the bus carries it. ok is false when the camera has no such size; then it is its largest.
func (cfg Config) choose(modes []v4l2.Mode) (best v4l2.Mode, ok bool) {
	rate := cmp.Or(cfg.FPS, fewFrames)
	better := func(a, b v4l2.Mode) int {
		return cmp.Or(
			first(cfg.hasSize(a), cfg.hasSize(b)),
			first(a.FPS >= rate || a.FPS == 0, b.FPS >= rate || b.FPS == 0),
			cfg.bySize(a, b),
			first(fits(a, rate), fits(b, rate)),
			first(decoded[a.Format] > 0, decoded[b.Format] > 0),
			cmp.Compare(b.FPS, a.FPS),
			cmp.Compare(a.Format, b.Format),
		)
	}
	modes = slices.DeleteFunc(slices.Clone(modes), func(m v4l2.Mode) bool { _, known := decoded[m.Format]; return !known })
	if len(modes) == 0 {
		return v4l2.Mode{}, false
	}
	best = slices.MinFunc(modes, better)
	return best, cfg.hasSize(best)
}

func (cfg Config) hasSize(m v4l2.Mode) bool { return m.Width >= cfg.Width && m.Height >= cfg.Height }

// bySize puts small pictures first if they have the size, and large ones if none has.
func (cfg Config) bySize(a, b v4l2.Mode) int {
	if cfg.hasSize(a) {
		return cmp.Compare(a.Width*a.Height, b.Width*b.Height)
	}
	return cmp.Compare(b.Width*b.Height, a.Width*a.Height)
}

// first puts what is so before what is not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// fits tells whether a mode's pictures go over the bus at a rate: compressed ones do.
func fits(m v4l2.Mode, rate float64) bool {
	if m.FPS > 0 {
		rate = min(rate, m.FPS)
	}
	return float64(m.Width*m.Height*decoded[m.Format])/8*rate <= rawBudget
}

// agreement is what was asked of a camera and what it does.
type agreement struct {
	asked bool
	got   v4l2.Mode
	modes []v4l2.Mode
}

// agree asks a camera for a mode that it has, and reads back what it made of it.
func (cfg Config) agree(capture *gocv.VideoCapture, modes []v4l2.Mode) agreement {
	a := agreement{asked: cfg.Width > 0 && cfg.Height > 0, modes: modes}
	if a.asked {
		mode, _ := cfg.choose(modes)
		if mode.Format == "" { // it lists none that is known: uncompressed pictures would not fit through USB 2
			mode = v4l2.Mode{Format: "MJPG", Width: cfg.Width, Height: cfg.Height}
		}
		capture.Set(gocv.VideoCaptureFOURCC, capture.ToCodec(mode.Format))
		capture.Set(gocv.VideoCaptureFrameWidth, float64(mode.Width))
		capture.Set(gocv.VideoCaptureFrameHeight, float64(mode.Height))
	}
	if cfg.FPS > 0 {
		capture.Set(gocv.VideoCaptureFPS, cfg.FPS)
	}
	a.got = v4l2.Mode{
		Format: capture.CodecString(),
		Width:  int(capture.Get(gocv.VideoCaptureFrameWidth)), Height: int(capture.Get(gocv.VideoCaptureFrameHeight)),
		FPS: capture.Get(gocv.VideoCaptureFPS),
	}
	return a
}

const (
	saysMode devices.Key = "camera.mode"     // wanted, got, modes; the camera does not have the size that is configured
	setMode  devices.Key = "remedy.set_mode" // one that it has, or a better plug
)

// doubt tells a technician that the camera's pictures are smaller than configured, and what there is.
func (cfg Config) doubt(a agreement) (devices.Health, bool) {
	if !a.asked || cfg.hasSize(a.got) {
		return devices.Health{}, false
	}
	return devices.Health{
		State: devices.StateDegraded,
		Reason: devices.Say(saysMode).With("wanted", fmt.Sprintf("%dx%d", cfg.Width, cfg.Height)).
			With("got", a.got.String()).With("modes", list(a.modes)),
		Remedy: devices.Say(setMode),
	}, true
}

// list names the largest modes, each size once.
func list(modes []v4l2.Mode) string {
	const most = 6
	modes = slices.Clone(modes)
	slices.SortFunc(modes, func(a, b v4l2.Mode) int {
		return cmp.Or(cmp.Compare(b.Width*b.Height, a.Width*a.Height), cmp.Compare(b.FPS, a.FPS))
	})
	modes = slices.CompactFunc(modes, func(a, b v4l2.Mode) bool { return a.Width == b.Width && a.Height == b.Height })
	var names []string
	for _, m := range modes[:min(most, len(modes))] {
		names = append(names, m.String())
	}
	if len(modes) > most {
		names = append(names, "...")
	}
	return strings.Join(names, ", ")
}

// survey looks at a V4L2 device before OpenCV opens it: that it is a camera, that nobody else has it, and which modes it has. Where its pictures need no lamps
// of ours it takes back what a process that ended had locked.
func (cfg Config) survey(node string) ([]v4l2.Mode, v4l2.Card, error) {
	device, err := cfg.V4L2(node)
	if err != nil {
		return nil, v4l2.Card{}, devices.HeldAt(node, notThere(err))
	}
	defer device.Close()
	card, err := device.Card()
	if err != nil {
		return nil, v4l2.Card{}, notThere(err)
	}
	if device.Busy() {
		return nil, v4l2.Card{}, devices.HeldAt(node, devices.ErrBusy)
	}
	if !cfg.ByLamps {
		device.Release()
	}
	modes, err := device.Modes(cfg.Width, cfg.Height)
	if err != nil { // a camera that lists nothing may still send pictures
		modes = nil
	}
	return modes, card, nil
}

// notThere makes what a node says that is none of a camera that there is no camera.
func notThere(err error) error {
	for _, other := range []error{unix.ENOENT, unix.ENXIO, unix.ENODEV, unix.ENOTTY, unix.EINVAL, v4l2.ErrNoCamera} {
		if errors.Is(err, other) {
			return fmt.Errorf("%w: %w", devices.ErrNoDevice, err)
		}
	}
	if errors.Is(err, unix.EBUSY) {
		return fmt.Errorf("%w: %w", devices.ErrBusy, err)
	}
	return err
}
