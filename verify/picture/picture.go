// Package picture decodes the pictures that strangers hand in, of a chip or a file, each in a child process of its own.
//
// A decoder of foreign bytes can be made to take minutes and gigabytes, to crash, or to do what the picture's maker likes. So
// none runs in the process that holds a visitor's data and the devices: this one starts its own program again, hands the file
// in and takes pixels back, and believes no length that comes with them. The child has bounds of memory and time, the files
// that it reads and writes already open and no way to open others, to start a program or to reach a network, and no dump of
// its memory is ever written. It is killed when the context ends, with its parent, and once it has answered.
//
// For a chip's portrait use [Portrait], or [ComingPortrait] while the chip is still being read; for a file with a page [Page], or [GreyPage] where colours do not matter. Every program
// that calls one of them, and every test, begins its main with [ServeIfChild].
//
// The errors are those of package scan where the file cannot be read for what it is; [ErrDecoder] where nothing was decoded
// for a reason of this computer's; [ErrBroken] where the decoder took more than it may, broke, or answered nonsense; and the
// context's. None proves anything against a document.
package picture

import (
	"context"
	"errors"
	"image"
	"io"
	"time"

	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// Errors of decoding that are not the file's own.
var (
	ErrDecoder = errors.New("the decoder of pictures cannot be started")
	ErrBroken  = errors.New("the picture's decoder broke, or took more memory or time than it may")
)

// Bounds of a chip's portrait. Portraits in chips have 20 to 50 kB and are about 400 to 1200 pixels high.
const (
	MaxPortraitFile   = 2 << 20 // bytes
	MaxPortraitSide   = 4096    // pixels
	MaxPortraitPixels = 8 << 20
)

// Portrait decodes a picture of a chip, JPEG or JPEG 2000. It is tightly packed and of MaxPortraitSide and
// MaxPortraitPixels at most.
func Portrait(ctx context.Context, file []byte) (*image.RGBA, error) {
	return decoded[*image.RGBA](portraitTask.run(ctx, childName, file))
}

// ComingPortrait is Portrait for a picture that is about to come, and whose child starts at once: that takes longer than decoding. What
// is sent need not wait for a receiver only where the channel holds it. Where it is closed without a picture there is none, and no error.
func ComingPortrait(ctx context.Context, coming <-chan []byte) (*image.RGBA, error) {
	return decoded[*image.RGBA](portraitTask.await(ctx, childName, coming))
}

// Page decodes a file as [scan.Load] does, within the same bounds, into a tightly packed picture.
func Page(ctx context.Context, file []byte) (*image.RGBA, error) {
	return decoded[*image.RGBA](pageTask.run(ctx, childName, file))
}

// GreyPage is Page for the brightness alone, as [scan.Grey] gives it.
func GreyPage(ctx context.Context, file []byte) (*image.Gray, error) {
	return decoded[*image.Gray](greyPageTask.run(ctx, childName, file))
}

func decoded[P image.Image](picture image.Image, err error) (P, error) {
	p, _ := picture.(P) // nil beside an error; else of the kind that the task has
	return p, err
}

// A task is one kind of picture to decode, and what that may cost.
type task struct {
	name      string
	decode    func(io.Reader) (image.Image, error) // in the child; gives a Gray or an RGBA
	grey      bool                                 // which of them
	maxFile   int                                  // bytes
	maxPixels int                                  // width times height
	memory    uint64                               // bytes of address space, beside what the program has once it runs
	cpu       time.Duration                        // of the processor, in whole seconds
	wall      time.Duration                        // from the start to the answer
}

// The tasks. The largest page takes 1.3 GB and some seconds where it is a progressive JPEG.
var (
	portraitTask = task{
		name: "portrait", decode: portrait, maxFile: MaxPortraitFile, maxPixels: MaxPortraitPixels,
		memory: 512 << 20, cpu: 3 * time.Second, wall: time.Minute,
	}
	pageTask = task{
		name: "page", decode: page, maxFile: scan.MaxFile, maxPixels: scan.MaxPixels,
		memory: 2 << 30, cpu: 30 * time.Second, wall: 2 * time.Minute,
	}
	greyPageTask = task{
		name: "grey-page", decode: greyPage, grey: true, maxFile: scan.MaxFile, maxPixels: scan.MaxPixels,
		memory: 2 << 30, cpu: 30 * time.Second, wall: 2 * time.Minute,
	}
)

// bytesOfPixel is what one takes in an answer.
func (t task) bytesOfPixel() int {
	if t.grey {
		return 1
	}
	return 4
}
