package camera

/*
#cgo pkg-config: opencv4
#cgo CXXFLAGS: --std=c++11
#include "read.h"
*/
import "C"

import (
	"fmt"
	"unsafe"

	"gocv.io/x/gocv"

	"github.com/foyer-station/foyer/devices"
)

// errRefused is of a frame that OpenCV does not decode, as one whose header claims more pixels than it takes.
var errRefused = fmt.Errorf("%w: a frame that cannot be decoded", devices.ErrProtocol)

// readFrame reads the next frame. gocv's own Read lets what OpenCV throws at a damaged frame end the program. The errors are
// ErrUnplugged where there is no frame, and errRefused.
func readFrame(capture *gocv.VideoCapture, mat *gocv.Mat) error {
	switch C.foyer_read(pointer(capture), unsafe.Pointer(mat.Ptr())) {
	case 0:
		return devices.ErrUnplugged
	case 1:
		return nil
	}
	return errRefused
}

// pointer is the one thing that gocv's capture holds.
func pointer(capture *gocv.VideoCapture) unsafe.Pointer {
	var _ [0]byte = [unsafe.Sizeof(*capture) - unsafe.Sizeof(uintptr(0))]byte{}
	return *(*unsafe.Pointer)(unsafe.Pointer(capture))
}
