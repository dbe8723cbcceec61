package devices

import "errors"

// InUse is [ErrBusy] of a device whose node is known, by which whoever reads /proc can find out which program has it (package holder).
type InUse struct {
	Node string // "/dev/ttyACM0", "/dev/bus/usb/001/004"
	Err  error  // that says so
}

// HeldAt is err, and that it is the device at the node that is in use, if err is [ErrBusy]; else it is err alone.
func HeldAt(node string, err error) error {
	if !errors.Is(err, ErrBusy) {
		return err
	}
	return &InUse{Node: node, Err: err}
}

// Error implements error.
func (u *InUse) Error() string { return u.Err.Error() }

// Unwrap gives the error itself.
func (u *InUse) Unwrap() error { return u.Err }

// nodeParam is the parameter that has the node of a device in use.
const nodeParam = "node"

// InUseAt is the node of a device that another program is using, from the reason that [ReasonOf] gave; empty where it is not known, or
// where the reason is another.
func (m Message) InUseAt() string {
	if m.Key != saysBusy {
		return ""
	}
	for _, p := range m.Params {
		if p.Name == nodeParam {
			return p.Value
		}
	}
	return ""
}
