package v4l2

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Bounds on what a driver may list.
const (
	mostFormats   = 32
	mostSizes     = 128
	mostIntervals = 64
	maxSide       = 1 << 14 // pixels
)

const videoCapture = 1 // the kind of buffer (enum v4l2_buf_type)

// Mode is one way in which a camera sends pictures.
type Mode struct {
	Format        string // four characters: "MJPG", "YUYV"
	Width, Height int    // pixels
	FPS           float64
}

// String is for technicians: "1280x720 MJPG 30/s".
func (m Mode) String() string {
	s := fmt.Sprintf("%dx%d %s", m.Width, m.Height, m.Format)
	if m.FPS > 0 {
		s += fmt.Sprintf(" %.3g/s", m.FPS)
	}
	return s
}

// Modes are all formats in all sizes, each with its highest rate, or 0 where the camera tells none. Of a camera whose size can be
// set freely they are the smallest that has room for width x height pixels, and the largest.
func (d *Device) Modes(width, height int) ([]Mode, error) {
	var all []Mode
	for i := range uint32(mostFormats) {
		b := make([]byte, 64)
		setWord(b, 0, i)
		setWord(b, 4, videoCapture)
		if err := d.file.Ioctl(enumFormat, b); err != nil {
			if i == 0 {
				return nil, err
			}
			break // EINVAL: that was the last
		}
		all = append(all, d.sizes(word(b, 44), width, height)...)
	}
	return all, nil
}

// Kinds of list (enum v4l2_frmsizetypes, enum v4l2_frmivaltypes): one entry of a list, or a range in steps.
const discrete = 1

func (d *Device) sizes(format uint32, width, height int) []Mode {
	var all []Mode
	add := func(w, h uint32) {
		if w > 0 && h > 0 && w <= maxSide && h <= maxSide {
			all = append(all, Mode{fourCC(format), int(w), int(h), d.rate(format, w, h)})
		}
	}
	for i := range uint32(mostSizes) {
		b := make([]byte, 44)
		setWord(b, 0, i)
		setWord(b, 4, format)
		if err := d.file.Ioctl(enumFrameSizes, b); err != nil {
			break
		}
		if word(b, 8) == discrete {
			add(word(b, 12), word(b, 16))
			continue
		}
		w, h := fit(b[12:], width), fit(b[24:], height)
		add(w, h)
		if largeW, largeH := word(b, 16), word(b, 28); largeW != w || largeH != h {
			add(largeW, largeH)
		}
		break
	}
	return all
}

// fit is the smallest length of a range (least, most, step) that is at least the wanted one, or the most.
func fit(b []byte, wanted int) uint32 {
	least, most, step := word(b, 0), word(b, 4), max(1, word(b, 8))
	if wanted <= 0 || wanted > maxSide || uint32(wanted) >= most {
		return most
	}
	if uint32(wanted) <= least {
		return least
	}
	above := uint32(wanted) - least
	return min(most, least+(above+step-1)/step*step)
}

// rate is the highest number of frames a second at a size.
func (d *Device) rate(format, width, height uint32) float64 {
	best := 0.0
	for i := range uint32(mostIntervals) {
		b := make([]byte, 52)
		setWord(b, 0, i)
		setWord(b, 4, format)
		setWord(b, 8, width)
		setWord(b, 12, height)
		if err := d.file.Ioctl(enumFrameIntervals, b); err != nil {
			break
		}
		best = max(best, perSecond(b[20:])) // of a range the shortest comes first
		if word(b, 16) != discrete {
			break
		}
	}
	return best
}

// perSecond turns an interval, a fraction of seconds, round.
func perSecond(b []byte) float64 {
	const most = 1000
	numerator, denominator := word(b, 0), word(b, 4)
	if numerator == 0 || denominator == 0 {
		return 0
	}
	return min(most, float64(denominator)/float64(numerator))
}

// Current is the mode that is set.
func (d *Device) Current() (Mode, error) {
	b := make([]byte, 208)
	setWord(b, 0, videoCapture)
	if err := d.file.Ioctl(getFormat, b); err != nil {
		return Mode{}, err
	}
	m := Mode{Format: fourCC(word(b, 16)), Width: int(word(b, 8)), Height: int(word(b, 12))}
	p := make([]byte, 204)
	setWord(p, 0, videoCapture)
	if err := d.file.Ioctl(getParameters, p); err == nil { // not every camera has a rate
		m.FPS = perSecond(p[12:])
	}
	return m, nil
}

// Busy tells whether somebody else takes pictures from the camera: then its mode cannot be set, not even to what it is.
func (d *Device) Busy() bool {
	b := make([]byte, 208)
	setWord(b, 0, videoCapture)
	return d.file.Ioctl(getFormat, b) == nil && errors.Is(d.file.Ioctl(setFormat, b), unix.EBUSY)
}

// fourCC names a format by its four characters.
func fourCC(code uint32) string { return text(binary.LittleEndian.AppendUint32(nil, code)) }
