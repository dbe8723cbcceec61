// Package v4l2 asks a Linux camera what it is, which modes it has, and where its controls stand, and sets these. It speaks the
// kernel's V4L2 interface (Linux, include/uapi/linux/videodev2.h; Documentation/userspace-api/media/v4l) without C. Pictures are not its business:
// OpenCV reads them through an open file of its own, beside which this one may be open.
//
// Numbers and texts that a driver gives are not believed: lists are bounded, and what makes no sense is left out.
package v4l2

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// File is an open device node: one ioctl of a request and its argument, which is read and overwritten.
type File interface {
	Ioctl(request uint32, argument []byte) error
	Close() error
}

// Requests (videodev2.h), for a machine of 64 bits.
const (
	queryCapability    = 0x80685600
	enumFormat         = 0xc0405602
	getFormat          = 0xc0d05604
	setFormat          = 0xc0d05605
	getParameters      = 0xc0cc5615
	getControl         = 0xc008561b
	setControl         = 0xc008561c
	queryControl       = 0xc0445624
	enumFrameSizes     = 0xc02c564a
	enumFrameIntervals = 0xc034564b
)

// Device is an open camera. It is not safe for concurrent use.
type Device struct{ file File }

// Open opens a device node, beside whoever reads pictures from it.
func Open(path string) (*Device, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return New(node(fd)), nil
}

// New makes a device of an open file.
func New(file File) *Device { return &Device{file} }

// Close closes the file.
func (d *Device) Close() error { return d.file.Close() }

// Card is what a camera's driver says of it. The texts are printable and short.
type Card struct {
	Driver string // "uvcvideo"
	Name   string // "HD Pro Webcam C920"
	Bus    string // "usb-0000:00:14.0-1"
}

// ErrNoCamera says that a device takes no pictures: a second node of a camera is for its meta data.
var ErrNoCamera = errors.New("device takes no pictures")

// Card asks the device what it is.
func (d *Device) Card() (Card, error) {
	const capturesVideo, hasOwn = 0x1, 0x80000000
	b := make([]byte, 104)
	if err := d.file.Ioctl(queryCapability, b); err != nil {
		return Card{}, err
	}
	capabilities := word(b, 84)
	if capabilities&hasOwn != 0 {
		capabilities = word(b, 88) // of this node, not of the camera
	}
	if capabilities&capturesVideo == 0 {
		return Card{}, ErrNoCamera
	}
	return Card{Driver: text(b[:16]), Name: text(b[16:48]), Bus: text(b[48:80])}, nil
}

// text is what a NUL ends, without what cannot be shown.
func text(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	shown := bytes.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, b)
	return string(bytes.TrimSpace(shown))
}

func word(b []byte, at int) uint32       { return binary.NativeEndian.Uint32(b[at:]) }
func setWord(b []byte, at int, v uint32) { binary.NativeEndian.PutUint32(b[at:], v) }
