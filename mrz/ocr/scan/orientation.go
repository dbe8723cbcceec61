package scan

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
)

// orientation is that of a JPEG's EXIF data: 1 as it should be, 2 to 8 mirrored or turned (CIPA DC-008, 4.6.5); 1 also where there is none.
func orientation(jpeg []byte) int {
	const app1, startOfScan = 0xe1, 0xda
	if !bytes.HasPrefix(jpeg, []byte(startOfImage)) {
		return 1
	}
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

// upright undoes an orientation, row by row.
func upright(picture image.Image, orientation int) image.Image {
	if orientation == 1 {
		return picture
	}
	b := picture.Bounds()
	row, to := image.NewRGBA(image.Rect(0, 0, b.Dx(), 1)), image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	if orientation >= 5 { // rows become columns
		to = image.NewRGBA(image.Rect(0, 0, b.Dy(), b.Dx()))
	}
	for y := range b.Dy() {
		draw.Draw(row, row.Rect, picture, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
		for x := range b.Dx() {
			copy(to.Pix[to.PixOffset(shown(x, y, b.Dx(), b.Dy(), orientation)):][:4], row.Pix[4*x:])
		}
	}
	return to
}

// shown is where the pixel that is stored at x, y in a picture of width x height is shown.
func shown(x, y, width, height, orientation int) (int, int) {
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
		return height - 1 - y, x
	case 7:
		return height - 1 - y, width - 1 - x
	default:
		return y, width - 1 - x
	}
}
