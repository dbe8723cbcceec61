package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"io"

	"gocv.io/x/gocv"

	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

// portrait decodes JPEG and JPEG 2000. What a file says of its size is looked at before any memory is spent on it; what it
// turns out to be is looked at again by whoever reads the answer.
func portrait(r io.Reader) (image.Image, error) {
	file, err := io.ReadAll(io.LimitReader(r, MaxPortraitFile))
	if err != nil {
		return nil, err
	}
	size, err := statedSize(file)
	if err != nil {
		return nil, err
	}
	if min(size.X, size.Y) < 1 || max(size.X, size.Y) > MaxPortraitSide || size.X > MaxPortraitPixels/size.Y {
		return nil, fmt.Errorf("%w: %d x %d pixels", scan.ErrSize, size.X, size.Y)
	}
	mat, err := gocv.IMDecode(file, gocv.IMReadColor)
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be decoded", scan.ErrDamaged)
	}
	defer mat.Close()
	if mat.Empty() {
		return nil, fmt.Errorf("%w: it cannot be decoded", scan.ErrDamaged)
	}
	gocv.CvtColor(mat, &mat, gocv.ColorBGRToRGBA)
	return &image.RGBA{Pix: mat.ToBytes(), Stride: 4 * mat.Cols(), Rect: image.Rect(0, 0, mat.Cols(), mat.Rows())}, nil
}

var errKind = fmt.Errorf("%w: neither JPEG nor JPEG 2000", scan.ErrFile)

// statedSize reads the size that a picture states, without decoding it.
func statedSize(file []byte) (image.Point, error) {
	start := []byte{0xFF, 0x4F, 0xFF, 0x51}
	if bytes.HasPrefix(file, []byte("\xff\xd8")) {
		size, err := jpeg.DecodeConfig(bytes.NewReader(file))
		if err != nil {
			return image.Point{}, fmt.Errorf("%w: %w", scan.ErrDamaged, err)
		}
		return image.Pt(size.Width, size.Height), nil
	}
	if !bytes.HasPrefix(file, []byte("\x00\x00\x00\x0cjP  \r\n\x87\n")) && !bytes.HasPrefix(file, start) { // ISO/IEC 15444-1, I.5.1
		return image.Point{}, errKind
	}
	// A.5.1: a codestream begins with SOC and SIZ; after two lengths of two bytes stand width and height of the
	// grid and the offset of the picture in it.
	_, siz, found := bytes.Cut(file, start)
	// A second codestream would be one whose size nobody looked at.
	if !found || len(siz) < 20 || bytes.Contains(siz, start) {
		return image.Point{}, errKind
	}
	at := func(i int) int { return int(binary.BigEndian.Uint32(siz[i:])) }
	return image.Pt(at(4)-at(12), at(8)-at(16)), nil
}
