package v4l2

import "errors"

// Controls (videodev2.h, v4l2-controls.h).
const (
	autoExposure     = 0x9a0901 // a menu: by itself, by hand, two kinds of half
	exposureAbsolute = 0x9a0902
	autoGain         = 0x980912
	gain             = 0x980913
	autoWhiteBalance = 0x98090c
	temperature      = 0x98091a
	autoFocus        = 0x9a090c
	focusAbsolute    = 0x9a090a
	lock3A           = 0x9a091b // bits: exposure, white balance, focus
)

// automatic is something that a camera sets by itself, and how it is held: the automatic is put to manual, and the value that it
// had found is set.
type automatic struct{ control, manual, value uint32 }

var automatics = [...]automatic{
	{autoExposure, byHand, exposureAbsolute},
	{autoGain, 0, gain},
	{autoWhiteBalance, 0, temperature},
	{autoFocus, 0, focusAbsolute},
}

// setting is a control and its value.
type setting struct{ control, value uint32 }

// Lock holds exposure, gain, white balance and focus where they are, as far as the camera lets it, and returns what [Device.Restore]
// needs. It is errors.ErrUnsupported when none of them can be held.
func (d *Device) Lock() (Held, error) {
	if old, err := d.get(lock3A); err == nil {
		const everything = 0x7
		if err := d.set(lock3A, old|everything); err == nil {
			return Held{{lock3A, old}}, nil
		}
	}
	var held Held
	for _, a := range automatics {
		old, err := d.get(a.control)
		if err != nil || old == a.manual {
			continue // it has none, or somebody has set it by hand
		}
		found, known := d.get(a.value)
		if err := d.set(a.control, a.manual); err != nil {
			continue
		}
		held = append(held, setting{a.control, old})
		if known == nil {
			d.set(a.value, found) // one that cannot be set stays where it was
		}
	}
	if len(held) == 0 {
		return nil, errors.ErrUnsupported
	}
	return held, nil
}

// Held is what was set before.
type Held []setting

// Restore gives everything back to the camera, in the order in which it is held.
func (d *Device) Restore(h Held) error {
	var failed error
	for _, s := range h {
		failed = errors.Join(failed, d.set(s.control, s.value))
	}
	return failed
}

// Release gives to the camera what a program that ended may have left locked: automatics go to what they are when the camera is
// new. It tells how many there were.
func (d *Device) Release() int {
	released := 0
	if old, err := d.get(lock3A); err == nil && old != 0 && d.set(lock3A, 0) == nil {
		released++
	}
	for _, a := range automatics {
		value, err := d.get(a.control)
		q, unknown := d.query(a.control)
		normal := uint32(q.normal)
		if err == nil && unknown == nil && !q.fixed && value == a.manual && normal != a.manual && d.set(a.control, normal) == nil {
			released++
		}
	}
	return released
}

func (d *Device) get(control uint32) (uint32, error) {
	b := make([]byte, 8)
	setWord(b, 0, control)
	err := d.file.Ioctl(getControl, b)
	return word(b, 4), err
}

func (d *Device) set(control, value uint32) error {
	b := make([]byte, 8)
	setWord(b, 0, control)
	setWord(b, 4, value)
	return d.file.Ioctl(setControl, b)
}
