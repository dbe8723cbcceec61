package usb

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
)

func TestWhatLibusbSaysIsGivenInTheWordsOfDevices(t *testing.T) {
	for said, want := range map[error]error{
		gousb.ErrorNoDevice:    devices.ErrUnplugged,
		gousb.ErrorAccess:      os.ErrPermission,
		gousb.ErrorBusy:        devices.ErrBusy,
		gousb.ErrorTimeout:     devices.ErrTimeout,
		gousb.ErrorPipe:        devices.ErrProtocol,
		gousb.ErrorIO:          devices.ErrProtocol,
		gousb.TransferStall:    devices.ErrProtocol,
		gousb.TransferTimedOut: devices.ErrTimeout,
	} {
		for _, err := range []error{said, fmt.Errorf("claim: %v", said)} {
			if _, code := said.(gousb.Error); !code && err != said {
				continue // only codes are wrapped as text
			}
			if got := translate(err); !errors.Is(got, want) {
				t.Errorf("%v: %v, want %v", err, got, want)
			}
		}
	}
}
