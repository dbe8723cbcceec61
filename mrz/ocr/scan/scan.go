// Package scan loads the file of a page's picture: whatever scanners, cameras and people have, with bounds on what a
// hostile one may cost.
package scan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/gif" // of an animated one, the first picture
	_ "image/jpeg"
	_ "image/png"
	"io"

	_ "golang.org/x/image/bmp" // what scanners save
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
)

// Bounds of a picture.
const (
	// MaxFile of a picture's file, in bytes.
	MaxFile = 64 << 20
	// MaxPixels of a picture: an A4 page at 600 dpi has 35 million.
	MaxPixels = 64 << 20
	// MinSide of a picture in pixels: two lines of the smallest characters that can be read.
	MinSide = 24
)

// Errors of a picture.
var (
	ErrFile    = errors.New("not a picture")
	ErrForeign = fmt.Errorf("%w that can be read", ErrFile) // of a kind that is known by name: also an ErrFile
	ErrDamaged = errors.New("a damaged picture")
	ErrSize    = errors.New("a picture of a size that cannot be read")
)

// Load reads a picture file: PNG, JPEG, TIFF (also with JPEG in it), BMP, WebP or GIF. A JPEG is turned, and mirrored, as its
// EXIF data says, so places in it are those that a viewer shows. The size is checked before pixels are decoded. The error is ErrFile,
// ErrForeign, which names the kind and says what to do, ErrDamaged, ErrSize, or r's.
func Load(r io.Reader) (image.Image, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	if len(data) > MaxFile {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrSize, MaxFile)
	}
	if err := known(data); err != nil {
		return nil, err
	}
	if t, ok := openTIFF(data); ok {
		return t.load()
	}
	size, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	if err := CheckSize(size.Width, size.Height); err != nil {
		return nil, err
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if format == "jpeg" {
		return upright(picture, orientation(data)), nil
	}
	return picture, nil
}

// CheckSize tells by ErrSize that a picture is too small or too large to be read.
func CheckSize(width, height int) error {
	if min(width, height) < MinSide || width > MaxPixels/height {
		return fmt.Errorf("%w: %d x %d pixels; at least %d each way and at most %d in all can be read", ErrSize, width, height, MinSide, MaxPixels)
	}
	return nil
}

// orientation is EXIF's: 1 as it should be, 2 to 8 mirrored or turned (CIPA DC-008, 4.6.5); 1 also where there is none.
func orientation(jpeg []byte) int {
	const app1, startOfScan = 0xe1, 0xda
	for at := 2; at+4 <= len(jpeg) && jpeg[at] == 0xff && jpeg[at+1] != startOfScan; {
		end := at + 2 + int(binary.BigEndian.Uint16(jpeg[at+2:]))
		if end > len(jpeg) {
			return 1
		}
		if segment, ok := bytes.CutPrefix(jpeg[at+4:max(at+4, end)], []byte("Exif\x00\x00")); ok && jpeg[at+1] == app1 {
			return exifOrientation(segment)
		}
		at = end
	}
	return 1
}

// exifOrientation looks through the first directory of a TIFF header (TIFF 6.0, section 2).
func exifOrientation(tiff []byte) int {
	const orientationTag, entrySize = 0x0112, 12
	var order binary.ByteOrder = binary.LittleEndian
	if bytes.HasPrefix(tiff, []byte("MM")) {
		order = binary.BigEndian
	}
	if len(tiff) < 8 || uint64(order.Uint32(tiff[4:]))+2 > uint64(len(tiff)) {
		return 1
	}
	directory := tiff[order.Uint32(tiff[4:]):]
	entries := directory[2:]
	for range order.Uint16(directory) {
		if len(entries) < entrySize {
			break
		}
		if order.Uint16(entries) == orientationTag {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
		}
		entries = entries[entrySize:]
	}
	return 1
}

// upright undoes an orientation.
func upright(picture image.Image, orientation int) image.Image {
	if orientation == 1 {
		return picture
	}
	b := picture.Bounds()
	from := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(from, from.Rect, picture, b.Min, draw.Src)
	across := orientation >= 5 // rows become columns
	to := image.NewRGBA(from.Rect)
	if across {
		to = image.NewRGBA(image.Rect(0, 0, b.Dy(), b.Dx()))
	}
	for y := range to.Rect.Dy() {
		for x := range to.Rect.Dx() {
			copy(to.Pix[to.PixOffset(x, y):][:4], from.Pix[from.PixOffset(stored(x, y, b.Dx(), b.Dy(), orientation)):])
		}
	}
	return to
}

// stored is where the pixel shown at x, y stands in a picture of width x height.
func stored(x, y, width, height, orientation int) (int, int) {
	switch orientation {
	case 2:
		return width - 1 - x, y
	case 3:
		return width - 1 - x, height - 1 - y
	case 4:
		return x, height - 1 - y
	case 5:
		return y, x
	case 6:
		return y, height - 1 - x
	case 7:
		return width - 1 - y, height - 1 - x
	default:
		return width - 1 - y, x
	}
}
