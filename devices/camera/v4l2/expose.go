package v4l2

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// exposureUnit is what exposures are counted in (Linux, Documentation/userspace-api/media/v4l/ext-ctrls-camera.rst,
// V4L2_CID_EXPOSURE_ABSOLUTE).
const exposureUnit = 100 * time.Microsecond

// byHand is V4L2_EXPOSURE_MANUAL, of V4L2_CID_EXPOSURE_AUTO.
const byHand = 1

// Exposures are the shortest and the longest time that the camera can be set to; errors.ErrUnsupported where it cannot be set.
func (d *Device) Exposures() (shortest, longest time.Duration, err error) {
	q, err := d.query(exposureAbsolute)
	if err != nil {
		return 0, 0, cannot(err)
	}
	least := max(1, q.least)
	if q.fixed || q.most <= least {
		return 0, 0, errors.ErrUnsupported
	}
	return time.Duration(least) * exposureUnit, time.Duration(q.most) * exposureUnit, nil
}

// TakeExposure has exposure and gain set by hand from now on, and gives what [Device.Restore] needs. errors.ErrUnsupported where the
// camera does not let go of its exposure.
func (d *Device) TakeExposure() (Held, error) {
	found, err := d.get(exposureAbsolute)
	if err != nil {
		return nil, cannot(err)
	}
	held := Held{{exposureAbsolute, found}} // before the automatic, under which it cannot be set
	if old, err := d.get(autoExposure); err == nil && old != byHand {
		if err := d.set(autoExposure, byHand); err != nil {
			return nil, cannot(err)
		}
		held = append(held, setting{autoExposure, old})
	}
	if old, err := d.get(autoGain); err == nil && old != 0 && d.set(autoGain, 0) == nil { // it would make up for what is set
		held = append(held, setting{autoGain, old})
	}
	return held, nil
}

// Expose sets the exposure, by hand, to what the camera has that is nearest.
func (d *Device) Expose(exposure time.Duration) error {
	q, err := d.query(exposureAbsolute)
	if err != nil {
		return err
	}
	units := min(int64(exposure/exposureUnit), int64(q.most))
	return d.set(exposureAbsolute, uint32(max(units, int64(q.least), 1)))
}

// cannot is the error of a control that the camera does not have, or does not let be set; a camera that is gone is another matter.
func cannot(err error) error {
	if errors.Is(err, unix.ENODEV) {
		return err
	}
	return errors.ErrUnsupported
}

// properties are a control's.
type properties struct {
	least, most, normal int32
	fixed               bool // it cannot be set at all
}

// query asks what a control can be set to (struct v4l2_queryctrl).
func (d *Device) query(control uint32) (properties, error) {
	const disabled, readOnly = 0x1, 0x4
	b := make([]byte, 68)
	setWord(b, 0, control)
	if err := d.file.Ioctl(queryControl, b); err != nil {
		return properties{}, err
	}
	return properties{
		least: int32(word(b, 40)), most: int32(word(b, 44)), normal: int32(word(b, 52)), fixed: word(b, 56)&(disabled|readOnly) != 0,
	}, nil
}
