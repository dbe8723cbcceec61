package kiosk

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"

	"github.com/klauspost/compress/zlib"
)

// What a PNG is made of (ISO/IEC 15948, 11.2).
const (
	pngSignature = "\x89PNG\r\n\x1a\n"
	pngGrey      = 0 // colour types
	pngRGB       = 2
	pngSub       = 1 // the filter: what each byte is more than its left neighbour
)

// pngRoom is how long the PNG of a picture may become, of which text is grown at once: else copies are left behind that nobody
// overwrites.
func pngRoom(size image.Point) int { return 4*size.X*size.Y + size.Y + 4<<10 }

// encodePNG writes a picture without loss. It takes a quarter of the time of image/png, which tries five filters for every row and has a
// slower compressor, and makes no larger files of photographs: the left neighbour is always what is compared with. A picture
// whose colours are all grey becomes a grey PNG, a third of the work.
func encodePNG(text *bytes.Buffer, picture *image.RGBA) error {
	if !picture.Opaque() { // no camera's
		encoder := png.Encoder{CompressionLevel: png.BestSpeed}
		return encoder.Encode(text, picture)
	}
	size, depth, colours := picture.Rect.Size(), 3, byte(pngRGB)
	if isGrey(picture) {
		depth, colours = 1, pngGrey
	}
	text.WriteString(pngSignature)
	header := binary.BigEndian.AppendUint32(nil, uint32(size.X))
	header = binary.BigEndian.AppendUint32(header, uint32(size.Y))
	chunk(text, "IHDR", func() error {
		text.Write(append(header, 8, colours, 0, 0, 0)) // 8 bits; the one compression, the one set of filters, not interlaced
		return nil
	})
	if err := chunk(text, "IDAT", func() error { return deflateRows(text, picture, depth) }); err != nil {
		return err
	}
	return chunk(text, "IEND", func() error { return nil })
}

// chunk writes what content writes with its length before it and its checksum behind it.
func chunk(text *bytes.Buffer, name string, content func() error) error {
	start := text.Len()
	text.WriteString("\x00\x00\x00\x00" + name)
	if err := content(); err != nil {
		return err
	}
	written := text.Bytes()[start:]
	binary.BigEndian.PutUint32(written, uint32(len(written)-8))
	text.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(written[4:])))
	return nil
}

// deflateRows writes the rows of a picture, depth bytes a pixel, filtered and compressed.
func deflateRows(text *bytes.Buffer, picture *image.RGBA, depth int) error {
	compressed, err := zlib.NewWriterLevel(text, zlib.BestSpeed)
	if err != nil {
		return err
	}
	row := make([]byte, 1+depth*picture.Rect.Dx())
	defer clear(row)
	row[0] = pngSub
	for y := range picture.Rect.Dy() {
		pixels := picture.Pix[y*picture.Stride : y*picture.Stride+4*picture.Rect.Dx()]
		if depth == 1 {
			subGrey(row[1:], pixels)
		} else {
			subRGB(row[1:], pixels)
		}
		if _, err := compressed.Write(row); err != nil {
			return err
		}
	}
	return compressed.Close()
}

func subGrey(to, pixels []byte) {
	var left byte
	for x := range to {
		v := pixels[4*x]
		to[x], left = v-left, v
	}
}

func subRGB(to, pixels []byte) {
	var r, g, b byte
	for len(pixels) >= 4 && len(to) >= 3 {
		to[0], to[1], to[2] = pixels[0]-r, pixels[1]-g, pixels[2]-b
		r, g, b = pixels[0], pixels[1], pixels[2]
		to, pixels = to[3:], pixels[4:]
	}
}

// isGrey tells whether no pixel of a picture has any colour.
func isGrey(picture *image.RGBA) bool {
	for y := range picture.Rect.Dy() {
		for row := picture.Pix[y*picture.Stride : y*picture.Stride+4*picture.Rect.Dx()]; len(row) >= 4; row = row[4:] {
			if row[0] != row[1] || row[0] != row[2] {
				return false
			}
		}
	}
	return true
}
