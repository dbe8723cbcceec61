// Package scan loads the file of a page's picture: whatever scanners, cameras and people have, with bounds on what a
// hostile one may cost.
package scan

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // of an animated one, the first picture
	"image/jpeg"
	"image/png"
	"io"

	_ "golang.org/x/image/bmp" // what scanners save
	xtiff "golang.org/x/image/tiff"
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
// EXIF data says, a TIFF as its own does, so places in it are those that a viewer shows. The size is checked before pixels are
// decoded, and one of 16 bits a channel is read as one of eight. The error is ErrFile, ErrForeign, which names the kind and says
// what to do, ErrDamaged, ErrSize, or r's.
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
	turned := orientation(data)
	t, isTIFF := openTIFF(data)
	if isTIFF {
		turned = t.orientation()
	}
	picture, ok, err := deepPNG(data)
	if !ok && isTIFF {
		picture, ok, err = t.load()
	}
	if !ok {
		picture, err = decoded(data, t.order != nil)
	}
	if err != nil {
		return nil, err
	}
	return upright(picture, turned), nil
}

// decoded is the picture as the libraries read it.
func decoded(data []byte, isTIFF bool) (image.Image, error) {
	size, err := sizeOf(data, isTIFF)
	if err != nil {
		return nil, refused(ErrFile, err)
	}
	if err := CheckSize(size.Width, size.Height); err != nil {
		return nil, err
	}
	if bytesOfPixel(size.ColorModel) > 4 && size.Width > MaxPixels/2/size.Height {
		return nil, fmt.Errorf("%w: %d x %d pixels of 16 bits a channel: save it with 8 bits", ErrSize, size.Width, size.Height)
	}
	if err := fewScans(data, size); err != nil {
		return nil, err
	}
	picture, err := pixels(data, isTIFF)
	if err != nil {
		return nil, refused(ErrDamaged, err)
	}
	return picture, nil
}

// sizeOf and pixels give the library of TIFF the file itself: around a mere stream it lays a buffer that reaches to wherever an
// offset of the file points, 8 GB at the most.
func sizeOf(data []byte, isTIFF bool) (image.Config, error) {
	if isTIFF {
		return xtiff.DecodeConfig(bytes.NewReader(data))
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(data))
	return size, err
}

func pixels(data []byte, isTIFF bool) (image.Image, error) {
	if isTIFF {
		return xtiff.Decode(bytes.NewReader(data))
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	return picture, err
}

// mostPasses bounds the scans of a progressive JPEG times its pixels, each of which costs about a nanosecond: the usual ten
// scans of the largest picture are a third of it.
const mostPasses = 30 * MaxPixels

// fewScans tells by ErrDamaged that a JPEG goes over its pixels more often than any writer does.
func fewScans(data []byte, size image.Config) error {
	const scan = "\xff\xda" // which cannot stand within one (ITU-T T.81, B.1.1.5)
	if n := bytes.Count(data, []byte(scan)); bytes.HasPrefix(data, []byte(startOfImage)) && n > mostPasses/(size.Width*size.Height) {
		return fmt.Errorf("%w: JPEG: %d scans of %d x %d pixels", ErrDamaged, n, size.Width, size.Height)
	}
	return nil
}

// bytesOfPixel is what a library keeps of one at the most.
func bytesOfPixel(model color.Model) int {
	if model == color.RGBA64Model || model == color.NRGBA64Model {
		return 8
	}
	return 4
}

// refused is a library's error under its kind, and as ErrForeign where the library knows what it is and does not read it.
func refused(kind, err error) error {
	for _, unsupported := range []any{new(jpeg.UnsupportedError), new(png.UnsupportedError), new(xtiff.UnsupportedError)} {
		if errors.As(err, unsupported) {
			return fmt.Errorf("%w: %w: %s", ErrForeign, err, asJPEG)
		}
	}
	return fmt.Errorf("%w: %w", kind, err)
}

// CheckSize tells by ErrSize that a picture is too small or too large to be read.
func CheckSize(width, height int) error {
	if min(width, height) < MinSide || width > MaxPixels/height {
		return fmt.Errorf("%w: %d x %d pixels; at least %d each way and at most %d in all can be read", ErrSize, width, height, MinSide, MaxPixels)
	}
	return nil
}
