// Package v4l2 answers as a camera's kernel driver does to whoever asks for its modes and controls (Linux,
// include/uapi/linux/videodev2.h): there is no way to have a /dev/video* without a kernel module. It sends no pictures. What a real driver
// does is tested on vivid, in the virtual machine of make hil.
package v4l2

import (
	"encoding/binary"
	"sync"
	"syscall"
)

// Camera is a camera's node. The fields are set before it is used.
type Camera struct {
	Driver, Name, Bus string
	MetaOnly          bool // a node for meta data beside the one for pictures
	Busy              bool // another program takes pictures
	Formats           []Format
	Set               Mode // the mode that is set
	// Changed is told of each control that is set, if it is not nil. It must not ask the camera anything.
	Changed func(id, value uint32)

	mu       sync.Mutex
	controls map[uint32]*Control
	gone     bool
	open     int
}

// Format is a way to encode pictures, and the sizes in which the camera has it.
type Format struct {
	FourCC string
	Sizes  []Size
	Free   *Range // instead of Sizes
}

// Size is one size in pixels, with its rates in frames a second.
type Size struct {
	Width, Height uint32
	Rates         []uint32
}

// Range is what sizes can be set in steps: width and height.
type Range struct{ Least, Most, Step [2]uint32 }

// Mode is what is set.
type Mode struct {
	FourCC        string
	Width, Height uint32
	Rate          uint32
}

// Control is one of the camera's controls.
type Control struct {
	Value, Default uint32
	Least, Most    uint32 // no limits where Most is 0
	Fixed          bool   // cannot be set
	Under          uint32 // a control that has to be 1, by hand, for this one to be set; 0 where there is none
}

// Controls gives the camera its controls, by number.
func (c *Camera) Controls(all map[uint32]Control) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.controls = map[uint32]*Control{}
	for id, control := range all {
		c.controls[id] = &control
	}
}

// Value is a control's.
func (c *Camera) Value(id uint32) uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.controls[id].Value
}

// Unplug makes every further request fail.
func (c *Camera) Unplug() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
}

// Opened notes that somebody opened the node, and Close that he closed it.
func (c *Camera) Opened() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open++
}

// Close implements the driver's idea of an open file.
func (c *Camera) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	return nil
}

// Open is how often the node is open now.
func (c *Camera) Open() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open
}

// Ioctl answers one request.
func (c *Camera) Ioctl(request uint32, b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return syscall.ENODEV
	}
	answer, known := map[uint32]func([]byte) bool{
		0x80685600: c.capability, 0xc0405602: c.format, 0xc02c564a: c.size, 0xc034564b: c.interval, 0xc0d05604: c.current, 0xc0d05605: c.change,
		0xc0cc5615: c.parameters, 0xc008561b: c.get, 0xc008561c: c.set, 0xc0445624: c.query,
	}[request]
	switch {
	case request == 0xc0d05605 && c.Busy:
		return syscall.EBUSY
	case !known:
		return syscall.ENOTTY
	case !answer(b):
		return syscall.EINVAL
	}
	return nil
}

func word(b []byte, at int) uint32 { return binary.NativeEndian.Uint32(b[at:]) }
func put(b []byte, at int, v ...uint32) {
	for i, v := range v {
		binary.NativeEndian.PutUint32(b[at+4*i:], v)
	}
}

func (c *Camera) capability(b []byte) bool {
	copy(b[0:15], c.Driver)
	copy(b[16:47], c.Name)
	copy(b[48:79], c.Bus)
	const capture, meta, streaming, own = 0x1, 0x800000, 0x4000000, 0x80000000
	node := uint32(capture | streaming)
	if c.MetaOnly {
		node = meta | streaming
	}
	put(b, 84, capture|meta|streaming|own, node)
	return true
}

func (c *Camera) format(b []byte) bool {
	i := word(b, 0)
	if int(i) >= len(c.Formats) {
		return false
	}
	put(b, 44, code(c.Formats[i].FourCC))
	return true
}

// code is a format as a number; none is 0.
func code(fourCC string) uint32 {
	var b [4]byte
	copy(b[:], fourCC)
	return binary.LittleEndian.Uint32(b[:])
}

func (c *Camera) find(code32 uint32) *Format {
	for i := range c.Formats {
		if code(c.Formats[i].FourCC) == code32 {
			return &c.Formats[i]
		}
	}
	return nil
}

func (c *Camera) size(b []byte) bool {
	const discrete, stepwise = 1, 3
	i, f := word(b, 0), c.find(word(b, 4))
	switch {
	case f == nil:
		return false
	case f.Free != nil && i == 0:
		r := f.Free
		put(b, 8, stepwise, r.Least[0], r.Most[0], r.Step[0], r.Least[1], r.Most[1], r.Step[1])
	case int(i) < len(f.Sizes):
		put(b, 8, discrete, f.Sizes[i].Width, f.Sizes[i].Height)
	default:
		return false
	}
	return true
}

func (c *Camera) interval(b []byte) bool {
	const discrete, continuous = 1, 2
	i, f := word(b, 0), c.find(word(b, 4))
	if f == nil {
		return false
	}
	if f.Free != nil && i == 0 {
		put(b, 16, continuous, 1, 60, 1, 1)
		return true
	}
	for _, s := range f.Sizes {
		if s.Width == word(b, 8) && s.Height == word(b, 12) && int(i) < len(s.Rates) {
			put(b, 16, discrete, 1, s.Rates[i])
			return true
		}
	}
	return false
}

func (c *Camera) current(b []byte) bool {
	put(b, 8, c.Set.Width, c.Set.Height, code(c.Set.FourCC))
	return true
}

// change takes what it has.
func (c *Camera) change(b []byte) bool {
	return word(b, 8) == c.Set.Width && word(b, 12) == c.Set.Height && word(b, 16) == code(c.Set.FourCC)
}

func (c *Camera) parameters(b []byte) bool {
	put(b, 12, 1, c.Set.Rate)
	return c.Set.Rate > 0
}

func (c *Camera) get(b []byte) bool {
	control := c.controls[word(b, 0)]
	if control == nil {
		return false
	}
	put(b, 4, control.Value)
	return true
}

func (c *Camera) set(b []byte) bool {
	control := c.controls[word(b, 0)]
	value := word(b, 4)
	switch {
	case control == nil, control.Fixed, control.Most > 0 && (value < control.Least || value > control.Most):
		return false
	case control.Under != 0 && c.controls[control.Under].Value != 1:
		return false
	}
	control.Value = value
	if c.Changed != nil {
		c.Changed(word(b, 0), value)
	}
	return true
}

func (c *Camera) query(b []byte) bool {
	control := c.controls[word(b, 0)]
	if control == nil {
		return false
	}
	const readOnly = 0x4
	put(b, 40, control.Least, control.Most, 1, control.Default)
	if control.Fixed {
		put(b, 56, readOnly)
	}
	return true
}
