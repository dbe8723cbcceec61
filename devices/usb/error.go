package usb

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
)

// translate gives libusb's errors in the words of package devices; what has no word there stays itself.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case is(err, gousb.ErrorNoDevice), errors.Is(err, gousb.TransferNoDevice):
		return devices.ErrUnplugged
	case is(err, gousb.ErrorAccess):
		return fmt.Errorf("%w: %w", os.ErrPermission, err)
	case is(err, gousb.ErrorBusy):
		return devices.ErrBusy
	case is(err, gousb.ErrorTimeout), errors.Is(err, gousb.TransferTimedOut), errors.Is(err, gousb.TransferCancelled):
		return devices.ErrTimeout // a transfer that no caller cancelled was cancelled by its own limit
	case is(err, gousb.ErrorPipe), errors.Is(err, gousb.TransferStall):
		return fmt.Errorf("%w: request refused", devices.ErrProtocol)
	case is(err, gousb.ErrorIO): // of descriptors too, where libusb can make nothing of them
		return fmt.Errorf("%w: %w", devices.ErrProtocol, err)
	case is(err, gousb.ErrorOverflow), errors.Is(err, gousb.TransferOverflow):
		return fmt.Errorf("%w: more than was asked for", devices.ErrProtocol)
	}
	return err
}

// is looks into the text too, because gousb 1.1.3 wraps the errors of claiming with %v.
func is(err error, code gousb.Error) bool {
	return errors.Is(err, code) || strings.Contains(err.Error(), code.Error())
}
